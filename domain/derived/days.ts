import { ascending, latest } from '../kernel/order.ts';
import { localDateOf } from '../kernel/zone.ts';
import type { DriftCase } from './record.ts';

const DAY_MS = 24 * 60 * 60_000;

/** Local days in a row, both included. */
export interface DaySpan {
  readonly first: string;
  readonly last: string;
}

type During = Pick<DriftCase, 'since' | 'until'>;

/** An end is exclusive, so a case that ends at midnight has not touched the day that begins there. */
const spanOf = ({ since, until }: During, now: string, zone: string): DaySpan => {
  const end = until === null ? now : new Date(Date.parse(until) - 1).toISOString();
  return { first: localDateOf(since, zone), last: localDateOf(end < since ? since : end, zone) };
};

const ordinal = (date: string): number => Date.parse(`${date}T00:00:00.000Z`) / DAY_MS;

export const daysIn = ({ first, last }: DaySpan): number => ordinal(last) - ordinal(first) + 1;

/**
 * Returns the local days on which at least one of the cases was open for a moment, in order: days in a row are one span, and a day on which
 * two cases were open is there once. A case that is open lasts until `now`.
 */
export const daySpans = (cases: readonly During[], now: string, zone: string): readonly DaySpan[] => {
  const spans = cases.map((each) => spanOf(each, now, zone)).sort((a, b) => ascending(a.first, b.first));
  const merged: DaySpan[] = [];
  for (const span of spans) {
    const before = merged.at(-1);
    if (before === undefined || ordinal(span.first) > ordinal(before.last) + 1) merged.push(span);
    else merged[merged.length - 1] = { first: before.first, last: latest(before.last, span.last) };
  }
  return merged;
};

/** Returns on how many local days at least one of the cases was open. */
export const daysOf = (cases: readonly During[], now: string, zone: string): number =>
  daySpans(cases, now, zone).reduce((sum, span) => sum + daysIn(span), 0);
