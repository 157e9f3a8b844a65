import { accept, allOf, nothing, PASSED, reject } from '../../kernel/decider.ts';
import { localMoment } from '../../kernel/zone.ts';
import { judgeBallots } from '../../policy/ballots.ts';
import type { Requirement } from '../../policy/schema.ts';
import { holdersOf } from '../../roster/holders.ts';
import type { Advise, CastBallot } from '../commands.ts';
import type { EventOf, FeatureEvent } from '../events.ts';
import { ballotMark } from '../evolve/decisions.ts';
import { personOf, tookPart } from '../persons.ts';
import type { ChangeState, FeatureState } from '../state.ts';
import { isOpen, takesLateBallots } from '../state.ts';
import {
  bodyInForce,
  checkApproval,
  checkNoticePeriod,
  checkOnce,
  checkOpen,
  checkOrder,
  type Decided,
  type FeatureCheck,
  type Found,
} from './guard.ts';
import { meet } from './outcome.ts';
import { admitPersonal, type Personal, personalFacts } from './personal.ts';

const SAID = { y: 'approve', n: 'refuse', a: 'abstain' } as const;

/** The answer state of a seat: it may answer, has given this same answer, or has given another. */
const answered = (change: ChangeState, requirement: string, seat: string, mark: string): 'open' | 'same' | 'other' => {
  const known = change.requirements[requirement]?.ballots?.[seat];
  if (known === undefined) return 'open';
  return known === mark ? 'same' : 'other';
};

/**
 * Reports whether a ballot is late: after the result is certain it is recorded, once, until the window ends, and changes nothing.
 */
const isLate = (change: ChangeState, requirement: string, at: string): boolean => {
  const known = change.requirements[requirement];
  if (known === undefined) return false;
  return isOpen(change) ? known.status !== 'open' : takesLateBallots(change, at);
};

const judge = (
  state: FeatureState,
  change: ChangeState,
  requirement: Requirement,
  cast: EventOf<'BallotCast'>,
  command: CastBallot,
): Decided => {
  const ballots = Object.entries({
    ...change.requirements[requirement.id]?.ballots,
    [cast.seat]: ballotMark(cast.decision, cast.act),
  }).map(([seat, mark]) => ({
    seat,
    decision: SAID[mark[0] as keyof typeof SAID],
  }));
  const roster = command.roster?.roster;
  const filled =
    roster === undefined ? [] : [...holdersOf(roster, requirement.body, localMoment(command.at, command.zone)).keys()];
  const { outcome } = judgeBallots(requirement, { seats: bodyInForce(command, requirement.body)?.seats ?? [], filled, ballots });
  if (outcome === 'open') return accept<FeatureEvent>(cast);
  if (outcome === 'met') return accept(...meet(state, change.number, requirement.id, command.terms, command, [cast]));
  return accept<FeatureEvent>(cast, {
    v: 1,
    at: command.at,
    change: change.number,
    type: 'ChangeRefused',
    requirement: requirement.id,
    because: 'vote',
  });
};

/** Rejects a second ballot by one person, who can have moved to another seat since. */
const checkSeat = (change: ChangeState, requirement: string, holder: string): FeatureCheck => {
  const known = change.requirements[requirement];
  return known !== undefined && tookPart(known, personOf(holder))
    ? reject('same-person', 'this person has answered already, from another seat')
    : PASSED;
};

/** The common start of a ballot and an advice. `repeated`: this seat has already given this same answer. */
type Opened = Found<{ readonly personal: Personal; readonly repeated: boolean }>;

/** Checks the person, the words, and that the seat has not answered; `again` is the refusal of a second, different answer. */
const open = (command: CastBallot | Advise, state: FeatureState, change: ChangeState, again: string): Opened => {
  const admitted = admitPersonal(command, state, change);
  if (!admitted.ok) return admitted;
  const { personal } = admitted;
  const standing = answered(change, personal.requirement.id, personal.seat, ballotMark(command.decision, personal.act));
  if (standing === 'other') return reject('already-decided', again);
  return { ok: true, personal, repeated: standing === 'same' };
};

/**
 * Records a member's answer: one per seat and revision, never changed. The requirement is met or refused once that is
 * arithmetically certain.
 */
export const castBallot = (command: CastBallot, state: FeatureState, change: ChangeState): Decided => {
  const opened = open(command, state, change, 'this seat has answered already, and a ballot cannot be changed');
  if (!opened.ok) return opened;
  if (opened.repeated) return nothing;
  const { personal } = opened;
  const { requirement } = personal;
  const late = isLate(change, requirement.id, command.at);
  const inTime = late ? PASSED : allOf(checkOpen(change), checkOrder(change, requirement), checkNoticePeriod(command.at, change));
  if (!inTime.ok) return inTime;
  const { at, holder, decision, terms } = command;
  const once = allOf(checkOnce(change, requirement.id, holder), checkSeat(change, requirement.id, holder));
  if (!once.ok) return once;
  const fit = !late && decision === 'approve' ? checkApproval(command, change) : PASSED;
  if (!fit.ok) return fit;
  const cast: EventOf<'BallotCast'> = {
    ...personalFacts(command, change, personal),
    type: 'BallotCast',
    decision,
    seats: bodyInForce(command, requirement.body)?.seats.length ?? 1,
    filled: command.roster === null ? 0 : holdersOf(command.roster.roster, requirement.body, localMoment(at, command.zone)).size,
    terms,
  };
  return late ? accept<FeatureEvent>(cast) : judge(state, change, requirement, cast, command);
};

/** Records advice, once per seat and revision. It never counts. */
export const advise = (command: Advise, state: FeatureState, change: ChangeState): Decided => {
  const opened = open(command, state, change, 'this seat has given its advice already');
  if (!opened.ok) return opened;
  if (opened.repeated) return nothing;
  const { personal } = opened;
  // Advice is still accepted while a veto stands.
  const inOrder = allOf(checkOpen(change), checkOrder({ ...change, status: 'pending' }, personal.requirement));
  if (!inOrder.ok) return inOrder;
  return accept<FeatureEvent>({ ...personalFacts(command, change, personal), type: 'AdviceGiven', decision: command.decision });
};
