import { describe, expect, test } from 'vitest';
import { localMoment } from '../../../domain/kernel/zone.ts';
import { lockoutIn, onlyEndsTerms } from '../../../domain/policy/decide.ts';
import type { Roster } from '../../../domain/roster/schema.ts';
import { council, mayor, policy, roster, rule, signature, term } from '../../support/fixtures/city.ts';

const when = localMoment('2026-04-06T09:00:00.000Z', 'UTC');
const byCouncil = policy(rule([council(), mayor()]));
const byTwo = policy(rule([signature('mayor'), signature('auditor')]));

const officialsIn = (...ids: readonly string[]) => {
  const { bodies, holders } = roster();
  return { bodies, holders: holders.filter(({ id }) => ids.includes(id)) };
};

describe('a city that one person could lock', () => {
  test.each<[string, ReturnType<typeof policy>, Roster, RegExp | undefined]>([
    ['a council, a mayor and a clerk are enough', byCouncil, officialsIn('district-1', 'mayor', 'clerk'), undefined],
    [
      'two of the council and a clerk, not without the clerk',
      byCouncil,
      officialsIn('district-1', 'district-2', 'clerk'),
      /^With clerk gone/,
    ],
    [
      'two clerks and a mayor, not without the mayor',
      byCouncil,
      officialsIn('clerk', 'deputy-clerk', 'mayor'),
      /^With mayor gone/,
    ],
    ['two in each of two bodies', byCouncil, officialsIn('clerk', 'deputy-clerk', 'district-1', 'district-2'), undefined],
    ['one in each of two bodies', byTwo, officialsIn('mayor', 'auditor'), /^With mayor or auditor gone/],
    [
      'a board that no rule asks does not count',
      byTwo,
      officialsIn('mayor', 'auditor', 'board-1', 'board-2'),
      /^With mayor or auditor gone/,
    ],
    [
      'a board that only advises does not count',
      policy(rule([signature('mayor'), signature('auditor'), { id: 'board', body: 'board', instrument: 'advice' }])),
      officialsIn('mayor', 'auditor', 'board-1', 'board-2'),
      /^With mayor or auditor gone/,
    ],
    ['one body alone', byCouncil, officialsIn('district-1', 'district-2', 'district-3'), /^No two persons of two bodies/],
    [
      'one person in two bodies is one',
      byCouncil,
      {
        ...officialsIn('mayor', 'clerk'),
        holders: [...officialsIn('mayor', 'clerk').holders, term('council', 'district-1', { id: 'mayor' })],
      },
      /^With mayor or clerk gone/,
    ],
    [
      'a term that is over, or not begun, does not count',
      byCouncil,
      roster({
        clerk: { to: '2026-04-05' },
        'deputy-clerk': { from: '2026-04-07' },
        mayor: { to: '2026-04-05' },
      }),
      /^No two persons of two bodies/,
    ],
  ])('%s', (_, rules, officials, reason) => {
    const found = lockoutIn(rules, officials, when);
    if (reason === undefined) expect(found).toBeUndefined();
    else expect(found).toMatch(reason);
  });

  test('names whom to add, and which bodies count', () =>
    expect(lockoutIn(byCouncil, officialsIn('district-1', 'district-2', 'clerk'), when)).toContain(
      'such as a deputy clerk or the presiding member: these bodies count: council, mayor, clerk.',
    ));

  test('a roster that only ends terms locks it only if no two remain', () => {
    expect(lockoutIn(byCouncil, officialsIn('district-1', 'district-2', 'clerk'), when, true)).toBeUndefined();
    expect(lockoutIn(byCouncil, officialsIn('district-1', 'district-2'), when, true)).toMatch(/^No two persons of two bodies/);
  });
});

describe('a roster that only ends terms', () => {
  const inForce = { roster: roster(), contacts: { mayor: 'sha256:a' } };
  test.each<[string, Roster, boolean]>([
    ['the same', roster(), true],
    ['with fewer terms', roster({ mayor: null }), true],
    ['with an earlier end', roster({ mayor: { to: '2026-05-01' } }), true],
    ['with another name', roster({ mayor: { name: 'Married since' } }), true],
    ['with another person', roster({ mayor: { id: 'other' } }), false],
    ['with a person in another seat', roster({ auditor: { id: 'mayor' } }), false],
    ['with an earlier beginning', roster({ mayor: { from: '2020-01-01' } }), false],
    ['with one more term', roster({}, term('mayor', 'mayor', { from: '2030-01-01' })), false],
  ])('%s', (_, next, expected) =>
    expect(onlyEndsTerms(inForce, { roster: next, contacts: inForce.contacts }, 'UTC')).toBe(expected),
  );

  test('a later end is more than an end', () => {
    const ending = { ...inForce, roster: roster({ mayor: { to: '2026-05-01' } }) };
    expect(onlyEndsTerms(ending, { ...inForce, roster: roster({ mayor: { to: '2026-05-02' } }) }, 'UTC')).toBe(false);
    expect(onlyEndsTerms(ending, inForce, 'UTC')).toBe(false);
  });
  test('another address is more than an end', () =>
    expect(onlyEndsTerms(inForce, { ...inForce, contacts: { mayor: 'sha256:b' } }, 'UTC')).toBe(false));
});
