import { jsonLogger } from '../../functions/platform/logging.ts';
import { storedIndex } from '../../functions/register/storedIndex.ts';
import { apiApp } from '../../functions/web/api/app.ts';
import type { Caller } from '../../functions/web/http/credentials.ts';
import { runProjector } from '../local/consumers.ts';
import type { Installation } from '../local/installation.ts';
import { answerOf, clientThrough } from './apiClient.ts';
import type { ApiClient } from './usage.ts';

/** A user who can open the data folder is the operator: the file system is the credential. */
const OPERATOR: Caller = { id: 'operator', name: 'operator', scopes: ['admin'], agencies: [], person: null };

/** Returns the client of the local data folder, through the same routes as over HTTP. Await `idle` before closing the folder. */
export const localClient = (installation: Installation): ApiClient & { readonly idle: () => Promise<void> } => {
  const { secrets } = installation;
  // The command prints its own result, so only errors are logged.
  const all = jsonLogger(installation.ports.clock, (line) => void process.stderr.write(line));
  const logger: typeof all = (entry) => {
    if (entry.level === 'error') all(entry);
  };
  const projection = runProjector(installation, logger);
  const ports = { ...installation.ports, register: storedIndex(installation.ports, projection.settled) };
  const app = apiApp({
    ports,
    logger,
    rosterSalt: secrets.rosterSalt,
    checkpoint: () => undefined,
    health: async () => [],
    authenticate: async () => OPERATOR,
  });
  return { ...clientThrough(async (path, init) => answerOf(await app.request(path, init))), idle: () => projection.idle() };
};
