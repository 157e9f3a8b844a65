import { CommandRefused } from '../local/errors.ts';
import { type Installation, keysMade, openInstallation } from '../local/installation.ts';
import { readSettings } from '../local/settings.ts';
import { assertImported } from '../local/unfinishedImport.ts';
import { remoteClient } from './apiClient.ts';
import { localClient } from './localClient.ts';
import { progressOn } from './progress.ts';
import { type ApiClient, type Options, optionalOption, type Tools, WrongUsage } from './usage.ts';

/** Returns the tools of commands: the local data folder, opened when first needed, or the installation that --url and --token name. */
export const openTools = (
  options: Options,
  env: Readonly<Record<string, string | undefined>>,
): Tools & { close: () => Promise<void> } => {
  const url = optionalOption(options, 'url');
  const token = optionalOption(options, 'token');
  let installation: Installation | undefined;
  let apiClient: ApiClient | undefined;
  let idle = async (): Promise<void> => undefined;
  const local: Tools['local'] = ({ unfinished = false } = {}) => {
    if (url !== undefined) throw new CommandRefused('this command works on the local data folder only; leave --url out');
    if (installation === undefined) {
      const settings = readSettings(env);
      if (!unfinished) assertImported(settings.data);
      installation = openInstallation(settings);
      if (installation.firstStart) process.stderr.write(`${keysMade(installation.settings)}\n`);
    }
    return installation;
  };
  return {
    local,
    apiClient: () => {
      if (url !== undefined && token === undefined) throw new WrongUsage('--url needs --token');
      if (apiClient !== undefined) return apiClient;
      if (url === undefined) {
        const own = localClient(local());
        idle = own.idle;
        apiClient = own;
      } else apiClient = remoteClient(url, token ?? '');
      return apiClient;
    },
    progress: (what) => progressOn(process.stderr, what),
    close: async () => {
      await idle();
      await installation?.close();
    },
  };
};
