import { describe, expect, test } from 'vitest';
import { areByTwo, canBeOneOfTwo, wasLastIn } from '../../../domain/judge/sitting.ts';
import { localMoment } from '../../../domain/kernel/zone.ts';
import type { Policy } from '../../../domain/policy/schema.ts';
import type { Officer } from '../../../domain/roster/events.ts';
import { areTwoOfTwoBodies, decidingBodies, isInDecidingBody, isLastInDecidingBody } from '../../../domain/roster/holders.ts';
import type { Roster } from '../../../domain/roster/schema.ts';
import { council, mayor, policy, rule } from '../../support/fixtures/city.ts';
import { cityRoster } from './cityRoster.ts';

const advice = { id: 'board', body: 'board', instrument: 'advice' } as const;
const inForce = policy(rule([council(), mayor(), advice]));
const AT = '2026-04-06T09:00:00.000Z';
const ZONE = 'America/Denver';

const by = (body: string, seat = body, holder = `holder-${seat}`): Officer => ({ holder, body, seat });

/** Returns what the deciders and the judge say, each by its own statement of the rule. */
const sits = (rules: Policy | null, roster: Roster, officer: Officer, at = AT) => [
  isInDecidingBody(rules, roster, officer, localMoment(at, ZONE)),
  canBeOneOfTwo(rules ?? undefined, version(roster), officer, { at, zone: ZONE }),
];
const wasLast = (rules: Policy | null, roster: Roster, officer: Officer, at = AT) => [
  isLastInDecidingBody(rules, roster, officer, localMoment(at, ZONE)),
  wasLastIn(rules ?? undefined, version(roster), officer, { at, zone: ZONE }),
];
const version = (roster: Roster) => ({ number: 1, since: AT, sha256: '', roster, contacts: {} });

const unattested = (): Roster => {
  const roster = cityRoster();
  const { attestedBy: _, ...alone } = roster.bodies['council'] ?? { name: '', seats: [] };
  return { ...roster, bodies: { ...roster.bodies, council: alone } };
};

describe('a deciding body', () => {
  test('approves, certifies, or certifies for one that does; none that only advises or is named by no rule', () => {
    expect([...decidingBodies(inForce, cityRoster().bodies)].sort()).toStrictEqual(['clerk', 'council', 'mayor']);
  });
  test('is, before a policy, one that certifies for another, and without such a one any', () => {
    expect([...decidingBodies(null, cityRoster().bodies)]).toStrictEqual(['clerk']);
    expect([...decidingBodies(null, unattested().bodies)].sort()).toStrictEqual(Object.keys(cityRoster().bodies).sort());
  });
});

describe('one of the two', () => {
  test.each([
    ['the clerk', by('clerk'), inForce, true],
    ['a member', by('council', 'district-1'), inForce, true],
    ['the mayor', by('mayor'), inForce, true],
    ['a body that only advises', by('board', 'board-1'), inForce, false],
    ['a body that no rule names', by('auditor'), inForce, false],
    ['another seat than one’s own', by('council', 'district-1', 'holder-district-2'), inForce, false],
    ['a body that does not exist', by('constructor'), inForce, false],
    ['the clerk before a policy', by('clerk'), null, true],
    ['the mayor before a policy', by('mayor'), null, false],
  ])('%s', (_, officer, rules, expected) => {
    expect(sits(rules, cityRoster(), officer)).toStrictEqual([expected, expected]);
  });
  test('anybody before a policy where no body certifies for another', () => {
    expect(sits(null, unattested(), by('board', 'board-1'))).toStrictEqual([true, true]);
  });
  test('only in a seat that the policy in force still has', () => {
    const fewer = { ...inForce, bodies: { council: { seats: ['district-2'] } } };
    const sitsIn = (seat: string) => isInDecidingBody(fewer, cityRoster(), by('council', seat), localMoment(AT, ZONE));
    expect([sitsIn('district-1'), sitsIn('district-2')]).toStrictEqual([false, true]);
  });
  test('only in office, by the days of the city', () => {
    const roster = withMayor([{ id: 'holder-mayor', from: '2026-01-01', to: '2026-04-05' }]);
    expect(sits(inForce, roster, by('mayor'), '2026-04-06T05:59:59.999Z')).toStrictEqual([true, true]);
    expect(sits(inForce, roster, by('mayor'), '2026-04-06T06:00:00.000Z')).toStrictEqual([false, false]);
  });
});

const withMayor = (terms: readonly { readonly id: string; readonly from: string; readonly to?: string }[]): Roster => {
  const roster = cityRoster();
  const others = roster.holders.filter(({ body }) => body !== 'mayor');
  const mayors = terms.map((term) => ({ name: 'A Mayor', body: 'mayor', seat: 'mayor', language: 'en', ...term }));
  return { ...roster, holders: [...mayors, ...others] };
};

describe('the last in a seat', () => {
  const ended = [
    { id: 'holder-mayor', from: '2025-01-01', to: '2026-04-05' },
    { id: 'earlier', from: '2023-01-01', to: '2024-12-31' },
  ];
  const last = (roster: Roster, officer: Officer, at = AT) => wasLast(inForce, roster, officer, at);
  test('is who held it until its date, without a successor', () => {
    expect(last(withMayor(ended), by('mayor'))).toStrictEqual([true, true]);
    expect(last(withMayor(ended), by('mayor'), '2026-04-06T05:59:59.999Z')).toStrictEqual([false, false]);
    expect(last(withMayor(ended), by('mayor'), '2026-04-06T06:00:00.000Z')).toStrictEqual([true, true]);
    expect(last(withMayor(ended), by('mayor', 'mayor', 'earlier'))).toStrictEqual([false, false]);
  });
  test('is nobody once the seat has a successor, in office or to come', () => {
    const next = { id: 'next', from: '2026-04-06' };
    expect(last(withMayor([...ended, next]), by('mayor'))).toStrictEqual([false, false]);
    expect(last(withMayor([...ended, { ...next, from: '2026-06-01' }]), by('mayor'))).toStrictEqual([false, false]);
    expect(
      last(withMayor([...ended, { ...next, to: '2026-04-05T20:00:00.000Z', from: '2026-04-05T18:00:00.000Z' }]), by('mayor')),
    ).toStrictEqual([false, false]);
  });
  test('is nobody in an empty seat, in a body that only advises, or who still sits', () => {
    expect(last(withMayor([]), by('mayor'))).toStrictEqual([false, false]);
    expect(last(cityRoster(), by('mayor'))).toStrictEqual([false, false]);
    const roster = cityRoster();
    const over = { ...roster, holders: roster.holders.map((term) => ({ ...term, to: '2026-01-01' })) };
    expect(last(over, by('board', 'board-1'))).toStrictEqual([false, false]);
    expect(last(over, by('council', 'district-1'))).toStrictEqual([true, true]);
  });
});

describe('two persons of two bodies', () => {
  const clerk = by('clerk');
  const first = by('council', 'district-1');
  const second = by('council', 'district-2');
  test.each([
    ['nobody', [], false],
    ['one person', [clerk], false],
    ['one person twice', [clerk, clerk], false],
    ['two persons of one body', [first, second], false],
    ['one person in two bodies', [clerk, by('council', 'district-1', 'holder-clerk')], false],
    ['two persons of two bodies', [clerk, first], true],
    ['three of two bodies', [first, second, clerk], true],
    ['two, of whom one sits in both bodies', [by('council', 'district-1', 'holder-clerk'), clerk, second], true],
  ])('%s', (_, acts, expected) => {
    expect([areTwoOfTwoBodies(acts), areByTwo(acts)]).toStrictEqual([expected, expected]);
  });
});
