import { expect, test } from 'vitest';
import { VARIANTS, type Variant } from '../../../domain/feature/evaluate.ts';
import { evolveObservation } from '../../../domain/observation/decide.ts';
import { driftsIn, isDrift, keysSeenOn } from '../../../domain/observation/drift.ts';
import { initialObservationState } from '../../../domain/observation/state.ts';

const at = (hour: number): string => `2026-04-06T${String(hour).padStart(2, '0')}:00:00.000Z`;
const looks = (...seen: readonly (readonly [number, Record<string, boolean>])[]) =>
  seen.reduce(
    (state, [hour, features]) =>
      evolveObservation(state, {
        type: 'ObservationRecorded',
        v: 1,
        at: at(hour),
        source: 'portal',
        observedAt: at(hour),
        features,
        evidence: null,
      }),
    initialObservationState,
  );

test('what is seen on is drift unless it may be on for some agency', () => {
  expect(VARIANTS.filter((variant) => !isDrift(true, variant))).toStrictEqual(['enabled', 'audience']);
  expect(VARIANTS.filter((variant) => isDrift(false, variant))).toStrictEqual([]);
});

test('drift has been seen since the first of the looks in a row that found it on', () => {
  const state = looks([1, { acme: true }], [2, { acme: false }], [3, { acme: true, 'acme.b': false }], [4, { acme: true }]);
  expect(keysSeenOn(state)).toStrictEqual(['acme']);
  expect(driftsIn(state, () => 'pending')).toStrictEqual([{ key: 'acme', since: at(3), observedAt: at(4), status: 'pending' }]);
});

test('a key without an answer is unknown, and so drift', () => {
  const statuses: Partial<Record<string, Variant>> = { acme: 'audience' };
  expect(
    driftsIn(looks([1, { acme: true, 'acme.b': true }]), (key) => statuses[key]).map(({ key, status }) => [key, status]),
  ).toStrictEqual([['acme.b', 'unknown']]);
});
