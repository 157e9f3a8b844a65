import { allOf, PASSED, reject } from '../../kernel/decider.ts';
import type { Requirement } from '../../policy/schema.ts';
import type { Certify } from '../commands.ts';
import type { EventOf } from '../events.ts';
import type { ChangeState, FeatureState } from '../state.ts';
import { actingSeat, actOf, checkOpen, checkWords, type Found, requirementNamed } from './guard.ts';
import type { ReadRoll } from './rollCall.ts';

/** A certificate that can be judged: on the current words, by the current holder of the certifying office. */
export interface Admitted {
  readonly change: ChangeState;
  readonly requirement: Requirement;
  /** The seat of the certifying office. */
  readonly seat: string;
  readonly act: string;
}

/** Returns the short name of a certificate, derived from all its contents, so that a repeat is recognised. */
export const certificateAct = (command: Certify, { pin }: ChangeState): string => {
  const {
    at: _at,
    zone: _zone,
    roster: _roster,
    policy: _policy,
    assertion: _assertion,
    enrolled: _enrolled,
    ...contents
  } = command;
  return actOf({ ...contents, votes: { ...command.votes }, pin });
};

/**
 * Checks what the three purposes share: the current words, the requirement, the holder of the certifying office, the file number.
 */
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

/** Returns the certificate event: the whole roll and every figure that its judgement rests on. */
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
