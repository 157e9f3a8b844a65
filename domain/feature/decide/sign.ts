import { canonical } from '../../kernel/canonical.ts';
import { accept, allOf, nothing, PASSED, reject } from '../../kernel/decider.ts';
import { earliest } from '../../kernel/order.ts';
import { localMoment, plusDuration } from '../../kernel/zone.ts';
import { judgeBallots } from '../../policy/rollCall.ts';
import { overrideEnd } from '../../policy/rules.ts';
import type { Requirement } from '../../policy/schema.ts';
import { holdersOf, personOf } from '../../roster/holders.ts';
import type { OfficialDecision } from '../commands.ts';
import type { EventOf, FeatureEvent, Together } from '../events.ts';
import { ballotMark } from '../evolve.ts';
import { changeId } from '../keys.ts';
import { type ChangeState, type FeatureState, isOpen, lapsesAt, takesLateBallots, tookPart, waitsUntil } from '../state.ts';
import { termsDigest } from '../terms.ts';
import {
  actOf,
  checkApproval,
  checkDocuments,
  checkNoticePeriod,
  checkOnce,
  checkOpen,
  checkOrder,
  checkShown,
  type Decided,
  type FeatureCheck,
  type Found,
  requirementNamed,
} from './guard.ts';
import { satisfy } from './outcome.ts';

/**
 * `take-back`: withdraws a refusal; the comment gives the reason. `together`: all changes that the same form decides, including this one.
 */
export interface Sign extends OfficialDecision {
  readonly type: 'sign';
  readonly together?: Together;
  readonly decision: 'approve' | 'refuse' | 'abstain' | 'take-back';
}

export interface CastBallot extends OfficialDecision {
  readonly type: 'ballot';
  readonly decision: 'approve' | 'refuse' | 'abstain';
}

export interface Advise extends OfficialDecision {
  readonly type: 'advise';
  readonly decision: 'approve' | 'refuse' | 'abstain';
}

type PersonalDecision = Sign | CastBallot | Advise;

/** Advice sets no terms, so its event and act have none: an act can be recomputed from its event. */
const decisionAct = (
  { type, revision, digest, requirement, holder, terms, comment, decision }: PersonalDecision,
  { pin }: ChangeState,
): string => {
  const common = { type, pin, revision, digest, requirement, holder, comment, decision };
  return actOf(type === 'advise' ? common : { ...common, terms });
};

/** Returns the entry of a change in a list of changes decided together. */
export const togetherItem = (key: string, { change, revision, digest, requirement, terms, comment }: Sign): Together[number] => ({
  change: changeId(key, change),
  revision,
  digest,
  requirement,
  terms: termsDigest(terms),
  comment,
});

const PERSONAL = {
  sign: { instrument: 'signature', may: 'can sign' },
  ballot: { instrument: 'ballots', may: 'has a ballot' },
  advise: { instrument: 'advice', may: 'can advise' },
} as const;

/** `seats`: those of the body; `filled`: those with a holder now. */
interface Personal {
  readonly requirement: Requirement;
  readonly seat: string;
  readonly seats: readonly string[];
  readonly filled: readonly string[];
  readonly roster: number;
  readonly act: string;
}

const admitPersonal = (
  command: PersonalDecision,
  state: FeatureState,
  change: ChangeState,
): Found<{ readonly personal: Personal }> => {
  const current = checkShown(command, change);
  if (!current.ok) return current;
  const { roster, at, zone, holder } = command;
  const { instrument, may } = PERSONAL[command.type];
  const requirement = requirementNamed(state, change, command.requirement, instrument);
  if (requirement === undefined) {
    const open = checkOpen(change);
    return open.ok ? reject('unknown-requirement', `no ${instrument} named ${command.requirement} is asked for`) : open;
  }
  const { body } = requirement;
  const holders = roster === null ? [] : [...holdersOf(roster.roster, body, localMoment(at, zone))];
  const [seat] = holders.find(([, { id }]) => id === holder) ?? [];
  if (seat === undefined || roster === null)
    return reject('not-in-office', `only a person who holds a seat of ${body} now ${may}`);
  const seats = roster.roster.bodies[body]?.seats ?? [];
  const filled = holders.map(([each]) => each);
  return { ok: true, personal: { requirement, seat, seats, filled, roster: roster.number, act: decisionAct(command, change) } };
};

const personalFacts = ({ at, holder, comment }: PersonalDecision, change: ChangeState, personal: Personal) =>
  ({
    v: 1,
    at,
    change: change.number,
    revision: change.revision,
    digest: change.digest,
    requirement: personal.requirement.id,
    act: personal.act,
    comment,
    holder,
    seat: personal.seat,
    roster: personal.roster,
  }) as const;

const takeBackEnd = (at: string, zone: string): string => plusDuration(at, 'PT24H', zone);

const ownRefusal = ({ veto, requirements }: ChangeState, requirement: string, holder: string) => {
  const known = requirements[requirement];
  return veto?.requirement === requirement && known?.persons === personOf(holder) ? { veto, known } : undefined;
};

/** Returns until when a person can take back their refusal; undefined if they cannot. */
export const takeBackUntil = (change: ChangeState, requirement: string, holder: string, zone: string): string | undefined => {
  const own = ownRefusal(change, requirement, holder);
  if (own === undefined || change.confirmation !== null) return undefined;
  return earliest(takeBackEnd(own.veto.at, zone), own.known.deadlineAt, lapsesAt(change)) ?? undefined;
};

const checkTimely = ({ at, zone, holder, comment }: Sign, change: ChangeState, requirement: string): FeatureCheck => {
  const own = ownRefusal(change, requirement, holder);
  if (own === undefined) return reject('nothing-to-take-back', 'there is no refusal by this person that could be taken back');
  if (change.confirmation !== null) return reject('too-late', 'a second vote on the refusal has been certified');
  if (at >= takeBackEnd(own.veto.at, zone))
    return reject('too-late', 'a refusal can be taken back within 24 hours; now a second vote is needed');
  if ([own.known.deadlineAt, lapsesAt(change)].some((end) => end !== null && end <= at))
    return reject('too-late', 'the time to decide is over, so taking it back would change nothing');
  return comment === null ? reject('reason-missing', 'a refusal is taken back with a public reason', '/reason') : PASSED;
};

/** Takes back a refusal. The person can decide again; the deadline does not move. */
const takeBack = (command: Sign, change: ChangeState, personal: Personal): Decided => {
  const fit = allOf(checkOpen(change), checkTimely(command, change, personal.requirement.id));
  if (!fit.ok) return fit;
  return accept<FeatureEvent>({
    ...personalFacts(command, change, personal),
    type: 'SignatureGiven',
    decision: 'take-back',
    terms: command.terms,
  });
};

/** After a refusal is taken back, the same refusal is a new act; taking that back is again a new act. */
const isRepeated = (command: Sign, change: ChangeState): boolean => {
  if (!change.acts.includes(decisionAct(command, change))) return false;
  const status = change.requirements[command.requirement]?.status;
  if (command.decision === 'refuse') return status !== 'open';
  return command.decision !== 'take-back' || status !== 'refused';
};

/** Rejects a list that does not state this change exactly as decided: the commit could not be proven. */
const checkTogether = (command: Sign, { key }: FeatureState): FeatureCheck => {
  const { together, decision } = command;
  if (together === undefined) return PASSED;
  const item = togetherItem(key ?? '', command);
  const stands = canonical(together.filter(({ change }) => change === item.change)) === canonical([item]);
  return stands && decision !== 'take-back' ? PASSED : reject('stale', 'the list of changes names this one otherwise');
};

/** Records a signature or refusal. A refusal ends the change, or vetoes it if the policy allows an override. */
export const sign = (command: Sign, state: FeatureState, change: ChangeState): Decided => {
  if (isRepeated(command, change)) return nothing;
  if (command.decision === 'abstain') return reject('abstain-not-allowed', 'a signature approves or refuses', '/decision');
  const admitted = admitPersonal(command, state, change);
  if (!admitted.ok) return admitted;
  const { personal } = admitted;
  const { requirement } = personal;
  const listed = checkTogether(command, state);
  if (!listed.ok) return listed;
  if (command.decision === 'take-back') return takeBack(command, change, personal);
  const inOrder = allOf(
    checkOpen(change),
    checkOrder(change, requirement),
    checkNoticePeriod(command.at, change),
    checkOnce(change, requirement.id, command.holder),
  );
  if (!inOrder.ok) return inOrder;
  const { at, decision, terms, together } = command;
  const base = { v: 1, at, change: change.number } as const;
  const signed: FeatureEvent = {
    ...personalFacts(command, change, personal),
    type: 'SignatureGiven',
    decision,
    terms,
    ...(together !== undefined && { together }),
  };
  if (decision === 'refuse') {
    const { override } = requirement;
    if (override === undefined)
      return accept<FeatureEvent>(signed, { ...base, type: 'ChangeRefused', requirement: requirement.id, because: 'holder' });
    // Under a veto only the certificate of the second vote may wait.
    if (change.confirmation !== null)
      return reject('not-yet', `a certificate of ${change.confirmation.requirement} waits for its confirmation first`);
    const until = waitsUntil(overrideEnd(override, at, command.zone), change);
    return accept<FeatureEvent>(signed, { ...base, type: 'ChangeVetoed', requirement: requirement.id, by: 'holder', until });
  }
  const fit = checkApproval(command, state, change);
  return fit.ok ? accept(...satisfy(command, state, requirement.id, signed)) : fit;
};

const answered = (change: ChangeState, requirement: string, seat: string, mark: string): 'open' | 'same' | 'other' => {
  const known = change.requirements[requirement]?.ballots?.[seat];
  if (known === undefined) return 'open';
  return known === mark ? 'same' : 'other';
};

/** Once the result is certain, a ballot is still recorded, once, until the window ends, without effect. */
const isLate = (change: ChangeState, requirement: string, at: string): boolean => {
  const known = change.requirements[requirement];
  if (known === undefined) return false;
  return isOpen(change) ? known.status !== 'open' : takesLateBallots(change, at);
};

const SAID = { y: 'approve', n: 'refuse', a: 'abstain' } as const;

const judge = (
  command: CastBallot,
  state: FeatureState,
  change: ChangeState,
  { requirement, seats, filled }: Personal,
  cast: EventOf<'BallotCast'>,
): Decided => {
  const marks = { ...change.requirements[requirement.id]?.ballots, [cast.seat]: ballotMark(cast.decision, cast.act) };
  const ballots = Object.entries(marks).map(([seat, mark]) => ({ seat, decision: SAID[mark[0] as keyof typeof SAID] }));
  const { outcome } = judgeBallots(requirement, { seats, filled, ballots });
  if (outcome === 'open') return accept<FeatureEvent>(cast);
  if (outcome === 'met') {
    // Applies to a no or an abstention that makes the quorum, too: an approval has the terms of the ballot that completes it.
    const fit = checkApproval(command, state, change);
    return fit.ok ? accept(...satisfy(command, state, requirement.id, cast)) : fit;
  }
  const { at, change: number } = command;
  const refused = { type: 'ChangeRefused', v: 1, at, change: number, requirement: requirement.id, because: 'vote' } as const;
  return accept<FeatureEvent>(cast, refused);
};

/** Rejects a second ballot by one person, who can have moved to another seat. */
const checkSeat = (change: ChangeState, requirement: string, holder: string): FeatureCheck => {
  const known = change.requirements[requirement];
  return known !== undefined && tookPart(known, personOf(holder))
    ? reject('same-person', 'this person has answered already, from another seat')
    : PASSED;
};

type Opened = Found<{ readonly personal: Personal; readonly repeated: boolean }>;

const open = (command: CastBallot | Advise, state: FeatureState, change: ChangeState, again: string): Opened => {
  const admitted = admitPersonal(command, state, change);
  if (!admitted.ok) return admitted;
  const { personal } = admitted;
  const standing = answered(change, personal.requirement.id, personal.seat, ballotMark(command.decision, personal.act));
  if (standing === 'other') return reject('already-decided', again);
  return { ok: true, personal, repeated: standing === 'same' };
};

/** Records a member's answer: one per seat and revision. The requirement is met or refused once that is arithmetically certain. */
export const castBallot = (command: CastBallot, state: FeatureState, change: ChangeState): Decided => {
  const opened = open(command, state, change, 'this seat has answered already, and a ballot cannot be changed');
  if (!opened.ok) return opened;
  if (opened.repeated) return nothing;
  const { personal } = opened;
  const { requirement } = personal;
  const { at, holder, decision, terms } = command;
  const late = isLate(change, requirement.id, at);
  const inTime = late ? PASSED : allOf(checkOpen(change), checkOrder(change, requirement), checkNoticePeriod(at, change));
  if (!inTime.ok) return inTime;
  const once = allOf(checkOnce(change, requirement.id, holder), checkSeat(change, requirement.id, holder));
  if (!once.ok) return once;
  const fit = !late && decision === 'approve' ? checkApproval(command, state, change) : PASSED;
  if (!fit.ok) return fit;
  const cast: EventOf<'BallotCast'> = {
    ...personalFacts(command, change, personal),
    type: 'BallotCast',
    decision,
    seats: personal.seats.length,
    filled: personal.filled.length,
    terms,
  };
  return late ? accept<FeatureEvent>(cast) : judge(command, state, change, personal, cast);
};

/** Records advice, once per seat and revision. It never counts. */
export const advise = (command: Advise, state: FeatureState, change: ChangeState): Decided => {
  const opened = open(command, state, change, 'this seat has given its advice already');
  if (!opened.ok) return opened;
  if (opened.repeated) return nothing;
  const { personal } = opened;
  // Whatever it says, it is about these documents.
  const documents = checkDocuments(command, change);
  if (!documents.ok) return documents;
  // Advice is still accepted while a veto stands.
  const inOrder = allOf(checkOpen(change), checkOrder({ ...change, status: 'pending' }, personal.requirement));
  if (!inOrder.ok) return inOrder;
  return accept<FeatureEvent>({ ...personalFacts(command, change, personal), type: 'AdviceGiven', decision: command.decision });
};
