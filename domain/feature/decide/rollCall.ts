import { allOf, PASSED, reject } from '../../kernel/decider.ts';
import { lastMomentOf, localDateOf } from '../../kernel/zone.ts';
import { type JudgedRollCall, judgeRollCall } from '../../policy/rollCall.ts';
import type { Requirement } from '../../policy/schema.ts';
import { Vote } from '../../policy/threshold.ts';
import { holdersOf } from '../../roster/holders.ts';
import type { Certify } from '../commands.ts';
import type { EventOf } from '../events.ts';
import { votersOf } from '../evolve/decisions.ts';
import { countsAnywhere, countsElsewhere, personOf } from '../persons.ts';
import type { ChangeState } from '../state.ts';
import { bodyInForce, checkApproval, type FeatureCheck, type Found } from './guard.ts';

type Roll = EventOf<'VoteCertified'>['roll'];

/** A complete roll call: each seat of the body once, its holder on the day of the meeting, and the judgement on it. */
export interface ReadRoll {
  readonly roll: Roll;
  readonly judged: JudgedRollCall;
}

const checkVote = (seat: string, vote: string | undefined, holder: string | undefined): FeatureCheck => {
  if (vote === undefined || !Vote.safeParse(vote).success) {
    return reject(
      'roll-call',
      `the vote of seat ${seat} must be one of ${Vote.options.join(', ')}; a blank is not an abstention`,
      `/vote.${seat}`,
    );
  }
  if (holder === undefined && vote !== 'vacant')
    return reject(
      'roll-call',
      `seat ${seat} had no holder on the day of the meeting: its vote can only be vacant`,
      `/vote.${seat}`,
    );
  if (holder !== undefined && vote === 'vacant')
    return reject('roll-call', `seat ${seat} had a holder on the day of the meeting, so it was not vacant`, `/vote.${seat}`);
  return PASSED;
};

const checkSeats = (command: Certify, seats: readonly string[]): FeatureCheck => {
  const stranger = Object.keys(command.votes).find((seat) => !seats.includes(seat));
  if (stranger !== undefined) return reject('roll-call', `the body has no seat ${stranger}`, `/vote.${stranger}`);
  for (const role of ['mover', 'seconder'] as const) {
    const seat = command[role];
    if (seat !== null && !seats.includes(seat))
      return reject('roll-call', `the ${role} must hold a seat of the body`, `/${role}`);
  }
  return PASSED;
};

/**
 * Reads a certified roll call against the roster on the day of the meeting. If a seat changed hands that day, its last holder
 * by the time of the certificate counts. Every seat must be named once with its vote; exactly the seats without a holder are
 * vacant. Nothing is guessed: a mismatch is refused with its field.
 */
export const readRoll = (command: Certify, requirement: Requirement, yesOverride: number | undefined): Found<ReadRoll> => {
  const body = bodyInForce(command, requirement.body);
  if (body === undefined || command.roster === null) return reject('not-in-office', `the roster has no body ${requirement.body}`);
  const named = checkSeats(command, body.seats);
  if (!named.ok) return named;
  const holders = holdersOf(command.roster.roster, requirement.body, lastMomentOf(command.meetingDate, command.zone, command.at));
  const roll: Roll = [];
  const words: Record<string, Vote> = {};
  for (const seat of body.seats) {
    const vote = command.votes[seat];
    const holder = holders.get(seat)?.id;
    const checked = checkVote(seat, vote, holder);
    if (!checked.ok) return checked;
    words[seat] = vote as Vote;
    roll.push({ seat, holder: holder ?? null, vote: vote as Vote });
  }
  return { ok: true, roll, judged: judgeRollCall(requirement, words, body.seats, yesOverride) };
};

/** Refuses a vote taken without a quorum: it neither approves nor refuses. */
const checkQuorum = ({ judged }: ReadRoll, { quorum }: Requirement): FeatureCheck =>
  judged.outcome === 'no-quorum'
    ? reject('no-quorum', `${judged.present} seats took part and the quorum is ${quorum}: such a meeting cannot decide`, '/vote')
    : PASSED;

/** Refuses a certifying clerk who votes, signs or ballots in the same change. */
export const checkClerk = (change: ChangeState, clerk: string, { roll }: ReadRoll): FeatureCheck =>
  countsAnywhere(change, personOf(clerk)) || votersOf(roll).includes(personOf(clerk))
    ? reject('same-person', 'who certifies a vote of this change can neither vote, sign nor ballot in it')
    : PASSED;

/** Refuses a voter who counts in another requirement of the change. */
export const checkVoters = (change: ChangeState, requirement: string, { roll }: ReadRoll): FeatureCheck => {
  const twice = roll.find((entry) => votersOf([entry]).some((person) => countsElsewhere(change, requirement, person)));
  return twice === undefined
    ? PASSED
    : reject(
        'same-person',
        `the holder of seat ${twice.seat} already counts in another requirement of this change`,
        `/vote.${twice.seat}`,
      );
};

/** Checks the persons of a roll call, its quorum and, for a vote that carries, what an approval needs. */
export const checkRoll = (command: Certify, change: ChangeState, requirement: Requirement, read: ReadRoll): FeatureCheck =>
  allOf(
    checkQuorum(read, requirement),
    checkClerk(change, command.holder, read),
    checkVoters(change, requirement.id, read),
    read.judged.outcome === 'met' ? checkApproval(command, change) : PASSED,
  );

/**
 * Checks the day of the meeting: not in the future, and not before the local day from which the revision had been public long
 * enough.
 */
export const checkMeeting = ({ meetingDate, at, zone }: Certify, change: ChangeState): FeatureCheck => {
  if (meetingDate > localDateOf(at, zone))
    return reject('meeting-in-future', 'a meeting that has not been held cannot be certified', '/meetingDate');
  const from = localDateOf(change.from ?? change.since, zone);
  if (meetingDate >= from) return PASSED;
  return reject(
    'meeting-before-revision',
    `revision ${change.revision} could be decided from ${from}; a vote before that was on other words or too soon`,
    '/meetingDate',
  );
};
