import { join } from 'node:path';
import * as z from 'zod';
import { comparedWith } from '../../functions/log/verify/history.ts';
import { jsonLogger } from '../../functions/platform/logging.ts';
import { storedIndex } from '../../functions/register/memoryIndex.ts';
import { apiApp } from '../../functions/web/api/app.ts';
import type { Caller } from '../../functions/web/http/tokens.ts';
import { runProjector } from '../local/consumers.ts';
import { errorOf } from '../local/consumerThread.ts';
import { lockForCommand } from '../local/databases.ts';
import { assertInstalled, type Installation, keysMade, openFolder, openInstallation } from '../local/installation.ts';
import { assertImported } from '../local/restored.ts';
import { checkHistory, sequencerPorts } from '../local/sequencing.ts';
import { readSettings, withServerSettings } from '../local/settings.ts';
import { clientThrough, parseAnswer, remoteClient } from './apiClient.ts';
import { type ApiClient, type Options, optionalOption, progressOn, type Tools, WrongUsage } from './usage.ts';

/** A user who can open the data folder is the operator: the file system is the credential. */
const OPERATOR: Caller = { id: 'operator', name: 'operator', scopes: ['admin'], agencies: [], person: null, source: null };

/** The log entry of a request that failed because of the databases or their disk, which its answer does not state. */
const FailedRequest = z.object({
  event: z.literal('request failed'),
  error: z.object({ name: z.enum(['CorruptStore', 'StoreUnavailable']), message: z.string() }),
});

/** Returns the client of the local data folder, with the same routes as over HTTP. Await `idle` before closing the folder. */
const localClient = (installation: Installation): ApiClient & { readonly idle: () => Promise<void> } => {
  const { secrets } = installation;
  // The command prints its own result, so only errors are logged.
  const all = jsonLogger(installation.ports.clock, (line) => void process.stderr.write(line));
  const failures: Error[] = [];
  const logger: typeof all = (entry) => {
    const failed = FailedRequest.safeParse(entry).data;
    if (failed !== undefined) failures.push(errorOf({ ...failed.error, code: undefined }));
    else if (entry.level === 'error') all(entry);
  };
  const projection = runProjector(installation, logger);
  const { judge } = sequencerPorts(installation, logger);
  installation.ledger.lacking = comparedWith(installation.everything, judge);
  const ports = {
    ...installation.ports,
    register: storedIndex(installation.ports, projection.settled),
  };
  const app = apiApp({
    ports,
    logger,
    rosterSalt: secrets.rosterSalt,
    leaseSeconds: installation.settings.leaseSeconds,
    checkpoint: () => undefined,
    health: async () => [],
    authenticate: async () => OPERATOR,
  });
  // A folder that no server would start on must not answer commands either.
  let history: Promise<void> | undefined;
  const ask = async (path: string, init: RequestInit): Promise<unknown> => {
    history ??= checkHistory(installation);
    await history;
    failures.length = 0;
    const response = await app.request(path, init);
    const [failure] = failures;
    if (!response.ok && failure !== undefined) throw failure;
    return parseAnswer(response);
  };
  return { ...clientThrough(ask), idle: () => projection.idle() };
};

/**
 * Returns the tools of commands: the local data folder, opened when first needed, or the installation of --url and --token.
 * `begins`: creates the folder if it is missing.
 */
export const openTools = (
  options: Options,
  env: Readonly<Record<string, string | undefined>>,
  begins = false,
): Tools & { close: () => Promise<void> } => {
  const url = optionalOption(options, 'url');
  const token = optionalOption(options, 'token');
  let installation: Installation | undefined;
  let apiClient: ApiClient | undefined;
  let lock: ReturnType<typeof lockForCommand> | undefined;
  let idle = async (): Promise<void> => undefined;
  const local: Tools['local'] = ({ unfinished = false, evenIfFaulty = false, alone = false } = {}) => {
    if (installation === undefined) {
      const settings = readSettings(env);
      if (!unfinished) assertImported(settings.data);
      if (!begins && !unfinished) assertInstalled(settings);
      openFolder(settings.data);
      // Before keys.json is read, which another command may replace.
      lock = lockForCommand(settings.data, alone);
      // Checked again: an import may have begun and been killed during the wait.
      if (!unfinished) assertImported(settings.data);
      const opened = openInstallation(settings);
      const beside = withServerSettings(settings, opened.secrets);
      installation = { ...opened, settings: beside, ports: { ...opened.ports, url: beside.url } };
      const fault = installation.fault();
      if (fault !== undefined && !evenIfFaulty) throw fault;
      if (installation.firstStart) process.stderr.write(`${keysMade(installation.settings)}\n`);
    }
    return installation;
  };
  return {
    local,
    apiClient: () => {
      if (url !== undefined && token === undefined) throw new WrongUsage('--url needs --token');
      if (token !== undefined && !/^[\x21-\x7e]+$/.test(token)) throw new WrongUsage('--token has a character that no token has');
      if (apiClient !== undefined) return apiClient;
      if (url === undefined) {
        const own = localClient(local());
        idle = own.idle;
        apiClient = own;
      } else apiClient = remoteClient(url, token ?? '');
      return apiClient;
    },
    profilesFolder: () => join(readSettings(env).data, 'profiles'),
    progress: (what) => progressOn(process.stderr, what),
    close: async () => {
      await idle();
      await installation?.close();
      lock?.release();
    },
  };
};
