import { allOf, PASSED, reject } from '../../kernel/decider.ts';
import { type LocalMoment, lastMomentOf, localDateOf } from '../../kernel/zone.ts';
import { type JudgedRollCall, judgeRollCall, Vote } from '../../policy/rollCall.ts';
import type { Requirement } from '../../policy/schema.ts';
import { hasLeft, holdersOf, personOf } from '../../roster/holders.ts';
import type { Roster } from '../../roster/schema.ts';
import type { EventOf } from '../events.ts';
import { votersOf } from '../evolve.ts';
import { type ChangeState, countsElsewhere, personsAnywhere } from '../state.ts';
import type { Admitted, Certify } from './certificate.ts';
import type { FeatureCheck, Found } from './guard.ts';

/** A roll call as recorded, and its outcome. */
interface ReadRoll extends Pick<EventOf<'VoteCertified'>, 'roll' | 'tally'> {
  readonly outcome: JudgedRollCall['outcome'];
}

const checkSeats = ({ votes, mover, seconder }: Certify, seats: readonly string[]): FeatureCheck => {
  const stranger = Object.keys(votes).find((seat) => !seats.includes(seat));
  if (stranger !== undefined) return reject('roll-call', `the body has no seat ${stranger}`, `/vote.${stranger}`);
  for (const [role, seat] of Object.entries({ mover, seconder }))
    if (seat !== null && !seats.includes(seat))
      return reject('roll-call', `the ${role} must hold a seat of the body`, `/${role}`);
  return PASSED;
};

/**
 * Rejects the roll of a meeting held under other seats: no record keeps who held former seats, and new ones would count in a vote in which
 * they had no part. On the day of the adoption the new seats count. If a seat was vacated that day, whose vote it was is unknown.
 */
const checkSameSeats = ({ zone, policy }: Certify, body: string, roster: Roster, meeting: LocalMoment): FeatureCheck => {
  const known = policy?.seatsSince ?? {};
  const since = Object.hasOwn(known, body) ? known[body] : undefined;
  const changed = since === undefined ? '' : localDateOf(since, zone);
  if (meeting.date >= changed && !hasLeft(roster, body, meeting)) return PASSED;
  const why =
    meeting.date < changed
      ? `the seats of the body changed on ${changed}, after this meeting:`
      : 'a term of the body ended at an hour of that day: enter its terms by date, or';
  return reject('roll-call', `${why} vote again on another day; to end an approval, switch it off`, '/meetingDate');
};

const checkVacancy = (seat: string, vote: Vote, holder: string | null): FeatureCheck => {
  if ((holder === null) === (vote === 'vacant')) return PASSED;
  const detail =
    holder === null
      ? `seat ${seat} had no holder on the day of the meeting: its vote can only be vacant`
      : `seat ${seat} had a holder on the day of the meeting, so it was not vacant`;
  return reject('roll-call', detail, `/vote.${seat}`);
};

/**
 * Reads a roll call against the roster on the day of the meeting, or as of its certification if that is earlier. Every seat is named once;
 * exactly the seats without a holder are vacant. `yesOverride`: the yes votes that overturn a veto.
 */
export const readRoll = (
  command: Certify,
  { requirement, body: { seats }, roster: { roster } }: Admitted,
  yesOverride: number | undefined,
): Found<ReadRoll> => {
  const meeting = lastMomentOf(command.meetingDate, command.zone, command.at);
  const named = allOf(checkSameSeats(command, requirement.body, roster, meeting), checkSeats(command, seats));
  if (!named.ok) return named;
  const holders = holdersOf(roster, requirement.body, meeting);
  const roll: ReadRoll['roll'] = [];
  for (const seat of seats) {
    const { data: vote } = Vote.safeParse(command.votes[seat]);
    if (vote === undefined) {
      const detail = `the vote of seat ${seat} must be one of ${Vote.options.join(', ')}; a blank is not an abstention`;
      return reject('roll-call', detail, `/vote.${seat}`);
    }
    const holder = holders.get(seat)?.id ?? null;
    const fit = checkVacancy(seat, vote, holder);
    if (!fit.ok) return fit;
    roll.push({ seat, holder, vote });
  }
  const votes = Object.fromEntries(roll.map(({ seat, vote }) => [seat, vote]));
  const { outcome, denominator: of, ...counted } = judgeRollCall(requirement, votes, seats, yesOverride);
  return { ok: true, roll, tally: { ...counted, of }, outcome };
};

export const checkQuorum = ({ outcome, tally }: ReadRoll, { quorum }: Requirement): FeatureCheck =>
  outcome === 'no-quorum'
    ? reject('no-quorum', `${tally.present} seats took part and the quorum is ${quorum}: such a meeting cannot decide`, '/vote')
    : PASSED;

export const checkClerk = (change: ChangeState, clerk: string, { roll }: ReadRoll): FeatureCheck =>
  [...personsAnywhere(change), ...votersOf(roll)].includes(personOf(clerk))
    ? reject('same-person', 'who certifies a vote of this change can neither vote, sign nor ballot in it')
    : PASSED;

export const checkVoters = (change: ChangeState, requirement: string, { roll }: Pick<ReadRoll, 'roll'>): FeatureCheck => {
  const twice = roll.find((entry) => votersOf([entry]).some((person) => countsElsewhere(change, requirement, person)));
  return twice === undefined
    ? PASSED
    : reject(
        'same-person',
        `the holder of seat ${twice.seat} already counts in another requirement of this change`,
        `/vote.${twice.seat}`,
      );
};
