import { latest, plusMs } from '../kernel/order.ts';
import { outdatedBy, outdatedFrom } from './arrival.ts';
import { advanceTo, beginningOf, nextBeginning, removalOf } from './due.ts';
import { changeId, prefixesOf } from './keys.ts';
import {
  type ChangeState,
  currentApproval,
  type FeatureState,
  findChange,
  inForceIn,
  isApprovalOf,
  newestOf,
  openChanges,
  shownApproval,
} from './state.ts';
import { commonAudience } from './terms.ts';

/** The possible answers. Only `enabled` means yes. */
export const VARIANTS = [
  'enabled',
  'scheduled',
  'pending',
  'vetoed',
  'refused',
  'lapsed',
  'withdrawn',
  'outdated',
  'expired',
  'revoked',
  'removed',
  'unknown',
  'blocked',
  'audience',
  'version',
] as const;
export type Variant = (typeof VARIANTS)[number];

/** Reports whether something may be on, if only for some agencies. */
export const mayBeOn = (variant: Variant): boolean => variant === 'enabled' || variant === 'audience';

export type Head = { readonly kind: 'state'; readonly state: FeatureState } | { readonly kind: 'absent' | 'unreadable' };

export const ABSENT: Head = { kind: 'absent' };
export const UNREADABLE: Head = { kind: 'unreadable' };

export const headWith = (state: FeatureState | null): Head => (state === null ? ABSENT : { kind: 'state', state });

export const stateIn = (head: Head | undefined): FeatureState | null => (head?.kind === 'state' ? head.state : null);

/**
 * `agencies`: each must be in the audience; none: unknown. `own`: the only ones that the token may ask about; empty: any. `version`: the
 * version asked about.
 */
export interface EvaluationContext {
  readonly agencies?: readonly string[] | undefined;
  readonly own?: readonly string[] | undefined;
  readonly version?: string | undefined;
}

/**
 * `validUntil`: the end of its own approval, its removal, the beginning of the one that replaces it, or the day on which its words become
 * untrue; `effectiveUntil`: the earliest along the chain; null where the key itself is not in force. `audience` null: every agency.
 */
export interface Evaluation {
  readonly enabled: boolean;
  readonly variant: Variant;
  readonly reason: 'STATIC' | 'TARGETING_MATCH';
  readonly because: string;
  readonly change: number | null;
  readonly revision: number | null;
  readonly digest: string | null;
  readonly version: string | null;
  readonly validUntil: string | null;
  readonly effectiveUntil: string | null;
  readonly limitedBy: Omit<ApprovalEnd, 'at'> | null;
  readonly audience: readonly string[] | null;
  readonly conditions: readonly string[];
  readonly pending: number;
  /** A "no" caused by no act or date: a record that the answer depends on cannot be read. */
  readonly fault: boolean;
}

export const END_ORIGINS = ['notice', 'decision', 'policy', 'next', 'outdated', 'removal'] as const;

/**
 * The end of an approval: the notice's, that of the terms, the policy's longest term, the beginning of the `next` one, the day on
 * which later words make it untrue (`outdated`), or a `removal`. `change`: whose approval ends or begins, or whose words they are.
 */
export interface ApprovalEnd {
  readonly at: string;
  readonly by: (typeof END_ORIGINS)[number];
  readonly change: string;
}

interface Link {
  readonly key: string;
  readonly readable: boolean;
  readonly variant: Variant;
  readonly change: ChangeState | undefined;
  readonly pending: number;
  readonly end: ApprovalEnd | null;
  readonly begins: string | null;
}

/** Returns the first of the earliest ends; null for none. */
const earliestEnd = (ends: readonly (ApprovalEnd | null)[]): ApprovalEnd | null =>
  ends.reduce((first, each) => (each !== null && (first === null || each.at < first.at) ? each : first), null);

/**
 * Returns from when words are untrue, as {@link outdatedFrom}. Waiting words are judged as of their beginning, so words that they overtake
 * by then do not end them.
 */
export const outdatedOnceBegun = (state: FeatureState, approval: ChangeState, now: string): ReturnType<typeof outdatedFrom> => {
  const begins = state.waiting === approval.number ? beginningOf(state) : null;
  return outdatedFrom(state, approval, latest(now, begins ?? undefined));
};

/** Returns the future end of an approval in force or waiting, apart from any above. `state`: as of `now`. */
export const ownEnd = (
  key: string,
  state: FeatureState,
  { number, endsAt, approved }: Pick<ChangeState, 'number' | 'endsAt' | 'approved'>,
  now: string,
): ApprovalEnd | null => {
  const { validUntil = null, terms } = approved ?? {};
  const by = validUntil === endsAt ? 'notice' : validUntil === terms?.until ? 'decision' : 'policy';
  const isInForce = inForceIn(state)?.number === number;
  const begins = isInForce ? nextBeginning(state) : null;
  const known = findChange(state, number);
  const outdated = known === undefined ? undefined : outdatedOnceBegun(state, known, now);
  const removed = known && removalOf(state, known, now);
  // Of two at one instant the first counts: what begins then continues where this would end, or be untrue.
  return earliestEnd([
    begins === null ? null : { at: begins, by: 'next', change: changeId(key, state.waiting ?? number) },
    validUntil === null ? null : { at: validUntil, by, change: changeId(key, number) },
    outdated === undefined || outdated.at <= now
      ? null
      : { at: outdated.at, by: 'outdated', change: changeId(key, outdated.change) },
    removed === undefined ? null : { at: removed.at, by: 'removal', change: changeId(key, removed.change) },
  ]);
};

/**
 * Returns until when the approval of change `n` lets its feature be on, and which limit sets that: its own end, or that of an approval
 * above, each of which it needs. Every place that shows an end reads it. Null: no end, or not approved. `heads` as for `evaluate`.
 */
export const effectiveEnd = (key: string, heads: readonly Head[], now: string, n: number): ApprovalEnd | null => {
  const ends = prefixesOf(key).map((prefix, index) => {
    const head = stateIn(heads[index]);
    const state = head && advanceTo(head, now);
    if (state === null) return null;
    if (prefix !== key) return endAbove(prefix, state, now);
    const own = isApprovalOf(state, n) ? findChange(state, n) : undefined;
    return own === undefined ? undefined : ownEnd(key, state, own, now);
  });
  const own = ends.at(-1);
  return own === undefined ? null : earliestEnd([own, ...ends.slice(0, -1).map((end) => end ?? null)]);
};

/** Returns the end that the approval in force, else the waiting one, sets for the keys beneath; null for none. */
export const endAbove = (key: string, state: FeatureState, now: string): ApprovalEnd | null => {
  const shown = currentApproval(state);
  return shown === undefined ? null : ownEnd(key, state, shown, now);
};

const variantOfApproval = (state: FeatureState, shown: ChangeState, now: string): Variant => {
  const { status } = shown;
  if (status === 'revoked' || status === 'expired' || status === 'removed') return status;
  if (status !== 'approved') return 'unknown';
  const outdated = outdatedOnceBegun(state, shown, now);
  if (outdated !== undefined && outdated.at <= now) return 'outdated';
  return state.waiting === shown.number ? 'scheduled' : 'enabled';
};

const variantOfNewest = (newest: ChangeState | undefined): Variant =>
  newest === undefined || newest.status === 'approved' || newest.status === 'replaced' ? 'unknown' : newest.status;

const NO_APPROVAL = { end: null, begins: null };

/** The status of one key without its ancestors. `enabled` here means in force. */
const linkOf = (key: string, head: Head, now: string): Link => {
  const readable = head.kind !== 'unreadable';
  if (head.kind !== 'state') return { key, readable, variant: 'unknown', change: undefined, pending: 0, ...NO_APPROVAL };
  const state = advanceTo(head.state, now);
  const pending = openChanges(state).length;
  const shown = shownApproval(state);
  const change = shown ?? newestOf(state);
  if (state.removal !== null && state.removal.effectiveAt <= now)
    return { key, readable, variant: 'removed', change: shown, pending, ...NO_APPROVAL };
  const variant = shown === undefined ? variantOfNewest(change) : variantOfApproval(state, shown, now);
  return { key, readable, variant, change, pending, end: endAbove(key, state, now), begins: beginningOf(state) };
};

/** Reports whether an approval of a feature is in force and its words are true, regardless of the keys above. */
export const isHolding = (state: FeatureState, at: string): boolean =>
  linkOf(state.key ?? '', headWith(state), at).variant === 'enabled';

/** Returns when, after `from` and up to `at`, time made an approval hold again: at its effect, if other words ran until then. */
export const resumedAt = (state: FeatureState, from: string, at: string): string | undefined => {
  const effect = inForceIn(advanceTo(state, at))?.effect;
  if (effect === undefined || effect <= from || effect > at) return undefined;
  const before = plusMs(effect, -1);
  return isHolding(state, effect) && !isHolding(state, before) ? effect : undefined;
};

export const isOutdatedBy = (
  state: FeatureState,
  { key, number }: { readonly key: string; readonly number: number },
  now: string,
): boolean => {
  const current = advanceTo(state, now);
  return outdatedBy(current, now).includes(number) && linkOf(key, headWith(state), now).variant === 'outdated';
};

const intersect = (links: readonly Link[]): readonly string[] | null =>
  links.reduce<readonly string[] | null>(
    (allowed, { change }) => commonAudience(allowed, change?.approved?.terms.audience ?? null),
    null,
  );

const offReason = ({ key, variant, begins }: Link): string =>
  variant === 'scheduled' && begins !== null ? `the approval takes effect at ${begins}` : `${key} is ${variant}`;

const isForeign = ({ agencies = [], own = [] }: EvaluationContext): boolean =>
  own.length > 0 && !agencies.every((agency) => own.includes(agency));

/** Reports whether a `STATIC` answer is the same in every context for which this is true. */
export const sharesStatic = (context: EvaluationContext): boolean => context.version === undefined && !isForeign(context);

const audienceProblem = (audience: readonly string[] | null, context: EvaluationContext): string | undefined => {
  if (isForeign(context)) return 'the token answers for its own agencies only';
  if (audience === null) return undefined;
  const { agencies = [] } = context;
  if (agencies.length === 0) return 'the approval is for named agencies, and none was given';
  return agencies.every((agency) => audience.includes(agency)) ? undefined : 'this agency is not among those the approval is for';
};

type Because = Pick<Evaluation, 'variant' | 'because' | 'fault'>;

const no = (variant: Variant, because: string): Because => ({ variant, because, fault: false });

const ill = (variant: Variant): Because => ({ variant, because: 'what is stored cannot be relied on', fault: true });

/** Returns why an approved key is on for no agency. An act or a date takes precedence over an unreadable record. */
const offForAll = (links: readonly Link[], audience: readonly string[] | null): Because | undefined => {
  const off = links.find(({ readable, variant }) => readable && variant !== 'enabled');
  if (off !== undefined) return no('blocked', `${off.key} is ${off.variant}`);
  if (links.some(({ readable }) => !readable)) return ill('blocked');
  return audience?.length === 0 ? no('blocked', 'no agency is among those of every approval') : undefined;
};

const variantOf = (
  own: Link,
  links: readonly Link[],
  audience: readonly string[] | null,
  context: EvaluationContext,
): Because => {
  if (!own.readable) return ill('unknown');
  if (own.variant !== 'enabled') return no(own.variant, offReason(own));
  if (context.version !== undefined && context.version !== own.change?.version) {
    return no('version', `version ${own.change?.version ?? 'none'} is approved, not ${context.version}`);
  }
  const off = offForAll(links, audience);
  // Without an agency, `audience` would mean that it is on for some.
  if (off !== undefined && (context.agencies ?? []).length === 0) return off;
  const elsewhere = audienceProblem(audience, context);
  if (elsewhere !== undefined) return no('audience', elsewhere);
  return off ?? { variant: 'enabled', because: 'every required approval is in force', fault: false };
};

/**
 * Computes whether a feature is enabled. Nothing else may. `heads`: one for each prefix of the key, root first. Yes only if the key and
 * every prefix is approved, in force at `now`, not outdated, for this version and agency; in every other case, an unreadable record
 * included, no, with the reason.
 */
export const evaluate = (key: string, heads: readonly Head[], context: EvaluationContext, now: string): Evaluation => {
  const prefixes = prefixesOf(key);
  const links = prefixes.map((prefix, index) => linkOf(prefix, heads[index] ?? ABSENT, now));
  const inForce = links.filter(({ variant }) => variant === 'enabled' || variant === 'scheduled');
  const audience = intersect(inForce);
  const own = links.at(-1) ?? linkOf(key, ABSENT, now);
  const { variant, because, fault } = variantOf(own, links, audience, context);
  const isInForce = inForce.at(-1) === own;
  const end = isInForce ? earliestEnd([own.end, ...links.slice(0, -1).map((link) => link.end)]) : null;
  return {
    enabled: variant === 'enabled',
    variant,
    reason: inForce.some(({ change }) => change?.approved?.terms.audience != null) ? 'TARGETING_MATCH' : 'STATIC',
    because,
    change: own.change?.number ?? null,
    revision: own.change?.revision ?? null,
    digest: own.change?.digest ?? null,
    version: own.change?.version ?? null,
    validUntil: isInForce ? (own.end?.at ?? null) : null,
    effectiveUntil: end?.at ?? null,
    limitedBy: end && { change: end.change, by: end.by },
    audience,
    conditions: inForce.flatMap(({ change }) => change?.approved?.terms.conditions ?? []),
    pending: own.pending,
    fault,
  };
};
