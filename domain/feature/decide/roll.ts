import { allOf, PASSED, reject } from '../../kernel/decider.ts';
import { lastMomentOf, localDateOf } from '../../kernel/zone.ts';
import { type JudgedRollCall, judgeRollCall, Vote } from '../../policy/rollCall.ts';
import type { Requirement } from '../../policy/schema.ts';
import { holdersOf, leftOn } from '../../roster/holders.ts';
import type { EventOf } from '../events.ts';
import { votersOf } from '../evolve.ts';
import { type ChangeState, countsAnywhere, countsElsewhere, EARLIER_MAX, personOf } from '../state.ts';
import type { Admitted, Certify } from './certificate.ts';
import type { FeatureCheck, Found } from './guard.ts';

/** A roll call as it is recorded, and what it comes to. */
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

const checkVacancy = (seat: string, vote: Vote, holder: string | null): FeatureCheck => {
  if ((holder === null) === (vote === 'vacant')) return PASSED;
  const detail =
    holder === null
      ? `seat ${seat} had no holder on the day of the meeting: its vote can only be vacant`
      : `seat ${seat} had a holder on the day of the meeting, so it was not vacant`;
  return reject('roll-call', detail, `/vote.${seat}`);
};

/**
 * Reads a roll call against the roster on the day of the meeting; of a seat that changed hands that day, its last holder by the time of
 * the certificate counts, and who held it earlier is taken to have voted too. Every seat is named once; exactly the seats without a holder
 * are vacant, and of one given up that day the clerk says whether its last holder voted. `yesOverride`: the yes votes that overturn a veto.
 */
export const readRoll = (
  command: Certify,
  { requirement, body: { seats }, roster: { roster } }: Admitted,
  yesOverride: number | undefined,
): Found<ReadRoll> => {
  const named = allOf(checkSameSeats(command, requirement.body), checkSeats(command, seats));
  if (!named.ok) return named;
  const meeting = lastMomentOf(command.meetingDate, command.zone, command.at);
  const [holders, left] = [holdersOf(roster, requirement.body, meeting), leftOn(roster, requirement.body, meeting)];
  const roll: ReadRoll['roll'] = [];
  for (const seat of seats) {
    const { data: vote } = Vote.safeParse(command.votes[seat]);
    if (vote === undefined) {
      const detail = `the vote of seat ${seat} must be one of ${Vote.options.join(', ')}; a blank is not an abstention`;
      return reject('roll-call', detail, `/vote.${seat}`);
    }
    const gone = left.filter((term) => term.seat === seat).map(({ id }) => id);
    const holder = holders.get(seat)?.id ?? (vote === 'vacant' ? undefined : gone.at(-1)) ?? null;
    const fit = checkVacancy(seat, vote, holder);
    if (!fit.ok) return fit;
    const earlier = holder === null ? [] : [...new Set(gone)].filter((id) => id !== holder);
    roll.push({ seat, holder, vote, ...(earlier.length > 0 && { earlier }) });
  }
  const isElsewhere = (known: ReadRoll['roll'][number]): boolean =>
    roll.some(({ seat, holder }) => holder === known.holder && seat !== known.seat);
  const moved = roll.find((known) => known.holder !== null && !holders.has(known.seat) && isElsewhere(known));
  if (moved !== undefined)
    return reject('roll-call', `who gave up seat ${moved.seat} votes in another one: it is vacant`, `/vote.${moved.seat}`);
  const votes = Object.fromEntries(roll.map(({ seat, vote }) => [seat, vote]));
  const { outcome, denominator: of, ...counted } = judgeRollCall(requirement, votes, seats, yesOverride);
  return { ok: true, roll, tally: { ...counted, of }, outcome };
};

export const checkQuorum = ({ outcome, tally }: ReadRoll, { quorum }: Requirement): FeatureCheck =>
  outcome === 'no-quorum'
    ? reject('no-quorum', `${tally.present} seats took part and the quorum is ${quorum}: such a meeting cannot decide`, '/vote')
    : PASSED;

export const checkClerk = (change: ChangeState, clerk: string, { roll }: ReadRoll): FeatureCheck =>
  countsAnywhere(change, personOf(clerk)) || votersOf(roll).includes(personOf(clerk))
    ? reject('same-person', 'who certifies a vote of this change can neither vote, sign nor ballot in it')
    : PASSED;

/** The state keeps so many who count beside those whom the roll names. */
export const checkEarlier = ({ roll }: ReadRoll): FeatureCheck =>
  roll.flatMap((entry) => votersOf([entry]).slice(1)).length <= EARLIER_MAX
    ? PASSED
    : reject('roll-call', `more than ${EARLIER_MAX} left seats that voted on this day: vote again on another`, '/meetingDate');

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
