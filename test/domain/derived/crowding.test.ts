import { describe, expect, it } from 'vitest';
import type { ReportedKey } from '../../../domain/derived/cases.ts';
import { atMoment, emptyRecord, type FoldMoment } from '../../../domain/derived/fold.ts';
import type { KeyRecord } from '../../../domain/derived/record.ts';
import { AGENCIES_MAX } from '../../../domain/observation/events.ts';

const KEY = 'flock.lpr';
const START = Date.parse('2026-03-01T00:00:00.000Z');
const momentOf = (sequence: number): FoldMoment => {
  return { sequence, at: new Date(START + sequence * 60_000).toISOString(), zone: 'America/Denver' };
};

/** As long as the text of a report may be. */
const agencies = Array.from({ length: AGENCIES_MAX }, (_, n) => `${'€'.repeat(76)}${n}`);

/** Folds reports one a minute, the first at the moment after that of the record. */
const folded = (from: KeyRecord, reports: readonly Partial<ReportedKey>[]): KeyRecord =>
  reports.reduce<KeyRecord>((record, report) => {
    const moment = momentOf(record.sequence + 1);
    const { at } = moment;
    const named = { source: 'nightly check', attested: false, kind: 'city', named: true, person: null } as const;
    const said = { observedAt: at, seen: { on: true, agencies: null, version: null }, evidence: null, note: null };
    return atMoment(record, [], moment, { ...named, ...said, ...report });
  }, from);

const FLOOD = 80;

/** What a vendor attests under many names: on for as many agencies as fit, and then off. */
const flood = (on: boolean): readonly Partial<ReportedKey>[] =>
  Array.from({ length: FLOOD }, (_, n) => ({
    source: `dashboard ${n}`,
    attested: true,
    kind: 'vendor',
    named: false,
    seen: { on, agencies: on ? agencies : null, version: null },
  }));

describe('the record of a key that a vendor crowds with reports under many names', () => {
  it('keeps what the city saw, so that the vendor closes nothing of it', () => {
    const seen = folded(emptyRecord(KEY, momentOf(0)), [{}]);

    const crowded = folded(seen, [...flood(true), ...flood(false)]);

    expect(crowded.reports.filter(({ attested }) => !attested)).toMatchObject([{ source: 'nightly check', closed: false }]);
    expect(crowded.cases.filter(({ until }) => until === null)).toHaveLength(1);
  });

  it('keeps the case that ends while it is crowded', () => {
    const seen = folded(emptyRecord(KEY, momentOf(0)), [{}, ...flood(true), ...flood(false)]);
    const crowded = folded(seen, flood(true));

    const ended = folded(crowded, [...flood(false), { seen: { on: false, agencies: null, version: null } }]);

    expect(ended.cases.map(({ since, until }) => [since, until])).toStrictEqual([[momentOf(1).at, momentOf(ended.sequence).at]]);
  });
});
