import { accept, allOf, nothing, PASSED, reject } from '../../kernel/decider.ts';
import { latest } from '../../kernel/order.ts';
import { lastMomentOf, localDateOf, localMoment, plusDuration } from '../../kernel/zone.ts';
import { type JudgedRollCall, judgeRollCall, Vote } from '../../policy/rollCall.ts';
import { firstVote } from '../../policy/rules.ts';
import type { Override, Requirement } from '../../policy/schema.ts';
import { holdersOf, leftOn } from '../../roster/holders.ts';
import type { DecisionContext, OfficialDecision } from '../commands.ts';
import type { EventOf, FeatureEvent } from '../events.ts';
import { correctsOverride, evolve, votersOf } from '../evolve.ts';
import {
  type ChangeState,
  CLERKS_MAX,
  type Confirmation,
  certifiesAlone,
  countsAnywhere,
  countsElsewhere,
  type FeatureState,
  findChange,
  isOpen,
  isSatisfied,
  MET_TWICE,
  personOf,
  requirementsOf,
  splitPersons,
  waitsUntil,
} from '../state.ts';
import { termsDigest } from '../terms.ts';
import {
  actingSeat,
  actOf,
  bodyInForce,
  checkApproval,
  checkOpen,
  checkOrder,
  checkWords,
  type Decided,
  type FeatureCheck,
  type Found,
  requirementNamed,
} from './guard.ts';
import { meet, overturn } from './outcome.ts';
import { endsWith } from './revoke.ts';

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

/** `certificate`: its act; `comment`: the reason of a dispute; `terms`: those of the certificate. */
export interface Confirm extends OfficialDecision {
  readonly type: 'confirm';
  readonly certificate: string;
  readonly decision: 'confirm' | 'dispute';
}

const CONFIRMATION_TERM = 'P14D';

/** A correction does not extend the time to confirm, unless a dispute came before. */
const confirmBy = ({ at, zone }: DecisionContext, change: ChangeState): string => {
  const { confirmation } = change;
  const isAnew = confirmation === null || confirmation.disputed;
  return isAnew ? waitsUntil(plusDuration(at, CONFIRMATION_TERM, zone), change) : confirmation.until;
};

/** Refuses a new certificate while one waits; a disputed one can be certified again. */
const checkUnconfirmed = ({ confirmation }: ChangeState, requirement: string): FeatureCheck => {
  if (confirmation === null) return PASSED;
  if (confirmation.requirement !== requirement)
    return reject('not-yet', `a certificate of ${confirmation.requirement} waits for its confirmation first`);
  return confirmation.disputed
    ? PASSED
    : reject('already-decided', 'a certificate waits for its confirmation; it can be corrected', '/purpose');
};

const confirmedRule = (
  state: FeatureState,
  change: ChangeState,
  { requirement }: Confirmation,
): { readonly decides: Requirement; readonly confirmedBy: string } | undefined => {
  const id = change.veto?.requirement ?? requirement;
  const decides = requirementsOf(state, change).find((each) => each.id === id);
  const confirmedBy = change.veto === null ? decides?.confirmedBy : decides?.override?.confirmedBy;
  return decides === undefined || confirmedBy === undefined ? undefined : { decides, confirmedBy };
};

const confirmingSeat = (command: Confirm, confirmedBy: string): { readonly body: string; readonly seat: string } | undefined => {
  const [body = '', only] = confirmedBy.split('/');
  if (command.roster === null) return undefined;
  const holders = holdersOf(command.roster.roster, body, localMoment(command.at, command.zone));
  const held = [...holders].find(([seat, { id }]) => id === command.holder && (only === undefined || seat === only));
  return held === undefined ? undefined : { body, seat: held[0] };
};

const checkPerson = (change: ChangeState, { requirement, disputers }: Confirmation, person: string): FeatureCheck => {
  const clerk = splitPersons(change.requirements[requirement]?.clerks ?? '').at(-1);
  if (person === clerk) return reject('same-person', 'a second person confirms, not the clerk who certified');
  if (person === change.by) return reject('same-person', 'who entered the notice cannot confirm a certificate of it');
  return splitPersons(disputers).includes(person)
    ? reject('already-decided', 'this person has disputed the roll; somebody else must confirm the next certificate')
    : PASSED;
};

const admitConfirmer = (
  command: Confirm,
  state: FeatureState,
  change: ChangeState,
): Found<{
  readonly confirmation: Confirmation;
  readonly decides: Requirement;
  readonly held: { readonly body: string; readonly seat: string };
}> => {
  const ready = allOf(checkWords(command, change), checkOpen(change));
  if (!ready.ok) return ready;
  const { confirmation } = change;
  if (confirmation === null || confirmation.disputed || confirmation.requirement !== command.requirement)
    return reject('nothing-to-confirm', `no certificate of ${command.requirement} waits for a confirmation`);
  if (confirmation.act !== command.certificate) return reject('stale', 'the certificate was corrected since', '/certificate');
  const rule = confirmedRule(state, change, confirmation);
  const held = rule === undefined ? undefined : confirmingSeat(command, rule.confirmedBy);
  if (rule === undefined || held === undefined)
    return reject('not-in-office', `only ${rule?.confirmedBy ?? 'a body that the rule names'} can confirm this certificate`);
  const person = checkPerson(change, confirmation, personOf(command.holder));
  if (!person.ok) return person;
  if (change.terms !== termsDigest(command.terms)) return reject('other-terms', 'the certificate is on other terms');
  // They can have ended while the certificate waited.
  const fit = command.decision === 'confirm' ? checkApproval(command, state, change) : PASSED;
  return fit.ok ? { ok: true, confirmation, decides: rule.decides, held } : fit;
};

/** Confirms a certificate, which then takes effect, or disputes it, which returns it to the clerk. */
export const confirm = (command: Confirm, state: FeatureState, change: ChangeState): Decided => {
  const { at, requirement, holder, comment, decision, certificate, terms, roster } = command;
  const act = actOf({ type: command.type, pin: change.pin, certificate, requirement, holder, comment, decision });
  if (change.acts.includes(act)) return nothing;
  const admitted = admitConfirmer(command, state, change);
  if (!admitted.ok) return admitted;
  const { decides, held } = admitted;
  const { number, revision, digest } = change;
  const given: EventOf<'ConfirmationGiven'> = {
    type: 'ConfirmationGiven',
    v: 1,
    at,
    change: number,
    revision,
    digest,
    requirement,
    act,
    comment,
    decision,
    certificate,
    holder,
    ...held,
    roster: roster?.number ?? 0,
  };
  if (decision === 'dispute') return accept<FeatureEvent>(given);
  if (change.veto === null) return accept(...meet(state, number, decides.id, terms, command, [given]));
  const after = findChange(evolve(state, given), number) ?? change;
  return accept(...overturn(state, after, decides.id, terms, command, [given]));
};

type Roll = EventOf<'VoteCertified'>['roll'];

interface ReadRoll {
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
const readRoll = (command: Certify, requirement: Requirement, yesOverride: number | undefined): Found<ReadRoll> => {
  const body = bodyInForce(command, requirement.body);
  if (body === undefined || command.roster === null) return reject('not-in-office', `the roster has no body ${requirement.body}`);
  const named = allOf(checkSameSeats(command, requirement.body), checkSeats(command, body.seats));
  if (!named.ok) return named;
  const meeting = lastMomentOf(command.meetingDate, command.zone, command.at);
  const { roster } = command.roster;
  const [holders, left] = [holdersOf(roster, requirement.body, meeting), leftOn(roster, requirement.body, meeting)];
  const roll: Roll = [];
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

const checkClerk = (change: ChangeState, clerk: string, { roll }: ReadRoll): FeatureCheck =>
  countsAnywhere(change, personOf(clerk)) || votersOf(roll).includes(personOf(clerk))
    ? reject('same-person', 'who certifies a vote of this change can neither vote, sign nor ballot in it')
    : PASSED;

/** The state keeps so many clerks of a vote. One that it forgot could sign: so no more than these certify what carries. */
const checkClerks = (change: ChangeState, requirement: string, clerk: string): FeatureCheck => {
  const known = splitPersons(change.requirements[requirement]?.clerks);
  return known.length < CLERKS_MAX || known.includes(personOf(clerk))
    ? PASSED
    : reject('same-person', `${CLERKS_MAX} clerks have certified votes of this body on this revision: one of them does it again`);
};

const checkVoters = (change: ChangeState, requirement: string, { roll }: ReadRoll): FeatureCheck => {
  const twice = roll.find((entry) => votersOf([entry]).some((person) => countsElsewhere(change, requirement, person)));
  return twice === undefined
    ? PASSED
    : reject(
        'same-person',
        `the holder of seat ${twice.seat} already counts in another requirement of this change`,
        `/vote.${twice.seat}`,
      );
};

const checkRoll = (command: Certify, state: FeatureState, { change, requirement }: Admitted, read: ReadRoll): FeatureCheck =>
  allOf(
    checkQuorum(read, requirement),
    checkClerk(change, command.holder, read),
    checkVoters(change, requirement.id, read),
    read.judged.outcome === 'met' ? checkCertificate(command, state, change) : PASSED,
  );

/** Returns the local day on which a requirement was satisfied, of a certified vote that of its meeting; undefined if it is not. */
const dayDecided = (change: Pick<ChangeState, 'requirements'>, id: string, zone: string): string | undefined => {
  const { meeting, deadlineAt: since } = change.requirements[id] ?? {};
  if (!isSatisfied(change, id)) return undefined;
  return meeting?.replace(MET_TWICE, '') ?? (since == null ? undefined : localDateOf(since, zone));
};

/** Returns the local day from which the words of a change can be voted on: a vote before a document was there was not on it. */
const dayOfWords = ({ from, since, documented }: Pick<ChangeState, 'from' | 'since' | 'documented'>, zone: string): string =>
  localDateOf(latest(from ?? since, documented), zone);

/** Returns the first day of a meeting whose vote counts: the words can be decided, and what comes before the vote was. */
export const firstMeeting = (
  change: Pick<ChangeState, 'requirements' | 'from' | 'since' | 'documented'>,
  { after = [] }: Pick<Requirement, 'after'>,
  zone: string,
): string => latest(dayOfWords(change, zone), ...after.map((id) => dayDecided(change, id, zone)));

const checkMeeting = ({ meetingDate, at, zone }: Certify, change: ChangeState, requirement: Requirement): FeatureCheck => {
  if (meetingDate > localDateOf(at, zone))
    return reject('meeting-in-future', 'a meeting that has not been held cannot be certified', '/meetingDate');
  const from = dayOfWords(change, zone);
  if (meetingDate < from)
    return reject(
      'meeting-before-revision',
      `revision ${change.revision} could be decided from ${from}; a vote before that was on other words or documents, or too soon`,
      '/meetingDate',
    );
  const first = firstMeeting(change, requirement, zone);
  return meetingDate < first
    ? reject('meeting-out-of-time', `what this vote comes after was decided on ${first}`, '/meetingDate')
    : PASSED;
};

interface Admitted {
  readonly change: ChangeState;
  readonly requirement: Requirement;
  readonly seat: string;
  readonly act: string;
}

const certificateAct = (command: Certify, { pin }: ChangeState): string => {
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

const admit = (command: Certify, state: FeatureState, change: ChangeState): Found<Admitted> => {
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

const certificateEvent = (
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

/** `vetoedAt`: when the refusal of `vetoed` was given that the vote overturns. */
interface SecondVote {
  readonly vetoed: string;
  readonly vetoedAt: string;
  readonly rule: Override;
}

const vetoOver = (state: FeatureState, change: ChangeState, requirement: string): SecondVote | undefined => {
  const { veto } = change;
  const vetoed = requirementsOf(state, change).find(
    ({ id, override }) => id === veto?.requirement && override?.requirement === requirement,
  );
  return veto === null || vetoed?.override === undefined
    ? undefined
    : { vetoed: vetoed.id, vetoedAt: veto.at, rule: vetoed.override };
};

const checkSecondMeeting = ({ meetingDate, zone }: Certify, { vetoedAt, rule }: SecondVote): FeatureCheck => {
  if (meetingDate < localDateOf(vetoedAt, zone))
    return reject('meeting-out-of-time', 'the second vote must come after the veto', '/meetingDate');
  const first = firstVote(rule, vetoedAt, zone);
  return meetingDate < first
    ? reject('meeting-out-of-time', `the rule lets the second vote be held from ${first}`, '/meetingDate')
    : PASSED;
};

/**
 * Decides an adopting vote, or with `over` a second one, on the same words: what carries meets its requirement or overturns the
 * veto, once it is confirmed where the rule asks for that; what falls short refuses the change.
 */
const vote = (command: Certify, state: FeatureState, admitted: Admitted, over?: SecondVote): Decided => {
  const { change, requirement } = admitted;
  const inOrder = allOf(
    over === undefined ? checkOrder(change, requirement) : PASSED,
    checkUnconfirmed(change, requirement.id),
    checkMeeting(command, change, requirement),
    over === undefined ? PASSED : checkSecondMeeting(command, over),
  );
  if (!inOrder.ok) return inOrder;
  const read = readRoll(command, requirement, over?.rule.yes);
  if (!read.ok) return read;
  const fit = checkRoll(command, state, admitted, read);
  if (!fit.ok) return fit;
  const { confirmedBy } = over?.rule ?? requirement;
  const decided = over?.vetoed ?? requirement.id;
  if (read.judged.outcome !== 'met') {
    const because = over === undefined ? 'vote' : 'override-failed';
    const refused = {
      type: 'ChangeRefused',
      v: 1,
      at: command.at,
      change: change.number,
      requirement: decided,
      because,
    } as const;
    return accept<FeatureEvent>(certificateEvent(command, admitted, read), refused);
  }
  const remembered = checkClerks(change, requirement.id, command.holder);
  if (!remembered.ok) return remembered;
  if (confirmedBy !== undefined)
    return accept<FeatureEvent>(certificateEvent(command, admitted, read, confirmBy(command, change)));
  const event = certificateEvent(command, admitted, read);
  if (over === undefined) return accept(...meet(state, change.number, decided, command.terms, command, [event]));
  const after = findChange(evolve(state, event), change.number) ?? change;
  return accept(...overturn(state, after, decided, command.terms, command, [event]));
};

/**
 * Answers a certificate that is on record already. While the change waits for another one it is taken only if the clerk says why it is the
 * same, unless nothing was done since.
 */
const repeated = (change: ChangeState, act: string, { purpose, requirement }: Certify): Decided => {
  const { confirmation, veto } = change;
  if (change.acts.at(-1) === act) return nothing;
  const isAwaited =
    confirmation === null
      ? purpose === 'override' && veto !== null
      : confirmation.disputed && confirmation.requirement === requirement;
  const detail = 'this record was disputed, or is of an earlier vote: to certify the same again, say why in the comment';
  return isAwaited ? reject('reason-missing', detail, '/comment') : nothing;
};

/** Checks the terms of a certificate too, unless they are still the clerk's alone to state. */
const checkCertificate = (command: Certify, state: FeatureState, change: ChangeState): FeatureCheck => {
  const terms = certifiesAlone(state, change, command.requirement) ? null : change.terms;
  return checkApproval(command, state, { ...change, terms });
};

/** Certifies the adopting vote, the second vote that overturns a veto, or a corrected record of either. */
export const certify = (command: Certify, state: FeatureState, change: ChangeState): Decided => {
  const act = certificateAct(command, change);
  if (change.acts.includes(act)) return repeated(change, act, command);
  const admitted = admit(command, state, change);
  if (!admitted.ok) return admitted;
  if (command.purpose === 'correct') return correct(command, state, admitted);
  if (command.purpose === 'adopt') return vote(command, state, admitted);
  const over = vetoOver(state, change, admitted.requirement.id);
  return over === undefined
    ? reject('not-vetoed', 'there is no veto that this body can overturn', '/purpose')
    : vote(command, state, admitted, over);
};

/** Returns the second votes of a body that overturned a refusal, or would once they are confirmed. */
const secondVotes = (state: FeatureState, change: ChangeState, requirement: string): readonly SecondVote[] =>
  requirementsOf(state, change).flatMap(({ id, override }) => {
    const { status, overrideUntil } = change.requirements[id] ?? {};
    const overturned = status === 'overridden' ? overrideUntil : null;
    const { veto, confirmation } = change;
    const vetoedAt = veto?.requirement === id && confirmation !== null ? veto.at : overturned;
    return override?.requirement !== requirement || vetoedAt == null ? [] : [{ vetoed: id, vetoedAt, rule: override }];
  });

type Recorded = Pick<Certify, 'requirement' | 'purpose' | 'meetingDate'>;

/** Returns the second votes that a record is of; none for that of an adopting vote. */
const secondVotesOf = (state: FeatureState, change: ChangeState, record: Recorded): readonly SecondVote[] => {
  const { requirement, purpose, meetingDate } = record;
  const over = purpose === 'override' ? vetoOver(state, change, requirement) : undefined;
  if (over !== undefined) return [over];
  const known = change.requirements[requirement];
  const corrects = purpose === 'correct' && known !== undefined && correctsOverride(known, meetingDate);
  return corrects ? secondVotes(state, change, requirement) : [];
};

/** Reports whether a corrected record puts its vote behind what by the rule follows it, and was decided before. */
export const isBehind = (state: FeatureState, change: ChangeState, record: Recorded, zone: string): boolean => {
  const [second] = secondVotesOf(state, change, record);
  const decides = second?.vetoed ?? record.requirement;
  return requirementsOf(state, change).some(({ id, after = [] }) => {
    const decided = after.includes(decides) ? dayDecided(change, id, zone) : undefined;
    return decided !== undefined && decided < record.meetingDate;
  });
};

/** Judges the roll of a record by the number that its vote needs, before it is sent. */
export const judgeRecord = (
  state: FeatureState,
  change: ChangeState,
  rule: Requirement,
  record: Omit<Recorded, 'requirement'> & { readonly votes: Readonly<Record<string, Vote>> },
): JudgedRollCall => {
  const [second] = secondVotesOf(state, change, { ...record, requirement: rule.id });
  return judgeRollCall(rule, record.votes, Object.keys(record.votes), second?.rule.yes);
};

/**
 * Records a corrected certificate and judges it again, including a missed quorum and a voter who counts elsewhere. A result that no
 * longer holds is refused, or switched off if it was on; so is what several second votes decided, since the record does not say which of
 * them it is of.
 */
const correct = (command: Certify, state: FeatureState, admitted: Admitted): Decided => {
  const { change, requirement } = admitted;
  const known = change.requirements[requirement.id];
  const waiting = change.confirmation?.requirement === requirement.id ? change.confirmation : null;
  if (known?.clerks === undefined || (known.status !== 'met' && waiting === null))
    return reject('nothing-to-correct', 'no vote of this body on this revision has been certified', '/purpose');
  const second = correctsOverride(known, command.meetingDate);
  const meeting = checkMeeting(command, change, requirement);
  if (!meeting.ok) return meeting;
  const over = secondVotesOf(state, change, command);
  const [about] = over;
  const replaces = waiting !== null && second === (change.veto !== null);
  const read = readRoll(command, requirement, about?.rule.yes);
  if (!read.ok) return read;
  const isOfOne = over.length === (second ? 1 : 0);
  const inOrder = !isBehind(state, change, command, command.zone);
  const holds = isOfOne && inOrder && read.judged.outcome === 'met' && checkVoters(change, requirement.id, read).ok;
  const fit = allOf(
    checkClerk(change, command.holder, read),
    holds ? checkCertificate(command, state, change) : PASSED,
    holds ? checkClerks(change, requirement.id, command.holder) : PASSED,
    holds && about !== undefined ? checkSecondMeeting(command, about) : PASSED,
  );
  if (!fit.ok) return fit;
  const event = certificateEvent(command, admitted, read, holds && replaces ? confirmBy(command, change) : undefined);
  if (holds) return accept<FeatureEvent>(event);
  const base = { v: 1, at: command.at, change: change.number, because: 'correction' } as const;
  return isOpen(change)
    ? accept<FeatureEvent>(event, { ...base, type: 'ChangeRefused', requirement: requirement.id })
    : accept<FeatureEvent>(event, { ...base, type: 'ApprovalEnded', ends: endsWith(state, change.number) });
};
