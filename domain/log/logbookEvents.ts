// Storage format: the public log keeps these shapes permanently. Add new versions, never change old ones.
import * as z from 'zod';
import { strictObject } from '../kernel/lazyObject.ts';
import { Instant } from '../kernel/zodTypes.ts';

const VKey = z.string().min(1).max(500);
const Origin = z.string().min(1).max(400);

/**
 * `key` takes over from `by`; until `until`, exclusive, both sign. `note`: the handover, signed by both (see `verifyHandover`).
 */
export const LogKeyAnnounced = strictObject(() => ({
  type: z.literal('LogKeyAnnounced'),
  v: z.literal(1),
  at: Instant,
  by: VKey,
  key: VKey,
  until: Instant,
  note: z.string().max(4_000),
}));

/** The log, whose key is `key`, ends: this is its last entry. It continues in the log of that origin, signed by that key. */
export const LogFrozen = strictObject(() => ({
  type: z.literal('LogFrozen'),
  v: z.literal(1),
  at: Instant,
  origin: Origin,
  key: VKey,
  successor: z.strictObject({ origin: Origin, key: VKey }),
}));

/** This log continues one that ended: its origin, its key, and its last checkpoint, in `checkpoint` as it was signed. */
export const LogContinued = strictObject(() => ({
  type: z.literal('LogContinued'),
  v: z.literal(1),
  at: Instant,
  origin: Origin,
  predecessor: z.strictObject({
    origin: Origin,
    key: VKey,
    size: z.int().min(1),
    root: z.string(),
    checkpoint: z.string().max(20_000),
  }),
}));

/**
 * The keys of another installation were lost, so that its log could neither continue nor end: its origin, its key, and its last
 * checkpoint, in `checkpoint` as it was signed. This log takes over nothing: what was approved there is off here until it is approved here.
 */
export const LogKeysLost = strictObject(() => ({
  type: z.literal('LogKeysLost'),
  v: z.literal(1),
  at: Instant,
  origin: Origin,
  lost: z.strictObject({
    origin: Origin,
    key: VKey,
    size: z.int().min(1),
    root: z.string().max(100),
    checkpoint: z.string().max(20_000),
  }),
}));

export const LogbookEvent = z.discriminatedUnion('type', [LogKeyAnnounced, LogFrozen, LogContinued, LogKeysLost]);
export type LogbookEvent = z.infer<typeof LogbookEvent>;
export type LogbookEventOf<T extends LogbookEvent['type']> = Extract<LogbookEvent, { type: T }>;
