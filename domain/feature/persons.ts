import { createHash } from 'node:crypto';
import type { Requirement } from '../policy/schema.ts';
import {
  type ChangeState,
  counts,
  type FeatureState,
  isSatisfied,
  openChanges,
  type RequirementState,
  requirementsOf,
} from './state.ts';

/** Length of a person's fingerprint: 30 bits in base64url, so that the votes of a whole council fit the state. */
export const PERSON_CHARS = 5;
const PERSON = new RegExp(`.{${PERSON_CHARS}}`, 'g');

/** Returns a short fingerprint of a holder's id. A collision makes two persons look like one, which can only refuse. */
export const personOf = (holder: string): string =>
  createHash('sha256').update(`person/${holder}`).digest('base64url').slice(0, PERSON_CHARS);

export const joinPersons = (...runs: readonly (string | undefined)[]): string =>
  [...new Set(runs.flatMap(splitPersons))].sort().join('');

export const splitPersons = (run: string | undefined): readonly string[] => run?.match(PERSON) ?? [];

export const tookPart = ({ persons, overriders }: RequirementState, person: string): boolean =>
  splitPersons(persons).includes(person) || splitPersons(overriders).includes(person);

/**
 * Reports whether a person counts in another requirement of this change. Who certified in any, and who entered the notice, counts
 * everywhere.
 */
export const countsElsewhere = (change: ChangeState, requirement: string, person: string): boolean =>
  person === change.by ||
  Object.entries(change.requirements).some(
    ([id, state]) => splitPersons(state.clerks).includes(person) || (id !== requirement && tookPart(state, person)),
  );

/** Reports whether a person signed, balloted or voted in any requirement. */
export const countsAnywhere = (change: ChangeState, person: string): boolean =>
  person === change.by || Object.values(change.requirements).some((state) => tookPart(state, person));

/** Distinct authenticated persons that an approval needs, whatever the policy requires. */
export const APPROVERS_MIN = 2;

/**
 * Returns the number of distinct authenticated persons who acted for an approval. A roll call names its members without authenticating
 * them.
 */
export const approversOf = (change: ChangeState, required: readonly Requirement[]): number => {
  const states = required.flatMap(({ id, instrument }) => {
    const state = change.requirements[id];
    return state === undefined ? [] : [{ instrument, state }];
  });
  const persons = states.flatMap(({ instrument, state }) => {
    if (instrument === 'certification') return [...splitPersons(state.clerks), ...splitPersons(state.confirmers)];
    return instrument === 'signature' && state.status === 'met' ? splitPersons(state.persons) : [];
  });
  const ballots = states.flatMap(({ state }) => Object.values(state.ballots ?? {}).filter((mark) => mark.startsWith('y')));
  return new Set(persons).size + ballots.length;
};

/** Returns the open changes that every required body has approved, by fewer than two persons. */
export const lackingPersons = (state: FeatureState): readonly ChangeState[] =>
  openChanges(state).filter((change) => {
    const counting = requirementsOf(state, change).filter(counts);
    return change.status === 'pending' && counting.length > 0 && counting.every(({ id }) => isSatisfied(change, id));
  });
