import { describe, expect, test } from 'vitest';
import { afterCommit, emptyRecord } from '../../../domain/derived/fold.ts';
import { optOutOf } from '../../../domain/feature/optOut.ts';
import { findChange } from '../../../domain/feature/state.ts';
import { type ChangeView, foldChange } from '../../../domain/feature/view.ts';
import { tell } from './story.ts';
import { day, facts, notify, optOut, wordsOf } from './support.ts';

const PROOF = { evidence: { sha256: 'e'.repeat(64), title: 'A screenshot' } };
const FIRST = { change: 1, digest: wordsOf(1) } as const;

/** Announced on day 0 for day 25, to be opted out of by day 22. */
const announced = (over: Parameters<typeof facts>[0]) =>
  tell(notify(day(0), 1, { notice: facts({ kind: 'update', optOut: 'yes', optOutBy: day(22), effectiveAt: day(25), ...over }) }));

/** What the state, the page of the change, and the numbers say of records, in this order. */
const standings = (over: Parameters<typeof facts>[0], ...records: readonly ReturnType<typeof optOut>[]) => {
  const story = announced(over).then(...records);
  const change = findChange(story.state, 1);
  const view = story.events.reduce<ChangeView | undefined>(
    (known, event, version) => foldChange(known, event, version),
    undefined,
  );
  const empty = emptyRecord('acme', { sequence: 0, at: day(0), zone: 'UTC' });
  const counts = afterCommit(empty, 1, story.events).changes[0]?.optedOut?.counts;
  return [change && optOutOf(change)?.stands, view?.optOut?.standing, counts];
};

const onDay = (n: number, over: Parameters<typeof optOut>[1] = {}) => optOut(day(n), { ...FIRST, ...over });
const IN_TIME = ['counts', 'counts', true];
const LATE = ['late', 'late', false];

describe.each([
  ['that run whatever the city does', { optOut: 'unknown' }],
  ['that the vendor leaves off', { withoutAction: 'off' }],
] as const)('of words %s a record changes no answer, and is in time or late', (_, words) => {
  test('by the day that the vendor names', () => {
    expect(standings(words, onDay(21))).toEqual(IN_TIME);
    expect(standings(words, onDay(22))).toEqual(LATE);
    expect(standings(words, onDay(30))).toEqual(LATE);
  });

  test('by the effect, if that is the first of the two, or there is no other', () => {
    for (const optOutBy of [day(28), null]) {
      expect(standings({ ...words, optOutBy }, onDay(24))).toEqual(IN_TIME);
      expect(standings({ ...words, optOutBy }, onDay(26))).toEqual(LATE);
    }
    expect(standings({ ...words, effectiveAt: '2026-01-05T12:00:00.000Z', optOutBy: null }, onDay(1))).toEqual(LATE);
  });

  test('evidence gives two persons nothing to confirm; a second record makes the first no later', () => {
    expect(standings(words, onDay(30, PROOF))).toEqual(LATE);
    expect(standings(words, onDay(21), onDay(30, PROOF))).toEqual(IN_TIME);
  });
});

test('of words without a day it is in time until the vendor’s, or ever', () => {
  for (const choice of ['yes', 'unknown'] as const) {
    const words = { optOut: choice, effectiveAt: null };
    expect(standings(words, onDay(21))).toEqual(IN_TIME);
    expect(standings(words, onDay(22, PROOF))).toEqual(LATE);
    expect(standings({ ...words, optOutBy: null }, onDay(90))).toEqual(IN_TIME);
  }
});

test('of words that run by silence it can be confirmed as well', () => {
  expect(standings({}, onDay(21))).toEqual(IN_TIME);
  expect(standings({}, onDay(22))).toEqual(LATE);
  expect(standings({}, onDay(22, PROOF))).toEqual(['claimed', 'claimed', false]);
  expect(standings({}, onDay(22), onDay(23, PROOF))).toEqual(['claimed', 'claimed', false]);
});
