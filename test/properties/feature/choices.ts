import type { DecisionContext } from '../../../domain/feature/commands.ts';
import { type ChangeState, type FeatureState, isOpen } from '../../../domain/feature/state.ts';
import { NO_TERMS, type Terms } from '../../../domain/feature/terms.ts';
import { lastMomentOf, localMoment } from '../../../domain/kernel/zone.ts';
import { holdersOf } from '../../../domain/roster/holders.ts';
import { facts } from '../../domain/feature/support.ts';
import { roster } from '../../support/fixtures/city.ts';
import { type Op, type Step, wait } from './steps.ts';

/** Terms that decisions are on; mostly none. */
export const TERMS: readonly Terms[] = [
  NO_TERMS,
  { ...NO_TERMS, audience: ['Police'] },
  { ...NO_TERMS, until: '2026-06-01T00:00:00.000Z', conditions: 'Keep it for 30 days at most.' },
  { ...NO_TERMS, from: '2026-04-20T00:00:00.000Z', maintenance: true },
  { ...NO_TERMS, maintenance: true },
];

export const pick = <T>(list: readonly T[], index: number): T => {
  const found = list[index % list.length];
  if (found === undefined) throw new Error('nothing to pick from');
  return found;
};

export const isMain = ({ astray }: Step): boolean => astray >= 8;

/** Who holds a seat of a body; somebody else when the step goes astray. */
export const holderIn = (context: DecisionContext, body: string, step: Step): string => {
  const holders =
    context.roster === null ? [] : [...holdersOf(context.roster.roster, body, localMoment(context.at, context.zone)).values()];
  return isMain(step) && holders.length > 0
    ? pick(holders, step.b).id
    : pick(['mayor', 'clerk', 'district-1', 'district-4', 'auditor', 'nobody'], step.b);
};

/** A roll call of who holds a seat on the day; most of them say yes. */
export const rollFor = (context: DecisionContext, body: string, { a, b }: Step, meetingDate: string): Record<string, string> => {
  const city = context.roster?.roster ?? roster();
  const holders = holdersOf(city, body, lastMomentOf(meetingDate, context.zone));
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

/** A notice of some kind, with or without dates. */
export const noticeOf = ({ a, b }: Step, now: string) =>
  facts({
    kind: pick(['new-feature', 'update', 'contract', 'data-sharing'] as const, a),
    optOut: pick(['yes', 'yes', 'no', 'unknown'] as const, b),
    optOutBy: (a + b) % 4 === 0 ? wait(now, (b * 5) % 40, []) : null,
    withoutAction: pick(['unknown', 'on', 'off'] as const, a + b),
    effectiveAt: b % 3 === 0 ? wait(now, (b * 7) % 40, []) : null,
    impact: b % 5 === 1 ? { ...facts().impact, cost: 'changed' } : facts().impact,
    endsAt: a % 4 === 2 ? wait(now, 8, []) : null,
    version: a % 5 === 0 ? null : `v${a}`,
  });

/** The changes that a step is most likely about; every known one when there is none of these. */
export const fitting = (op: Op, state: FeatureState): readonly ChangeState[] => {
  const suits: Partial<Record<Op, (change: ChangeState) => boolean>> = {
    revoke: ({ status }) => status === 'approved',
    override: ({ veto }) => veto !== null,
    confirm: ({ confirmation }) => confirmation !== null,
    refuse: ({ requirements: reqs, status }) =>
      isOpen({ status }) && (reqs['mayor']?.status === 'open' || reqs['auditor']?.status === 'open'),
    correct: ({ requirements: reqs }) =>
      Object.values(reqs).some(({ meeting, status }) => meeting !== undefined && status === 'met'),
    ballots: ({ requirements: reqs }) => Object.values(reqs).some(({ ballots }) => Object.keys(ballots ?? {}).length > 0),
  };
  const suited = state.changes.filter(suits[op] ?? isOpen);
  return suited.length > 0 ? suited : state.changes;
};
