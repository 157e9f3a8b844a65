import { accept, nothing, reject } from '../../kernel/decider.ts';
import type { Contest } from '../commands.ts';
import type { Contestant, FeatureEvent } from '../events.ts';
import type { ChangeState, FeatureState } from '../state.ts';
import { counts, countsAsMaintenance, requirementsOf } from '../state.ts';
import { actingSeat, actOf, type Decided } from './guard.ts';

/**
 * Returns the contestant, as the event names them; undefined if they hold no seat that can contest. A certifying body acts
 * through its clerk.
 */
const contestantOf = (command: Contest, state: FeatureState, change: ChangeState): Contestant | undefined => {
  const { by, roster } = command;
  if ('token' in by) return by;
  const requirement = requirementsOf(state, change).find((each) => each.id === by.requirement && counts(each));
  if (requirement === undefined || roster === null) return undefined;
  const seat = actingSeat(command, by.holder, requirement);
  return seat === undefined
    ? undefined
    : { requirement: by.requirement, body: requirement.body, holder: by.holder, seat, roster: roster.number };
};

/**
 * Contests that an update is maintenance: any body that must approve it can, or IT by a token. One body is enough, as for every
 * step towards off. It takes effect immediately; a second contest changes nothing.
 */
export const contest = (command: Contest, state: FeatureState, change: ChangeState): Decided => {
  const { at, by, reason } = command;
  const { number, revision, digest } = change;
  const act = actOf({ type: command.type, change: number, revision, by: { ...by }, reason });
  if (change.acts.includes(act)) return nothing;
  if (!countsAsMaintenance(state, number))
    return reject('not-maintenance', `change ${number} does not count as maintenance, so there is nothing to contest`);
  const contestant = contestantOf(command, state, change);
  if (contestant === undefined)
    return reject(
      'may-not-contest',
      'only a body that must approve this update can contest it, through who holds its office now',
    );
  return accept<FeatureEvent>({
    type: 'MaintenanceContested',
    v: 1,
    at,
    change: number,
    revision,
    digest,
    by: contestant,
    reason,
    act,
  });
};
