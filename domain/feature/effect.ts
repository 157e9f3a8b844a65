import { isLater, outdatedBy, positionOf } from './arrival.ts';
import { approvalOf } from './decide/outcome.ts';
import { advanceTo, beginningOf, expectedBeginning } from './due.ts';
import { type ApprovalEnd, endAbove, type Head, ownEnd, stateIn } from './evaluate.ts';
import { evolve } from './evolve.ts';
import { changeNamed, prefixesOf } from './keys.ts';
import {
  currentApproval,
  type FeatureState,
  findChange,
  inForceIn,
  initialState,
  isOpen,
  limitsOf,
  waitingApproval,
} from './state.ts';
import { approvalEnd, commonAudience, endBeforeBeginning, NO_TERMS, type Terms } from './terms.ts';
import type { ChangeView } from './view.ts';

/**
 * The effect of approving a change now. `replaced`: at once, by the approval of `by`, which is in force, or `waits` for a later day;
 * `waiting`: it begins at `at`, until then `meanwhile` stays in force; `outdated`, `removed`: off from its beginning, by the later words
 * or the removal of `by`; `over`: there is none, since it would end at `at`, before it begins.
 */
export type ApprovalForecast =
  | { readonly becomes: 'replaced'; readonly by: number; readonly waits: boolean }
  | { readonly becomes: 'waiting'; readonly at: string; readonly meanwhile: number | null }
  | { readonly becomes: 'outdated'; readonly by: readonly number[] }
  | { readonly becomes: 'removed'; readonly by: number }
  | { readonly becomes: 'over'; readonly at: string }
  | { readonly becomes: 'in-force'; readonly replaces: readonly number[] };

/** Applies the approval of an open change on these terms to the state; null for a closed change. */
const approvedNow = (state: FeatureState, n: number, terms: Terms, at: string, validUntil: string | null = null) => {
  const before = advanceTo(state, at);
  const change = findChange(before, n);
  if (change === undefined || !isOpen(change)) return null;
  const place = approvalOf(before, change, { terms, validUntil, at });
  return { before, change, place, after: evolve(before, place) };
};

/** Returns the effect of approving an open change on these terms; null for a closed change. */
export const forecastApproval = (
  state: FeatureState,
  n: number,
  terms: Terms,
  { at, zone }: Pick<EffectContext, 'at' | 'zone'>,
): ApprovalForecast | null => {
  const approval = approvedNow(state, n, terms, at);
  if (approval === null) return null;
  const { before, change, place, after } = approval;
  const end = endBeforeBeginning(terms, limitsOf(before, change), { at, zone });
  if (end !== null) return { becomes: 'over', at: end };
  if (place.becomes === 'replaced') {
    const present = inForceIn(before);
    const later = [present, waitingApproval(before)].find((each) => each && isLater(positionOf(each), positionOf(change)));
    return { becomes: 'replaced', by: later?.number ?? n, waits: later !== present };
  }
  const begins = place.becomes === 'waiting' ? (expectedBeginning(after) ?? at) : at;
  const then = advanceTo(after, begins);
  if (then.removal !== null && findChange(then, n)?.status === 'removed') return { becomes: 'removed', by: then.removal.change };
  const by = outdatedBy(then, begins);
  if (by.length > 0) return { becomes: 'outdated', by };
  if (place.becomes === 'waiting') return { becomes: 'waiting', at: begins, meanwhile: inForceIn(after)?.number ?? null };
  return { becomes: 'in-force', replaces: place.replaces };
};

/**
 * The source of a limit: the notice, the decision that set the terms, the policy's longest term, a later approval that
 * begins, later words that make it untrue, a removal, or the approval of a key above.
 */
export type LimitOrigin =
  | { readonly by: 'notice' }
  | { readonly by: 'decision'; readonly requirement: string; readonly holder: string; readonly at: string }
  | { readonly by: 'proposal' }
  | { readonly by: 'policy'; readonly rule: string; readonly term: string }
  | { readonly by: 'next' | 'outdated' | 'removal'; readonly change: number }
  | { readonly by: 'above'; readonly key: string; readonly change: number };

export interface Limit<T> {
  readonly value: T;
  readonly origin: LimitOrigin;
}

/** The limits that an approval sets for the keys beneath. `from`: set if it is not yet in effect. */
interface LimitsAbove {
  readonly key: string;
  readonly change: number;
  readonly from: string | null;
  readonly until: string | null;
  readonly audience: readonly string[] | null;
  readonly conditions: string | null;
}

/**
 * The effect of an approval. `from` null: immediately; `until` null: no end; `audience` null: all agencies. `audiences`: those whose
 * intersection it is; `maintenance`: the approvals that allow it.
 */
export interface ApprovalEffect {
  readonly from: Limit<string> | null;
  readonly until: Limit<string> | null;
  readonly audience: readonly string[] | null;
  readonly audiences: readonly Limit<readonly string[]>[];
  readonly conditions: readonly Limit<string>[];
  readonly maintenance: LimitOrigin | null;
}

interface EffectContext {
  readonly at: string;
  readonly zone: string;
  /** The heads of the change's key, as for `evaluate`. */
  readonly heads: readonly Head[];
  /** Terms about to be decided on; used only while no decision has set any. */
  readonly proposed?: Terms;
}

/** Returns the limits that the approvals above a key set for it, root first. `heads` as for `evaluate`. */
const limitsAbove = (key: string, heads: readonly Head[], now: string): readonly LimitsAbove[] =>
  prefixesOf(key)
    .slice(0, -1)
    .flatMap((prefix, index): readonly LimitsAbove[] => {
      const state = stateIn(heads[index]);
      if (state === null) return [];
      const current = advanceTo(state, now);
      const shown = currentApproval(current);
      if (shown?.approved == null) return [];
      const { audience, conditions } = shown.approved.terms;
      const from = inForceIn(current) === undefined ? beginningOf(current) : null;
      const until = endAbove(prefix, current, now)?.at ?? null;
      return [{ key: prefix, change: shown.number, from, until, audience, conditions }];
    });

const limit = <T>(value: T | null, origin: LimitOrigin): readonly Limit<T>[] => (value === null ? [] : [{ value, origin }]);

const latest = (limits: readonly Limit<string>[]): Limit<string> | null =>
  limits.reduce<Limit<string> | null>((found, each) => (found === null || each.value > found.value ? each : found), null);

/** Returns the origin of an approval's end, as far as the end itself shows. */
export const limitOriginOf = (key: string, { by, change }: ApprovalEnd): LimitOrigin => {
  const limiting = changeNamed(change);
  if (limiting === undefined) throw new Error(`broken invariant: ${change} is no change`);
  if (limiting.key !== key) return { by: 'above', key: limiting.key, change: limiting.number };
  return by === 'next' || by === 'outdated' || by === 'removal' ? { by, change: limiting.number } : { by: 'notice' };
};

/** Returns an approval's own end: the recorded one if it was given, else the one that it would have. */
const ownEnds = (
  view: ChangeView,
  { at, zone, heads }: EffectContext,
  terms: Terms | null,
  byTerms: LimitOrigin,
): readonly Limit<string>[] => {
  const { rule = '', term = null } = view.pinned ?? {};
  const endsAt = view.revisions.at(-1)?.notice.endsAt ?? null;
  const head = stateIn(heads[prefixesOf(view.key).length - 1]) ?? initialState;
  const foretold = {
    at,
    terms: terms ?? NO_TERMS,
    validUntil: approvalEnd({ endsAt, until: terms?.until ?? null, term }, { at, zone }),
  };
  const approved = view.approved ?? foretold;
  const after = view.approved === null ? approvedNow(head, view.number, approved.terms, at, approved.validUntil)?.after : head;
  const end = ownEnd(view.key, advanceTo(after ?? initialState, at), { ...view, endsAt, approved }, at);
  if (end === null) return [];
  const byPolicy: LimitOrigin = { by: 'policy', rule, term: term ?? '' };
  const origin = end.by === 'decision' ? byTerms : end.by === 'policy' ? byPolicy : limitOriginOf(view.key, end);
  return [{ value: end.at, origin }];
};

/**
 * Computes the effect of an approval as of when it was given; for an open change, of an approval at `at` on the current terms, or on
 * `proposed` if none are set.
 */
export const effectOf = (view: ChangeView, context: EffectContext): ApprovalEffect => {
  const { heads, proposed } = context;
  const above = limitsAbove(view.key, heads, context.at);
  const at = view.approved?.at ?? context.at;
  const terms = view.approved?.terms ?? view.terms ?? proposed ?? null;
  const origin: LimitOrigin = view.termsBy === null ? { by: 'proposal' } : { by: 'decision', ...view.termsBy };
  const ancestor = ({ key, change }: LimitsAbove): LimitOrigin => ({ by: 'above', key, change });
  const ends = [...ownEnds(view, context, terms, origin), ...above.flatMap((each) => limit(each.until, ancestor(each)))];
  const starts = [...limit(terms?.from ?? null, origin), ...above.flatMap((each) => limit(each.from, ancestor(each)))];
  const audiences = [
    ...above.flatMap((each) => limit(each.audience, ancestor(each))),
    ...limit<readonly string[]>(terms?.audience ?? null, origin),
  ];
  return {
    from: latest(starts.filter(({ value }) => value > at)),
    until: ends.reduce<Limit<string> | null>((first, each) => (first === null || each.value < first.value ? each : first), null),
    audience: audiences.reduce<readonly string[] | null>((common, { value }) => commonAudience(common, value), null),
    audiences,
    conditions: [...above.flatMap((each) => limit(each.conditions, ancestor(each))), ...limit(terms?.conditions ?? null, origin)],
    maintenance: terms?.maintenance === true ? origin : null,
  };
};
