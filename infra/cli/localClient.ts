import { jsonLog } from '../../functions/platform/logging.ts';
import { apiApp } from '../../functions/web/api/app.ts';
import type { Caller } from '../../functions/web/http/credentials.ts';
import { runProjector } from '../local/consumers.ts';
import type { Installation } from '../local/installation.ts';
import { clientThrough } from './apiClient.ts';
import type { ApiClient } from './usage.ts';

/** Whoever can open the data folder is the operator: the file system is the credential. */
const OPERATOR: Caller = { name: 'operator', scopes: ['admin'], agency: undefined };

/** The gate on this machine's own data folder, through the same routes that others reach over HTTP. Wait for `idle` before the folder is closed. */
export const localClient = (installation: Installation): ApiClient & { readonly idle: () => Promise<void> } => {
  const { secrets } = installation;
  // Whoever gave the command is told what came of it; of the rest only what went wrong is for them.
  const all = jsonLog(installation.ports.clock, (line) => void process.stderr.write(line));
  const log: typeof all = (entry) => {
    if (entry.level === 'error') all(entry);
  };
  const projection = runProjector(installation, log);
  const ports = { ...installation.ports, settled: projection.settled };
  const app = apiApp({ ports, log, rosterSalt: secrets.rosterSalt, health: async () => [], authenticate: async () => OPERATOR });
  return { ...clientThrough(async (path, init) => app.request(path, init)), idle: () => projection.idle() };
};
