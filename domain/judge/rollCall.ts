import type { EventOf } from '../feature/events.ts';
import { localDateOf } from '../kernel/zone.ts';
import type { PinnedRequirement, Requirement } from '../policy/schema.ts';
import { denominator, sizeOf, thresholdOf, votesNeeded } from './arithmetic.ts';
import type { ChangeCase } from './case.ts';
import { countsAnywhere, countsElsewhere, required } from './case.ts';
import type { RosterVersion } from './city.ts';
import { atMeeting, type Moment, seatsOf, sitting } from './sitting.ts';
import { must } from './verdict.ts';

type Certificate = EventOf<'VoteCertified'>;

/**
 * Checks that the roll call names each seat of the body once, in order, with its holder on the day; a seat without a holder is
 * vacant.
 */
export const mustNameEverySeat = (
  version: RosterVersion,
  body: string,
  { roll, meetingDate, mover, seconder }: Certificate,
  moment: Moment,
): void => {
  const seats = seatsOf(version.roster, body);
  const holders = sitting(version, body, atMeeting(meetingDate, moment));
  must(
    seats.length > 0 && roll.length === seats.length,
    'roll-call',
    `the roll call has ${roll.length} of ${seats.length} seats`,
  );
  for (const [index, { seat, holder, vote }] of roll.entries()) {
    must(seat === seats[index], 'roll-call', `${seat} stands where ${seats[index]} should`);
    must(holder === (holders.get(seat) ?? null), 'roll-call', `${seat} was not held by ${holder} on ${meetingDate}`);
    must((holder === null) === (vote === 'vacant'), 'roll-call', `${seat} is vacant or has a holder`);
  }
  const known = [mover, seconder].every((seat) => seat === null || seats.includes(seat));
  must(known, 'roll-call', 'the motion is not by a member');
};

/**
 * Checks the figures against the roll call. `override`: the yes votes that overturn a veto, replacing the threshold. Returns
 * whether it passed.
 */
export const mustCount = (
  requirement: PinnedRequirement,
  { roll, tally }: Certificate,
  override: number | undefined,
): boolean => {
  const of = (...votes: readonly string[]): number => roll.filter(({ vote }) => votes.includes(vote)).length;
  const threshold = thresholdOf(requirement);
  const recused = of('recused');
  const took = of('yes', 'no', 'abstain');
  const strength = { seats: sizeOf(requirement, roll.length), filled: roll.length - of('vacant'), present: took, recused };
  const present = threshold.recused === 'excluded' ? took : took + recused;
  const needed = override ?? votesNeeded(threshold, strength);
  const right =
    tally.yes === of('yes') &&
    tally.no === of('no') &&
    tally.present === present &&
    tally.of === denominator(threshold, strength) &&
    tally.needed === needed;
  must(right, 'tally', `the roll call has ${of('yes')} yes, ${of('no')} no, and ${needed} are needed`);
  return tally.yes >= needed;
};

export const hasQuorum = ({ quorum = 0 }: Requirement, { tally }: Certificate): boolean => tally.present >= quorum;

/** Returns those who voted or abstained. */
export const votersOf = ({ roll }: Certificate): readonly string[] =>
  roll.flatMap(({ holder, vote }) => (holder !== null && ['yes', 'no', 'abstain'].includes(vote) ? [holder] : []));

/** Checks that a meeting was held, not before the local day from which the revision could be decided. */
export const mustHaveMet = ({ meetingDate, at }: Certificate, change: ChangeCase, zone: string): void => {
  must(meetingDate <= localDateOf(at, zone), 'meeting', `the meeting of ${meetingDate} lies ahead`);
  const from = localDateOf(change.pinned?.from ?? change.since, zone);
  must(meetingDate >= from, 'meeting', `the revision could be decided from ${from}`);
};

/** Checks that the certifying clerk neither votes nor signs nor ballots in the change. */
export const mustOnlyCertify = (change: ChangeCase, event: Certificate): void => {
  const { holder } = event;
  const alone = !countsAnywhere(change, holder) && !votersOf(event).includes(holder);
  must(alone, 'same-person', `${holder} certifies and takes part`);
};

/** Reports whether every voter counts in this requirement alone. */
export const votersCountOnce = (change: ChangeCase, event: Certificate): boolean =>
  !votersOf(event).some((person) => countsElsewhere(change, event.requirement, person));

/** Returns the yes votes that the second vote of a body needs: the one that overturned a veto, or would once it is confirmed. */
export const overrideCorrected = (change: ChangeCase, requirement: string): number | undefined => {
  const sizes = required(change).flatMap(({ id, override }) =>
    override?.requirement === requirement &&
    (change.requirements.get(id)?.status === 'overridden' || change.veto?.requirement === id)
      ? [override.yes]
      : [],
  );
  return sizes.length === 0 ? undefined : Math.max(...sizes);
};
