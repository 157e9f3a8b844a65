import { parseVerifierKey } from '../../../domain/log/verifierKey.ts';
import { LogFault } from '../../../functions/log/verify/fault.ts';
import { CommandRefused } from '../../local/refused.ts';
import { type CheckedLog, type CheckOptions, checkLog } from './check.ts';
import { logSource } from './source.ts';

/** The log before or after the one that was asked for, checked too, and how many entries of the earlier one stand in the later one. */
export interface Followed {
  readonly as: 'predecessor' | 'successor';
  readonly checked: CheckedLog;
  readonly carried: number;
}

/** Where a log is read when nobody says otherwise: its origin is its public prefix without the scheme. */
const placeOf = (origin: string): string => `https://${origin}`;

/** Throws LogFault unless the later log says of the earlier one what it says of itself, and holds every one of its entries. */
const compare = (earlier: CheckedLog, later: CheckedLog): number => {
  const { checkpoint } = earlier;
  const told = later.replay.life.continued?.predecessor;
  const root = Buffer.from(checkpoint.root).toString('base64');
  if (told?.origin !== checkpoint.origin || told.size !== checkpoint.size || told.root !== root)
    throw new LogFault(`${later.checkpoint.origin} does not say that it goes on where ${checkpoint.origin} ended`);
  const lost = [...earlier.leaves].filter((leaf) => !later.leaves.has(leaf));
  if (lost.length > 0) throw new LogFault(`${lost.length} entries of ${checkpoint.origin} are not in ${later.checkpoint.origin}`);
  return earlier.leaves.size;
};

/**
 * Follows a log to the one that goes on from it, and back to the one it went on from, where a place is named for it or it ended: each is
 * checked whole with the key that its neighbour vouches for.
 */
export const followLog = async (
  from: CheckedLog,
  options: Omit<CheckOptions, 'source' | 'where' | 'log'>,
  places: { readonly successor?: string | undefined; readonly predecessor?: string | undefined },
): Promise<readonly Followed[]> => {
  const check = (origin: string, vkey: string, where = placeOf(origin)): Promise<CheckedLog> =>
    checkLog({ ...options, source: logSource(where), where, log: { origin, keys: [parseVerifierKey(vkey)] } });
  const { frozen, continued } = from.replay.life;
  const found: Followed[] = [];
  if (continued !== undefined && places.predecessor !== undefined) {
    const { origin, key } = continued.predecessor;
    const checked = await check(origin, key, places.predecessor);
    found.push({ as: 'predecessor', checked, carried: compare(checked, from) });
  }
  if (frozen !== undefined) {
    const { origin, key } = frozen.successor;
    const checked = await check(origin, key, places.successor).catch((error: unknown) => {
      // Nobody said where it is and its origin does not answer: the log that was asked for verifies all the same.
      if (places.successor === undefined && error instanceof CommandRefused) return undefined;
      throw error;
    });
    if (checked !== undefined) found.push({ as: 'successor', checked, carried: compare(from, checked) });
  }
  return found;
};

/** What was found of the logs before and after. */
export const followedLines = (followed: readonly Followed[]): readonly string[] =>
  followed.map(({ as, checked: { checkpoint }, carried }) =>
    as === 'successor'
      ? `verified its successor ${checkpoint.origin}: ${checkpoint.size} commits; all ${carried} commits of this log stand in it`
      : `verified its predecessor ${checkpoint.origin}: ${checkpoint.size} commits; all ${carried} of them stand in this log`,
  );
