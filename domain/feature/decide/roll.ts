import { allOf, PASSED, reject } from '../../kernel/decider.ts';
import { lastMomentOf, localDateOf } from '../../kernel/zone.ts';
import { judgeRollCall, Vote } from '../../policy/rollCall.ts';
import type { Requirement } from '../../policy/schema.ts';
import { holdersOf, leftOn } from '../../roster/holders.ts';
import { votersOf } from '../evolve.ts';
import {
  type ChangeState,
  CLERKS_MAX,
  countsAnywhere,
  countsElsewhere,
  type FeatureState,
  personOf,
  splitPersons,
} from '../state.ts';
import { type Admitted, type Certify, checkCertificate, type ReadRoll } from './certificate.ts';
import { bodyInForce, type FeatureCheck, type Found } from './guard.ts';

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
 * Refuses the roll of a meeting that was held in other seats: nothing keeps who sat in those that are gone, and new ones would be counted
 * in a vote that they had no part in. On the day of the adoption the new seats count, so that a council sworn in at noon can meet that day.
 */
const checkSameSeats = ({ meetingDate, zone, policy }: Certify, body: string): FeatureCheck => {
  const known = policy?.seatsSince ?? {};
  const since = Object.hasOwn(known, body) ? known[body] : undefined;
  if (since === undefined || meetingDate >= localDateOf(since, zone)) return PASSED;
  const detail = `the seats of the body changed on ${localDateOf(since, zone)}, after this meeting: vote again; to end an approval, switch it off`;
  return reject('roll-call', detail, '/meetingDate');
};

/**
 * Reads a roll call against the roster on the day of the meeting; of a seat that changed hands that day, its last holder by the time of
 * the certificate counts. Every seat is named once; exactly the seats without a holder are vacant, and of one given up that day the clerk
 * says whether its last holder voted.
 */
export const readRoll = (command: Certify, requirement: Requirement, yesOverride: number | undefined): Found<ReadRoll> => {
  const body = bodyInForce(command, requirement.body);
  if (body === undefined || command.roster === null) return reject('not-in-office', `the roster has no body ${requirement.body}`);
  const named = allOf(checkSameSeats(command, requirement.body), checkSeats(command, body.seats));
  if (!named.ok) return named;
  const meeting = lastMomentOf(command.meetingDate, command.zone, command.at);
  const { roster } = command.roster;
  const [holders, left] = [holdersOf(roster, requirement.body, meeting), leftOn(roster, requirement.body, meeting)];
  const roll: ReadRoll['roll'] = [];
  const words: Record<string, Vote> = {};
  for (const seat of body.seats) {
    const vote = command.votes[seat];
    const holder = (holders.get(seat) ?? (vote === 'vacant' ? undefined : left.get(seat)))?.id;
    const checked = checkVote(seat, vote, holder);
    if (!checked.ok) return checked;
    words[seat] = vote as Vote;
    roll.push({ seat, holder: holder ?? null, vote: vote as Vote });
  }
  const gaveUp = roll.filter(({ seat, holder }) => holder !== null && !holders.has(seat));
  const moved = gaveUp.find(({ seat, holder }) => roll.some((each) => each.holder === holder && each.seat !== seat));
  if (moved !== undefined)
    return reject('roll-call', `who gave up seat ${moved.seat} votes in another one: it is vacant`, `/vote.${moved.seat}`);
  return { ok: true, roll, judged: judgeRollCall(requirement, words, body.seats, yesOverride) };
};

const checkQuorum = ({ judged }: ReadRoll, { quorum }: Requirement): FeatureCheck =>
  judged.outcome === 'no-quorum'
    ? reject('no-quorum', `${judged.present} seats took part and the quorum is ${quorum}: such a meeting cannot decide`, '/vote')
    : PASSED;

export const checkClerk = (change: ChangeState, clerk: string, { roll }: ReadRoll): FeatureCheck =>
  countsAnywhere(change, personOf(clerk)) || votersOf(roll).includes(personOf(clerk))
    ? reject('same-person', 'who certifies a vote of this change can neither vote, sign nor ballot in it')
    : PASSED;

/** The state keeps so many clerks of a vote. One that it forgot could sign: so no more than these certify what carries. */
export const checkClerks = (change: ChangeState, requirement: string, clerk: string): FeatureCheck => {
  const known = splitPersons(change.requirements[requirement]?.clerks);
  return known.length < CLERKS_MAX || known.includes(personOf(clerk))
    ? PASSED
    : reject('same-person', `${CLERKS_MAX} clerks have certified votes of this body on this revision: one of them does it again`);
};

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

export const checkRoll = (
  command: Certify,
  state: FeatureState,
  { change, requirement }: Admitted,
  read: ReadRoll,
): FeatureCheck =>
  allOf(
    checkQuorum(read, requirement),
    checkClerk(change, command.holder, read),
    checkVoters(change, requirement.id, read),
    read.judged.outcome === 'met' ? checkCertificate(command, state, change) : PASSED,
  );
