import type { EventOf, FeatureEvent } from '../feature/events.ts';
import { localDateOf, plusDuration } from '../kernel/zone.ts';
import type { PinnedRequirement, Requirement } from '../policy/schema.ts';
import { admitted, contentsOf, mustBeApprovable, mustBeItsTurn, mustBeNamed, mustStand, pinName } from './acts.ts';
import {
  type ChangeCase,
  countsAnywhere,
  countsElsewhere,
  type FeatureCase,
  isOpen,
  type RequirementCase,
  required,
  type WaitingCertificate,
  waitEnd,
  withChange,
  withRequirement,
} from './case.ts';
import { type City, rosterInForce } from './city.ts';
import { type ActRule, endingWith, type Owed, postponedBy, satisfied, withClocksResumed } from './consequences.ts';
import { denominator, mustBeInSecondVoteTime, sizeOf, thresholdOf, votesNeeded } from './rules.ts';
import { atMeeting, type Moment, mustHold, type RosterVersion, seatedSince, seatLeaver, seatsOf, sitting } from './sitting.ts';
import { equal, must, mustBeHolder } from './verdict.ts';

type Certificate = EventOf<'VoteCertified'>;

const mustNameEverySeat = (
  version: RosterVersion,
  body: string,
  { roll, meetingDate, mover, seconder }: Certificate,
  moment: Moment,
): void => {
  const seats = seatsOf(version.roster, body);
  const when = atMeeting(meetingDate, moment);
  const holders = sitting(version, body, when);
  must(
    seats.length > 0 && roll.length === seats.length,
    'roll-call',
    `the roll call has ${roll.length} of ${seats.length} seats`,
  );
  const left = seatLeaver(version, body, meetingDate, when);
  must(left === undefined, 'roll-call', `${left} left a seat on the day of the meeting`);
  for (const [index, { seat, holder, vote }] of roll.entries()) {
    must(seat === seats[index], 'roll-call', `${seat} stands where ${seats[index]} should`);
    must(holder === (holders.get(seat) ?? null), 'roll-call', `${seat} was not held by ${holder} on ${meetingDate}`);
    must((holder === null) === (vote === 'vacant'), 'roll-call', `${seat} is vacant or has a holder`);
  }
  const known = [mover, seconder].every((seat) => seat === null || seats.includes(seat));
  must(known, 'roll-call', 'the motion is not by a member');
};

/** Checks that the roll names the seats of the meeting's day: seats that a policy brought count from the day of its adoption. */
const mustHaveItsSeats = (city: City, body: string, meetingDate: string, { zone }: Moment): void => {
  const since = seatedSince(city, body);
  const isOfThen = since === null || localDateOf(since, zone) <= meetingDate;
  must(isOfThen, 'roll-call', `${body} has had these seats only since ${since}, after the meeting of ${meetingDate}`);
};

/** Checks the figures against the roll call and returns whether the vote passed. `override`: the yes votes that overturn a veto. */
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

const hasQuorum = ({ quorum = 0 }: Requirement, { tally }: Certificate): boolean => tally.present >= quorum;

const votersOf = ({ roll }: Certificate): readonly string[] =>
  roll.flatMap(({ holder, vote }) => (holder !== null && ['yes', 'no', 'abstain'].includes(vote) ? [holder] : []));

/** Returns the day on which a requirement was decided: that of the vote, whenever it was recorded. */
const decidedOn = ({ requirements }: ChangeCase, id: string, zone: string): string | null => {
  const known = requirements.get(id);
  if (known === undefined || known.metAt === null) return null;
  return known.meeting ?? known.overturnedOn ?? localDateOf(known.metAt, zone);
};

const mustHaveMet = (
  { meetingDate, at }: Certificate,
  change: ChangeCase,
  { after }: Pick<Requirement, 'after'>,
  zone: string,
): void => {
  must(meetingDate <= localDateOf(at, zone), 'meeting', `the meeting of ${meetingDate} lies ahead`);
  const from = localDateOf(change.pinned?.from ?? change.since, zone);
  must(meetingDate >= from, 'meeting', `the revision could be decided from ${from}`);
  const documents = change.attachedAt === null ? '' : localDateOf(change.attachedAt, zone);
  must(meetingDate >= documents, 'meeting', `a document was attached on ${documents}`);
  for (const id of after ?? [])
    must(meetingDate >= (decidedOn(change, id, zone) ?? ''), 'meeting', `${id}, which comes first, decided later`);
};

const mustOnlyCertify = (change: ChangeCase, event: Certificate): void => {
  const { holder } = event;
  const alone = !countsAnywhere(change, holder) && !votersOf(event).includes(holder);
  must(alone, 'same-person', `${holder} certifies and takes part`);
};

const votersCountOnce = (change: ChangeCase, event: Certificate): boolean =>
  !votersOf(event).some((person) => countsElsewhere(change, event.requirement, person));

/** Returns the refusals that a body overturned, or would once its certificate is confirmed, each with the body that refused. */
const overridesOf = (change: ChangeCase, requirement: string) =>
  required(change).flatMap(({ id, override }) => {
    const isVoted = change.veto?.requirement === id && change.waiting !== null;
    const isOverturned = change.requirements.get(id)?.status === 'overridden';
    return override?.requirement === requirement && (isVoted || isOverturned) ? [{ id, override }] : [];
  });

const mustNotWait = ({ waiting }: ChangeCase, requirement: string): void => {
  must(waiting === null || waiting.requirement === requirement, 'order', `a certificate of ${waiting?.requirement} waits`);
  must(waiting === null || waiting.disputed, 'already-decided', 'a certificate waits for its confirmation');
};

/**
 * Returns the certificate that waits for a second person; null where it takes effect at once. It waits fourteen days, which a
 * correction does not extend unless it answers a dispute.
 */
const waitingAfter = (
  change: ChangeCase,
  { requirement, act, holder, at, confirmBy }: EventOf<'VoteCertified'>,
  confirmedBy: string | undefined,
  { zone }: Moment,
): WaitingCertificate | null => {
  if (confirmedBy === undefined) {
    must(confirmBy === undefined, 'consequence', 'no one confirms this certificate');
    return null;
  }
  const { waiting } = change;
  const isAnew = waiting === null || waiting.disputed;
  const until = isAnew ? waitEnd(plusDuration(at, 'P14D', zone), change) : waiting.until;
  must(confirmBy === until, 'consequence', `the certificate waits until ${until}`);
  const since = waiting?.at ?? at;
  return { requirement, act, clerk: holder, at: since, until, disputed: false, disputers: waiting?.disputers ?? [] };
};

/** Judges a second person's confirmation or dispute. A confirmed certificate takes effect as if it were certified now. */
export const confirmed: ActRule<'ConfirmationGiven'> = (city, feature, change, event, commit, moment) => {
  const { at, holder, body, seat, roster, requirement, certificate, decision, comment } = event;
  const { waiting, veto } = change;
  must(isOpen(change), 'closed', `change ${change.number} is ${change.status}`);
  mustStand(change, event);
  mustBeHolder(commit.actor, holder);
  const waits = waiting !== null && !waiting.disputed && waiting.requirement === requirement && waiting.act === certificate;
  must(waits, 'order', 'no such certificate waits for a confirmation');
  const decides = required(change).find(({ id }) => id === (veto?.requirement ?? requirement));
  const named = veto === null ? decides?.confirmedBy : decides?.override?.confirmedBy;
  must(decides !== undefined && (named === body || named === `${body}/${seat}`), 'not-in-office', `${named} confirms this`);
  mustHold(rosterInForce(city, roster, at), { holder, seat, body }, moment);
  must(holder !== waiting.clerk && holder !== change.enteredBy, 'same-person', `${holder} certified, or entered the notice`);
  must(!waiting.disputers.includes(holder), 'already-decided', `${holder} has disputed the roll`);
  mustBeNamed(event, { type: 'confirm', pin: pinName(change), certificate, requirement, holder, comment, decision });
  if (decision === 'dispute') {
    const disputed = { ...waiting, disputed: true, disputers: [...waiting.disputers, holder] };
    return { feature: withChange(feature, { ...change, waiting: disputed }), owed: [] };
  }
  const known = change.requirements.get(requirement);
  must(known !== undefined && change.terms !== null, 'order', 'nothing was certified');
  mustBeApprovable(change, change.terms, moment);
  const noted = withRequirement(change, requirement, { ...known, confirmers: [...known.confirmers, holder] });
  const running = {
    closesAt: postponedBy(noted.closesAt, waiting.at, at),
    requirements: withClocksResumed(noted, waiting.at, at),
  };
  const next = { ...noted, waiting: null, ...(veto === null ? running : {}) };
  return satisfied(feature, next, decides.id, change.terms, moment);
};

type Certified = (feature: FeatureCase, change: ChangeCase, requirement: Requirement, event: Certificate, moment: Moment) => Owed;

export const certified: ActRule<'VoteCertified'> = (city, feature, change, event, commit, moment) => {
  const { requirement, version } = admitted(city, change, event, commit, 'certification', moment);
  must(event.fileNumber !== '', 'file-number', 'a certificate names its file');
  mustHaveMet(event, change, requirement, moment.zone);
  mustHaveItsSeats(city, requirement.body, event.meetingDate, moment);
  mustNameEverySeat(version, requirement.body, event, moment);
  mustOnlyCertify(change, event);
  mustBeNamed(event, { ...contentsOf(change, event), change: change.number });
  return { adopt, override, correct }[event.purpose](feature, change, requirement, event, moment);
};

/** Reports whether only clerks have acted, and only on this requirement: no one else decided, and no second person confirmed it. */
const standsAlone = (change: ChangeCase, requirement: string): boolean => {
  const { waiting } = change;
  const isDecided = ({ id, instrument, confirmedBy }: Requirement): boolean => {
    const known = change.requirements.get(id);
    if (instrument === 'advice' || known === undefined) return false;
    const decided = known.status !== 'open';
    return id === requirement ? decided && confirmedBy !== undefined : decided || known.ballots.size > 0;
  };
  return (waiting === null || waiting.requirement === requirement) && !required(change).some(isDecided);
};

/** Returns the terms that bind a certificate; null while only clerks of this requirement have set terms, which a new record replaces. */
const bindingTerms = (change: ChangeCase, requirement: string): ChangeCase['terms'] =>
  standsAlone(change, requirement) ? null : change.terms;

const withRecord = (
  change: ChangeCase,
  event: Certificate,
  known: RequirementCase,
  vote: Partial<RequirementCase>,
): ChangeCase => {
  const clerks = [...new Set([...known.clerks, event.holder])];
  const terms = bindingTerms(change, event.requirement) ?? event.terms;
  return withRequirement({ ...change, terms }, event.requirement, { ...known, clerks, ...vote });
};

const mustBeOnTerms = (change: ChangeCase, event: Certificate, moment: Moment): void =>
  mustBeApprovable({ ...change, terms: bindingTerms(change, event.requirement) }, event.terms, moment);

const mustBeAnAct = (change: ChangeCase, requirement: Requirement, event: Certificate): void => {
  must(hasQuorum(requirement, event), 'quorum', `${event.tally.present} took part`);
  must(votersCountOnce(change, event), 'same-person', 'a voter counts in another requirement');
};

/** What a vote decides: its body's requirement or, under a veto, the refused one. `confirmedBy`: by the rule of that vote. */
interface Decides {
  readonly passed: boolean;
  readonly decides: string;
  readonly confirmedBy: string | undefined;
}

/** `next`: the change with the vote. */
const voted = (
  feature: FeatureCase,
  change: ChangeCase,
  next: ChangeCase,
  event: Certificate,
  { passed, decides, confirmedBy }: Decides,
  moment: Moment,
): Owed => {
  if (!passed) {
    const because = change.veto === null ? 'vote' : 'override-failed';
    const refused = { type: 'ChangeRefused', v: 1, at: event.at, change: change.number, requirement: decides, because } as const;
    return { feature: withChange(feature, next), owed: [refused] };
  }
  mustBeOnTerms(change, event, moment);
  const waiting = waitingAfter(change, event, confirmedBy, moment);
  if (waiting !== null) return { feature: withChange(feature, { ...next, waiting }), owed: [] };
  return satisfied(feature, next, decides, event.terms, moment);
};

const adopt: Certified = (feature, change, requirement, event, moment) => {
  mustNotWait(change, requirement.id);
  const known = mustBeItsTurn(change, requirement);
  const passed = mustCount(requirement, event, undefined);
  mustBeAnAct(change, requirement, event);
  const next = withRecord(change, event, known, { voters: votersOf(event), meeting: event.meetingDate });
  const { id: decides, confirmedBy } = requirement;
  return voted(feature, change, next, event, { passed, decides, confirmedBy }, moment);
};

/** Records on a refused requirement the day of the second vote. */
const withSecondVoteDay = (change: ChangeCase, id: string, { meetingDate }: Certificate): ChangeCase => {
  const known = change.requirements.get(id);
  return known === undefined ? change : withRequirement(change, id, { ...known, overturnedOn: meetingDate });
};

const override: Certified = (feature, change, requirement, event, moment) => {
  const { veto } = change;
  const refused = required(change).find(({ id }) => id === veto?.requirement);
  const over = refused?.override;
  const known = change.requirements.get(requirement.id);
  const can = veto !== null && known !== undefined && refused !== undefined && over?.requirement === requirement.id;
  must(change.status === 'vetoed' && can, 'order', `there is no veto that ${requirement.id} can overturn`);
  mustNotWait(change, requirement.id);
  mustBeInSecondVoteTime(over, veto.at, event.meetingDate, moment.zone);
  const passed = mustCount(requirement, event, over.yes);
  mustBeAnAct(change, requirement, event);
  // A record in dispute is replaced; who overturned another refusal stays.
  const isAnother = overridesOf(change, requirement.id).some(({ id }) => id !== veto.requirement);
  const overriders = [...new Set([...(isAnother ? known.overriders : []), ...votersOf(event)])];
  const second = withRecord(change, event, known, { overriders });
  const next = withSecondVoteDay(second, veto.requirement, event);
  const { confirmedBy } = over;
  return voted(feature, change, next, event, { passed, decides: veto.requirement, confirmedBy }, moment);
};

/**
 * A corrected record replaces that of the newest vote, of the same day once others have acted, and of the same voters once a second person
 * has confirmed it. A result that no longer holds is refused, or switched off at once. One that comes again after other acts is recorded
 * again: the gate recognises a repeat among the latest acts alone.
 */
const correct: Certified = (feature, change, requirement, event, moment) => {
  must(isOpen(change) || change.status === 'approved', 'closed', `change ${change.number} is ${change.status}`);
  const known = change.requirements.get(requirement.id);
  const waits = change.waiting?.requirement === requirement.id;
  const certified = known?.meeting != null && (known.status === 'met' || waits);
  must(known !== undefined && certified, 'order', 'no vote of this body has been certified');
  must(change.lastAct !== event.act, 'already-decided', 'this correction was made');
  const second = known.overriders.length > 0;
  const overrides = second ? overridesOf(change, requirement.id) : [];
  const [over] = overrides;
  const passed = mustCount(requirement, event, over?.override.yes);
  const isOfOne = overrides.length === (second ? 1 : 0);
  const day = over === undefined ? known.meeting : change.requirements.get(over.id)?.overturnedOn;
  const isOfThatDay = day === event.meetingDate || standsAlone(change, requirement.id);
  // A second person confirmed that these voters took part, and did not confirm others.
  const isConfirmed = !waits && (over?.override ?? requirement).confirmedBy !== undefined;
  const took = [...votersOf(event)].sort();
  const areThose = !isConfirmed || equal(took, [...(second ? known.overriders : known.voters)].sort());
  const holds = isOfOne && isOfThatDay && areThose && passed && hasQuorum(requirement, event) && votersCountOnce(change, event);
  if (holds) mustBeOnTerms(change, event, moment);
  const vote = { voters: votersOf(event), meeting: event.meetingDate };
  const next = withRecord(change, event, known, second ? { overriders: vote.voters } : vote);
  const waiting = waitingAfter(change, event, holds && waits ? 'replaced' : undefined, moment);
  const owed = holds ? [] : [lost(feature, change, requirement, event)];
  return { feature: withChange(feature, waiting === null ? next : { ...next, waiting }), owed };
};

const lost = (feature: FeatureCase, change: ChangeCase, { id }: Requirement, { at }: Certificate): FeatureEvent => {
  const base = { v: 1, at, change: change.number, because: 'correction' } as const;
  return isOpen(change)
    ? { ...base, type: 'ChangeRefused', requirement: id }
    : { ...base, type: 'ApprovalEnded', ends: endingWith(feature, change) };
};
