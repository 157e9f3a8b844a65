import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { localMoment } from '../../../domain/kernel/zone.ts';
import { checkPolicy } from '../../../domain/policy/check.ts';
import { lockoutIn } from '../../../domain/policy/decide.ts';
import type { Policy, Requirement, Rule } from '../../../domain/policy/schema.ts';
import { ruledBodies } from '../../../domain/roster/bodies.ts';
import type { Roster } from '../../../domain/roster/schema.ts';
import { day } from '../../domain/feature/support.ts';
import { digest } from '../../domain/judge/forger.ts';
import { Log } from '../../domain/judge/log.ts';
import { policy, term } from '../../support/fixtures/city.ts';
import { codeOfLast } from '../../support/judged.ts';

// Random policies, about half of them with something wrong. The gate and the judge share no rule about them, and agree on each.
const RUNS = Number(process.env.ALDERGATE_PROPERTY_RUNS ?? 40) * 10;

/** A city with one clerk or two; no office certifies for the mayor. */
const cityOf = (clerks: number): Roster => {
  const bodies: Roster['bodies'] = {
    council: { name: 'Council', seats: ['a', 'b', 'c'], attestedBy: 'clerk' },
    board: { name: 'Board', seats: ['d', 'e'], attestedBy: 'clerk' },
    mayor: { name: 'Mayor', seats: ['m'] },
    clerk: { name: 'Clerk', seats: ['clerk', 'deputy'].slice(0, clerks) },
  };
  return { bodies, holders: Object.entries(bodies).flatMap(([body, { seats }]) => seats.map((seat) => term(body, seat))) };
};

const IDS = ['one', 'two', 'three'] as const;
/** One of the first values, and one time in thirty something else. */
const mostly = <T>(usual: readonly T[], odd: readonly T[]): fc.Arbitrary<T> =>
  fc.oneof({ arbitrary: fc.constantFrom(...usual), weight: 29 }, { arbitrary: fc.constantFrom(...odd), weight: 1 });
/** Returns the object without its undefined fields. */
const given = <T extends object>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

const duration = mostly<string | undefined>([undefined, 'P7D', 'P30D'], ['P0D', 'PT0M', 'P1Y']);
const confirmer = mostly<string | undefined>(
  ['council', 'council/a', 'clerk', 'board/e'],
  [undefined, 'clerk/clerk', 'mayor/x', 'nowhere'],
);
const BODIES = ['council', 'board', 'mayor', 'clerk', 'nowhere'];

const requirementAt = (index: number): fc.Arbitrary<Requirement> =>
  fc
    .record({
      instrument: fc.constantFrom('certification', 'certification', 'signature', 'signature', 'ballots', 'advice'),
      votes: mostly([true], [false]),
      voting: mostly(['council', 'board'], BODIES),
      signing: mostly(['mayor', 'clerk', 'council'], BODIES),
      yes: mostly<Requirement['threshold'] | 1 | 2 | 3 | 'majority' | 'two-thirds' | 'unanimous'>(
        ['majority', 'two-thirds', 1, 2],
        ['unanimous', 3],
      ),
      of: mostly(['seats', 'filled'], ['present']),
      recused: fc.constantFrom(undefined, 'excluded'),
      quorum: mostly([undefined, 1, 2], [3, 4]),
      after: fc.uniqueArray(mostly<string>(IDS.slice(0, Math.max(1, index)), [...IDS, 'four']), { maxLength: 2 }),
      waits: index === 0 ? mostly([false], [true]) : fc.boolean(),
      deadline: duration,
      confirmed: fc.constantFrom(false, false, true),
      overridden: index === 0 ? mostly([false], [true]) : fc.boolean(),
      odd: mostly([false], [true]),
      override: fc.record({
        requirement: mostly<string>(IDS.slice(0, Math.max(1, index)), [...IDS, 'four']),
        yes: mostly([1, 2], [3, 4]),
        within: mostly<NonNullable<Requirement['override']>['within']>(
          ['P7D', 'P30D', { notAfter: 'P21D' }, { notBefore: 'P30D', notAfter: 'P2M' }],
          ['P0D', { notAfter: 'PT0M' }, { notBefore: 'P30D', notAfter: 'P1M' }, { notBefore: 'P4W', notAfter: 'P1M' }],
        ),
        confirmedBy: confirmer,
      }),
      confirmer,
    })
    .map(({ instrument, votes, voting, signing, yes, of, recused, odd, ...some }): Requirement => {
      const voted = instrument === 'certification' || instrument === 'ballots';
      return given({
        id: IDS[index] ?? '',
        body: voted ? voting : signing,
        instrument,
        threshold: voted === votes ? { yes, of, recused } : undefined,
        quorum: voted || odd ? some.quorum : undefined,
        after: some.waits ? some.after : undefined,
        deadline: instrument === 'signature' || odd ? some.deadline : undefined,
        confirmedBy: (instrument === 'certification' && some.confirmed) || odd ? some.confirmer : undefined,
        override: (instrument === 'signature' && some.overridden) || odd ? some.override : undefined,
      }) as Requirement;
    });

const rule: fc.Arbitrary<Rule> = fc
  .record({
    require: fc.oneof(...[1, 2, 2, 3].map((length) => fc.tuple(...Array.from({ length }, (_, index) => requirementAt(index))))),
    twice: fc.nat(40),
    notice: duration,
    window: duration,
    term: duration,
    documents: mostly<string[] | undefined>([undefined], [['report']]),
    when: mostly<Rule['when']>(
      [{}, { key: ['aldergate.**'] }, { key: ['acme.*'], kind: ['terms'] }, { key: ['**'] }, { impact: ['oversight'] }],
      [{ key: ['Acme'] }, { key: ['a.b.c.d.e.f'] }, { key: ['**.**.**'] }, { key: ['acme.'] }],
    ),
  })
  .map(
    ({ require, twice, ...rest }): Rule =>
      given<object>({
        id: 'all',
        ...rest,
        require: require.map((each) => ({ ...each, id: twice === 0 ? 'one' : each.id })),
      }) as Rule,
  );

const last = fc.record({ found: rule, covers: mostly([true], [false]) }).map(({ found, covers }) => ({
  ...found,
  when: covers ? {} : found.when,
}));
const policies: fc.Arbitrary<Policy> = fc
  .record({ first: fc.option(rule), last, twice: fc.nat(40) })
  .map(({ first, last: end, twice }) =>
    policy(...(first === null ? [] : [{ ...first, id: twice === 0 ? 'all' : 'first' }]), end),
  );

const PATIENCE_MS = 120_000 + RUNS * 50;

test(
  'a policy works by the judge exactly if it works by the gate',
  () => {
    const seen = { works: 0, refused: 0 };
    fc.assert(
      fc.property(policies, fc.constantFrom(1, 2), (wanted, clerks) => {
        const roster = cityOf(clerks);
        const checked = checkPolicy(wanted, roster);
        const taken = checked.ok && lockoutIn(wanted, roster, localMoment(day(-8), 'UTC')) === undefined;
        const bodies = ruledBodies(roster);
        const adopted = { type: 'PolicyAdopted', v: 1, at: day(-8), number: 1, policy: wanted, bodies, by: { operator: true } };
        const log = new Log().zone().setRoster(roster);
        log.write('policy', [{ ...adopted, sha256: digest({ policy: wanted, bodies }) }], { at: day(-8), actor: 'operator' });
        seen[taken ? 'works' : 'refused'] += 1;
        expect(codeOfLast(log.bytes) === 'stands', checked.ok ? '' : JSON.stringify(checked.problems)).toBe(taken);
      }),
      { numRuns: RUNS },
    );
    expect(Math.min(seen.works, seen.refused)).toBeGreaterThan(RUNS / 30);
  },
  PATIENCE_MS,
);
