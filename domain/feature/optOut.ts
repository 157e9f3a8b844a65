import { earliest, latest } from '../kernel/order.ts';
import { CITY, vendorOf } from './keys.ts';
import type { NoticeFacts } from './notice.ts';

/** A notice's statement of the city's choice at the vendor. */
export type OptOutChoice = Pick<NoticeFacts, 'kind' | 'optOut' | 'withoutAction' | 'effectiveAt'>;

/**
 * By kind, the answers on which the city can decline words. Kinds that change what a product does: unless the vendor answers no. The
 * others are agreed on, or end something; of these only new terms can be declined, if the vendor answers yes.
 */
const DECLINED_ON: { readonly [K in NoticeFacts['kind']]: readonly NoticeFacts['optOut'][] } = {
  contract: [],
  'new-feature': ['yes', 'unknown'],
  update: ['yes', 'unknown'],
  'data-sharing': ['yes', 'unknown'],
  terms: ['yes'],
  removal: [],
};

/** Reports whether a kind changes what a product does. */
export const hasChoice = (kind: NoticeFacts['kind']): boolean => DECLINED_ON[kind].includes('unknown');

const canBeDeclined = ({ kind, optOut }: Pick<OptOutChoice, 'kind' | 'optOut'>): boolean => DECLINED_ON[kind].includes(optOut);

/** Reports whether the city can opt out of words at the vendor, according to their notice. */
export const canOptOut = (key: string, notice: Pick<OptOutChoice, 'kind' | 'optOut'>): boolean =>
  canBeDeclined(notice) && vendorOf(key) !== CITY;

/** Reports whether words take effect at the vendor unless the city opts out: silence is not opting out. */
export const runsBySilence = (notice: OptOutChoice): boolean =>
  notice.optOut === 'yes' && notice.withoutAction !== 'off' && notice.effectiveAt !== null && canBeDeclined(notice);

/**
 * Returns the instant before which an opt-out must be recorded to be in time, by {@link standingOfOptOut}; null without a day in the
 * notice.
 */
export const dayToOptOutBy = ({
  kind,
  optOutBy,
  effectiveAt,
}: Pick<NoticeFacts, 'kind' | 'optOutBy' | 'effectiveAt'>): string | null =>
  DECLINED_ON[kind].length > 0 ? earliest(optOutBy, effectiveAt) : optOutBy;

/** The limits of an opt-out: before `optOutBy` and `effect`, if set. `silent`: the words run unless the city opts out. */
interface OptOutLimits {
  readonly silent: boolean;
  readonly optOutBy: string | null;
  readonly effect: string | null;
}

/** Returns the limits set by a notice that arrived at `at`. */
export const limitsOfOptOut = (notice: OptOutChoice & Pick<NoticeFacts, 'optOutBy'>, at: string): OptOutLimits => ({
  silent: runsBySilence(notice),
  optOutBy: notice.optOutBy,
  effect: notice.effectiveAt && latest(notice.effectiveAt, at),
});

/**
 * The standing of a recorded opt-out. `late`: recorded too late; `claimed`: too late, but it counts once two persons confirm that it was
 * made in time; `counts`: recorded in time, or confirmed by two persons. For words that do not run by silence it changes no answer, so
 * there is nothing to confirm: it is in time or late.
 */
export const OPT_OUT_STANDINGS = ['late', 'claimed', 'counts'] as const;
export type OptOutStanding = (typeof OPT_OUT_STANDINGS)[number];

/** Evidence, or an `optOutBy` not yet past, can show that a late opt-out was made in time. */
export const standingOfOptOut = (
  { silent, optOutBy, effect }: OptOutLimits,
  { at, evidence }: { readonly at: string; readonly evidence: object | null },
): OptOutStanding => {
  if ([optOutBy, effect].every((end) => end === null || at < end)) return 'counts';
  if (!silent) return 'late';
  return evidence !== null || (optOutBy !== null && at < optOutBy) ? 'claimed' : 'late';
};

/** Returns the standing of two records of one opt-out: the better one. */
export const betterStanding = (one: OptOutStanding | undefined, other: OptOutStanding): OptOutStanding =>
  OPT_OUT_STANDINGS.findLast((standing) => standing === one || standing === other) ?? other;

/** Whether words run unless the city opts out of them, or else whether they have a day. */
export const OPT_OUT_TIMINGS = ['by-silence', 'dated', 'undated'] as const;

/** Reports whether words run by silence although the city claims to have opted out in time, which two persons can confirm. */
export const isClaimed = ({ optOut }: { readonly optOut?: { readonly stands?: OptOutStanding } }): boolean =>
  optOut?.stands === 'claimed';
