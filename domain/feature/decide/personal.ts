import { type Rejected, reject } from '../../kernel/decider.ts';
import type { Requirement } from '../../policy/schema.ts';
import type { Advise, CastBallot, FeatureRejection, Sign } from '../commands.ts';
import type { ChangeState, FeatureState } from '../state.ts';
import { decisionAct, type Found, requirementNamed, seatHeld } from './guard.ts';

/** A decision by one person through a personal link: signs, votes by ballot, advises. */
export type PersonalDecision = Sign | CastBallot | Advise;

const INSTRUMENT = { sign: 'signature', ballot: 'ballots', advise: 'advice' } as const;

const MAY = { sign: 'can sign', ballot: 'has a ballot', advise: 'can advise' } as const;

/** An admitted personal decision: its requirement, seat and roster. */
export interface Personal {
  readonly requirement: Requirement;
  readonly seat: string;
  /** The number of the roster by which the person holds the seat. */
  readonly roster: number;
  readonly act: string;
}

/** Returns the requirement that a personal decision is for; undefined if the change has none with that name and instrument. */
export const personalRequirement = (
  { type, requirement }: PersonalDecision,
  state: FeatureState,
  change: ChangeState,
): Requirement | undefined => requirementNamed(state, change, requirement, INSTRUMENT[type]);

/** Refuses a decision for a missing requirement. */
export const notAskedFor = ({ type, requirement }: PersonalDecision): Rejected<FeatureRejection> =>
  reject('unknown-requirement', `no ${INSTRUMENT[type]} named ${requirement} is asked for`);

/** Returns the seat from which a person decides: it must be held on the day of the decision. */
export const inOffice = (
  command: PersonalDecision,
  change: ChangeState,
  requirement: Requirement,
): Found<{ readonly personal: Personal }> => {
  const seat = seatHeld(command, command.holder, requirement.body);
  if (seat === undefined || command.roster === null)
    return reject('not-in-office', `only who holds a seat of ${requirement.body} now ${MAY[command.type]}`);
  const personal = { requirement, seat, roster: command.roster.number, act: decisionAct(command, change) };
  return { ok: true, personal };
};

/** Returns the fields common to the events of all personal decisions. */
export const personalFacts = ({ at, decision, holder, comment }: PersonalDecision, change: ChangeState, personal: Personal) =>
  ({
    v: 1,
    at,
    change: change.number,
    revision: change.revision,
    digest: change.digest,
    requirement: personal.requirement.id,
    act: personal.act,
    comment,
    decision,
    holder,
    seat: personal.seat,
    roster: personal.roster,
  }) as const;
