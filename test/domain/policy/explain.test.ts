import { describe, expect, test } from 'vitest';
import { localMoment } from '../../../domain/kernel/zone.ts';
import { explainPolicy } from '../../../domain/policy/explain.ts';
import type { Requirement } from '../../../domain/policy/schema.ts';
import type { Roster } from '../../../domain/roster/schema.ts';
import { council, mayor, signature } from '../../support/fixtures/city.ts';
import { cityRoster } from '../roster/cityRoster.ts';
import { ballots, policy, rule } from './policyParts.ts';

const today = localMoment('2026-04-01T12:00:00.000Z', 'UTC');
const rules = policy(
  rule({
    id: 'contract',
    when: { kind: ['contract'] },
    notice: 'P7D',
    window: 'P90D',
    term: 'P1Y',
    documents: ['impact-report'],
  }),
  rule({ id: 'sharing', when: { impact: ['sharing'] } }),
  rule({ id: 'rest', require: [signature('mayor'), signature('auditor')] }),
);

const leaving = (roster: Roster, ...ids: readonly string[]): Roster => ({
  ...roster,
  holders: roster.holders.map((holder) => (ids.includes(holder.id) ? { ...holder, to: '2026-03-31' } : holder)),
});

describe('what a change would need', () => {
  test('in plain facts', () => {
    expect(explainPolicy(rules, cityRoster(), { key: 'flock', kind: 'contract', when: today })).toStrictEqual({
      key: 'flock',
      kind: 'contract',
      rule: 'contract',
      requirements: [
        {
          id: 'council',
          body: 'council',
          bodyName: 'City Council',
          instrument: 'certification',
          seats: 13,
          filled: 13,
          threshold: { yes: 'majority', of: 'seats' },
          needed: 7,
          denominator: 13,
          quorum: 7,
          certifiedBy: 'clerk',
          after: [],
          deadline: null,
          override: null,
        },
        {
          id: 'mayor',
          body: 'mayor',
          bodyName: 'Mayor',
          instrument: 'signature',
          seats: 1,
          filled: 1,
          threshold: null,
          needed: null,
          denominator: null,
          quorum: null,
          certifiedBy: null,
          after: ['council'],
          deadline: 'P5D',
          override: { requirement: 'council', yes: 9, within: 'P30D', confirmedBy: 'council/at-large-a' },
        },
      ],
      documents: ['impact-report'],
      notice: 'P7D',
      window: 'P90D',
      term: 'P1Y',
      observe: null,
      alarms: [],
    });
  });

  test.each([
    ['impacts not given are unknown', { key: 'flock' }, 'sharing'],
    ['those given change', { key: 'flock', impact: ['sharing'] as const }, 'sharing'],
    ['all others do not', { key: 'flock', impact: ['cost'] as const }, 'rest'],
  ])('%s', (_, question, id) => expect(explainPolicy(rules, cityRoster(), { ...question, when: today }).rule).toBe(id));
});

test('nobody certifies ballots, and of an excluded seat nobody is recused yet', () => {
  const board = ballots({ body: 'council', threshold: { yes: 'majority', of: 'seats', recused: 'excluded' } });
  const [explained] = explainPolicy(policy(rule({ require: [board] })), cityRoster(), { key: 'flock', when: today }).requirements;
  expect(explained).toMatchObject({ certifiedBy: null, needed: 7, denominator: 13, quorum: null });
});

test('who looks at what is on is said with every answer', () => {
  const observe = { sources: { check: { kind: 'city', every: 'P7D' } } } as const;
  expect(explainPolicy({ ...rules, observe }, cityRoster(), { key: 'flock', when: today }).observe).toStrictEqual(observe);
});

const alarms = (roster: Roster, ...require: Requirement[]) =>
  explainPolicy(policy(rule({ require })), roster, { key: 'flock', when: today }).alarms.map(
    ({ requirement, code }) => `${requirement} ${code}`,
  );

describe('a requirement that cannot be met raises an alarm', () => {
  test.each([
    ['nobody is in office', leaving(cityRoster(), 'holder-mayor'), ['mayor vacant']],
    ['nobody can certify', leaving(cityRoster(), 'holder-clerk'), ['council no-clerk']],
    ['too few are left', leaving(cityRoster(), ...[1, 2, 3, 4, 5, 6, 7].map((n) => `holder-district-${n}`)), ['council too-few']],
    ['just enough are left', leaving(cityRoster(), ...[1, 2, 3, 4, 5, 6].map((n) => `holder-district-${n}`)), []],
    ['and none when all are there', cityRoster(), []],
  ])('%s', (_, roster, expected) => expect(alarms(roster, council(), mayor())).toStrictEqual(expected));

  test('a body that the roster no longer has', () => {
    const { mayor: _, ...bodies } = cityRoster().bodies;
    const roster = { ...cityRoster(), bodies };
    expect(alarms(roster, council(), mayor())).toStrictEqual(['mayor no-body']);
    expect(explainPolicy(policy(), roster, { key: 'flock', when: today }).requirements[1]).toMatchObject({
      bodyName: 'mayor',
      seats: 0,
    });
  });

  test('a body whose votes no office certifies', () =>
    expect(alarms(cityRoster(), council({ body: 'board', quorum: 2 }), mayor())).toStrictEqual(['council no-clerk']));

  test('a seat is vacant where all must say yes', () => {
    const all = council({ threshold: { yes: 13, of: 'seats' } });
    expect(alarms(leaving(cityRoster(), 'holder-district-1'), all, mayor())).toStrictEqual(['council too-few']);
  });

  test('none of a vote that no quorum asks for, although the last yes is the last member', () => {
    const { quorum: _, ...plain } = council({ threshold: { yes: 1, of: 'seats', recused: 'excluded' } });
    const left = leaving(
      cityRoster(),
      ...cityRoster()
        .holders.slice(1, 13)
        .map(({ id }) => id),
    );
    expect(alarms(left, plain, mayor())).toStrictEqual([]);
  });

  test('none where one of several, or one who only votes, could be the other person', () => {
    expect(alarms(cityRoster(), signature('board'), signature('board', { id: 'again' }))).toStrictEqual([]);
    expect(alarms(cityRoster(), ballots({ body: 'mayor' }), signature('mayor'))).toStrictEqual([]);
  });

  test('a threshold above the body as it is now', () => {
    expect(alarms(cityRoster(), council({ threshold: { yes: 14, of: 'seats' } }), mayor())).toStrictEqual(['council no-seat']);
  });

  test('one person who alone holds both seats', () => {
    const roster = cityRoster();
    const both = {
      ...roster,
      holders: roster.holders.map((holder) => (holder.body === 'auditor' ? { ...holder, id: 'holder-mayor' } : holder)),
    };
    expect(alarms(both, signature('mayor'), signature('auditor'))).toStrictEqual(['auditor one-person']);
  });

  test('a clerk who certifies cannot sign, but certifies twice', () => {
    expect(alarms(cityRoster(), council(), signature('clerk'))).toStrictEqual(['clerk one-person']);
    expect(alarms(cityRoster(), council(), council({ id: 'again' }), mayor())).toStrictEqual([]);
  });
});
