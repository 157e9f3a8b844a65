// Storage format: the streams `log` and `logbook/…` keep these shapes permanently. Add new versions, never change old ones.
import * as z from 'zod';
import { digestOf } from '../kernel/canonical.ts';
import { Instant, strictObject } from '../kernel/zodTypes.ts';
import { LogTimes } from './late.ts';

/** The stream of the log's own commits, the only one that never becomes an entry. */
export const LOG_STREAM = 'log';

const LOGBOOK = 'logbook/';
const ORIGIN_CHARS = 32;

export const logbookStream = (origin: string): string =>
  `${LOGBOOK}${digestOf(origin).slice('sha256:'.length, 'sha256:'.length + ORIGIN_CHARS)}`;

export const isLogbookStream = (stream: string): boolean => stream.startsWith(LOGBOOK);

const SET_UP = /^(?:access\/|vendor\/|policy$|roster$|settings$)/;

/**
 * Reports whether a stream belongs to the set-up: nothing in it is about a vendor's product. A log of only these may still be renamed.
 */
export const isSetupStream = (stream: string): boolean => SET_UP.test(stream);

/** Consecutive commits of one stream, versions `from` to `to`, that are adjacent in the log. */
const Run = strictObject(() => ({ stream: z.string().min(1), from: z.int().min(1), to: z.int().min(1) }));
export type CommitRun = z.infer<typeof Run>;

/**
 * The log grew to `size` entries: the commits of `runs`, in log order. `peaks`, `root`: the tree, base64. `late`: the new entries that are
 * late, and from when they count; `newest`: the greatest instant of the whole log. `checkpoint`: the signed note.
 */
export const CheckpointSigned = strictObject(() => ({
  type: z.literal('CheckpointSigned'),
  v: z.literal(1),
  size: z.int().min(1),
  peaks: z.array(z.string()).max(53),
  root: z.string(),
  ...LogTimes.shape,
  runs: z.array(Run).min(1),
  checkpoint: z.string(),
}));
export type CheckpointSigned = z.infer<typeof CheckpointSigned>;

const VKey = z.string().min(1).max(500);

/** `key` takes over from `by`; until `until`, exclusive, both sign. `note`: the handover, signed by both (see `verifyHandover`). */
export const LogKeyAnnounced = strictObject(() => ({
  type: z.literal('LogKeyAnnounced'),
  v: z.literal(1),
  at: Instant,
  by: VKey,
  key: VKey,
  until: Instant,
  note: z.string().max(4_000),
}));
export type LogKeyAnnounced = z.infer<typeof LogKeyAnnounced>;
