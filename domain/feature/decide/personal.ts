import { reject } from '../../kernel/decider.ts';
import type { Requirement } from '../../policy/schema.ts';
import type { Advise, CastBallot, Sign } from '../commands.ts';
import type { ChangeState, FeatureState } from '../state.ts';
import { checkOpen, checkWords, decisionAct, type Found, requirementNamed, seatHeld } from './guard.ts';

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

/**
 * Admits a personal decision: it is on the current words, a requirement of the change asks for it, and the person holds a seat of
 * that body on the day of the decision.
 */
export const admitPersonal = (
  command: PersonalDecision,
  state: FeatureState,
  change: ChangeState,
): Found<{ readonly personal: Personal }> => {
  const current = checkWords(command, change);
  if (!current.ok) return current;
  const instrument = INSTRUMENT[command.type];
  const requirement = requirementNamed(state, change, command.requirement, instrument);
  if (requirement === undefined) {
    const open = checkOpen(change);
    return open.ok ? reject('unknown-requirement', `no ${instrument} named ${command.requirement} is asked for`) : open;
  }
  const seat = seatHeld(command, command.holder, requirement.body);
  if (seat === undefined || command.roster === null)
    return reject('not-in-office', `only who holds a seat of ${requirement.body} now ${MAY[command.type]}`);
  const personal = { requirement, seat, roster: command.roster.number, act: decisionAct(command, change) };
  return { ok: true, personal };
};

/** Returns the fields common to the events of all personal decisions. */
export const personalFacts = ({ at, holder, comment }: PersonalDecision, change: ChangeState, personal: Personal) =>
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
