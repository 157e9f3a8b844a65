import type { DecisionContext } from '../../../domain/feature/commands.ts';
import type { FeatureCommand } from '../../../domain/feature/decide.ts';
import type { Confirmable } from '../../../domain/feature/evolve/lingering.ts';
import type { NoticeFacts } from '../../../domain/feature/notice.ts';
import { type ChangeState, type FeatureState, isOpen } from '../../../domain/feature/state.ts';
import { NO_TERMS } from '../../../domain/feature/terms.ts';
import type { Policy } from '../../../domain/policy/schema.ts';
import type { Roster } from '../../../domain/roster/schema.ts';
import { ballots, council, mayor, policy, rule, signature, term } from '../../support/fixtures/city.ts';
import {
  advise,
  attach,
  ballot,
  certify,
  confirm,
  confirmRollback,
  contest,
  facts,
  inForce,
  notify,
  optOut,
  refuse,
  revise,
  revoke,
  sign,
  tick,
  withdraw,
} from '../feature/support.ts';

/** The instants at which something can happen: after a wait the next meeting, deadline, confirmation or veto may be over. */
const DAYS = [0, 1, 7, 22, 60] as const;
export const instant = (time: number): string => new Date(Date.UTC(2026, 2, 1 + (DAYS[time] ?? 60), 12)).toISOString();
export const timesOf = ({ times = DAYS.length }: World): number => times;

/** The smallest city in which one person could do two things: the mayor is the deputy clerk, and the clerk sits in the council. */
export const SMALL: Roster = {
  bodies: {
    council: { name: 'Council', seats: ['a', 'b', 'c'], attestedBy: 'clerk' },
    mayor: { name: 'Mayor', seats: ['mayor'] },
    clerk: { name: 'Clerk', seats: ['clerk', 'deputy'] },
  },
  holders: [
    term('council', 'a'),
    term('council', 'b'),
    term('council', 'c', { id: 'clerk' }),
    term('mayor', 'mayor'),
    term('clerk', 'clerk'),
    term('clerk', 'deputy', { id: 'mayor' }),
  ],
};

const votes = council({ threshold: { yes: 2, of: 'seats' }, quorum: 2 });
const override = { requirement: 'council', yes: 2, within: 'P30D', confirmedBy: 'council' } as const;

/** Rules of two bodies, and two that no policy check lets through today: one person fills them unless the decision itself counts. */
export const POLICIES = {
  both: policy(rule([votes, mayor({ override })])),
  confirmed: policy(rule([{ ...votes, confirmedBy: 'council' }, mayor({ override })])),
  alone: policy(rule([votes])),
  pair: policy(rule(['mayor', 'clerk'].map((id) => ({ id, body: id, instrument: 'signature' as const })))),
  documented: policy(rule([votes, mayor({ override })], { documents: ['report'] })),
  timed: policy(rule([votes, mayor({ override: { ...override, within: { notBefore: 'P1D', notAfter: 'P30D' } } })])),
  balloted: policy(
    rule(
      [
        ballots({ threshold: { yes: 'majority', of: 'filled' }, quorum: 2 }),
        signature('mayor', { after: ['council'], deadline: 'P7D' }),
        { id: 'advice', body: 'clerk', instrument: 'advice' },
      ],
      { notice: 'P1D', window: 'P30D', term: 'P20D' },
    ),
  ),
  unconfirmed: policy(rule([votes, mayor({ override: { requirement: 'council', yes: 2, within: 'P30D' } })])),
} satisfies Record<string, Policy>;

/** What a search may do, so that it goes deep in one matter or wide over all. */
export interface World {
  readonly policy: keyof typeof POLICIES;
  readonly changes: number;
  readonly revisions: number;
  /** Allows maintenance in the terms of every decision. */
  readonly maintenance: boolean;
  readonly ops: readonly Op[];
  /** The instants of the world, as many of {@link instant} as this. */
  readonly times?: number;
  /** The notices that can come, other than the usual ones. */
  readonly notices?: readonly NoticeFacts[];
  /** When an approval that is given in one step can begin. */
  readonly starts?: readonly (string | null)[];
}
/** One change without a revision, under the usual policy. */
export const PLAIN = { policy: 'both', changes: 1, revisions: 1, maintenance: false } as const satisfies Partial<World>;
/** Some are steps of several commands: a body and the mayor approve, a council refuses, two persons confirm a rollback. */
export type Op = FeatureCommand['type'] | 'override' | 'correct' | 'take-back' | 'adopt' | 'reject';

const ELSEWHERE = ['adopt', 'reject', 'confirm-rollback', 'repin', 'tick'] as const satisfies readonly Op[];
/** What one person does about one change. A command that is added has to be made here, and done in some world. */
type Single = Exclude<Op, (typeof ELSEWHERE)[number]>;
const isSingle = (op: Op): op is Single => !ELSEWHERE.some((other) => other === op);

const REASON = `sha256:${'7'.repeat(64)}`;
const YES = { a: 'yes', b: 'yes', c: 'absent' };
const NO = { a: 'yes', b: 'no', c: 'absent' };

const forced = facts({ optOut: 'no', version: null });
const held = facts({ optOut: 'yes', version: null });
const upkeep = facts({ kind: 'update', optOut: 'no', version: null });

const notices = (world: World) => world.notices ?? (world.maintenance ? [held, forced, upkeep] : [held, forced]);

const aboutChange = (world: World, change: ChangeState, context: DecisionContext): readonly FeatureCommand[] => {
  const { at } = context;
  const { number: n, revision, digest, confirmation } = change;
  const terms = { ...NO_TERMS, maintenance: world.maintenance };
  const on = { ...context, revision, digest, terms };
  const vote = { ...on, mover: 'a', seconder: null };
  const clerks = ['clerk', 'mayor'];
  const words = revision < world.revisions && isOpen(change) ? notices(world) : [];
  const certificates = (purpose: 'adopt' | 'override' | 'correct') => [
    ...clerks.map((holder) => certify(at, n, { ...vote, holder, purpose, votes: YES })),
    certify(at, n, { ...vote, purpose, votes: NO }),
  ];
  const certificate = confirmation?.act ?? '';
  const makers: Record<Single, () => readonly FeatureCommand[]> = {
    notify: () =>
      words.map((notice, kind) => {
        const revised = `sha256:${`${n}${revision + 1}${kind}`.padStart(64, '0')}`;
        return revise(at, n, revision + 1, { ...context, notice, digest: revised });
      }),
    withdraw: () => [withdraw(at, n, context)],
    certify: () => certificates('adopt'),
    override: () => certificates('override'),
    correct: () => certificates('correct'),
    sign: () => [sign(at, n, on), refuse(at, n, on)],
    'take-back': () => ['mayor', 'a'].map((holder) => sign(at, n, { ...on, holder, decision: 'take-back', comment: REASON })),
    attach: () => [attach(at, n, 'report', 'a report', { ...context, revision, digest })],
    confirm: () => [
      ...['a', 'clerk', 'mayor'].map((holder) => confirm(at, n, certificate, { ...on, holder })),
      confirm(at, n, certificate, { ...on, decision: 'dispute' as const, holder: 'b' }),
    ],
    ballot: () =>
      [...['a', 'b'].map((seat) => [seat, 'approve'] as const), ['a', 'refuse'] as const, ['b', 'abstain'] as const].map(
        ([holder, decision]) => ballot(at, n, holder, { ...on, decision }),
      ),
    advise: () => ['clerk', 'mayor'].map((holder) => advise(at, n, holder, { ...on })),
    revoke: () => [revoke(at, n, context)],
    contest: () => [contest(at, n, context)],
    'opt-out': () =>
      [null, { sha256: 'e'.repeat(64), title: 'It' }].map((evidence) =>
        optOut(at, { ...context, change: n, revision, digest, evidence }),
      ),
  };
  return world.ops.flatMap((op) => (isSingle(op) ? makers[op]() : []));
};

/** What several persons do at once about a change, so that a search for the order of arrival does not go through each act. */
const together = (world: World, change: ChangeState, context: DecisionContext): readonly (readonly FeatureCommand[])[] => {
  const { at } = context;
  const { number: n, revision, digest } = change;
  const adopt = (from: string | null) => {
    const on = { ...context, revision, digest, terms: { ...NO_TERMS, maintenance: world.maintenance, from } };
    return [sign(at, n, { ...on, requirement: 'clerk', holder: 'clerk' }), sign(at, n, on)];
  };
  const words = { ...context, change: n, revision, digest };
  const byTwo = (of: Confirmable) => [
    confirmRollback(at, { ...words, of }),
    confirmRollback(at, { ...words, of, holder: 'mayor', body: 'mayor', seat: 'mayor' }),
  ];
  const confirmed = (['rollback', 'opt-out'] as const).flatMap((of) => [byTwo(of).slice(0, 1), byTwo(of)]);
  const allowed: readonly (readonly [Op, readonly FeatureCommand[]])[] = [
    ...(world.starts ?? [null]).filter((from) => from === null || from > at).map((from) => ['adopt', adopt(from)] as const),
    ['reject', [refuse(at, n, { ...context, revision, digest })]],
    ...confirmed.map((commands) => ['confirm-rollback', commands] as const),
  ];
  return allowed.filter(([op]) => world.ops.includes(op)).map(([, step]) => step);
};

const notice = (optOut: 'yes' | 'no', effectiveAt: string | null) => facts({ version: null, optOut, effectiveAt });
const removal = (effectiveAt: string | null) => facts({ kind: 'removal', version: null, effectiveAt });

/** Two changes in every order of arrival, effect, approval and end, in steps of several persons so that it can be searched to its end. */
export const ARRIVALS: World = {
  policy: 'pair',
  changes: 2,
  revisions: 1,
  maintenance: false,
  times: 3,
  notices: [notice('yes', null), notice('no', null), notice('yes', instant(1)), notice('no', instant(1))],
  starts: [null, instant(1)],
  ops: ['notify', 'adopt', 'withdraw', 'reject', 'revoke', 'confirm-rollback'],
};

export const REVISIONS: World = {
  ...ARRIVALS,
  revisions: 2,
  times: 2,
  notices: [notice('yes', null), notice('no', instant(1))],
  starts: [null],
  ops: ['notify', 'adopt', 'withdraw', 'revoke', 'confirm-rollback'],
};

/** Approvals and removals, at once and later. */
export const REMOVALS: World = {
  ...ARRIVALS,
  changes: 3,
  notices: [notice('yes', null), removal(null), removal(instant(1))],
  starts: [null, instant(2)],
  ops: ['notify', 'adopt'],
};

/** Approvals that begin after one removal and before the next. */
export const REMOVED_AGAIN: World = {
  ...REMOVALS,
  notices: [notice('yes', null), removal(null), removal(instant(2))],
  starts: [null, instant(1)],
};

/** Approvals of words that take effect only after the day of a removal. */
export const OUTLASTED: World = {
  ...REMOVALS,
  notices: [notice('yes', null), notice('no', instant(2)), removal(instant(1))],
  starts: [null],
};

/** Maintenance that is contested, refused, taken back, sent again and rolled back. */
export const CONTESTS: World = {
  ...ARRIVALS,
  changes: 3,
  maintenance: true,
  times: 1,
  notices: [notice('yes', null), facts({ kind: 'update', optOut: 'no', version: null })],
  starts: [null],
  ops: ['notify', 'adopt', 'withdraw', 'reject', 'contest', 'confirm-rollback'],
};

/** Words that run unless the city opts out, in time or late, with a day for it before and after their effect. */
const silent = (optOutBy: string | null, effectiveAt: string) => facts({ version: null, optOut: 'yes', optOutBy, effectiveAt });
export const OPT_OUTS: World = {
  ...ARRIVALS,
  changes: 2,
  times: 3,
  notices: [notice('yes', null), silent(null, instant(1)), silent(instant(2), instant(1)), silent(instant(1), instant(2))],
  starts: [null, instant(2)],
  ops: ['notify', 'adopt', 'reject', 'revoke', 'withdraw', 'opt-out', 'confirm-rollback'],
};
/** The same with revisions, which void the record. */
export const REVISED_OPT_OUTS: World = {
  ...OPT_OUTS,
  revisions: 2,
  notices: [notice('yes', null), silent(null, instant(1))],
  starts: [null],
  ops: ['notify', 'adopt', 'withdraw', 'opt-out', 'confirm-rollback'],
};

export const stepsIn = (world: World, state: FeatureState, time: number): readonly (readonly FeatureCommand[])[] => {
  const single = commandsIn(world, state, time).map((command) => [command]);
  const known = [
    ...state.changes,
    ...state.lingering.map((each) => ({ ...each, number: each.change })),
  ] as readonly ChangeState[];
  const numbers = [...new Set(known.map(({ number }) => number))];
  const changes = numbers.map((n) => known.find(({ number }) => number === n) as ChangeState);
  return [...single, ...changes.flatMap((change) => together(world, change, contextIn(world, time)))];
};

const contextIn = (world: World, time: number): DecisionContext => ({
  at: instant(time),
  zone: 'UTC',
  roster: { number: 1, roster: SMALL },
  policy: inForce(POLICIES[world.policy]),
});

const commandsIn = (world: World, state: FeatureState, time: number): readonly FeatureCommand[] => {
  const at = instant(time);
  const context = contextIn(world, time);
  const next = state.count + 1;
  const first =
    next > world.changes
      ? []
      : notices(world).map((notice, kind) =>
          notify(at, next, { ...context, notice, digest: `sha256:${`${next}1${kind}`.padStart(64, '0')}` }),
        );
  const again = state.changes.slice(0, next > world.changes ? 0 : 1).map(({ digest, number, revision }) =>
    notify(at, next, {
      ...context,
      notice: notices(world)[Number(digest.at(-1))] ?? held,
      digest,
      command: `again-${number}-${revision}-${time}`,
    }),
  );
  const about = state.changes.flatMap((change) => aboutChange(world, change, context));
  return [...first, ...again, ...about, ...(world.ops.includes('tick') ? [tick(at, context)] : [])];
};
