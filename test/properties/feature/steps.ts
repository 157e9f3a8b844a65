import * as fc from 'fast-check';
import type { FeatureState } from '../../../domain/feature/state.ts';
import type { Policy } from '../../../domain/policy/schema.ts';
import {
  byBallots,
  thirteenSeats,
  twoCertified,
  twoVetoes,
  withAdvice,
  withAuditor,
  withOverrideTime,
} from '../../support/fixtures/city.ts';

// A step is made of small numbers, so that fast-check can shrink it; what they mean depends on the state they meet.

export const KEYS = ['acme', 'acme.search'] as const;
export const POLICIES: readonly Policy[] = [
  thirteenSeats,
  byBallots,
  twoCertified,
  withAuditor,
  twoVetoes,
  withAdvice,
  withOverrideTime,
];

const OPS = [
  'notify',
  'revise',
  'withdraw',
  'certify',
  'override',
  'correct',
  'sign',
  'refuse',
  'ballots',
  'advise',
  'revoke',
  'contest',
  'rollback',
  'opt-out',
  'confirm',
  'repin',
  'tick',
  'roster',
  'policy',
  'resend',
  'removal',
  'pass',
  'decide',
] as const;
export type Op = (typeof OPS)[number];
const WEIGHTS: Partial<Record<Op, number>> = {
  decide: 20,
  notify: 5,
  certify: 3,
  sign: 3,
  ballots: 4,
  pass: 4,
  override: 6,
  confirm: 6,
  refuse: 6,
  revise: 3,
  correct: 4,
  repin: 2,
  policy: 2,
  roster: 2,
  revoke: 2,
  withdraw: 3,
  rollback: 6,
  'opt-out': 6,
  contest: 2,
};

export interface Step {
  readonly op: Op;
  readonly key: number;
  readonly change: number;
  readonly wait: number;
  readonly a: number;
  readonly b: number;
  readonly astray: number;
}

/** One step; `astray` below 8 of a hundred makes something of it wrong. */
const step: fc.Arbitrary<Step> = fc.record({
  op: fc.oneof(...OPS.map((op) => ({ arbitrary: fc.constant(op), weight: WEIGHTS[op] ?? 1 }))),
  key: fc.nat(3),
  change: fc.nat(5),
  wait: fc.nat(60),
  a: fc.nat(40),
  b: fc.nat(40),
  astray: fc.nat(99),
});

/** What seldom comes by chance, one after the other about one feature. */
const PASSAGES: readonly { readonly ops: readonly Op[]; readonly a?: number; readonly b?: number }[] = [
  { ops: ['notify', 'decide', 'refuse', 'override', 'confirm'] },
  { ops: ['notify', 'decide', 'refuse', 'override', 'confirm'], b: 1 },
  { ops: ['notify', 'decide', 'decide', 'revoke'] },
  // Approved words whose effect is twenty days away.
  { ops: ['notify', 'decide', 'decide', 'pass', 'tick'], b: 24 },
  { ops: ['notify', 'policy', 'repin'] },
  { ops: ['notify', 'withdraw', 'rollback'], a: 1 },
];
/** An even `a` ends a decision with the record of the vote. */
const passage = fc
  .record({ passed: fc.constantFrom(...PASSAGES), step })
  .map(({ passed: { ops, a = 14, b }, step: each }) =>
    ops.map((op): Step => ({ ...each, op, change: 0, wait: 43, a, b: b ?? each.b, astray: 99 })),
  );

/** Steps by chance, and among them passages. */
export const steps = (most: number): fc.Arbitrary<readonly Step[]> => {
  const chance = step.map((each) => [each]);
  const parts = fc.oneof({ arbitrary: chance, weight: 11 }, { arbitrary: passage, weight: 1 });
  return fc.array(parts, { minLength: 12, maxLength: most, size: 'max' }).map((list) => list.flat());
};

/** Asserts a property, and of more draws until the rarest of what it should meet was met, so that no seed matters. */
export const assertUntil = (isMet: () => boolean, property: fc.IProperty<unknown>, numRuns: number): void => {
  const { seed } = fc.readConfigureGlobal();
  for (let more = 0; more === 0 || (more < 10 && !isMet()); more += 1)
    fc.assert(property, { numRuns, ...(seed !== undefined && { seed: seed + more }) });
};

/** What a sequence of steps runs in. */
export interface Scene {
  readonly now: string;
  readonly roster: number;
  readonly policy: number;
  readonly policies: readonly Policy[];
  readonly bound: boolean;
}

/** Steps enough for several changes to run their course. */
export const longStory = steps(45);

/** A city that begins with a roster and a policy, and adopts others on the way. */
export const boundScene = fc.record({
  roster: fc.constant(0),
  policy: fc.constant(0),
  bound: fc.constant(true),
  policies: fc.shuffledSubarray([...POLICIES], { minLength: 2 }),
});

const HOUR_MS = 3_600_000;
const WAITS_MS = [0, 1, HOUR_MS, 8 * HOUR_MS, 24 * HOUR_MS, 24 * HOUR_MS, 3 * 24 * HOUR_MS, 7 * 24 * HOUR_MS, 20 * 24 * HOUR_MS];

/** Moves on: by some time, or to an instant that the state names, exactly, a millisecond before it, or after it. */
export const wait = (now: string, amount: number, states: readonly FeatureState[]): string => {
  const nowMs = Date.parse(now);
  const named = [...new Set(JSON.stringify(states).match(/\d{4}-\d\d-\d\dT[\d:.]{12}Z/g) ?? [])]
    .map((text) => Date.parse(text))
    .filter((ms) => ms > nowMs + 1)
    .sort((one, other) => one - other);
  const boundary = named[Math.floor(amount / 3) % Math.max(1, named.length)];
  const toMs =
    amount < 40 || boundary === undefined ? nowMs + (WAITS_MS[amount % WAITS_MS.length] ?? 0) : boundary + (amount % 3) - 1;
  return new Date(toMs).toISOString();
};
