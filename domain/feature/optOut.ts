import { earliest, latest } from '../kernel/order.ts';
import { CITY, vendorOf } from './keys.ts';
import type { NoticeFacts } from './notice.ts';

/** What a notice says of the choice that the city has at the vendor. */
export type OptOutChoice = Pick<NoticeFacts, 'kind' | 'optOut' | 'withoutAction' | 'effectiveAt'>;

/**
 * By kind, the answers on which the city can decline words. Those that change what a product does: unless their vendor says no. The others
 * are agreed on, or end something; of these new terms can be, where their vendor says so.
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

/** Reports whether the city can opt out of words at the vendor, as far as their notice says. */
export const canOptOut = (key: string, notice: Pick<OptOutChoice, 'kind' | 'optOut'>): boolean =>
  canBeDeclined(notice) && vendorOf(key) !== CITY;

/** Reports whether words take effect at the vendor unless the city opts out: silence is not opting out. */
export const runsBySilence = (notice: OptOutChoice): boolean =>
  notice.optOut === 'yes' && notice.withoutAction !== 'off' && notice.effectiveAt !== null && canBeDeclined(notice);

/** Returns before when an opt-out must be recorded to be in time, by {@link standingOfOptOut}; null if the notice names no day. */
export const dayToOptOutBy = ({
  kind,
  optOutBy,
  effectiveAt,
}: Pick<NoticeFacts, 'kind' | 'optOutBy' | 'effectiveAt'>): string | null =>
  DECLINED_ON[kind].length > 0 ? earliest(optOutBy, effectiveAt) : optOutBy;

/** By when words must be opted out of: before `optOutBy` and `effect`, where they have them. `silent`: they run unless the city does. */
interface OptOutLimits {
  readonly silent: boolean;
  readonly optOutBy: string | null;
  readonly effect: string | null;
}

/** Returns the limits that a notice sets which arrived at `at`. */
export const limitsOfOptOut = (notice: OptOutChoice & Pick<NoticeFacts, 'optOutBy'>, at: string): OptOutLimits => ({
  silent: runsBySilence(notice),
  optOutBy: notice.optOutBy,
  effect: notice.effectiveAt && latest(notice.effectiveAt, at),
});

/**
 * How a recorded opt-out stands: `late`: it was recorded too late; `claimed`: too late, but it counts once two persons confirm that it was
 * made in time; `counts`: it was recorded in time, or two persons confirmed it. Of words that do not run by silence it changes no
 * answer, so there is nothing to confirm: it is in time or late.
 */
export const OPT_OUT_STANDINGS = ['late', 'claimed', 'counts'] as const;
export type OptOutStanding = (typeof OPT_OUT_STANDINGS)[number];

/** Of an opt-out that came late, evidence can show that it was made in time, and so does a day that lies after the effect. */
export const standingOfOptOut = (
  { silent, optOutBy, effect }: OptOutLimits,
  { at, evidence }: { readonly at: string; readonly evidence: object | null },
): OptOutStanding => {
  if ([optOutBy, effect].every((end) => end === null || at < end)) return 'counts';
  if (!silent) return 'late';
  return evidence !== null || (optOutBy !== null && at < optOutBy) ? 'claimed' : 'late';
};

/** Returns what two records of one opt-out come to. */
export const betterStanding = (one: OptOutStanding | undefined, other: OptOutStanding): OptOutStanding =>
  OPT_OUT_STANDINGS.findLast((standing) => standing === one || standing === other) ?? other;

/** Whether words run unless the city opts out of them, or else whether they have a day. */
export const OPT_OUT_TIMINGS = ['by-silence', 'dated', 'undated'] as const;

/** Reports whether words run by silence though the city may have opted out in time, which two persons can confirm. */
export const isClaimed = ({ optOut }: { readonly optOut?: { readonly stands?: OptOutStanding } }): boolean =>
  optOut?.stands === 'claimed';
