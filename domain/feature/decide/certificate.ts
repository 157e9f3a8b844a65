import { allOf, PASSED, reject } from '../../kernel/decider.ts';
import type { JudgedRollCall } from '../../policy/rollCall.ts';
import type { Requirement } from '../../policy/schema.ts';
import type { OfficialDecision } from '../commands.ts';
import type { EventOf } from '../events.ts';
import { type ChangeState, certifiesAlone, type FeatureState } from '../state.ts';
import {
  actingSeat,
  actOf,
  checkApproval,
  checkOpen,
  checkWords,
  type FeatureCheck,
  type Found,
  requirementNamed,
} from './guard.ts';

/** Votes are by seat; each seat of the body must be named. */
export interface Certify extends OfficialDecision {
  readonly type: 'certify';
  readonly purpose: 'adopt' | 'override' | 'correct';
  readonly fileNumber: string;
  readonly meetingDate: string;
  readonly mover: string | null;
  readonly seconder: string | null;
  readonly votes: Readonly<Record<string, string>>;
  readonly minutesUrl: string | null;
  readonly minutesSha256: string | null;
}

export interface ReadRoll {
  readonly roll: EventOf<'VoteCertified'>['roll'];
  readonly judged: JudgedRollCall;
}

export interface Admitted {
  readonly change: ChangeState;
  readonly requirement: Requirement;
  readonly seat: string;
  readonly act: string;
}

export const certificateAct = (command: Certify, { pin }: ChangeState): string => {
  const {
    at: _at,
    zone: _zone,
    roster: _roster,
    policy: _policy,
    late: _late,
    assertion: _assertion,
    enrolled: _enrolled,
    seen: _seen,
    ...contents
  } = command;
  return actOf({ ...contents, votes: { ...command.votes }, pin });
};

export const admit = (command: Certify, state: FeatureState, change: ChangeState): Found<Admitted> => {
  const correctable = command.purpose === 'correct' && change.status === 'approved';
  const ready = allOf(checkWords(command, change), correctable ? PASSED : checkOpen(change));
  if (!ready.ok) return ready;
  const requirement = requirementNamed(state, change, command.requirement, 'certification');
  if (requirement === undefined)
    return reject('unknown-requirement', `no certification named ${command.requirement} is asked for`);
  const seat = actingSeat(command, command.holder, requirement);
  if (seat === undefined) {
    const detail = `only who holds the office that certifies the acts of ${requirement.body} can certify this`;
    return reject('not-in-office', detail);
  }
  if (command.fileNumber === '')
    return reject('file-number-missing', 'the file number of the resolution is needed', '/fileNumber');
  return { ok: true, change, requirement, seat, act: certificateAct(command, change) };
};

export const certificateEvent = (
  command: Certify,
  { change, seat, act }: Admitted,
  { roll, judged }: ReadRoll,
  confirmBy?: string,
): EventOf<'VoteCertified'> => {
  const {
    at,
    requirement,
    comment,
    purpose,
    holder,
    fileNumber,
    meetingDate,
    mover,
    seconder,
    minutesUrl,
    minutesSha256,
    terms,
  } = command;
  return {
    type: 'VoteCertified',
    v: 1,
    at,
    change: change.number,
    revision: change.revision,
    digest: change.digest,
    requirement,
    act,
    comment,
    purpose,
    holder,
    seat,
    roster: command.roster?.number ?? 0,
    fileNumber,
    meetingDate,
    mover,
    seconder,
    roll,
    tally: { yes: judged.yes, no: judged.no, present: judged.present, of: judged.denominator, needed: judged.needed },
    ...(confirmBy !== undefined && { confirmBy }),
    minutesUrl,
    minutesSha256,
    terms,
  };
};

/** Checks the terms of a certificate too, unless they are still the clerk's alone to state. */
export const checkCertificate = (command: Certify, state: FeatureState, change: ChangeState): FeatureCheck => {
  const terms = certifiesAlone(state, change, command.requirement) ? null : change.terms;
  return checkApproval(command, state, { ...change, terms });
};
