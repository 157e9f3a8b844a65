import { describe, expect, test } from 'vitest';
import { localMoment } from '../../../domain/kernel/zone.ts';
import { officerOf } from '../../../domain/roster/confirm.ts';
import { rosterDecider } from '../../../domain/roster/decide.ts';
import { RosterEvent } from '../../../domain/roster/events.ts';
import type { CutOffLinks } from '../../../domain/roster/personCredentials.ts';
import { initialRosterState, RosterState } from '../../../domain/roster/state.ts';
import { inForce } from './cityRoster.ts';

const { at, state, clerk, mayor } = inForce;
const cutOff = (holder: string, by: CutOffLinks['by']): CutOffLinks => ({
  type: 'cutOffLinks',
  at,
  holder,
  generation: 1,
  by,
  reissued: true,
});

describe('who may cut off whose links', () => {
  test.each<[string, string, CutOffLinks['by'], string | undefined]>([
    ['the operator, anybody’s', 'holder-mayor', null, undefined],
    ['the clerk, a member’s of the council it certifies for', 'holder-district-3', clerk, undefined],
    ['the clerk, its own', 'holder-clerk', clerk, undefined],
    ['the clerk, the mayor’s, for whom it does not certify', 'holder-mayor', clerk, 'not-the-clerk'],
    ['the mayor, a member’s', 'holder-district-3', mayor, 'not-the-clerk'],
    ['somebody who does not hold that seat', 'holder-district-3', { ...clerk, holder: 'holder-mayor' }, 'not-in-office'],
    [
      'the clerk before its term',
      'holder-district-3',
      { ...clerk, when: localMoment('2020-01-01T12:00:00.000Z', 'UTC') },
      'not-in-office',
    ],
    ['nobody’s', 'holder-nobody', null, 'no-such-holder'],
  ])('%s', (_, holder, by, refused) => {
    const decided = rosterDecider.decide(cutOff(holder, by), state);
    if (refused !== undefined) return expect(decided).toMatchObject({ ok: false, rejection: { code: refused } });
    const event = { type: 'LinksCutOff', v: 1, at, holder, generation: 1, by: officerOf(by), reissued: true };
    expect(decided).toEqual({ ok: true, events: [event] });
    expect(RosterEvent.parse(event)).toEqual(event);
    const after = rosterDecider.evolve(state, RosterEvent.parse(event));
    return expect(RosterState.parse(after)).toEqual({
      ...state,
      links: { [holder]: { generation: 2, floor: 1 } },
    });
  });

  test('are refused without a roster', () =>
    expect(rosterDecider.decide(cutOff('holder-mayor', null), initialRosterState)).toMatchObject({
      ok: false,
      rejection: { code: 'no-roster' },
    }));
});
