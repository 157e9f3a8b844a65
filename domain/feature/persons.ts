import { createHash } from 'node:crypto';
import type { Requirement } from '../policy/schema.ts';
import type { ChangeState, RequirementState } from './state.ts';

/** Length of a person's fingerprint: 36 bits in base64url, so that the votes of a whole council fit the state. */
export const PERSON_CHARS = 6;

/** Returns a short fingerprint of a holder's id. A collision makes two persons look like one, which refuses and never approves. */
export const personOf = (holder: string): string =>
  createHash('sha256').update(`person/${holder}`).digest('base64url').slice(0, PERSON_CHARS);

/** Joins fingerprints into one text, each once, in a fixed order. */
export const joinPersons = (...runs: readonly string[]): string => [...new Set(runs.flatMap(splitPersons))].sort().join('');

/** Returns the fingerprints in a text that {@link joinPersons} wrote. */
export const splitPersons = (run: string): readonly string[] => run.match(/.{6}/g) ?? [];

/** Whether a person voted, signed or balloted in a requirement. */
export const tookPart = ({ persons, overriders }: RequirementState, person: string): boolean =>
  splitPersons(persons).includes(person) || splitPersons(overriders).includes(person);

/**
 * Whether a person already counts in this change in a requirement other than `requirement`. A clerk who certified any of them
 * counts everywhere: a certifying clerk neither signs nor ballots. Nor does the official who entered the notice.
 */
export const countsElsewhere = (change: ChangeState, requirement: string, person: string): boolean =>
  person === change.by ||
  Object.entries(change.requirements).some(
    ([id, state]) => splitPersons(state.clerks).includes(person) || (id !== requirement && tookPart(state, person)),
  );

/** Whether a person signed, balloted or voted in any requirement: then somebody else must certify. */
export const countsAnywhere = (change: ChangeState, person: string): boolean =>
  person === change.by || Object.values(change.requirements).some((state) => tookPart(state, person));

/** The fewest distinct authenticated persons among the acts of an approval, whatever the policy asks for. */
export const APPROVERS_MIN = 2;

/**
 * Returns how many distinct authenticated persons have acted for an approval: the clerks who certified and those who confirmed, who
 * signed, who said yes by ballot. The members of a roll call are named in it and not authenticated; a refusal acts for nothing.
 */
export const approversOf = (change: ChangeState, required: readonly Requirement[]): number => {
  const states = required.flatMap(({ id, instrument }) => {
    const state = change.requirements[id];
    return state === undefined ? [] : [{ instrument, state }];
  });
  const persons = states.flatMap(({ instrument, state }) => {
    if (instrument === 'certification') return splitPersons(state.clerks + state.confirmers);
    return instrument === 'signature' && state.status === 'met' ? splitPersons(state.persons) : [];
  });
  const ballots = states.flatMap(({ state }) => Object.values(state.ballots).filter((mark) => mark.startsWith('y')));
  return new Set(persons).size + ballots.length;
};
