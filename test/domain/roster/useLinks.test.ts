import { describe, expect, test } from 'vitest';
import { rosterDecider } from '../../../domain/roster/decide.ts';
import type { RosterEvent } from '../../../domain/roster/events.ts';
import { linksUnder, movedBy, personLinks } from '../../../domain/roster/linkAge.ts';
import { useLinks } from '../../../domain/roster/personCredentials.ts';
import { initialRosterState } from '../../../domain/roster/state.ts';
import { day } from '../feature/support.ts';

const cutOff = (generation: number): RosterEvent => ({
  type: 'LinksCutOff',
  v: 1,
  at: day(1),
  holder: 'mayor',
  generation,
  by: null,
  reissued: false,
});
const used = (generation: number): RosterEvent => ({
  type: 'LinksUsed',
  v: 1,
  at: day(2),
  holder: 'mayor',
  generation,
});
const folded = (...events: readonly RosterEvent[]) => events.reduce(rosterDecider.evolve, initialRosterState);
const decided = (state: ReturnType<typeof folded>, generation: number) =>
  useLinks({ type: 'useLinks', at: day(2), holder: 'mayor', generation }, state);

describe('a link of a person', () => {
  test('that was cut off is older than the newest and not below the floor, until a newer one is used', () => {
    expect(personLinks(folded(cutOff(1)), 'mayor')).toEqual({ generation: 2, floor: 1 });
    expect(personLinks(folded(cutOff(1), used(2)), 'mayor')).toEqual({ generation: 2, floor: 2 });
  });

  test('is used once for each generation', () => {
    expect(decided(folded(cutOff(1)), 2)).toEqual({ ok: true, events: [used(2)] });
    expect(decided(folded(cutOff(1), used(2)), 2)).toEqual({ ok: true, events: [] });
  });

  test('that is old ends nothing newer than itself, nor itself', () => {
    expect(decided(folded(cutOff(1)), 1)).toEqual({ ok: true, events: [] });
    const second = folded(cutOff(1), cutOff(2), used(2));
    expect(personLinks(second, 'mayor')).toEqual({ generation: 3, floor: 2 });
    expect(decided(second, 1)).toEqual({ ok: true, events: [] });
  });

  test('that was never made is not used', () => {
    expect(decided(folded(cutOff(1)), 3)).toEqual({ ok: true, events: [] });
  });
});

test('another address ends all links of its holder, and of no one else', () => {
  const before = { contacts: { mayor: 'sha256:a', clerk: 'sha256:b', auditor: 'sha256:c' } };
  const next = { contacts: { mayor: 'sha256:x', clerk: 'sha256:b' } };
  expect(movedBy(before, next)).toEqual(['mayor']);
  expect(movedBy(null, next)).toEqual([]);
  const { links } = linksUnder({ inForce: before, links: { clerk: { generation: 2, floor: 1 } } }, next);
  expect(links).toEqual({ mayor: { generation: 2, floor: 2 }, clerk: { generation: 2, floor: 1 } });
});
