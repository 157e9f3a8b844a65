import { describe, expect, test } from 'vitest';
import { digestOf } from '../../../domain/kernel/digest.ts';
import { localMoment } from '../../../domain/kernel/zone.ts';
import { rosterDecider } from '../../../domain/roster/decide.ts';
import type { Officer, RosterEvent } from '../../../domain/roster/events.ts';
import { handedOver } from '../../../domain/roster/handover.ts';
import type { RosterFile } from '../../../domain/roster/schema.ts';
import {
  adopted,
  change,
  city,
  clerk,
  confirm,
  confirmed,
  FILED,
  given,
  IN_TWO_DAYS,
  inForce,
  LATER,
  mayor,
  member,
  movedMayor,
  object,
  objected,
  proposed,
  settle,
} from './handoverStory.ts';

describe('an objection', () => {
  const filed = [inForce(), proposed(movedMayor, 'holder-mayor')];
  test('is the present holder’s, once, with or without a reason', () => {
    given(...filed)
      .when(object(movedMayor, 'holder-mayor'))
      .then(objected(movedMayor, 'holder-mayor'));
    const reason = digestOf('not my address');
    given(...filed)
      .when(object(movedMayor, 'holder-mayor', reason))
      .then({ ...objected(movedMayor, 'holder-mayor'), reason } as RosterEvent);
    given(...filed, objected(movedMayor, 'holder-mayor'))
      .when(object(movedMayor, 'holder-mayor', reason))
      .thenNothing();
  });
  test('belongs to that holder alone', () =>
    given(...filed)
      .when(object(movedMayor, 'holder-clerk'))
      .thenRejected('no-handover'));
  test('comes too late once the roster is in force', () =>
    given(...filed, adopted(movedMayor, LATER))
      .when(object(movedMayor, 'holder-mayor'))
      .thenRejected('no-such-proposal'));
  test('stops it, whatever the clerk confirmed, until a second body confirms', () => {
    const stopped = [...filed, confirmed(movedMayor, clerk), objected(movedMayor, 'holder-mayor')];
    given(...stopped)
      .when(settle(IN_TWO_DAYS))
      .thenNothing();
    given(...stopped)
      .when(confirm(movedMayor, member, IN_TWO_DAYS))
      .then(confirmed(movedMayor, member, IN_TWO_DAYS), adopted(movedMayor, IN_TWO_DAYS));
    given(...filed, objected(movedMayor, 'holder-mayor'))
      .when(confirm(movedMayor, clerk, IN_TWO_DAYS))
      .then(confirmed(movedMayor, clerk, IN_TWO_DAYS));
  });
  test('where no second body is left, is ended by a second person, and not before the wait is over', () => {
    const two = ({ bodies, holders }: RosterFile): RosterFile => ({
      bodies: Object.fromEntries(Object.entries(bodies).filter(([id]) => id === 'council' || id === 'clerk')),
      holders: holders.filter(({ body }) => body === 'council' || body === 'clerk'),
    });
    const file = two(change('holder-clerk', { email: 'clerk@elsewhere.example' }));
    const second: Officer = { holder: 'holder-district-2', body: 'council', seat: 'district-2' };
    const stopped = [inForce(two(city)), proposed(file, 'holder-clerk'), confirmed(file, member), objected(file, 'holder-clerk')];
    given(...stopped)
      .when(settle(IN_TWO_DAYS))
      .thenNothing();
    given(...stopped)
      .when(confirm(file, second, LATER))
      .then(confirmed(file, second, LATER));
    given(...stopped, confirmed(file, second, LATER))
      .when(settle(IN_TWO_DAYS))
      .then(adopted(file, IN_TWO_DAYS));
  });
});

test('from the filing on, and until it is settled, the links of whom it concerns decide nothing', () => {
  const filed = [inForce(), proposed(movedMayor, 'holder-mayor')];
  const after = (...events: readonly RosterEvent[]) =>
    handedOver(events.reduce(rosterDecider.evolve, rosterDecider.initialState));
  expect(after(inForce())).toEqual([]);
  expect(after(...filed)).toEqual(['holder-mayor']);
  expect(after(...filed, confirmed(movedMayor, clerk), objected(movedMayor, 'holder-mayor'))).toEqual(['holder-mayor']);
  expect(after(...filed, adopted(movedMayor, LATER))).toEqual([]);
});

test('a clerk whose own links are about to go elsewhere resets no passkeys, and still cuts links off', () => {
  const file = change('holder-clerk', { email: 'clerk@elsewhere.example' });
  const by = { ...clerk, when: localMoment(LATER, 'UTC') };
  const filed = given(inForce(), proposed(file, 'holder-clerk'));
  filed
    .when({ type: 'resetPasskeys', at: LATER, holder: 'holder-district-1', generation: 1, by })
    .thenRejected('handover-pending');
  const { when: _, ...officer } = by;
  filed
    .when({ type: 'cutOffLinks', at: LATER, holder: 'holder-district-1', generation: 1, by, reissued: true })
    .then({ type: 'LinksCutOff', v: 1, at: LATER, holder: 'holder-district-1', generation: 1, by: officer, reissued: true });
});

describe('a roster that changes every body', () => {
  const everyone: RosterFile = {
    ...city,
    holders: city.holders.map((holder) => ({ ...holder, name: `${holder.name}, once more` })),
  };
  test('is confirmed by the clerk and another body', () => {
    given(inForce(), proposed(everyone)).when(confirm(everyone, clerk)).then(confirmed(everyone, clerk));
    given(inForce(), proposed(everyone), confirmed(everyone, clerk))
      .when(confirm(everyone, mayor))
      .then(confirmed(everyone, mayor), adopted(everyone, FILED));
    given(inForce(), proposed(everyone), confirmed(everyone, mayor))
      .when(confirm(everyone, member))
      .then(confirmed(everyone, member));
  });
});
