import { comesMeanwhile, isLater, positionOf } from '../arrival.ts';
import type { DecisionContext } from '../commands.ts';
import type { EventOf, FeatureEvent } from '../events.ts';
import { extended } from '../evolve/endings.ts';
import { evolve } from '../evolve.ts';
import {
  APPROVERS_MIN,
  approversOf,
  type ChangeState,
  counts,
  type FeatureState,
  findChange,
  inForceIn,
  isSatisfied,
  limitsOf,
  requirementsOf,
  waitingApproval,
} from '../state.ts';
import type { Terms } from '../terms.ts';
import { approvalEnd } from '../terms.ts';
import { openings } from './pin.ts';

const opensAfter = (state: FeatureState, change: ChangeState, requirement: string, context: DecisionContext) =>
  openings(
    requirementsOf(state, change),
    {
      satisfied: new Set([requirement, ...Object.keys(change.requirements).filter((id) => isSatisfied(change, id))]),
      opened: new Set(Object.keys(change.requirements)),
      from: change.from ?? context.at,
    },
    context,
  );

/** Appends the approval when the last requirement that counts is satisfied, by acts of two distinct authenticated persons. */
const conclude = (
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
  const validUntil = approvalEnd({ ...limitsOf(state, change), until: terms.until }, context);
  return [...events, approvalOf(state, change, { terms, validUntil, at: context.at })];
};

/** Returns which approval ends when words take the place of those in force, which have yet to run: of those and what waits the earlier. */
const replacedMeanwhile = (inForce: ChangeState, waiting: ChangeState | undefined): number[] => {
  if (waiting === undefined) return [];
  return [isLater(positionOf(waiting), positionOf(inForce)) ? inForce.number : waiting.number];
};

/**
 * Returns what an approval becomes, and which it replaces. Words that arrived before those in force are replaced at once. Words whose
 * `from` lies ahead wait, and so do those whose effect does while another approval is in force; of two that wait the later words stay.
 * An approval in force whose words have yet to run leaves its place to words that come before that, and waits.
 */
const placeOfApproval = (
  state: FeatureState,
  change: ChangeState,
  { from }: Terms,
  at: string,
): Pick<EventOf<'ChangeApproved'>, 'becomes' | 'replaces'> => {
  const position = positionOf(change);
  const [inForce, waiting] = [inForceIn(state), waitingApproval(state)];
  const isOlder = (other: ChangeState | undefined): boolean => other !== undefined && isLater(positionOf(other), position);
  const replaces = (...others: readonly (ChangeState | undefined)[]): number[] =>
    others.flatMap((other) => (other === undefined || isOlder(other) ? [] : [other.number]));
  const starts = (from ?? at) <= at;
  if (inForce !== undefined && starts && comesMeanwhile(inForce, change, at))
    return { becomes: 'in-force', replaces: replacedMeanwhile(inForce, waiting) };
  if (isOlder(inForce)) return { becomes: 'replaced', replaces: [] };
  if (starts && (inForce === undefined || change.effect <= at))
    return { becomes: 'in-force', replaces: replaces(inForce, waiting) };
  return isOlder(waiting) ? { becomes: 'replaced', replaces: [] } : { becomes: 'waiting', replaces: replaces(waiting) };
};

export const approvalOf = (
  state: FeatureState,
  change: ChangeState,
  { terms, validUntil, at }: Pick<EventOf<'ChangeApproved'>, 'terms' | 'validUntil' | 'at'>,
): EventOf<'ChangeApproved'> => ({
  type: 'ChangeApproved',
  v: 1,
  at,
  change: change.number,
  revision: change.revision,
  digest: change.digest,
  terms,
  validUntil,
  ...placeOfApproval(state, change, terms, at),
});

/** Returns what a met requirement opens, and the approval if it was the last. */
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

/** Returns what an overturned refusal opens, and the approval if it was the last. Clocks stop while a veto stands. */
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
