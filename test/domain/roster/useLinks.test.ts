import { describe, expect, test } from 'vitest';
import { rosterDecider } from '../../../domain/roster/decide.ts';
import type { RosterEvent } from '../../../domain/roster/events.ts';
import { isOlder, type LinkAge, linksUnder, movedBy, personLinks } from '../../../domain/roster/linkAge.ts';
import { initialRosterState } from '../../../domain/roster/state.ts';
import { useLinks } from '../../../domain/roster/useLinks.ts';
import { day } from '../feature/support.ts';

const age = (generation: number, ended = 0): LinkAge => ({ generation, ended });
const cutOff = (generation: number): RosterEvent => ({
  type: 'LinksCutOff',
  v: 1,
  at: day(1),
  holder: 'mayor',
  generation,
  by: null,
  reissued: false,
});
const used = (generation: number, ended = 0): RosterEvent => ({
  type: 'LinksUsed',
  v: 1,
  at: day(2),
  holder: 'mayor',
  ...age(generation, ended),
});
const folded = (...events: readonly RosterEvent[]) => events.reduce(rosterDecider.evolve, initialRosterState);
const decided = (state: ReturnType<typeof folded>, by: LinkAge) =>
  useLinks({ type: 'useLinks', at: day(2), holder: 'mayor', ...by }, state);

describe('a link of a person', () => {
  test('that was cut off is older than the newest and not below the floor, until a newer one is used', () => {
    const cut = personLinks(folded(cutOff(1)), 'mayor');
    expect([cut.generation, isOlder(age(1), cut.floor)]).toEqual([2, false]);
    const { floor } = personLinks(folded(cutOff(1), used(2)), 'mayor');
    expect([isOlder(age(1), floor), isOlder(age(2), floor)]).toEqual([true, false]);
  });

  test('is used once for each age', () => {
    expect(decided(folded(cutOff(1)), age(2))).toEqual({ ok: true, events: [used(2)] });
    expect(decided(folded(cutOff(1), used(2)), age(2))).toEqual({ ok: true, events: [] });
  });

  test('that is old ends nothing newer than itself, nor itself', () => {
    expect(decided(folded(cutOff(1)), age(1))).toEqual({ ok: true, events: [] });
    const second = folded(cutOff(1), cutOff(2), used(2));
    expect(personLinks(second, 'mayor')).toEqual({ generation: 3, floor: age(2) });
    expect(decided(second, age(1))).toEqual({ ok: true, events: [] });
  });

  test('that was never made is not used', () => {
    expect(decided(folded(cutOff(1)), age(3))).toEqual({ ok: true, events: [] });
  });

  test('made after an ending beside the roster is newer', () => {
    expect(decided(folded(), age(1, 1))).toEqual({ ok: true, events: [used(1, 1)] });
    expect(isOlder(age(1), personLinks(folded(used(1, 1)), 'mayor').floor)).toBe(true);
  });
});

test('another address ends all links of its holder, and of no one else', () => {
  const before = { contacts: { mayor: 'sha256:a', clerk: 'sha256:b', auditor: 'sha256:c' } };
  const next = { contacts: { mayor: 'sha256:x', clerk: 'sha256:b' } };
  expect(movedBy(before, next)).toEqual(['mayor']);
  expect(movedBy(null, next)).toEqual([]);
  const { links } = linksUnder({ inForce: before, links: { clerk: { generation: 2, floor: age(1) } } }, next);
  expect(links).toEqual({ mayor: { generation: 2, floor: age(2) }, clerk: { generation: 2, floor: age(1) } });
});
