import { expect, test } from 'vitest';
import type { FeatureCommand } from '../../../domain/feature/decide.ts';
import { GRAFTED, graftedIn } from './grafted.ts';

// What one history allows, written into every other of the same instant: the judge lets stand what the gate decides there, and
// nothing else. ALDERGATE_PROPERTY_RUNS makes them more.
const HISTORIES_MAX = process.env.ALDERGATE_PROPERTY_RUNS === undefined ? 40 : 90;

/** Each command of a feature; `repin` follows from a policy, which these worlds never change. */
const COMMANDS: Readonly<Record<Exclude<FeatureCommand['type'], 'repin'>, true>> = {
  notify: true,
  withdraw: true,
  attach: true,
  certify: true,
  sign: true,
  ballot: true,
  advise: true,
  confirm: true,
  revoke: true,
  contest: true,
  'opt-out': true,
  'confirm-rollback': true,
  tick: true,
};

test('every command is given in some world', () => {
  const given = new Set<string>(Object.values(GRAFTED).flatMap(({ ops }) => ops));
  expect(Object.keys(COMMANDS).filter((command) => !given.has(command))).toEqual([]);
});

test.each(Object.entries(GRAFTED))('an act of one history stands in another where the gate decides the same: %s', (_, world) => {
  const { count, stood, wrong } = graftedIn(world, HISTORIES_MAX);
  expect(wrong).toEqual([]);
  expect(count).toBeGreaterThan(250);
  expect(stood).toBeGreaterThan(50);
});
