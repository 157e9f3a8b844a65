import { accept, nothing, reject } from '../../kernel/decider.ts';
import { countsAsMaintenance, lingeringOf } from '../arrival.ts';
import type { Contest } from '../commands.ts';
import type { Contestant, FeatureEvent } from '../events.ts';
import type { FeatureState } from '../state.ts';
import { counts, findChange, requirementsOf } from '../state.ts';
import { actingSeat, actOf, type Decided } from './guard.ts';

const contestantOf = (command: Contest, state: FeatureState, pin: string | null): Contestant | undefined => {
  const { by, roster } = command;
  if ('token' in by) return by;
  const requirement = requirementsOf(state, { pin }).find((each) => each.id === by.requirement && counts(each));
  if (requirement === undefined || roster === null) return undefined;
  const seat = actingSeat(command, by.holder, requirement);
  return seat === undefined
    ? undefined
    : { requirement: by.requirement, body: requirement.body, holder: by.holder, seat, roster: roster.number };
};

/**
 * Contests that an update is maintenance: any body that must approve it can, or IT by a token, while the update counts as maintenance,
 * also long after it closed. A second contest changes nothing.
 */
export const contest = (command: Contest, state: FeatureState): Decided => {
  const { at, reason, change: n } = command;
  if (n > state.count || n < 1) return reject('unknown-change', `change ${n} does not exist`);
  const known = findChange(state, n) ?? lingeringOf(state, n);
  if (known === undefined || !countsAsMaintenance(state, n)) {
    const repeated = known !== undefined && [...actsOf(state, n)].includes(contestAct(command, known.revision));
    return repeated
      ? nothing
      : reject('not-maintenance', `change ${n} does not count as maintenance, so there is nothing to contest`);
  }
  const { revision, digest, pin } = known;
  const contestant = contestantOf(command, state, pin);
  if (contestant === undefined)
    return reject(
      'may-not-contest',
      'only a body that must approve this update can contest it, through who holds its office now',
    );
  const act = contestAct(command, revision);
  return accept<FeatureEvent>({
    type: 'MaintenanceContested',
    v: 1,
    at,
    change: n,
    revision,
    digest,
    by: contestant,
    reason,
    act,
    ...(command.byReplacedLink && { byReplacedLink: true }),
  });
};

const contestAct = ({ type, change, by, reason }: Contest, revision: number): string =>
  actOf({ type, change, revision, by: { ...by }, reason });

const actsOf = (state: FeatureState, n: number): readonly (string | null)[] => [
  ...(findChange(state, n)?.acts ?? []),
  ...(state.contest?.change === n ? [state.contest.act] : []),
];
