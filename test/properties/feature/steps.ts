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
export const step: fc.Arbitrary<Step> = fc.record({
  op: fc.oneof(...OPS.map((op) => ({ arbitrary: fc.constant(op), weight: WEIGHTS[op] ?? 1 }))),
  key: fc.nat(3),
  change: fc.nat(5),
  wait: fc.nat(60),
  a: fc.nat(40),
  b: fc.nat(40),
  astray: fc.nat(99),
});

/** What a sequence of steps runs in. */
export interface Scene {
  readonly now: string;
  readonly roster: number;
  readonly policy: number;
  readonly policies: readonly Policy[];
  readonly bound: boolean;
}

/** Steps enough for several changes to run their course. */
export const longStory = fc.array(step, { minLength: 12, maxLength: 45, size: 'max' });

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
