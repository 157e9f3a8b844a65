// Storage format: `LateEntry` is stored in stream `log` and in its state.
import * as z from 'zod';
import { canonical } from '../kernel/canonical.ts';
import { latest } from '../kernel/order.ts';
import { Instant, strictObject } from '../kernel/zodTypes.ts';

/** A commit that enters the log later than this after its time counts only from when it could have been known. */
const LATE_MS = 15 * 60_000;

/** From `version` on, no commit of the stream counts before `from`. */
export const LateEntry = strictObject(() => ({ stream: z.string().min(1), version: z.int().min(1), from: Instant }));
export type LateEntry = z.infer<typeof LateEntry>;

export interface EntryTime {
  readonly stream: string;
  readonly version: number;
  readonly at: string;
}

/**
 * Computes from when each commit counts for past answers, in log order: the greatest of its own instant, that of the commit
 * before it in its stream and, if it is late, the greatest instant before it in the log. So nothing is backdated.
 */
export class EffectiveInstants {
  newest: string | null;
  readonly #from: Map<string, string>;

  constructor(newest: string | null = null, late: readonly LateEntry[] = []) {
    this.newest = newest;
    this.#from = new Map(late.map(({ stream, from }) => [stream, from]));
  }

  /** Processes the next commit of the log. Returns from when it counts. */
  take({ stream, at }: Omit<EntryTime, 'version'>): { readonly from: string; readonly isLate: boolean } {
    const { newest } = this;
    const isLate = newest !== null && newest > at && Date.parse(newest) - Date.parse(at) > LATE_MS;
    const from = latest(at, this.#from.get(stream), isLate ? newest : undefined);
    if (from > at) this.#from.set(stream, from);
    this.newest = latest(at, newest ?? undefined);
    return { from, isLate };
  }
}

/** The times of entries as stream `log` records them. */
export const LogTimes = strictObject(() => ({
  /** The greatest instant of any entry. */
  newest: Instant.nullable(),
  /** The late entries, oldest first. */
  late: z.array(LateEntry),
  /** Set if late entries were dropped: nothing is known of instants before this one. */
  unknownBefore: Instant.nullable(),
}));
export type LogTimes = z.infer<typeof LogTimes>;

export const NO_TIMES: LogTimes = { newest: null, late: [], unknownBefore: null };

/**
 * The most late entries that fit in the state, and in the commit with the names of all entries that arrived with them: enough for a writer
 * cut off for a quarter of an hour.
 */
const LATE_MAX = 128;
/** In canonical JSON. A vendor chooses the names of receipts; without a limit long ones could block the log forever. */
const LATE_BYTES_MAX = 26_000;

/** Returns how many of the newest late entries fit. */
const fitting = (late: readonly LateEntry[]): number => {
  let bytes = 2;
  const tooMany = late.toReversed().findIndex((entry, index) => {
    bytes += Buffer.byteLength(canonical(entry)) + 1;
    return index === LATE_MAX || bytes > LATE_BYTES_MAX;
  });
  return tooMany < 0 ? late.length : tooMany;
};

export const timesOfEntries = ({ newest, late }: LogTimes, entries: readonly EntryTime[]): LogTimes => {
  const times = new EffectiveInstants(newest, late);
  const known = new Map(late.map(({ stream, from }) => [stream, from]));
  const added: LateEntry[] = [];
  for (const entry of entries) {
    const { stream, version } = entry;
    const { from, isLate } = times.take(entry);
    if (!isLate || known.get(stream) === from) continue;
    known.set(stream, from);
    added.push({ stream, version, from });
  }
  const fits = fitting(added) === added.length;
  return { newest: times.newest, late: fits ? added : [], unknownBefore: fits ? null : times.newest };
};

export const withTimes = (before: LogTimes, { newest, late, unknownBefore }: LogTimes): LogTimes => {
  const all = [...before.late, ...late];
  const dropped = all.slice(0, all.length - fitting(all));
  const unknown = [before.unknownBefore, unknownBefore, ...dropped.map(({ from }) => from)].filter((each) => each !== null);
  return { newest, late: all.slice(dropped.length), unknownBefore: unknown.toSorted().at(-1) ?? null };
};

export const countsFrom = ({ late }: LogTimes, { stream, version, at }: EntryTime): string =>
  latest(at, ...late.filter((entry) => entry.stream === stream && entry.version <= version).map(({ from }) => from));
