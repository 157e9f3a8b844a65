import { digestOf } from '../kernel/digest.ts';
import type { ChangeState } from './state.ts';

const LENGTH = 8;

/** A short fingerprint of a holder's id. It can only make two persons look like one, which refuses and never approves. */
export const personOf = (holder: string): string =>
  digestOf(`person/${holder}`).slice('sha256:'.length, 'sha256:'.length + LENGTH);

/** Fingerprints run together, each once, in a fixed order. */
export const joinPersons = (...runs: readonly string[]): string => [...new Set(runs.flatMap(splitPersons))].sort().join('');

const splitPersons = (run: string): readonly string[] => run.match(/.{8}/g) ?? [];

/**
 * Whether a person already counts in this change in a requirement other than `requirement`. A clerk who certified any of them
 * counts everywhere: whoever certifies neither signs nor ballots.
 */
export const countsElsewhere = (change: ChangeState, requirement: string, person: string): boolean =>
  person === change.by ||
  Object.entries(change.reqs).some(
    ([id, state]) => state.clerk === person || (id !== requirement && splitPersons(state.persons).includes(person)),
  );

/** Whether a person signed, balloted or voted in any requirement: then somebody else must certify. */
export const countsAnywhere = (change: ChangeState, person: string): boolean =>
  person === change.by || Object.values(change.reqs).some((state) => splitPersons(state.persons).includes(person));
