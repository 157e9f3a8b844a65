import * as fc from 'fast-check';
import type { DecisionContext, FeatureCommand } from '../../../domain/feature/commands.ts';
import { type ChangeState, type FeatureState, isOpen } from '../../../domain/feature/state.ts';
import { NO_TERMS, type Terms } from '../../../domain/feature/terms.ts';
import type { Policy } from '../../../domain/policy/schema.ts';
import { holdersOf } from '../../../domain/roster/holders.ts';
import type { Roster } from '../../../domain/roster/schema.ts';
import { advise, ballot, certify, facts, notify, repin, revoke, sign, tick, withdraw } from '../../domain/feature/support.ts';
import {
  byBallots,
  roster,
  term,
  thirteenSeats,
  twoCertified,
  twoVetoes,
  withAdvice,
  withAuditor,
} from '../../support/fixtures/city.ts';

// A step is made of small numbers, so that fast-check can shrink it; what they mean depends on the state they meet.

export const KEYS = ['acme', 'acme.search'] as const;
export const POLICIES: readonly Policy[] = [thirteenSeats, byBallots, twoCertified, withAuditor, twoVetoes, withAdvice];

/** The same persons in other seats: an acting mayor, members who move, a clerk who sits elsewhere, vacancies, terms that end. */
const ROSTERS: readonly Roster[] = [
  roster(),
  roster({ mayor: { id: 'district-1' } }),
  roster({ 'district-1': null, 'district-2': { id: 'district-1' }, clerk: { id: 'mayor' } }),
  roster({ auditor: { id: 'mayor' }, 'board-1': { id: 'district-3' }, 'deputy-clerk': { id: 'district-4' } }),
  roster(
    { mayor: { to: '2026-04-01' }, 'at-large-a': null, 'at-large-b': null },
    term('mayor', 'mayor', { id: 'at-large-b', from: '2026-04-02' }),
  ),
];

const TERMS: readonly Terms[] = [
  NO_TERMS,
  { ...NO_TERMS, audience: ['Police'] },
  { until: '2026-06-01T00:00:00.000Z', audience: null, conditions: 'Keep it for 30 days at most.' },
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
  'repin',
  'tick',
  'roster',
  'policy',
  'resend',
  'removal',
  'pass',
  'decide',
] as const;
type Op = (typeof OPS)[number];
const WEIGHTS: Partial<Record<Op, number>> = {
  decide: 20,
  notify: 5,
  certify: 3,
  sign: 3,
  ballots: 4,
  pass: 4,
  override: 6,
  refuse: 6,
  revise: 3,
  correct: 4,
  repin: 2,
  policy: 2,
  roster: 2,
  revoke: 2,
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

const pick = <T>(list: readonly T[], index: number): T => {
  const found = list[index % list.length];
  if (found === undefined) throw new Error('nothing to pick from');
  return found;
};

const isMain = ({ astray }: Step): boolean => astray >= 8;

/** Who holds a seat of a body; somebody else when the step goes astray. */
const holderIn = (context: DecisionContext, body: string, step: Step): string => {
  const holders = context.roster === null ? [] : [...holdersOf(context.roster.roster, body, context.at.slice(0, 10)).values()];
  return isMain(step) && holders.length > 0
    ? pick(holders, step.b).id
    : pick(['mayor', 'clerk', 'district-1', 'district-4', 'auditor', 'nobody'], step.b);
};

const rollFor = (context: DecisionContext, body: string, { a, b }: Step, meetingDate: string): Record<string, string> => {
  const city = context.roster?.roster ?? roster();
  const holders = holdersOf(city, body, meetingDate);
  const seats = city.bodies[body]?.seats ?? [];
  const yes = a % 3 === 0 ? a % (seats.length + 1) : Math.ceil(seats.length * 0.7);
  return Object.fromEntries(
    seats.map((seat, index) => {
      if (!holders.has(seat)) return [seat, 'vacant'];
      const turn = (index + b) % seats.length;
      return [seat, turn < yes ? 'yes' : turn === yes ? 'recused' : turn % 2 === 0 ? 'no' : 'absent'];
    }),
  );
};

const noticeOf = ({ a, b }: Step, now: string) =>
  facts({
    kind: pick(['new-feature', 'update', 'contract', 'data-sharing'] as const, a),
    optOut: pick(['yes', 'yes', 'no', 'unknown'] as const, b),
    effectiveAt: b % 3 === 0 ? wait(now, (b * 7) % 40, []) : null,
    endsAt: a % 4 === 2 ? wait(now, 8, []) : null,
    version: a % 5 === 0 ? null : `v${a}`,
  });

/** What the next requirement of a change that can be decided needs to be met, by who may. */
const decisionOn = (
  change: ChangeState,
  state: FeatureState,
  context: DecisionContext,
  step: Step,
): readonly FeatureCommand[] => {
  const { at } = context;
  const on = { ...context, revision: change.rev, digest: change.digest, terms: pick(TERMS, change.n % 4 === 3 ? 1 : 0) };
  const rules = change.pin === null ? [] : (state.pins[change.pin]?.require ?? []);
  if (change.veto !== null) return [vote(change, 'override', { id: 'council', body: 'council' }, on, { ...step, a: 1 })];
  const open = rules.find(({ id, instrument }) => instrument !== 'advice' && change.reqs[id]?.status === 'open');
  if (open === undefined) return change.pin === null ? [tick(at, context)] : [];
  const { id: requirement, body, instrument } = open;
  const holders = [...holdersOf(context.roster?.roster ?? roster(), body, at.slice(0, 10))];
  if (instrument === 'certification') return [vote(change, 'adopt', open, on, { ...step, a: 1 })];
  if (instrument === 'signature')
    return holders.slice(0, 1).map(([, { id }]) => sign(at, change.n, { ...on, requirement, holder: id }));
  const left = holders.filter(([seat]) => change.reqs[requirement]?.ballots[seat] === undefined);
  return left.slice(0, 1).map(([, { id }]) => ballot(at, change.n, id, { ...on, requirement }));
};

const vote = (
  change: ChangeState,
  purpose: 'adopt' | 'override',
  { id, body }: { readonly id: string; readonly body: string },
  on: DecisionContext & { readonly revision: number; readonly digest: string; readonly terms: Terms },
  step: Step,
): FeatureCommand => {
  const meetingDate = on.at.slice(0, 10);
  const votes = rollFor(on, body, step, meetingDate);
  const holder = holderIn(on, 'clerk', { ...step, b: 0, astray: 99 });
  return certify(on.at, change.n, { ...on, purpose, requirement: id, holder, meetingDate, votes, mover: null, seconder: null });
};

/** The changes that a step is most likely about; every known one when there is none of these. */
const fitting = (op: Op, state: FeatureState): readonly ChangeState[] => {
  const suits: Partial<Record<Op, (change: ChangeState) => boolean>> = {
    revoke: ({ status }) => status === 'approved',
    override: ({ veto }) => veto !== null,
    refuse: ({ reqs, ...change }) =>
      isOpen({ reqs, ...change }) && (reqs['mayor']?.status === 'open' || reqs['auditor']?.status === 'open'),
    correct: ({ reqs }) => Object.values(reqs).some(({ meeting, status }) => meeting !== null && status === 'met'),
    ballots: ({ reqs }) => Object.values(reqs).some(({ ballots }) => Object.keys(ballots).length > 0),
  };
  const suited = state.changes.filter(suits[op] ?? isOpen);
  return suited.length > 0 ? suited : state.changes;
};

/** The commands that a step stands for in a state: usually ones that can be accepted. `resend`: the last command once more. */
export const commandsOf = (step: Step, scene: Scene, key: string, state: FeatureState): readonly FeatureCommand[] => {
  const { op, a, b, change: wanted } = step;
  const at = scene.now;
  const context: DecisionContext = {
    at,
    zone: 'UTC',
    roster: { number: scene.roster + 1, roster: pick(ROSTERS, scene.roster) },
    policy: scene.bound ? { number: scene.policy + 1, policy: pick(scene.policies, scene.policy) } : null,
  };
  const known = isMain(step) ? fitting(op, state) : [];
  const change = known.length === 0 ? undefined : pick(known, wanted < 4 ? 0 : wanted);
  const n = change?.n ?? wanted;
  const on = {
    ...context,
    ...(change !== undefined && { revision: change.rev, digest: change.digest }),
    terms: pick(TERMS, step.astray < 20 ? step.astray : 0),
  };
  const rules = change?.pin === null || change === undefined ? [] : (state.pins[change.pin]?.require ?? []);
  const asked = (instrument: string) => {
    const fitting = rules.filter((requirement) => requirement.instrument === instrument);
    const open = fitting.filter(({ id }) => change?.reqs[id]?.status === 'open');
    return open[0] ?? fitting[0] ?? { id: 'council', body: 'council' };
  };
  const digest = `sha256:${(state.count * 97 + (change?.rev ?? 0) + a).toString(16).padStart(64, '0')}`;
  switch (op) {
    case 'notify':
      return [notify(at, state.count + 1, { ...context, key, digest, notice: noticeOf(step, at) })];
    case 'removal':
      return [
        notify(at, state.count + 1, {
          ...context,
          key,
          digest,
          notice: facts({ kind: 'removal', effectiveAt: b % 2 === 0 ? null : wait(at, 8, []) }),
        }),
      ];
    case 'revise':
      return [
        notify(at, n, {
          ...context,
          key,
          revises: Math.max(1, n),
          digest: a % 7 === 0 ? (change?.digest ?? digest) : `${digest.slice(0, -4)}beef`,
          notice: noticeOf(step, at),
        }),
      ];
    case 'withdraw':
      return [withdraw(at, n, context)];
    case 'certify':
    case 'override':
    case 'correct': {
      const requirement = op === 'override' ? { id: 'council', body: 'council' } : asked('certification');
      const meetingDate =
        b % 5 === 0
          ? wait(at, 0, []).slice(0, 10)
          : op === 'correct'
            ? (change?.reqs[requirement.id]?.meeting ?? at.slice(0, 10))
            : at.slice(0, 10);
      const purpose = op === 'certify' ? 'adopt' : op;
      const votes = rollFor(context, requirement.body, step, meetingDate);
      const mover = Object.keys(votes)[0] ?? null;
      return [
        certify(at, n, {
          ...on,
          purpose,
          requirement: requirement.id,
          holder: holderIn(context, 'clerk', step),
          meetingDate,
          votes,
          mover,
          seconder: null,
        }),
      ];
    }
    case 'sign':
    case 'refuse': {
      const requirement = asked('signature');
      return [
        sign(at, n, {
          ...on,
          requirement: requirement.id,
          holder: holderIn(context, requirement.body, { ...step, b: 0 }),
          decision: op === 'sign' ? 'approve' : 'refuse',
        }),
      ];
    }
    case 'ballots': {
      const { id, body } = asked('ballots');
      const holders = [...holdersOf(context.roster?.roster ?? roster(), body, at.slice(0, 10)).values()];
      return Array.from({ length: (a % 9) + 1 }, (_, index) => {
        const holder = isMain(step) ? pick(holders, b + index).id : 'mayor';
        return ballot(at, n, holder, {
          ...on,
          requirement: id,
          decision: (a + index) % 9 === 8 ? 'refuse' : (b + index) % 11 === 10 ? 'abstain' : 'approve',
        });
      });
    }
    case 'advise':
      return [advise(at, n, holderIn(context, 'board', step), { ...on })];
    case 'revoke': {
      const requirement = rules.length === 0 ? { id: 'mayor', body: 'mayor', instrument: 'signature' } : pick(rules, a);
      const certifying = requirement.instrument === 'certification';
      return [
        revoke(at, n, {
          ...context,
          requirement: requirement.id,
          holder: holderIn(context, certifying ? 'clerk' : requirement.body, step),
          fileNumber: certifying ? '26-9' : null,
        }),
      ];
    }
    case 'decide':
      return state.changes
        .filter(isOpen)
        .slice(0, 1)
        .flatMap((open) => decisionOn(open, state, context, step));
    case 'repin':
      return [repin(at, context)];
    case 'tick':
      return [tick(at, context)];
    default:
      return [];
  }
};
