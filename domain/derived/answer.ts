import { ABSENT, evaluate, type Head } from '../feature/evaluate.ts';
import { ascending } from '../kernel/order.ts';
import type { KeyAnswer, OwnAnswer } from './record.ts';

export const EARLIEST_INSTANT = '0000-01-01T00:00:00.000Z';

/** Returns for whom a key may be on at an instant, by {@link evaluate} for no agency and no version. `heads`: root first. */
export const keyAnswerAt = (key: string, heads: readonly Head[], at: string): KeyAnswer => {
  const { enabled, variant, because, change, version, audience, fault } = evaluate(key, heads, {}, at);
  const onFor = enabled ? 'all' : variant === 'audience' && audience !== null ? audience.toSorted(ascending) : 'none';
  return { onFor, variant, because, change, version: onFor === 'none' ? null : version, since: at, ...(fault && { fault }) };
};

export const isSameList = (one: KeyAnswer['onFor'], other: KeyAnswer['onFor']): boolean =>
  JSON.stringify(one) === JSON.stringify(other);

/** Reports whether two answers are the same, apart from the change that they are about and since when. */
export const isSameAnswer = (one: KeyAnswer, other: KeyAnswer): boolean =>
  isSameList(one.onFor, other.onFor) &&
  one.variant === other.variant &&
  one.because === other.because &&
  one.version === other.version;

const LAST_SEGMENT = 'own';

/** Returns what a key passes to those beneath it: {@link evaluate} of the key with nothing above. */
export const ownAnswerAt = (head: Head | undefined, at: string): OwnAnswer => {
  const { variant, audience } = evaluate(LAST_SEGMENT, [head ?? ABSENT], {}, at);
  return { variant, audience: audience === null ? null : audience.toSorted(ascending) };
};

export const UNKNOWN_KEY: OwnAnswer = { variant: 'unknown', audience: null };

export const isSameOwnAnswer = (one: OwnAnswer, other: OwnAnswer): boolean =>
  one.variant === other.variant && JSON.stringify(one.audience) === JSON.stringify(other.audience);

/** Includes `enabled` for named agencies only, and for none. */
const IN_FORCE: ReadonlySet<string> = new Set(['enabled', 'audience', 'blocked']);

/** Reports whether an approval of the key itself is in force, so that the keys above can change its answer. */
export const isOwnApprovalInForce = ({ variant }: OwnAnswer): boolean => IN_FORCE.has(variant);
