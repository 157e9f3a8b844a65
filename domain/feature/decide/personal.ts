import type { Requirement } from '../../policy/schema.ts';
import type { Advise, CastBallot, Sign } from '../commands.ts';
import type { ChangeState, FeatureState } from '../state.ts';
import { decisionAct, type FeatureRefusal, type Found, refusal, rejectedAs, requirementNamed, seatHeld } from './guard.ts';

/** What one person does by an own link: signs, answers by ballot, advises. */
export type PersonalDecision = Sign | CastBallot | Advise;

const INSTRUMENT = { sign: 'signature', ballot: 'ballots', advise: 'advice' } as const;

const MAY = { sign: 'can sign', ballot: 'has a ballot', advise: 'can advise' } as const;

/** A personal decision by somebody who may take it: in which requirement, from which seat, by which roster. */
export interface Personal {
  readonly requirement: Requirement;
  readonly seat: string;
  /** The number of the roster by which the person holds the seat. */
  readonly roster: number;
  readonly act: string;
}

/** The requirement that a personal decision is for; undefined where the change asks for none of that name and instrument. */
export const personalRequirement = (
  { type, requirement }: PersonalDecision,
  state: FeatureState,
  change: ChangeState,
): Requirement | undefined => requirementNamed(state, change, requirement, INSTRUMENT[type]);

/** Why a decision for a requirement that is not there is refused. */
export const notAskedFor = ({ type, requirement }: PersonalDecision): FeatureRefusal =>
  refusal('unknown-requirement', `no ${INSTRUMENT[type]} named ${requirement} is asked for`);

/** The seat from which a person decides: it must be held on the day of the decision. */
export const inOffice = (
  command: PersonalDecision,
  change: ChangeState,
  requirement: Requirement,
): Found<{ readonly personal: Personal }> => {
  const seat = seatHeld(command, command.holder, requirement.body);
  if (seat === undefined || command.roster === null)
    return rejectedAs(refusal('not-in-office', `only who holds a seat of ${requirement.body} now ${MAY[command.type]}`));
  const personal = { requirement, seat, roster: command.roster.number, act: decisionAct(command, change) };
  return { ok: true, personal };
};

/** What the events of all personal decisions begin with. */
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
