import { ascending } from '../kernel/order.ts';
import { plusDuration } from '../kernel/zone.ts';
import { advanceTo, beginningOf } from './due.ts';
import { type Head, stateIn } from './evaluate.ts';
import { prefixesOf } from './keys.ts';
import { inForceIn, waitingApproval } from './state.ts';
import type { Terms } from './terms.ts';
import { commonAudience } from './terms.ts';
import type { ChangeView } from './view.ts';

/**
 * The source of a limit: the notice, the decision that set the terms, the policy's longest term, or the approval in force of a key above.
 */
export type LimitOrigin =
  | { readonly by: 'notice' }
  | { readonly by: 'decision'; readonly requirement: string; readonly holder: string; readonly at: string }
  | { readonly by: 'proposal' }
  | { readonly by: 'policy'; readonly rule: string; readonly term: string }
  | { readonly by: 'above'; readonly key: string; readonly change: number };

export interface Limit<T> {
  readonly value: T;
  readonly origin: LimitOrigin;
}

/** The limits that an approval sets for the keys beneath. `from` is set while it is not yet in effect. */
export interface LimitsAbove {
  readonly key: string;
  readonly change: number;
  readonly from: string | null;
  readonly until: string | null;
  readonly audience: readonly string[] | null;
  readonly conditions: string | null;
}

/**
 * The effect of an approval. `from` null: immediately; `until` null: no end; `ends`: every end, the earliest first. `audience` null: all
 * agencies; `audiences`: what it is the intersection of. `maintenance`: whose terms allow it.
 */
export interface ApprovalEffect {
  readonly from: Limit<string> | null;
  readonly until: Limit<string> | null;
  readonly ends: readonly Limit<string>[];
  readonly audience: readonly string[] | null;
  readonly audiences: readonly Limit<readonly string[]>[];
  readonly conditions: readonly Limit<string>[];
  readonly maintenance: LimitOrigin | null;
}

export interface EffectContext {
  readonly at: string;
  readonly zone: string;
  readonly above: readonly LimitsAbove[];
  /** Terms about to be decided on; they count only while no decision has set any. */
  readonly proposed?: Terms;
}

/** Returns the limits that the approvals above a key set for it, root first. `heads` as for `evaluate`. */
export const limitsAbove = (key: string, heads: readonly Head[], now: string): readonly LimitsAbove[] =>
  prefixesOf(key)
    .slice(0, -1)
    .flatMap((prefix, index): readonly LimitsAbove[] => {
      const state = stateIn(heads[index]);
      if (state === null) return [];
      const current = advanceTo(state, now);
      const inForce = inForceIn(current);
      const shown = inForce ?? waitingApproval(current);
      if (shown?.approved == null) return [];
      const { validUntil, terms } = shown.approved;
      const { audience, conditions } = terms;
      const begins = beginningOf(current);
      const [from, until] = inForce === undefined ? [begins, validUntil] : [null, validUntil];
      return [{ key: prefix, change: shown.number, from, until, audience, conditions }];
    });

const limit = <T>(value: T | null, origin: LimitOrigin): readonly Limit<T>[] => (value === null ? [] : [{ value, origin }]);

const latest = (limits: readonly Limit<string>[]): Limit<string> | null =>
  limits.reduce<Limit<string> | null>((found, each) => (found === null || each.value > found.value ? each : found), null);

/**
 * Computes the effect of an approval when it was given; for an open change that of an approval at `at` on the current terms, or on
 * `proposed` if none are set.
 */
export const effectOf = (view: ChangeView, context: EffectContext): ApprovalEffect => {
  const { zone, above, proposed } = context;
  const at = view.approved?.at ?? context.at;
  const terms = view.approved?.terms ?? view.terms ?? proposed;
  const origin: LimitOrigin = view.termsBy === null ? { by: 'proposal' } : { by: 'decision', ...view.termsBy };
  const rule = view.pinned?.rule ?? '';
  const term = view.pinned?.term ?? null;
  const ancestor = ({ key, change }: LimitsAbove): LimitOrigin => ({ by: 'above', key, change });
  const ends = [
    ...limit(view.revisions.at(-1)?.notice.endsAt ?? null, { by: 'notice' }),
    ...limit(terms?.until ?? null, origin),
    ...(term === null ? [] : limit(plusDuration(at, term, zone), { by: 'policy', rule, term })),
    ...above.flatMap((each) => limit(each.until, ancestor(each))),
  ].sort((one, other) => ascending(one.value, other.value));
  const starts = [...limit(terms?.from ?? null, origin), ...above.flatMap((each) => limit(each.from, ancestor(each)))];
  const audiences = [
    ...above.flatMap((each) => limit(each.audience, ancestor(each))),
    ...limit<readonly string[]>(terms?.audience ?? null, origin),
  ];
  return {
    from: latest(starts.filter(({ value }) => value > at)),
    until: ends[0] ?? null,
    ends,
    audience: audiences.reduce<readonly string[] | null>((common, { value }) => commonAudience(common, value), null),
    audiences,
    conditions: [...above.flatMap((each) => limit(each.conditions, ancestor(each))), ...limit(terms?.conditions ?? null, origin)],
    maintenance: terms?.maintenance === true ? origin : null,
  };
};
