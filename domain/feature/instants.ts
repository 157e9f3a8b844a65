import { earliest } from '../kernel/order.ts';
import type { FeatureState } from './state.ts';

/** From `from` on and before `until`; null: no such end. */
export interface TimeWindow {
  readonly from: string | null;
  readonly until: string | null;
}

export const ALWAYS: TimeWindow = { from: null, until: null };

const INSTANT = /^\d{4}-\d\d-\d\d/;

const collect = (value: unknown, into: string[]): void => {
  if (typeof value === 'string') {
    if (INSTANT.test(value)) into.push(value);
  } else if (typeof value === 'object' && value !== null) for (const part of Object.values(value)) collect(part, into);
};

const latest = (instants: readonly string[]): string | null =>
  instants.reduce<string | null>((last, each) => (last === null || each > last ? each : last), null);

/**
 * Returns the time around `now` in which nothing about a feature changes but by a commit. Every rule compares time with an instant that
 * stands in the state, so the window ends at the next of these.
 */
export const windowAround = (state: FeatureState, now: string): TimeWindow => {
  const instants: string[] = [];
  collect(state, instants);
  const [past, coming] = [instants.filter((instant) => instant <= now), instants.filter((instant) => instant > now)];
  return { from: latest(past), until: earliest(...coming) };
};

export const isWithin = ({ from, until }: TimeWindow, now: string): boolean =>
  (from === null || from <= now) && (until === null || now < until);

export const narrowed = (one: TimeWindow, other: TimeWindow): TimeWindow => ({
  from: one.from === null || (other.from !== null && one.from < other.from) ? other.from : one.from,
  until: one.until === null || (other.until !== null && other.until < one.until) ? other.until : one.until,
});
