import { accept, nothing, reject } from '../../kernel/decider.ts';
import { localMoment } from '../../kernel/zone.ts';
import type { Evidence } from '../../observation/events.ts';
import type { Requirement } from '../../policy/schema.ts';
import type { RuledBodies } from '../../roster/bodies.ts';
import { areTwoOfTwoBodies, isInDecidingBody, PERSON_CHARS, personOf } from '../../roster/holders.ts';
import { countsAsMaintenance, lingeringOf, standingWords } from '../arrival.ts';
import type { ChangeCommand, ProvableCommand, WordsCommand } from '../commands.ts';
import type { Contestant, EventOf, FeatureEvent } from '../events.ts';
import { confirmationMark } from '../evolve/endings.ts';
import { awaitsConfirmation, confirmationsOf, lingeringAt } from '../evolve/lingering.ts';
import {
  type ChangeState,
  type ChangeStatus,
  CONFIRMATIONS_MAX,
  counts,
  type FeatureState,
  findChange,
  isApprovalOf,
  isOpen,
  requirementsOf,
} from '../state.ts';
import { actingSeat, actOf, checkWords, type Decided } from './guard.ts';

export interface Revoke extends ChangeCommand {
  readonly type: 'revoke';
  readonly requirement: string;
  readonly holder: string;
  readonly reason: string | null;
  readonly fileNumber: string | null;
  readonly byReplacedLink?: true;
  /** Set for a revocation that the stream `revocation` has recorded: its seat and file number were checked then. */
  readonly recorded?: { readonly seat: string };
}

export interface Contest extends ChangeCommand {
  readonly type: 'contest';
  readonly by: { readonly requirement: string; readonly holder: string } | { readonly token: string };
  readonly reason: string | null;
  readonly byReplacedLink?: true;
}

/** `note`: the commitment to a text; `person`: the holder of the token. */
export interface RecordOptOut extends WordsCommand {
  readonly type: 'opt-out';
  readonly note: string;
  readonly evidence: Evidence | null;
  readonly person: string;
}

export interface ConfirmRollback extends ProvableCommand {
  readonly type: 'confirm-rollback';
  readonly of: EventOf<'RollbackConfirmed'>['of'];
  readonly body: string;
  readonly seat: string;
  readonly comment: string;
}

/**
 * Revokes an approval together with the waiting one. Any body whose approval was required can revoke, except one whose refusal of it was
 * overridden. A certifying body acts through its clerk and names a file.
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
    return reject('may-not-revoke', 'only a person who holds the office now can switch this off');
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
    ends: changesEndingWith(state, change.number),
    ...(command.byReplacedLink && { byReplacedLink: true }),
  });
};

/** Returns the approved changes that no one could {@link revoke} if these were the bodies. */
export const irrevocableChanges = (state: FeatureState, bodies: RuledBodies): readonly number[] => {
  const hasActor = ({ body, instrument }: Requirement): boolean =>
    instrument === 'certification' ? bodies[body]?.attestedBy !== undefined : bodies[body] !== undefined;
  const isReached = (change: ChangeState): boolean =>
    requirementsOf(state, change).some(
      (each) => counts(each) && change.requirements[each.id]?.status !== 'overridden' && hasActor(each),
    );
  return state.changes.flatMap((change) => (isApprovalOf(state, change.number) && !isReached(change) ? [change.number] : []));
};

export const changesEndingWith = ({ waiting }: FeatureState, n: number): number[] =>
  waiting === null || waiting === n ? [] : [waiting];

/**
 * Confirms that a change whose words took effect was rolled back, or that the city opted out of it in time. Once two named persons of two
 * deciding bodies confirm, its words no longer count. For a rollback, the vendor must have withdrawn the change first, unless the city
 * entered it.
 */
export const confirmRollback = (command: ConfirmRollback, state: FeatureState): Decided => {
  const { type, at, zone, change: n, of, holder, body, seat, comment, roster, policy } = command;
  const known = standingWords(state, n);
  const act = actOf({ type, change: n, of, revision: command.revision, digest: command.digest, holder, body, comment });
  if (findChange(state, n)?.acts.includes(act)) return nothing;
  if (known === undefined || awaitsConfirmation(state, n, at) !== of)
    return reject('nothing-to-confirm', `no ${of} of change ${n} waits for a confirmation`);
  const words = checkWords(command, known);
  if (!words.ok) return words;
  const confirmed = confirmationsOf(known, of);
  if (confirmed.includes(confirmationMark(command))) return nothing;
  const sits =
    roster !== null && isInDecidingBody(policy?.policy ?? null, roster.roster, { holder, body, seat }, localMoment(at, zone));
  if (!sits || confirmed.length >= CONFIRMATIONS_MAX)
    return reject(
      'not-in-office',
      'only a person who holds a seat of a body that approves, certifies or attests can confirm a rollback',
    );
  const before = confirmed.map((mark) => ({ holder: mark.slice(0, PERSON_CHARS), body: mark.slice(PERSON_CHARS) }));
  const { revision, digest } = known;
  return accept<FeatureEvent>({
    type: 'RollbackConfirmed',
    v: 1,
    at,
    change: n,
    of,
    revision,
    digest,
    holder,
    body,
    seat,
    roster: roster.number,
    comment,
    act,
    complete: areTwoOfTwoBodies([...before, { holder: personOf(holder), body }]),
  });
};

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
 * Contests that an update is maintenance. Any body that must approve it, or IT with a token, can do so while the update counts as
 * maintenance, even long after it closed. A second contest changes nothing.
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

const UNDECIDED_AT_THE_END: readonly (ChangeStatus | undefined)[] = ['refused', 'lapsed'];

/**
 * Reports whether recording an opt-out of a change at `at` still matters: the change is open, was approved or refused, or its words count.
 */
export const canBeRecorded = (state: FeatureState, n: number, at: string): boolean => {
  const change = findChange(state, n);
  if (lingeringAt(state, n, at)?.optOut !== undefined || isApprovalOf(state, n)) return true;
  return change !== undefined && (isOpen(change) || UNDECIDED_AT_THE_END.includes(change.status));
};

/**
 * Records that the city opted out of a revision at the vendor. In time, it keeps words from running by silence; late, it can be confirmed,
 * see `confirmRollback`. One record is enough: a second must bring evidence that the first lacks.
 */
export const decideOptOut = (command: RecordOptOut, state: FeatureState): Decided => {
  const { type, at, change: n, revision, digest, note, evidence, person } = command;
  if (n > state.count || n < 1) return reject('unknown-change', `change ${n} does not exist`);
  const known = standingWords(state, n);
  const act = actOf({ type, change: n, revision, digest, note, evidence: evidence && { ...evidence }, person });
  if (known !== undefined && checkWords(command, known).ok && findChange(state, n)?.acts.includes(act)) return nothing;
  if (known === undefined || (known.optOut !== undefined && !canBeRecorded(state, n, at)))
    return reject('closed', `change ${n} is closed: there is nothing left to opt out of`);
  const words = checkWords(command, known);
  if (!words.ok) return words;
  const { optOut } = known;
  if (optOut === undefined) return reject('no-opt-out', `change ${n} cannot be opted out of`);
  if (optOut.stands !== undefined && (optOut.evidence || evidence === null))
    return reject('already-decided', 'this opt-out is on record; a second record can only bring evidence that it lacks');
  return accept<FeatureEvent>({ type: 'OptOutRecorded', v: 1, at, change: n, revision, digest, note, evidence, person, act });
};
