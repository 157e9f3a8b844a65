import { join } from 'node:path';
import { parseDuration } from '../../../domain/kernel/duration.ts';
import { LogError } from '../../../domain/log/errors.ts';
import { successorOf } from '../../../functions/log/sequencer/logbook.ts';
import { CommandRefused } from '../../local/errors.ts';
import type { Installation } from '../../local/installation.ts';
import { FolderInUse, lockFolder } from '../../local/lock.ts';
import { freezeInstallation, rotateLogKey } from '../../local/logLife.ts';
import { type Command, optionalOption, requiredOption, WrongUsage } from '../usage.ts';

/** Time for those who pinned the key to learn of the next one. */
const OVERLAP = 'P30D';

/** Runs work under the server's lock: a running sequencer must not continue with the keys it started with. */
export const alone = async <T>(installation: Installation, work: () => Promise<T>): Promise<T> => {
  try {
    const lock = lockFolder(join(installation.settings.data, 'server.lock'));
    try {
      return await work();
    } finally {
      lock.release();
    }
  } catch (error) {
    if (error instanceof FolderInUse) throw new CommandRefused('stop the server first: it signs with the key it started with');
    throw error;
  }
};

const quiet = () => undefined;

const rotateCommand: Command = {
  words: 'log rotate-key',
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

const successorIn = (vkey: string) => {
  try {
    return successorOf(vkey);
  } catch (error) {
    if (error instanceof LogError) throw new WrongUsage(`--successor: ${error.message}`);
    throw error;
  }
};

const freezeCommand: Command = {
  words: 'log freeze',
  usage: 'log freeze --successor VKEY',
  does: 'ends the public log for good: nothing is written here any more, every answer is no, and it goes on in the log of that key. While no server runs',
  takes: { successor: 'string' },
  run: async (_args, options, { local }) => {
    const successor = successorIn(requiredOption(options, 'successor').trim());
    const installation = local();
    const frozen = await alone(installation, () => freezeInstallation(installation, successor, quiet));
    if (!frozen.ok) throw new CommandRefused(frozen.detail);
    const { end } = frozen;
    return {
      json: end,
      text: `the log ended at ${end.at} with ${end.size} commits; it goes on at ${successor.origin}\nexport it here, and import it where the successor's key is`,
    };
  },
};

/** Commands for key rotations and the end of the log. */
export const logLifeCommands: readonly Command[] = [rotateCommand, freezeCommand];
