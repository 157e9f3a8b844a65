import { approvalEnd } from '../approval.ts';
import type { DecisionContext } from '../commands.ts';
import type { FeatureEvent } from '../events.ts';
import { extended } from '../evolve/endings.ts';
import { evolve } from '../evolve.ts';
import { APPROVERS_MIN, approversOf } from '../persons.ts';
import type { ChangeState, FeatureState } from '../state.ts';
import { counts, findChange, isSatisfied, requirementsOf, standingOf } from '../state.ts';
import type { Terms } from '../terms.ts';
import { openings } from './pin.ts';

/** Returns what opens once `requirement` is satisfied too. */
export const opensAfter = (state: FeatureState, change: ChangeState, requirement: string, context: DecisionContext) =>
  openings(
    requirementsOf(state, change),
    {
      satisfied: new Set([requirement, ...Object.keys(change.requirements).filter((id) => isSatisfied(change, id))]),
      opened: new Set(Object.keys(change.requirements)),
      from: change.from ?? context.at,
    },
    context,
  );

/**
 * Appends the approval when the last requirement that counts is satisfied. Approval needs acts by two distinct authenticated
 * persons, whatever the policy: otherwise the change stays open.
 */
export const conclude = (
  before: FeatureState,
  n: number,
  terms: Terms,
  context: DecisionContext,
  events: readonly FeatureEvent[],
): readonly FeatureEvent[] => {
  const state = events.reduce(evolve, before);
  const change = findChange(state, n);
  if (change === undefined || change.pin === null) return events;
  const required = requirementsOf(state, change).filter(counts);
  if (required.length === 0 || !required.every(({ id }) => isSatisfied(change, id))) return events;
  if (approversOf(change, required) < APPROVERS_MIN) return events;
  const term = state.pins[change.pin]?.term ?? null;
  const validUntil = approvalEnd({ endsAt: change.endsAt, until: terms.until, term }, context);
  const standing = standingOf(state);
  const approved: FeatureEvent = {
    type: 'ChangeApproved',
    v: 1,
    at: context.at,
    change: n,
    revision: change.revision,
    digest: change.digest,
    terms,
    validUntil,
    replaces: standing?.status === 'approved' ? standing.number : null,
  };
  return [...events, approved];
};

/** Meets a requirement: returns what it opens, and the approval if it was the last. */
export const meet = (
  before: FeatureState,
  n: number,
  requirement: string,
  terms: Terms,
  context: DecisionContext,
  events: readonly FeatureEvent[],
) => {
  const change = findChange(events.reduce(evolve, before), n);
  if (change === undefined) throw new Error(`broken invariant: change ${n} is gone`);
  const met: FeatureEvent = {
    type: 'RequirementMet',
    v: 1,
    at: context.at,
    change: n,
    requirement,
    opens: opensAfter(before, change, requirement, context),
  };
  return conclude(before, n, terms, context, [...events, met]);
};

/**
 * Overturns the refusal of `requirement` by a second vote: returns what that opens, and the approval if it was the last. Clocks
 * stop while a veto stands.
 */
export const overturn = (
  before: FeatureState,
  change: ChangeState,
  requirement: string,
  terms: Terms,
  context: DecisionContext,
  events: readonly FeatureEvent[],
): readonly FeatureEvent[] => {
  const { at } = context;
  const overridden: FeatureEvent = {
    type: 'VetoOverridden',
    v: 1,
    at,
    change: change.number,
    requirement,
    opens: opensAfter(before, change, requirement, context),
    closesAt: extended(change.closesAt, change.veto?.at ?? at, at),
  };
  return conclude(before, change.number, terms, context, [...events, overridden]);
};
