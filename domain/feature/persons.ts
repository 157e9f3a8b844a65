import { digestOf } from '../kernel/digest.ts';
import type { ChangeState, RequirementState } from './state.ts';

/** Length of a person's fingerprint. */
export const PERSON_CHARS = 8;

/** A short fingerprint of a holder's id. It can only make two persons look like one, which refuses and never approves. */
export const personOf = (holder: string): string =>
  digestOf(`person/${holder}`).slice('sha256:'.length, 'sha256:'.length + PERSON_CHARS);

/** Fingerprints run together, each once, in a fixed order. */
export const joinPersons = (...runs: readonly string[]): string => [...new Set(runs.flatMap(splitPersons))].sort().join('');

/** The fingerprints of a run. */
export const splitPersons = (run: string): readonly string[] => run.match(/.{8}/g) ?? [];

/** Whether a person voted, signed or balloted in a requirement. */
export const tookPart = ({ persons, overriders }: RequirementState, person: string): boolean =>
  splitPersons(persons).includes(person) || splitPersons(overriders).includes(person);

/**
 * Whether a person already counts in this change in a requirement other than `requirement`. A clerk who certified any of them
 * counts everywhere: whoever certifies neither signs nor ballots.
 */
export const countsElsewhere = (change: ChangeState, requirement: string, person: string): boolean =>
  person === change.by ||
  Object.entries(change.requirements).some(
    ([id, state]) => splitPersons(state.clerks).includes(person) || (id !== requirement && tookPart(state, person)),
  );

/** Whether a person signed, balloted or voted in any requirement: then somebody else must certify. */
export const countsAnywhere = (change: ChangeState, person: string): boolean =>
  person === change.by || Object.values(change.requirements).some((state) => tookPart(state, person));
