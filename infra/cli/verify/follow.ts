import { parseVerifierKey } from '../../../domain/log/verifierKey.ts';
import { LogFault } from '../../../functions/log/verify/fault.ts';
import { CommandRefused } from '../../local/errors.ts';
import { type CheckedLog, type CheckOptions, checkLog } from './check.ts';
import { logSource } from './source.ts';

/** The verified predecessor or successor of a log, and how many entries of the earlier log are in the later one. */
export interface Followed {
  readonly as: 'predecessor' | 'successor';
  readonly checked: CheckedLog;
  readonly carried: number;
}

/** Returns the default address of a log: its origin is its public prefix without the scheme. */
const placeOf = (origin: string): string => `https://${origin}`;

/** Returns the number of the earlier log's entries. Throws LogFault unless the later log names its last checkpoint and holds all its entries. */
const compare = (earlier: CheckedLog, later: CheckedLog): number => {
  const { checkpoint } = earlier;
  const named = later.replay.life.continued?.predecessor;
  const root = Buffer.from(checkpoint.root).toString('base64');
  if (named?.origin !== checkpoint.origin || named.size !== checkpoint.size || named.root !== root)
    throw new LogFault(`${later.checkpoint.origin} does not say that it goes on where ${checkpoint.origin} ended`);
  const lost = [...earlier.leaves].filter((leaf) => !later.leaves.has(leaf));
  if (lost.length > 0) throw new LogFault(`${lost.length} entries of ${checkpoint.origin} are not in ${later.checkpoint.origin}`);
  return earlier.leaves.size;
};

/**
 * Verifies the successor and predecessor of a log if it ended or if an address is given. Each is verified whole, with the key that its
 * neighbour names.
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
      // Without a given address, an unreachable successor is not a fault of the log being verified.
      if (places.successor === undefined && error instanceof CommandRefused) return undefined;
      throw error;
    });
    if (checked !== undefined) found.push({ as: 'successor', checked, carried: compare(from, checked) });
  }
  return found;
};

/** Returns lines on the logs before and after. */
export const followedLines = (followed: readonly Followed[]): readonly string[] =>
  followed.map(({ as, checked: { checkpoint }, carried }) =>
    as === 'successor'
      ? `verified its successor ${checkpoint.origin}: ${checkpoint.size} commits; all ${carried} commits of this log stand in it`
      : `verified its predecessor ${checkpoint.origin}: ${checkpoint.size} commits; all ${carried} of them stand in this log`,
  );
