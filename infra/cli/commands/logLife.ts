import { join } from 'node:path';
import { parseDuration } from '../../../domain/kernel/duration.ts';
import { CommandRefused } from '../../local/errors.ts';
import type { Installation } from '../../local/installation.ts';
import { FolderInUse, lockFolder } from '../../local/lock.ts';
import { rotateLogKey } from '../../local/logLife.ts';
import { rotateCommitKey } from '../../local/rotateCommitKey.ts';
import { type Command, optionalOption, WrongUsage } from '../usage.ts';

/** Commands for the installation's internal keys. */
export const keysCommands: readonly Command[] = [
  {
    usage: 'keys rotate-commit',
    does: 'a new key for the MACs by which the gate knows its own commits and records, and a new MAC for each. While no server runs',
    run: async (_args, _options, { local }) => {
      const installation = local();
      const renewed = await alone(installation, () => rotateCommitKey(installation.settings));
      const { commits, records } = renewed;
      return { json: renewed, text: `${commits} commits and ${records} records have a MAC by the new key; back up keys.json` };
    },
  },
];

/** Time for those who pinned the key to learn of the next one. */
const OVERLAP = 'P30D';

/** Runs work under the server's lock. Throws FolderInUse while a server runs. */
export const underLock = async <T>({ settings }: Installation, work: () => Promise<T>): Promise<T> => {
  const lock = lockFolder(join(settings.data, 'server.lock'));
  try {
    return await work();
  } finally {
    lock.release();
  }
};

/** Runs work while no server runs: a running sequencer must not continue with the keys it started with. */
export const alone = async <T>(installation: Installation, work: () => Promise<T>): Promise<T> => {
  try {
    return await underLock(installation, work);
  } catch (error) {
    if (error instanceof FolderInUse) throw new CommandRefused('stop the server first: it signs with the key it started with');
    throw error;
  }
};

const quiet = () => undefined;

const rotateCommand: Command = {
  usage: 'log rotate-key [--overlap P30D]',
  does: 'a new key for the public log, announced in the log by the old one; for the overlap both sign. While no server runs',
  takes: { overlap: 'string' },
  run: async (_args, options, { local }) => {
    const overlap = optionalOption(options, 'overlap') ?? OVERLAP;
    if (parseDuration(overlap) === undefined) throw new WrongUsage('--overlap is a duration such as P30D');
    const installation = local();
    const rotated = await alone(installation, () => rotateLogKey(installation, overlap, quiet));
    if (!rotated.ok) throw new CommandRefused(rotated.detail);
    const { from, to, until } = rotated;
    return {
      json: { from, to, until },
      text: `the log is signed by a new key; until ${until} by the old one, too\nold ${from}\nnew ${to}\nback up keys.json, and inform everyone who pinned the old key`,
    };
  },
};

/** Commands for the log's key. */
export const logLifeCommands: readonly Command[] = [rotateCommand];
