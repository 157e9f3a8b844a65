import type { EventOf, FeatureEvent } from '../feature/events.ts';
import { canonical, digestOf } from '../kernel/canonical.ts';
import type { Commit } from '../kernel/commit.ts';
import type { JsonObject } from '../kernel/json.ts';
import { latest } from '../kernel/order.ts';
import type { Requirement } from '../policy/schema.ts';
import { inForce, isUpkeep, waitingApproval, withContest } from './arrivals.ts';
import {
  type ChangeCase,
  countsElsewhere,
  hasVoted,
  isOpen,
  lapsesAt,
  type RequirementCase,
  required,
  takesLateBallots,
  waitEnd,
  withChange,
  withRequirement,
} from './case.ts';
import { type City, rosterInForce, tokenPermits } from './city.ts';
import { type ActRule, endAll, endingWith, lastsUntil, reopened, satisfied } from './consequences.ts';
import { decidedBy, type OfficialAct } from './passkeys.ts';
import { ballotsOutcome, vetoEnd } from './rules.ts';
import { type Moment, mustHold, type Officer, officeOf, type RosterVersion, seatsOf, sitting } from './sitting.ts';
import { wasRecorded } from './streams.ts';
import { equal, must, mustBeHolder } from './verdict.ts';

type Instrument = Requirement['instrument'];

/** Checks that an act's name is derived from its contents, so that a repeated act is recognised. */
export const mustBeNamed = ({ act }: { readonly act: string }, contents: JsonObject): void =>
  must(act === digestOf(canonical(contents)).slice(7, 23), 'act', 'the act has other contents than its name says');

export const pinName = ({ pinned }: ChangeCase): string => `${pinned?.policy}/${pinned?.rule}`;

export const mustStand = (
  change: ChangeCase,
  { revision, digest }: { readonly revision: number; readonly digest: string },
): void =>
  must(
    revision === change.revision && digest === change.digest,
    'other-words',
    `revision ${revision} or its digest does not stand`,
  );

/** Checks that a person holds a seat of a requirement's body or, for a certification, of the body's office. Returns the roster. */
const seatedFor = (
  city: City,
  { holder, seat, roster, at }: Omit<Officer, 'body'> & { readonly roster: number; readonly at: string },
  { body, instrument }: Pick<Requirement, 'body' | 'instrument'>,
  moment: Moment,
): RosterVersion => {
  const version = rosterInForce(city, roster, at);
  mustHold(version, { holder, seat, body: instrument === 'certification' ? officeOf(version.roster, body) : body }, moment);
  return version;
};

/** Returns the requirement that an act is on, and the roster under which it was done. */
export const admitted = (
  city: City,
  change: ChangeCase,
  event: OfficialAct,
  { actor }: Commit,
  instrument: Instrument,
  moment: Moment,
): { readonly requirement: Requirement; readonly version: RosterVersion } => {
  mustStand(change, event);
  const requirement = required(change).find(({ id }) => id === event.requirement);
  must(requirement?.instrument === instrument, 'requirement', `no ${instrument} ${event.requirement} is asked for`);
  mustBeHolder(actor, event.holder);
  return { requirement, version: seatedFor(city, event, requirement, moment) };
};

export const mustBeItsTurn = (change: ChangeCase, { id }: Requirement): RequirementCase => {
  must(isOpen(change), 'closed', `change ${change.number} is ${change.status}`);
  must(change.status === 'pending', 'order', 'a veto stands against the change');
  const known = change.requirements.get(id);
  must(known !== undefined, 'order', `what ${id} comes after has not come`);
  must(known.status === 'open', 'already-decided', `${id} is ${known.status}`);
  return known;
};

export const mustBeApprovable = (change: ChangeCase, terms: NonNullable<ChangeCase['terms']>, { at, zone }: Moment): void => {
  const missing = (change.pinned?.missing ?? []).filter((kind) => !change.attached.has(kind));
  must(missing.length === 0, 'documents', `${missing.join(', ')} is missing`);
  const begins = latest(at, terms.from ?? undefined);
  const ends = lastsUntil(change, terms, { at, zone });
  must(ends === null || begins < ends, 'terms', `what begins at ${begins} would be over at ${ends}`);
  must(change.terms === null || equal(change.terms, terms), 'terms', 'an earlier decision set other terms');
};

/** Returns the contents from which an act's name is derived, without the change. */
export const contentsOf = (change: ChangeCase, event: Exclude<OfficialAct, EventOf<'ConfirmationGiven'>>): JsonObject => {
  const { revision, digest, requirement, holder, comment } = event;
  const { act: type, ...decided } = decidedBy(event);
  return { type, pin: pinName(change), revision, digest, requirement, holder, comment, ...decided };
};

/** Checks that a list of what was decided together names this change once, as it was decided, and no other twice. */
const mustStandInList = (
  key: string,
  { together, change, revision, digest, requirement, terms, comment }: EventOf<'SignatureGiven'>,
): void => {
  if (together === undefined) return;
  must(new Set(together.map((each) => each.change)).size === together.length, 'act', 'the list names a change twice');
  const own = together.find((each) => each.change === `${key}/${change}`);
  const named = { change: `${key}/${change}`, revision, digest, requirement };
  const decided = { ...named, terms: digestOf(canonical(terms)).slice(7, 31), comment };
  must(equal(own, decided), 'act', 'the list of what was decided together names this change otherwise, or not at all');
};

export const signed: ActRule<'SignatureGiven'> = (city, feature, change, event, commit, moment) => {
  const { at, holder, terms, decision } = event;
  const { requirement } = admitted(city, change, event, commit, 'signature', moment);
  const known = mustBeItsTurn(change, requirement);
  must(at >= (change.pinned?.from ?? at), 'too-early', `this can be decided from ${change.pinned?.from}`);
  must(!countsElsewhere(change, requirement.id, holder), 'same-person', `${holder} counts in another requirement`);
  mustBeNamed(event, contentsOf(change, event));
  mustStandInList(feature.key, event);
  const noted = withRequirement(change, requirement.id, { ...known, voters: [...known.voters, holder] });
  const base = { v: 1, at, change: change.number, requirement: requirement.id } as const;
  if (decision === 'approve') {
    mustBeApprovable(change, terms, moment);
    return satisfied(feature, { ...noted, terms }, requirement.id, terms, moment);
  }
  const waits = requirement.override !== undefined && change.waiting !== null;
  must(!waits, 'order', `a certificate of ${change.waiting?.requirement} waits, and a veto would take it for its second vote`);
  const refused: FeatureEvent =
    requirement.override === undefined
      ? { ...base, type: 'ChangeRefused', because: 'holder' }
      : {
          ...base,
          type: 'ChangeVetoed',
          by: 'holder',
          until: waitEnd(vetoEnd(requirement.override, at, moment.zone), change),
        };
  return { feature: withChange(feature, noted), owed: [refused] };
};

const DAY_MS = 86_400_000;

export const takenBack: ActRule<'SignatureGiven'> = (city, feature, change, event, commit, moment) => {
  const { at, holder, comment } = event;
  const { requirement } = admitted(city, change, event, commit, 'signature', moment);
  const { veto } = change;
  const known = change.requirements.get(requirement.id);
  const own = veto?.requirement === requirement.id && known?.voters.includes(holder) === true;
  must(change.status === 'vetoed' && veto !== null && own, 'order', `${holder} has refused nothing that could be taken back`);
  must(change.waiting === null, 'already-decided', 'a second vote has been certified');
  must(Date.parse(at) - Date.parse(veto.at) < DAY_MS, 'too-late', 'more than a day has passed since the refusal');
  must(
    [known.deadlineAt, lapsesAt(change)].every((end) => end === null || at < end),
    'too-late',
    'the time to decide is over',
  );
  must(comment !== null, 'act', 'a refusal is taken back with a reason');
  must(event.together === undefined, 'act', 'a refusal is taken back by itself');
  mustBeNamed(event, contentsOf(change, event));
  return { feature: withChange(feature, reopened(change, event)), owed: [] };
};

export const balloted: ActRule<'BallotCast'> = (city, feature, change, event, commit, moment) => {
  const { at, holder, seat, terms, decision } = event;
  const { requirement, version } = admitted(city, change, event, commit, 'ballots', moment);
  const known = change.requirements.get(requirement.id);
  const late = isOpen(change) ? known !== undefined && known.status !== 'open' : takesLateBallots(change, at);
  if (!late) mustBeItsTurn(change, requirement);
  must(known !== undefined, 'order', `what ${requirement.id} comes after has not come`);
  must(!known.ballots.has(seat), 'already-decided', `${seat} has answered`);
  const twice = hasVoted(change, requirement.id, holder) || countsElsewhere(change, requirement.id, holder);
  must(!twice, 'same-person', `${holder} counts already`);
  const seats = seatsOf(version.roster, requirement.body);
  const filled = [...sitting(version, requirement.body, moment).keys()];
  must(event.seats === seats.length && event.filled === filled.length, 'tally', `the body has ${seats.length} seats`);
  mustBeNamed(event, contentsOf(change, event));
  const ballots = new Map(known.ballots).set(seat, decision);
  const noted = withRequirement(change, requirement.id, { ...known, ballots, voters: [...known.voters, holder] });
  if (late) return { feature: withChange(feature, noted), owed: [] };
  must(at >= (change.pinned?.from ?? at), 'too-early', `this can be decided from ${change.pinned?.from}`);
  const outcome = ballotsOutcome(requirement, seats, filled, ballots);
  if (decision === 'approve' || outcome === 'met') mustBeApprovable(change, terms, moment);
  const next = decision === 'approve' ? { ...noted, terms } : noted;
  if (outcome === 'met') return satisfied(feature, next, requirement.id, terms, moment);
  const refused = {
    type: 'ChangeRefused',
    v: 1,
    at,
    change: change.number,
    requirement: requirement.id,
    because: 'vote',
  } as const;
  return { feature: withChange(feature, next), owed: outcome === 'refused' ? [refused] : [] };
};

/** Judges advice, which is accepted also while a veto stands and never counts. */
export const advised: ActRule<'AdviceGiven'> = (city, feature, change, event, commit, moment) => {
  const { seat, decision } = event;
  const { requirement } = admitted(city, change, event, commit, 'advice', moment);
  const known = mustBeItsTurn({ ...change, status: isOpen(change) ? 'pending' : change.status }, requirement);
  must(!known.ballots.has(seat), 'already-decided', `${seat} has advised`);
  mustBeNamed(event, contentsOf(change, event));
  const ballots = new Map(known.ballots).set(seat, decision);
  return { feature: withChange(feature, withRequirement(change, requirement.id, { ...known, ballots })), owed: [] };
};

/** Judges a revocation. One that the stream `revocation` already holds (see `wasRecorded`) was judged there. */
export const revoked: ActRule<'ApprovalRevoked'> = (city, feature, change, event, commit, moment) => {
  const { holder, body, reason, fileNumber } = event;
  const isOn = inForce(feature) === change || waitingApproval(feature) === change;
  must(isOn, 'closed', 'the approval is neither in force nor waits');
  const ends = endingWith(feature, change);
  must(equal(event.ends, ends), 'consequence', `the approvals that end with it are ${ends.join(', ') || 'none'}`);
  const requirement = required(change).find(({ id, instrument }) => id === event.requirement && instrument !== 'advice');
  must(requirement !== undefined && requirement.body === body, 'requirement', `no ${event.requirement} of ${body} approved this`);
  must(
    change.requirements.get(requirement.id)?.status !== 'overridden',
    'requirement',
    'the refusal of this body was overridden',
  );
  mustBeHolder(commit.actor, holder);
  rosterInForce(city, event.roster, event.at);
  const { number, revision } = change;
  if (!wasRecorded(city, feature.key, event)) {
    seatedFor(city, event, requirement, moment);
    const isNamed = requirement.instrument !== 'certification' || (fileNumber ?? '') !== '';
    must(isNamed, 'file-number', 'a body’s revocation names its file');
  }
  mustBeNamed(event, { type: 'revoke', change: number, revision, requirement: requirement.id, holder, reason, fileNumber });
  return { feature: endAll(feature, [...ends, change.number], 'revoked'), owed: [] };
};

export const contested: ActRule<'MaintenanceContested'> = (city, feature, change, event, { actor }, moment) => {
  const { at, by, reason, revision } = event;
  mustStand(change, event);
  must(isUpkeep(feature, change), 'closed', `change ${change.number} does not count as maintenance`);
  if ('token' in by) {
    must(actor === `token:${by.token}`, 'actor', `${actor} is not the token ${by.token}`);
    must(tokenPermits(city, actor, 'notice', at), 'actor', `${actor} contests nothing`);
  } else {
    mustBeHolder(actor, by.holder);
    const requirement = required(change).find(({ id, instrument }) => id === by.requirement && instrument !== 'advice');
    must(requirement?.body === by.body, 'requirement', `no ${by.requirement} of ${by.body} must approve this`);
    seatedFor(city, { ...by, at }, requirement, moment);
  }
  const who = 'token' in by ? by : { requirement: by.requirement, holder: by.holder };
  mustBeNamed(event, { type: 'contest', change: change.number, revision, by: who, reason });
  return { feature: withContest(feature, change), owed: [] };
};
