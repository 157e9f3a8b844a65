import type { DecisionContext, FeatureCommand } from '../../../domain/feature/commands.ts';
import { type ChangeState, type FeatureState, isOpen } from '../../../domain/feature/state.ts';
import { NO_TERMS } from '../../../domain/feature/terms.ts';
import type { Policy } from '../../../domain/policy/schema.ts';
import type { Roster } from '../../../domain/roster/schema.ts';
import { council, mayor, policy, rule, term } from '../../support/fixtures/city.ts';
import {
  attach,
  certify,
  confirm,
  contest,
  facts,
  nameMeeting,
  notify,
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
export const TIMES = DAYS.length;

/** The smallest city in which one person could do two things: the mayor is the deputy clerk, and the clerk sits in the council. */
const SMALL: Roster = {
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
  documented: policy(rule([votes, mayor({ override })], { documents: ['report'] })),
  meeting: policy(
    rule([votes, mayor({ override: { ...override, within: { notBefore: 'P1D', notAfter: 'P7D', orMeetingOn: 'P60D' } } })]),
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
}
export type Op = FeatureCommand['type'] | 'override' | 'correct' | 'take-back';

const REASON = `sha256:${'7'.repeat(64)}`;
const YES = { a: 'yes', b: 'yes', c: 'absent' };
const NO = { a: 'yes', b: 'no', c: 'absent' };

const forced = facts({ optOut: 'no', version: null });
const held = facts({ optOut: 'yes', version: null });
const upkeep = facts({ kind: 'update', optOut: 'no', version: null });

const notices = (world: World) => (world.maintenance ? [held, forced, upkeep] : [held, forced]);

/** The days on which a meeting could be named: the next and the last one of the world, one later than any rule lets it be, and one that is over. */
const meetingsFor = ({ veto }: ChangeState, at: string): readonly string[] => {
  const next = DAYS.map((_, time) => instant(time).slice(0, 10)).find((date) => date > at.slice(0, 10));
  return veto === null || next === undefined
    ? []
    : [next, instant(TIMES - 1).slice(0, 10), '2026-06-01', instant(0).slice(0, 10)];
};

/** Every command that somebody could send about an open or approved change. */
const aboutChange = (world: World, change: ChangeState, context: DecisionContext): readonly FeatureCommand[] => {
  const { at } = context;
  const { number: n, revision, digest, confirmation } = change;
  const terms = { ...NO_TERMS, maintenance: world.maintenance };
  const on = { ...context, revision, digest, terms };
  const vote = { ...on, mover: 'a', seconder: null };
  const clerks = ['clerk', 'mayor'];
  const words = revision < world.revisions && isOpen(change) ? notices(world) : [];
  return [
    ...words.map((notice, kind) =>
      revise(at, n, revision + 1, { ...context, notice, digest: `sha256:${`${n}${revision + 1}${kind}`.padStart(64, '0')}` }),
    ),
    withdraw(at, n, context),
    ...clerks.flatMap((holder) => [
      certify(at, n, { ...vote, holder, votes: YES }),
      certify(at, n, { ...vote, holder, purpose: 'override', votes: YES }),
      certify(at, n, { ...vote, holder, purpose: 'correct', votes: YES }),
    ]),
    certify(at, n, { ...vote, votes: NO }),
    certify(at, n, { ...vote, purpose: 'override', votes: NO }),
    certify(at, n, { ...vote, purpose: 'correct', votes: NO }),
    sign(at, n, on),
    refuse(at, n, on),
    ...['mayor', 'a'].map((holder) => sign(at, n, { ...on, holder, decision: 'take-back', comment: REASON })),
    attach(at, n, 'report', 'a report', { ...context, revision, digest }),
    ...['a', 'clerk', 'mayor'].map((holder) => confirm(at, n, confirmation?.act ?? '', { ...on, holder })),
    confirm(at, n, confirmation?.act ?? '', { ...on, decision: 'dispute' as const, holder: 'b' }),
    ...meetingsFor(change, at).map((meetingDate) => nameMeeting(at, n, { ...context, revision, digest, meetingDate })),
    revoke(at, n, context),
    contest(at, n, context),
  ];
};

const opOf = (command: FeatureCommand): Op => {
  if (command.type === 'sign' && command.decision === 'take-back') return 'take-back';
  return command.type === 'certify' && command.purpose !== 'adopt' ? command.purpose : command.type;
};

/** Every command that a world allows in a state. */
export const commandsIn = (world: World, state: FeatureState, time: number): readonly FeatureCommand[] => {
  const at = instant(time);
  const context: DecisionContext = {
    at,
    zone: 'UTC',
    roster: { number: 1, roster: SMALL },
    policy: { number: 1, policy: POLICIES[world.policy] },
  };
  const next = state.count + 1;
  const first =
    next > world.changes
      ? []
      : notices(world).map((notice, kind) =>
          notify(at, next, { ...context, notice, digest: `sha256:${`${next}1${kind}`.padStart(64, '0')}` }),
        );
  const again = state.changes
    .slice(0, next > world.changes ? 0 : 1)
    .map(({ digest }) => notify(at, next, { ...context, notice: held, digest, command: `again-${next}` }));
  const about = state.changes.flatMap((change) => aboutChange(world, change, context));
  return [...first, ...again, ...about, tick(at, context)].filter((command) => world.ops.includes(opOf(command)));
};
