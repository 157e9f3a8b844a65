import { latest } from '../../kernel/order.ts';
import { plusDuration } from '../../kernel/zone.ts';
import { matchRule, overrideEnd } from '../../policy/rules.ts';
import type { PinnedRequirement, Requirement } from '../../policy/schema.ts';
import type { RuledBodies } from '../../roster/bodies.ts';
import type { DecisionContext } from '../commands.ts';
import type { FeatureEvent, Opening, Pinned } from '../events.ts';
import { kindsAttached } from '../evolve/words.ts';
import { evolve } from '../evolve.ts';
import { POLICY_KEY } from '../keys.ts';
import { type Impacts, type NoticeFacts, unpackImpact } from '../notice.ts';
import { type ChangeState, changeIn, type FeatureState, openChanges } from '../state.ts';
import { fitsBudget } from '../stateBudget.ts';

export interface Repin extends DecisionContext {
  readonly type: 'repin';
}

interface Wording {
  readonly key: string;
  readonly kind: NoticeFacts['kind'];
  readonly impact: Impacts;
  readonly documents: ChangeState['documents'];
  readonly version: string | null;
}

/**
 * Returns the requirements that open once `satisfied` are. A deadline runs from then, or from the end of the public notice if that is
 * later.
 */
export const openings = (
  require: readonly Requirement[],
  { satisfied, opened, from }: { satisfied: ReadonlySet<string>; opened: ReadonlySet<string>; from: string },
  { at, zone }: DecisionContext,
): Opening[] =>
  require
    .filter(({ id, after = [] }) => !opened.has(id) && after.every((earlier) => satisfied.has(earlier)))
    .map(({ id, deadline, override }) => {
      const deadlineAt = deadline === undefined ? null : plusDuration(latest(at, from), deadline, zone);
      const overrideUntil = deadlineAt === null || override === undefined ? null : overrideEnd(override, deadlineAt, zone);
      return { requirement: id, deadlineAt, overrideUntil };
    });

const withSeats = (requirement: Requirement, bodies: RuledBodies): PinnedRequirement => {
  const { threshold, body } = requirement;
  if (threshold?.of !== 'seats' || typeof threshold.yes === 'number' || !Object.hasOwn(bodies, body)) return requirement;
  return { ...requirement, seats: bodies[body]?.seats.length ?? 0 };
};

/**
 * Binds a wording to the first matching rule of the policy in force; null without a policy. `since`: when the wording became public.
 */
export const pin = (wording: Wording, since: string, context: DecisionContext): Pinned | null => {
  if (context.policy === null) return null;
  const { number, policy, bodies } = context.policy;
  const rule = matchRule(policy, { key: wording.key, kind: wording.kind, impact: wording.impact });
  const attached = kindsAttached(wording);
  const from = rule.notice === undefined ? since : plusDuration(since, rule.notice, context.zone);
  return {
    policy: number,
    rule: rule.id,
    require: rule.require.map((each) => withSeats(each, bodies)),
    // Rules end when others replace them, not on a date.
    term: wording.key === POLICY_KEY ? null : (rule.term ?? null),
    missing: [...new Set(rule.documents)].filter((kind) => !attached.includes(kind)),
    from,
    closesAt: rule.window === undefined ? null : plusDuration(context.at, rule.window, context.zone),
    opens: openings(rule.require, { satisfied: new Set(), opened: new Set(), from }, context),
    ...(policy.passkeys !== undefined && { passkeys: policy.passkeys }),
  };
};

/** Yields no pin if the decisions that the new rule requires do not fit in the state with the other open changes. */
const pinning = (state: FeatureState, change: ChangeState, context: DecisionContext): readonly FeatureEvent[] => {
  const { kind, version, documents, entered, optOut } = change;
  const asked = { key: state.key ?? '', kind, impact: unpackImpact(change.impact), documents, version };
  const wording = { ...asked, entered, ...(optOut !== undefined && { optOut }) };
  const pinned = pin(wording, change.since, context);
  const others = { ...state, changes: state.changes.filter((other) => other !== change) };
  if (pinned === null || !fitsBudget(others, wording, pinned, context)) return [];
  return [
    {
      type: 'PolicyPinned',
      v: 1,
      at: context.at,
      change: change.number,
      revision: change.revision,
      pinned,
      voids: change.pin !== null,
    },
  ];
};

/** Pins one change at a time: space reserved for one is not available to the next. */
const bindEach = (state: FeatureState, changes: readonly ChangeState[], context: DecisionContext): readonly FeatureEvent[] => {
  const events: FeatureEvent[] = [];
  let current = state;
  for (const { number: n } of changes) {
    const bound = pinning(current, changeIn(current, n), context);
    events.push(...bound);
    current = bound.reduce(evolve, current);
  }
  return events;
};

export const pinUnpinned = (state: FeatureState, context: DecisionContext): readonly FeatureEvent[] =>
  bindEach(
    state,
    openChanges(state).filter(({ pin: bound }) => bound === null),
    context,
  );

export const repin = (state: FeatureState, context: DecisionContext): readonly FeatureEvent[] =>
  bindEach(
    state,
    openChanges(state).filter(({ pin: bound }) => bound?.startsWith(`${context.policy?.number ?? 0}/`) !== true),
    context,
  );
