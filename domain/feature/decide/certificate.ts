import { allOf, PASSED, reject } from '../../kernel/decider.ts';
import type { Requirement } from '../../policy/schema.ts';
import { personOf } from '../../roster/holders.ts';
import type { Body } from '../../roster/schema.ts';
import type { DecisionContext, OfficialDecision } from '../commands.ts';
import type { EventOf } from '../events.ts';
import { type ChangeState, CLERKS_MAX, certifiesAlone, type FeatureState, splitPersons } from '../state.ts';
import {
  actingSeat,
  actOf,
  checkApproval,
  checkOpen,
  checkShown,
  type FeatureCheck,
  type Found,
  requirementNamed,
} from './guard.ts';

/**
 * A clerk's record of a vote at a meeting. `votes`: by seat; each seat of the body must be named. `refusal`: for a second vote, the instant
 * of the refusal that the form showed, if it says so.
 */
export interface Certify extends OfficialDecision {
  readonly type: 'certify';
  readonly purpose: 'adopt' | 'override' | 'correct';
  readonly fileNumber: string;
  readonly meetingDate: string;
  readonly mover: string | null;
  readonly seconder: string | null;
  readonly votes: Readonly<Record<string, string>>;
  readonly refusal?: string;
  readonly minutesUrl: string | null;
  readonly minutesSha256: string | null;
}

/**
 * The basis of a record: the change and the requirement that it decides, the clerk's `seat`, and the members of the body according to
 * `roster`.
 */
export interface Admitted {
  readonly change: ChangeState;
  readonly requirement: Requirement;
  readonly seat: string;
  readonly body: Body;
  readonly roster: NonNullable<DecisionContext['roster']>;
}

/**
 * Admits a record of a vote on an open change (or, for a correction, an approved one) if the clerk holds the office that certifies.
 */
export const admit = (command: Certify, state: FeatureState, change: ChangeState): Found<Admitted> => {
  const correctable = command.purpose === 'correct' && change.status === 'approved';
  const ready = allOf(checkShown(command, change), correctable ? PASSED : checkOpen(change));
  if (!ready.ok) return ready;
  const requirement = requirementNamed(state, change, command.requirement, 'certification');
  if (requirement === undefined)
    return reject('unknown-requirement', `no certification named ${command.requirement} is asked for`);
  const { roster } = command;
  const [body, seat] = [roster?.roster.bodies[requirement.body], actingSeat(command, command.holder, requirement)];
  if (roster === null || body === undefined || seat === undefined) {
    const detail = `only a person who holds the office that certifies the acts of ${requirement.body} can certify this`;
    return reject('not-in-office', detail);
  }
  if (command.fileNumber === '')
    return reject('file-number-missing', 'the file number of the resolution is needed', '/fileNumber');
  return { ok: true, change, requirement, seat, body, roster };
};

const recordOf = (command: Certify) => ({
  change: command.change,
  revision: command.revision,
  digest: command.digest,
  requirement: command.requirement,
  holder: command.holder,
  comment: command.comment,
  terms: command.terms,
  purpose: command.purpose,
  fileNumber: command.fileNumber,
  meetingDate: command.meetingDate,
  mover: command.mover,
  seconder: command.seconder,
  minutesUrl: command.minutesUrl,
  minutesSha256: command.minutesSha256,
});

export const certificateAct = (command: Certify, { pin }: ChangeState): string =>
  actOf({ ...recordOf(command), type: command.type, votes: { ...command.votes }, pin });

/** `confirmBy`: until when a second person can confirm the certificate; it has no effect before that. */
export const certificateEvent = (
  command: Certify,
  { change, seat, roster }: Admitted,
  { roll, tally }: Pick<EventOf<'VoteCertified'>, 'roll' | 'tally'>,
  confirmBy?: string,
): EventOf<'VoteCertified'> => ({
  type: 'VoteCertified',
  v: 1,
  at: command.at,
  ...recordOf(command),
  act: certificateAct(command, change),
  seat,
  roster: roster.number,
  roll,
  tally,
  ...(confirmBy !== undefined && { confirmBy }),
});

/**
 * The state remembers at most {@link CLERKS_MAX} clerks of a vote. A forgotten one could sign, so no others may certify a vote that
 * carries.
 */
const checkClerks = (change: ChangeState, requirement: string, clerk: string): FeatureCheck => {
  const known = splitPersons(change.requirements[requirement]?.clerks);
  return known.length < CLERKS_MAX || known.includes(personOf(clerk))
    ? PASSED
    : reject('same-person', `${CLERKS_MAX} clerks have certified votes of this body on this revision: one of them does it again`);
};

/** Checks what applies only to a vote that carries. Its terms need not agree with earlier ones if only the clerk states terms. */
export const checkCarried = (command: Certify, state: FeatureState, change: ChangeState): FeatureCheck => {
  const terms = certifiesAlone(state, change, command.requirement) ? null : change.terms;
  return allOf(checkApproval(command, state, { ...change, terms }), checkClerks(change, command.requirement, command.holder));
};
