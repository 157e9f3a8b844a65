import { accept, nothing, reject } from '../../kernel/decider.ts';
import type { Revoke } from '../commands.ts';
import type { FeatureEvent } from '../events.ts';
import type { ChangeState, FeatureState } from '../state.ts';
import { isApprovalOf, requirementsOf } from '../state.ts';
import { actingSeat, actOf, type Decided } from './guard.ts';

/**
 * Revokes an approval, together with the one that waits. Any body whose approval was required can, except one whose refusal was
 * overridden in it. A certifying body acts through its clerk and names a file.
 */
export const revoke = (command: Revoke, state: FeatureState, change: ChangeState): Decided => {
  const { at, holder, requirement: id, reason, fileNumber } = command;
  const act = actOf({
    type: command.type,
    change: change.number,
    revision: change.revision,
    requirement: id,
    holder,
    reason,
    fileNumber,
  });
  if (change.acts.includes(act)) return nothing;
  if (!isApprovalOf(state, change.number))
    return reject('not-in-force', `change ${change.number} is ${change.status}: there is nothing to switch off`);
  const requirement = requirementsOf(state, change).find((candidate) => candidate.id === id && candidate.instrument !== 'advice');
  if (requirement === undefined) return reject('unknown-requirement', `no requirement named ${id} bound this approval`);
  if (change.requirements[id]?.status === 'overridden')
    return reject('may-not-revoke', 'the refusal of this body was overridden in this very approval');
  const certifying = requirement.instrument === 'certification';
  const seat = command.recorded?.seat ?? actingSeat(command, holder, requirement);
  if (seat === undefined || command.roster === null)
    return reject('may-not-revoke', 'only who holds the office now can switch this off');
  if (certifying && command.recorded === undefined && (fileNumber === null || fileNumber === ''))
    return reject('file-number-missing', 'the file number of the decision is needed', '/fileNumber');
  return accept<FeatureEvent>({
    type: 'ApprovalRevoked',
    v: 1,
    at,
    change: change.number,
    requirement: id,
    body: requirement.body,
    holder,
    seat,
    roster: command.roster.number,
    fileNumber,
    reason,
    act,
    ends: endsWith(state, change.number),
    ...(command.byReplacedLink && { byReplacedLink: true }),
  });
};

export const endsWith = ({ waiting }: FeatureState, n: number): number[] => (waiting === null || waiting === n ? [] : [waiting]);
