import { arrivesBeforeEffect, isLater, positionOf } from '../arrival.ts';
import type { OfficialDecision } from '../commands.ts';
import type { EventOf, FeatureEvent } from '../events.ts';
import { extended } from '../evolve/endings.ts';
import { evolve } from '../evolve.ts';
import {
  APPROVERS_MIN,
  approversOf,
  type ChangeState,
  changeIn,
  type FeatureState,
  inForceIn,
  isAllSatisfied,
  isSatisfied,
  limitsOf,
  requirementsOf,
  waitingApproval,
} from '../state.ts';
import { approvalEnd, type Terms } from '../terms.ts';
import { openings } from './pin.ts';

/**
 * Returns the events of an act that satisfies a requirement: the act; the requirement as met or, under a veto, as overturned, with what
 * opens then; and the approval if no requirement is left and two distinct authenticated persons acted. Clocks stopped by a veto resume.
 */
export const satisfy = (
  command: OfficialDecision,
  before: FeatureState,
  requirement: string,
  act: FeatureEvent,
): readonly FeatureEvent[] => {
  const { at, change: n, terms } = command;
  const acted = evolve(before, act);
  const satisfied = satisfiedBy(command, acted, requirement);
  const state = evolve(acted, satisfied);
  const change = changeIn(state, n);
  if (!isAllSatisfied(state, change) || approversOf(state, change) < APPROVERS_MIN) return [act, satisfied];
  const validUntil = approvalEnd({ ...limitsOf(state, change), until: terms.until }, command);
  return [act, satisfied, approvalOf(state, change, { terms, validUntil, at })];
};

const satisfiedBy = (command: OfficialDecision, state: FeatureState, requirement: string): FeatureEvent => {
  const { at, change: n } = command;
  const change = changeIn(state, n);
  const opened = new Set(Object.keys(change.requirements));
  const satisfied = new Set([requirement, ...[...opened].filter((id) => isSatisfied(change, id))]);
  const opens = openings(requirementsOf(state, change), { satisfied, opened, from: change.from ?? at }, command);
  const base = { v: 1, at, change: n, requirement, opens } as const;
  return change.veto === null
    ? { type: 'RequirementMet', ...base }
    : { type: 'VetoOverridden', ...base, closesAt: extended(change.closesAt, change.veto.at, at) };
};

/**
 * Returns which approval ends when words replace those in force, which have yet to take effect: the earlier of those and any that wait.
 */
const replacedMeanwhile = (inForce: ChangeState, waiting: ChangeState | undefined): number[] => {
  if (waiting === undefined) return [];
  return [isLater(positionOf(waiting), positionOf(inForce)) ? inForce.number : waiting.number];
};

/**
 * Returns what an approval becomes, and which it replaces. Words that arrived before those in force are replaced at once. Words with a
 * future `from`, or whose effect is in the future while another approval is in force, wait; of two that wait, the later stay. An approval
 * in force whose words have yet to take effect gives way to words that come before that, and waits.
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
  if (inForce !== undefined && starts && arrivesBeforeEffect(inForce, change, at))
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
