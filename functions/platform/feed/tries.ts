import { StoreUnavailable } from '../store/errors.ts';
import { Unavailable } from './consumer.ts';

/** After this many tries what cannot be handled is parked and the consumer continues. */
export const CONSUME_TRIES_MAX = 5;
/** A minute of trouble elsewhere must not produce a dead letter. */
const PAUSES_MS = [0, 1_000, 10_000, 60_000];
/** The pause between tries while the consumer's target cannot be reached. */
const UNAVAILABLE_PAUSE_MS = 5_000;

/** `isAway`: the target cannot be reached, which does not count as a try. `atOnce`: without a pause. */
export interface NextTry {
  readonly tries: number;
  readonly notBeforeMs: number;
  readonly isAway: boolean;
  readonly atOnce: boolean;
}

/** Returns when work that failed is tried again, after `earlier` tries before this one; undefined if it was given enough of them. */
export const nextTry = (error: unknown, earlier: number, nowMs: number): NextTry | undefined => {
  if (error instanceof Unavailable || error instanceof StoreUnavailable)
    return { tries: Math.max(1, earlier), notBeforeMs: nowMs + UNAVAILABLE_PAUSE_MS, isAway: true, atOnce: false };
  const tries = earlier + 1;
  if (tries >= CONSUME_TRIES_MAX) return undefined;
  const pauseMs = PAUSES_MS[tries - 1] ?? 0;
  return { tries, notBeforeMs: nowMs + pauseMs, isAway: false, atOnce: pauseMs === 0 };
};
