import { join } from 'node:path';
import { parseDuration } from '../../../domain/kernel/duration.ts';
import type { House } from '../../local/house.ts';
import { FolderInUse, lockFolder } from '../../local/lock.ts';
import { rotateLogKey } from '../../local/rotateLogKey.ts';
import { type Command, optional, Refused, WrongUsage } from '../usage.ts';

/** Long enough for whoever pinned the key to hear of the next one. */
const OVERLAP = 'P30D';

/** Runs while no server does: what befalls the log itself must not meet a sequencer that knows nothing of it. */
const alone = async <T>(house: House, work: () => Promise<T>): Promise<T> => {
  try {
    const lock = lockFolder(join(house.settings.data, 'server.lock'));
    try {
      return await work();
    } finally {
      lock.release();
    }
  } catch (error) {
    if (error instanceof FolderInUse) throw new Refused('stop the server first: it signs with the key it started with');
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
    const overlap = optional(options, 'overlap') ?? OVERLAP;
    if (parseDuration(overlap) === undefined) throw new WrongUsage('--overlap is a duration such as P30D');
    const house = local();
    const rotated = await alone(house, () => rotateLogKey(house, overlap, quiet));
    if ('refused' in rotated) throw new Refused(rotated.refused);
    const { from, to, until } = rotated;
    return {
      json: rotated,
      text: `the log is signed by a new key; until ${until} by the old one, too\nold ${from}\nnew ${to}\nback up keys.json, and tell whoever pinned the old key`,
    };
  },
};

/** Commands about the life of the log itself. */
export const logLifeCommands: readonly Command[] = [rotateCommand];
