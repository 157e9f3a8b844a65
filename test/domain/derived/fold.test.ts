import { describe, expect, test } from 'vitest';
import { DerivedEvent } from '../../../domain/derived/events.ts';
import { atMoment, emptyRecord, eventsOfRecord, NOTHING_PUBLISHED, withTasks } from '../../../domain/derived/fold.ts';
import type { DriftCase, KeyRecord } from '../../../domain/derived/record.ts';
import { AGENCIES_MAX } from '../../../domain/observation/events.ts';

const KEY = 'flock.lpr';
const at = (minutes: number) => new Date(Date.parse('2026-03-01T00:00:00.000Z') + minutes * 60_000).toISOString();
const EMPTY = emptyRecord(KEY, { sequence: 1, at: at(0), zone: 'UTC' });

describe('what a record says anew', () => {
  const open = {
    kind: 'not-approved',
    since: at(0),
    openedAt: at(1),
    sequence: 1,
    until: null,
    seen: { on: true, agencies: null, version: null },
    sources: [{ source: 'a look' }],
  } as unknown as DriftCase;
  const closed = { ...open, until: at(5) };
  const saysOf = (before: readonly DriftCase[], after: readonly DriftCase[]) =>
    eventsOfRecord({ ...NOTHING_PUBLISHED, cases: [...before] }, { ...EMPTY, cases: [...after] }).map((event) => event.type);

  test.each<[string, readonly DriftCase[], readonly DriftCase[], readonly string[]]>([
    ['a case that opens', [], [open], ['DriftOpened']],
    ['one that opened and closed', [], [closed], ['DriftOpened', 'DriftClosed']],
    ['one that closes', [open], [closed], ['DriftClosed']],
    ['one that is open still', [open], [open], []],
    ['one that was closed', [closed], [closed], []],
    ['another since then', [open], [open, { ...open, since: at(2) }], ['DriftOpened']],
    ['one that is seen to have begun sooner', [open], [{ ...open, since: at(-3) }], []],
    ['one that began sooner and closes', [open], [{ ...closed, since: at(-3) }], ['DriftClosed']],
    ['another that was seen later', [closed], [closed, { ...open, openedAt: at(6) }], ['DriftOpened']],
  ])('%s', (_, before, after, types) => expect(saysOf(before, after)).toEqual(types));

  test('of a key of which nothing is known it says nothing, and no task above counts it', () => {
    expect(eventsOfRecord(NOTHING_PUBLISHED, EMPTY)).toEqual([]);
    expect(withTasks(EMPTY, { lostAncestor: 'flock', below: 2 }, 'UTC')).toMatchObject({ countsFor: null, below: 2, tasks: [] });
  });

  test('each event is of the form that is published', () => {
    for (const event of eventsOfRecord(NOTHING_PUBLISHED, { ...EMPTY, cases: [closed] }))
      expect(DerivedEvent.parse(event)).toMatchObject({ v: 1, at: at(0), sequence: 1 });
  });
});

const agencies = Array.from({ length: AGENCIES_MAX }, (_, n) => `${'€'.repeat(76)}${n}`);
const ORDER = ['vendor', 'not named', 'named'] as const;
type Class = (typeof ORDER)[number];

/** The record after reports one a minute, each of a source of its own unless it is named. */
const reported = (classes: readonly (readonly [of: Class, on: boolean, source?: string])[]): KeyRecord =>
  classes.reduce<KeyRecord>((record, [of, on, source], n) => {
    const moment = { sequence: n + 2, at: at(n + 1), zone: 'UTC' };
    const seen = { on, agencies: on ? agencies : null, version: null };
    const kind = of === 'vendor' ? ('vendor' as const) : ('city' as const);
    const named = { source: source ?? `${of} ${on} ${n}`, attested: of === 'vendor', kind, named: of === 'named', person: null };
    return atMoment(record, [], moment, { ...named, observedAt: moment.at, seen, evidence: null, note: null });
  }, EMPTY);
const times = (count: number, of: Class, on = true) => Array.from({ length: count }, () => [of, on] as const);
const kept = (...classes: readonly (readonly [Class, boolean])[][]) => {
  const { reports } = reported(classes.flat());
  const count = (of: Class, on: boolean) => reports.filter(({ source }) => source.startsWith(`${of} ${on} `)).length;
  return Object.fromEntries(ORDER.flatMap((of) => [true, false].map((on) => [`${of} ${on ? 'on' : 'off'}`, count(of, on)])));
};

test('of too many reports the vendor’s go first, then those that no policy names, and of alike ones those that do not stand', () => {
  const vendors = kept(
    times(2, 'vendor', false),
    times(6, 'vendor'),
    times(1, 'named', false),
    times(7, 'not named'),
    times(7, 'named'),
  );
  expect(vendors).toMatchObject({ 'vendor off': 0, 'not named on': 7, 'named on': 7, 'named off': 1 });
  expect(vendors['vendor on']).toBeLessThan(6);
  const unnamed = kept(
    times(3, 'vendor'),
    times(1, 'not named', false),
    times(12, 'not named'),
    times(12, 'named'),
    times(1, 'named', false),
  );
  expect(unnamed).toMatchObject({ 'vendor on': 0, 'not named off': 0, 'named on': 12, 'named off': 1 });
  expect(unnamed['not named on']).toBeLessThan(12);
  const named = kept(times(30, 'named'));
  expect(named['named on']).toBeGreaterThan(4);
  expect(named['named on']).toBeLessThan(30);
});

test('a vendor that crowds a record under many names closes nothing that the city saw, and loses none of its cases', () => {
  const on = ['named', true, 'nightly check'] as const;
  const off = ['named', false, 'nightly check'] as const;
  const flood = [...times(80, 'vendor'), ...times(80, 'vendor', false)];
  const crowded = reported([on, ...flood]);
  expect(crowded.reports.filter(({ attested }) => !attested)).toMatchObject([{ source: 'nightly check', closed: false }]);
  expect(crowded.cases.filter(({ until }) => until === null)).toHaveLength(1);
  const { cases } = reported([on, ...flood, ...flood, off]);
  expect(cases.map(({ since, until }) => [since, until])).toStrictEqual([[at(1), at(2 * flood.length + 2)]]);
});
