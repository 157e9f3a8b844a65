import type { Decision } from '../../kernel/decider.ts';
import { accept } from '../../kernel/decider.ts';
import { localDateOf } from '../../kernel/zone.ts';
import type { Requirement } from '../../policy/schema.ts';
import type { Certify, FeatureRejection } from '../commands.ts';
import type { FeatureEvent } from '../events.ts';
import { extended } from '../evolve/endings.ts';
import { evolve } from '../evolve.ts';
import type { ChangeState, FeatureState } from '../state.ts';
import { findChange, requirementsOf } from '../state.ts';
import { type Admitted, certificateEvent } from './certificate.ts';
import { approvable, refusal, refused } from './guard.ts';
import { conclude, opensAfter } from './outcome.ts';
import { clerkProblem, meetingProblem, quorumProblem, readRoll, voterProblem } from './rollCall.ts';

type Decided = Decision<FeatureEvent, FeatureRejection>;

/** The signature whose refusal a second vote of `requirement` may overturn now. */
const vetoOver = (state: FeatureState, change: ChangeState, requirement: string): Requirement | undefined =>
  requirementsOf(state, change).find(
    (candidate) => candidate.id === change.veto?.requirement && candidate.override?.requirement === requirement,
  );

/** A second vote, after the veto and on the same words: it overturns the veto, or falls short and refuses the change for good. */
export const override = (command: Certify, state: FeatureState, admitted: Admitted): Decided => {
  const { change, requirement } = admitted;
  const { at, zone } = command;
  const vetoed = vetoOver(state, change, requirement.id);
  if (change.veto === null || vetoed?.override === undefined)
    return refused(refusal('not-vetoed', 'there is no veto that this body can overturn', '/purpose'));
  const day = meetingProblem(command, change);
  if (day !== undefined) return refused(day);
  if (command.meetingDate < localDateOf(change.veto.at, zone))
    return refused(refusal('meeting-before-veto', 'the second vote must come after the veto', '/meetingDate'));
  const read = readRoll(command, requirement, vetoed.override.yes);
  if (!read.ok) return read;
  const unfit =
    quorumProblem(read, requirement) ??
    clerkProblem(change, command.holder, read) ??
    voterProblem(change, requirement.id, read) ??
    (read.judged.outcome === 'met' ? approvable(command, change) : undefined);
  if (unfit !== undefined) return refused(unfit);
  const event = certificateEvent(command, admitted, read);
  const base = { v: 1, at, change: change.number, requirement: vetoed.id } as const;
  if (read.judged.outcome !== 'met')
    return accept<FeatureEvent>(event, { ...base, type: 'ChangeRefused', because: 'override-failed' });
  const after = findChange(evolve(state, event), change.number) ?? change;
  const overridden: FeatureEvent = {
    ...base,
    type: 'VetoOverridden',
    opens: opensAfter(state, after, vetoed.id, command),
    closesAt: extended(change.closesAt, change.veto.at, at),
  };
  return accept(...conclude(state, change.number, command.terms, command, [event, overridden]));
};
