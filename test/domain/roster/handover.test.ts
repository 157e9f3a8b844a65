import { describe, test } from 'vitest';
import type { Officer, RosterEvent } from '../../../domain/roster/events.ts';
import type { RosterFile } from '../../../domain/roster/schema.ts';
import {
  adopted,
  auditor,
  change,
  city,
  clerk,
  confirm,
  confirmed,
  FILED,
  given,
  IN_TWO_DAYS,
  inForce,
  LAPSED,
  LATER,
  mayor,
  member,
  movedMayor,
  named,
  propose,
  proposed,
  settle,
} from './handoverStory.ts';

describe('what is a handover', () => {
  test.each<readonly [string, RosterFile, readonly string[]]>([
    ['another address', movedMayor, ['holder-mayor']],
    ['another holder', change('holder-mayor', { id: 'next', email: 'next@city.example' }), ['holder-mayor']],
    ['an end where there was none', change('holder-mayor', { to: '2026-12-31' }), ['holder-mayor']],
    ['an entry that is gone', { ...city, holders: city.holders.filter(({ id }) => id !== 'holder-mayor') }, ['holder-mayor']],
    [
      'another seat',
      change(
        'holder-board-1',
        { seat: 'board-2' },
        { ...city, holders: city.holders.filter(({ id }) => id !== 'holder-board-2') },
      ),
      ['holder-board-1', 'holder-board-2'],
    ],
    ['two at once', change('holder-clerk', { email: 'clerk@elsewhere.example' }, movedMayor), ['holder-mayor', 'holder-clerk']],
  ])('%s', (_, file, holders) => {
    given(inForce())
      .when(propose(file))
      .then(proposed(file, ...holders));
  });

  test.each<readonly [string, RosterFile, RosterFile]>([
    ['another name', city, change('holder-mayor', { name: 'The same person' })],
    ['another language', city, change('holder-mayor', { language: 'es' })],
    [
      'a term that begins when the present one ends, as it was known',
      change('holder-mayor', { to: '2026-12-31' }),
      {
        ...city,
        holders: [
          ...change('holder-mayor', { to: '2026-12-31' }).holders,
          {
            id: 'next',
            name: 'Next',
            body: 'mayor',
            seat: 'mayor',
            from: '2027-01-01',
            email: 'next@city.example',
            language: 'en',
          },
        ],
      },
    ],
    ['a later end', change('holder-mayor', { to: '2026-12-31' }), change('holder-mayor', { to: '2027-12-31' })],
    [
      'the address of a person whose term is over',
      change('holder-mayor', { to: '2026-04-05' }),
      change('holder-mayor', { to: '2026-04-05', email: 'x@city.example' }),
    ],
  ])('%s is none', (_, before, file) => {
    given(inForce(before)).when(propose(file)).then(proposed(file));
    given(inForce(before), proposed(file)).when(confirm(file, clerk)).then(confirmed(file, clerk), adopted(file, FILED));
  });
});

describe('a handover', () => {
  test('waits two days for its one confirmation', () => {
    const filed = [inForce(), proposed(movedMayor, 'holder-mayor')];
    given(...filed)
      .when(confirm(movedMayor, clerk))
      .then(confirmed(movedMayor, clerk));
    const asked = [...filed, confirmed(movedMayor, clerk)];
    given(...asked)
      .when(settle('2026-04-08T08:59:59.999Z'))
      .thenNothing();
    given(...asked)
      .when(settle(IN_TWO_DAYS))
      .then(adopted(movedMayor, IN_TWO_DAYS));
  });
  test('is not brought about by time alone', () =>
    given(inForce(), proposed(movedMayor, 'holder-mayor')).when(settle(IN_TWO_DAYS)).thenNothing());
  test('confirmed after the wait takes effect at once', () =>
    given(inForce(), proposed(movedMayor, 'holder-mayor'))
      .when(confirm(movedMayor, clerk, IN_TWO_DAYS))
      .then(confirmed(movedMayor, clerk, IN_TWO_DAYS), adopted(movedMayor, IN_TWO_DAYS)));
  test.each([member, auditor])('takes effect at once when a second body confirms, in either order', (other) => {
    given(inForce(), proposed(movedMayor, 'holder-mayor'), confirmed(movedMayor, clerk))
      .when(confirm(movedMayor, other))
      .then(confirmed(movedMayor, other), adopted(movedMayor, FILED));
    given(inForce(), proposed(movedMayor, 'holder-mayor'), confirmed(movedMayor, other))
      .when(confirm(movedMayor, clerk))
      .then(confirmed(movedMayor, clerk), adopted(movedMayor, FILED));
  });
  test('is never brought about without the clerk, nor by two of one body', () => {
    const second: Officer = { holder: 'holder-district-2', body: 'council', seat: 'district-2' };
    const both = [inForce(), proposed(movedMayor, 'holder-mayor'), confirmed(movedMayor, member), confirmed(movedMayor, second)];
    given(...both)
      .when(settle(IN_TWO_DAYS))
      .thenNothing();
    given(...both)
      .when(confirm(movedMayor, auditor))
      .then(confirmed(movedMayor, auditor));
  });
  test('is not confirmed by whom it concerns', () =>
    given(inForce(), proposed(movedMayor, 'holder-mayor')).when(confirm(movedMayor, mayor)).thenRejected('own-change'));
  test('in a city of one body is not confirmed by whom it concerns either, though only the address moves', () => {
    const only = ({ bodies, holders }: RosterFile): RosterFile => ({
      bodies: Object.fromEntries(Object.entries(bodies).filter(([id]) => id === 'board')),
      holders: holders.filter(({ body }) => body === 'board'),
    });
    const file = only(change('holder-board-1', { email: 'x@city.example' }));
    const one: Officer = { holder: 'holder-board-1', body: 'board', seat: 'board-1' };
    given(inForce(only(city)), proposed(file, 'holder-board-1'))
      .when(confirm(file, one))
      .thenRejected('own-change');
  });
  test('that was not filed as one cannot be confirmed: the holder sits since', () => {
    const before = change('holder-mayor', { from: '2026-04-07' });
    const file = change('holder-mayor', { from: '2026-04-07', email: 'mayor@elsewhere.example' });
    given(inForce(before), proposed(file))
      .when(confirm(file, clerk, LATER))
      .thenRejected('handover-not-filed');
  });
  test('ends fourteen days after its filing without its confirmations, or when the roster in force is sent again', () => {
    const filed = [inForce(), proposed(movedMayor, 'holder-mayor')];
    const ended = (at: string, because: 'unconfirmed' | 'withdrawn'): RosterEvent => ({
      type: 'RosterProposalEnded',
      v: 1,
      at,
      ...named(movedMayor),
      because,
      handovers: ['holder-mayor'],
    });
    given(...filed)
      .when(settle('2026-04-20T08:59:59.999Z'))
      .thenNothing();
    given(...filed)
      .when(settle(LAPSED))
      .then(ended(LAPSED, 'unconfirmed'));
    given(...filed)
      .when(propose(city))
      .then(ended(FILED, 'withdrawn'));
  });
});
