import { describe, expect, test } from 'vitest';
import { areByTwo, canBeOneOfTwo, wasLastIn } from '../../../domain/judge/sitting.ts';
import { localMoment } from '../../../domain/kernel/zone.ts';
import type { Policy } from '../../../domain/policy/schema.ts';
import type { Officer } from '../../../domain/roster/events.ts';
import { areTwoOfTwoBodies, decidingBodies, isInDecidingBody, isLastInDecidingBody } from '../../../domain/roster/holders.ts';
import type { Roster } from '../../../domain/roster/schema.ts';
import { council, mayor, policy, rule } from '../../support/fixtures/city.ts';
import { by, cityRoster } from './cityRoster.ts';

const inForce = policy(rule([council(), mayor(), { id: 'board', body: 'board', instrument: 'advice' }]));
const AT = '2026-04-06T09:00:00.000Z';
const [BEFORE_MIDNIGHT, MIDNIGHT] = ['2026-04-06T05:59:59.999Z', '2026-04-06T06:00:00.000Z'];
const ZONE = 'America/Denver';

// The deciders and the judge, each by its own statement of the rule.
const version = (roster: Roster) => ({ number: 1, since: AT, sha256: '', roster, contacts: {} });
const sits = (rules: Policy | null, roster: Roster, officer: Officer, at = AT) => [
  isInDecidingBody(rules, roster, officer, localMoment(at, ZONE)),
  canBeOneOfTwo(rules ?? undefined, version(roster), officer, { at, zone: ZONE }),
];
const wasLast = (roster: Roster, officer: Officer, at = AT) => [
  isLastInDecidingBody(inForce, roster, officer, localMoment(at, ZONE)),
  wasLastIn(inForce, version(roster), officer, { at, zone: ZONE }),
];

const city = cityRoster();
const { attestedBy: _, ...alone } = city.bodies['council'] ?? { name: '', seats: [] };
const unattested: Roster = { ...city, bodies: { ...city.bodies, council: alone } };
const withMayor = (...terms: readonly { readonly id: string; readonly from: string; readonly to?: string }[]): Roster => {
  const mayors = terms.map((term) => ({ name: 'A Mayor', body: 'mayor', seat: 'mayor', language: 'en', ...term }));
  return { ...city, holders: [...mayors, ...city.holders.filter(({ body }) => body !== 'mayor')] };
};
const untilYesterday = withMayor({ id: 'holder-mayor', from: '2026-01-01', to: '2026-04-05' });

test('a deciding body approves, certifies, or certifies for one that does; before a policy it certifies, or there is none such', () => {
  const deciding = (rules: Policy | null, { bodies }: Roster) => [...decidingBodies(rules, bodies)].sort();
  expect(deciding(inForce, city)).toStrictEqual(['clerk', 'council', 'mayor']);
  expect(deciding(null, city)).toStrictEqual(['clerk']);
  expect(deciding(null, unattested)).toStrictEqual(Object.keys(city.bodies).sort());
});

test.each<[string, Policy | null, Roster, Officer, string, boolean]>([
  ['the clerk', inForce, city, by('clerk'), AT, true],
  ['a member', inForce, city, by('council', 'district-1'), AT, true],
  ['a body that only advises', inForce, city, by('board', 'board-1'), AT, false],
  ['a body that no rule names', inForce, city, by('auditor'), AT, false],
  ['another seat than one’s own', inForce, city, by('council', 'district-1', 'holder-district-2'), AT, false],
  ['a body that does not exist', inForce, city, by('constructor'), AT, false],
  ['the clerk before a policy', null, city, by('clerk'), AT, true],
  ['the mayor before a policy', null, city, by('mayor'), AT, false],
  ['anybody before one, where no body certifies for another', null, unattested, by('board', 'board-1'), AT, true],
  ['until the end of the day in the city', inForce, untilYesterday, by('mayor'), BEFORE_MIDNIGHT, true],
  ['not from then on', inForce, untilYesterday, by('mayor'), MIDNIGHT, false],
])('can be one of the two: %s', (__, rules, roster, officer, at, expected) => {
  expect(sits(rules, roster, officer, at)).toStrictEqual([expected, expected]);
});

test('one of the two sits in a seat that the policy in force still has', () => {
  const fewer = { ...inForce, bodies: { council: { seats: ['district-2'] } } };
  const sitsIn = (seat: string) => isInDecidingBody(fewer, city, by('council', seat), localMoment(AT, ZONE));
  expect(['district-1', 'district-2'].map(sitsIn)).toStrictEqual([false, true]);
});

describe('the last in a seat', () => {
  const ended = [
    { id: 'holder-mayor', from: '2025-01-01', to: '2026-04-05' },
    { id: 'earlier', from: '2023-01-01', to: '2024-12-31' },
  ];
  const over = { ...city, holders: city.holders.map((term) => ({ ...term, to: '2026-01-01' })) };
  const hour = { from: '2026-04-05T18:00:00.000Z', to: '2026-04-05T20:00:00.000Z' };
  test.each<[string, Roster, Officer, string, boolean]>([
    ['who held it until its date', withMayor(...ended), by('mayor'), MIDNIGHT, true],
    ['not while they sit', withMayor(...ended), by('mayor'), BEFORE_MIDNIGHT, false],
    ['not who sat before them', withMayor(...ended), by('mayor', 'mayor', 'earlier'), AT, false],
    ['nobody once it has a successor', withMayor(...ended, { id: 'next', from: '2026-04-06' }), by('mayor'), AT, false],
    ['nobody once one is to come', withMayor(...ended, { id: 'next', from: '2026-06-01' }), by('mayor'), AT, false],
    ['nobody once one was there for an hour', withMayor(...ended, { id: 'next', ...hour }), by('mayor'), AT, false],
    ['nobody in an empty seat', withMayor(), by('mayor'), AT, false],
    ['nobody in a body that only advises', over, by('board', 'board-1'), AT, false],
    ['a member', over, by('council', 'district-1'), AT, true],
  ])('is %s', (__, roster, officer, at, expected) => expect(wasLast(roster, officer, at)).toStrictEqual([expected, expected]));
});

const [clerk, first, second, both] = [
  by('clerk'),
  by('council', 'district-1'),
  by('council', 'district-2'),
  by('council', 'district-1', 'holder-clerk'),
];
test.each([
  ['nobody', [], false],
  ['one person twice', [clerk, clerk], false],
  ['two persons of one body', [first, second], false],
  ['one person in two bodies', [clerk, both], false],
  ['two persons of two bodies', [clerk, first], true],
  ['two, of whom one sits in both bodies', [both, clerk, second], true],
])('two persons of two bodies: %s', (__, acts, expected) => {
  expect([areTwoOfTwoBodies(acts), areByTwo(acts)]).toStrictEqual([expected, expected]);
});
