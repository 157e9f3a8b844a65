// Storage format of a consumer's progress in a stream, in the side store.
import * as z from 'zod';
import type { JsonValue } from '../../../domain/kernel/json.ts';
import { strictObject } from '../../../domain/kernel/zodTypes.ts';
import { isUnexpired } from '../age.ts';
import { type LogEntry, nameAndMessageOf } from '../logging.ts';
import { ifReadable, StoreUnavailable } from '../store/errors.ts';
import type { StoredCommit } from '../store/port.ts';
import { isSideStoreKey, type SideStore } from '../store/sideStore.ts';
import { type Consumer, type FeedPorts, StillUnavailable, Unavailable, withExclusiveTurn } from './consumer.ts';
import { type DeadLetter, type ParkedEntry, park } from './deadLetters.ts';

const PAGE = 50;

/** `caught-up`: there is no commit above the mark. `waiting`: a commit failed and is tried again later. */
export type Consumed = 'caught-up' | 'waiting';

const pageAbove = ({ store }: FeedPorts, stream: string, after: number): Promise<readonly StoredCommit[]> =>
  ifReadable(store.history(stream, { after, limit: PAGE }), () => store.history(stream, { after, limit: 1 }));

/** Returns whether to go on at once. */
const failed = async (
  ports: FeedPorts,
  place: Pick<DeadLetter, 'consumer' | 'stream' | 'version'>,
  cause: unknown,
): Promise<boolean> => {
  const { consumer, stream, version } = place;
  const own = progressIn(ports.sideStore, consumer, stream);
  const known = await own.trouble();
  const lines: LogEntry[] = [];
  const logger = (line: LogEntry): void => void lines.push(line);
  const later = await deferRetry({ ...ports, logger }, place, known?.version === version ? known : null, cause);
  if (later !== undefined) await own.putTrouble({ version, ...later.trouble });
  // If it cannot be written, as on a full disk, that is logged as one failure rather than for each stream.
  for (const line of lines) ports.logger(line);
  if (later !== undefined) return later.atOnce;
  await own.advance(version);
  return true;
};

/**
 * Runs a consumer over the commits above its mark in one stream. A crash repeats at most the commit in progress. Retries a failed commit
 * after a pause, and parks it after {@link CONSUME_TRIES_MAX} tries.
 */
export const consume = async (ports: FeedPorts, consumer: Consumer, stream: string): Promise<Consumed> => {
  const { name, handle } = consumer;
  const own = progressIn(ports.sideStore, name, stream);
  const trouble = await own.trouble();
  if (trouble !== undefined && isPaused(trouble, ports.wallMs())) return 'waiting';
  let mark = await own.mark();
  let troubled = trouble !== undefined;
  for (;;) {
    let version = mark + 1;
    try {
      const page = await pageAbove(ports, stream, mark);
      if (page.length === 0) break;
      for (const commit of page) {
        version = commit.version;
        if (!(await ports.isReleased(commit))) {
          await own.await(version);
          return 'waiting';
        }
        await withExclusiveTurn(ports, consumer, stream, async () => {
          // Another process may have handled it since the page was read.
          if (consumer.isShared === true && (await own.mark()) >= commit.version) return;
          await handle(commit);
          await own.advance(commit.version);
        });
        mark = version;
      }
    } catch (error) {
      troubled = true;
      if (!(await failed(ports, { consumer: name, stream, version }, error))) return 'waiting';
      mark = Math.max(mark, await own.mark());
    }
  }
  // Not earlier: sweeps may have passed later commits, and return only to a stream in trouble.
  if (troubled) await own.clearTrouble();
  return 'caught-up';
};

/** Tries after which a commit that cannot be handled is parked and the consumer continues. */
export const CONSUME_TRIES_MAX = 5;
/** Pauses between tries: a minute of trouble elsewhere must not produce a dead letter. */
const PAUSES_MS = [0, 1_000, 10_000, 60_000];
/** The pause while the target cannot be reached. */
const UNAVAILABLE_PAUSE_MS = 5_000;

export const isPaused = ({ notBeforeMs }: { readonly notBeforeMs: number }, nowMs: number): boolean =>
  isUnexpired(notBeforeMs, nowMs, Math.max(...PAUSES_MS));

interface Failed {
  readonly tries: number;
  readonly error: string;
}

/** `atOnce`: the next try needs no pause. */
interface Later {
  readonly trouble: Failed & { readonly notBeforeMs: number };
  readonly atOnce: boolean;
}

/**
 * Schedules the next try, or parks the commit after enough tries and returns undefined. `known`: its trouble so far. An unreachable target
 * does not count as a try, and is logged once while the reason stays the same.
 */
export const deferRetry = async (
  { sideStore, clock, logger, wallMs }: Pick<FeedPorts, 'sideStore' | 'clock' | 'logger' | 'wallMs'>,
  place: Pick<DeadLetter, 'consumer' | 'stream' | 'version'> | Pick<ParkedEntry, 'consumer' | 'queue' | 'entry'>,
  known: Failed | null,
  cause: unknown,
): Promise<Later | undefined> => {
  if (cause instanceof Unavailable || cause instanceof StoreUnavailable) {
    const { message: error } = cause;
    if (!(cause instanceof StillUnavailable) && error !== known?.error)
      logger({ level: 'warn', event: 'consumer waits', ...place, error });
    const notBeforeMs = wallMs() + UNAVAILABLE_PAUSE_MS;
    return { trouble: { tries: known?.tries ?? 1, notBeforeMs, error }, atOnce: false };
  }
  const tries = (known?.tries ?? 0) + 1;
  const error = nameAndMessageOf(cause);
  logger({ level: 'error', event: 'not handled', ...place, tries, error });
  if (tries < CONSUME_TRIES_MAX) {
    const pauseMs = PAUSES_MS[tries - 1] ?? 0;
    return { trouble: { tries, notBeforeMs: wallMs() + pauseMs, error }, atOnce: pauseMs === 0 };
  }
  await park(sideStore, { ...place, tries, error, at: clock() });
  logger({ level: 'error', event: 'parked', ...place });
  return undefined;
};

const MARK = 'mark';
const TROUBLE = 'trouble';

const Mark = strictObject(() => ({ version: z.int().min(0) }));
/** `notBeforeMs`: the earliest next try, by the wall clock. */
const Trouble = strictObject(() => ({
  version: z.int().min(1),
  tries: z.int().min(1),
  notBeforeMs: z.number(),
  error: z.string(),
}));
type Trouble = z.infer<typeof Trouble>;

/** The reason of a commit that waits without a try. */
export const NOT_IN_LOG = 'not in the log yet';

const placeOf = (consumer: string, stream: string): string => `${consumer}:${stream}`;

/** Reports whether progress in a stream can be stored. Genuine names are far shorter; only a planted row has a longer one. */
export const hasStorableMark = (consumer: string, stream: string): boolean =>
  isSideStoreKey(MARK, placeOf(consumer, `${stream}@${Number.MAX_SAFE_INTEGER}`));

const versionIn = (value: JsonValue | undefined): number => Mark.safeParse(value).data?.version ?? 0;

export const progressIn = (sideStore: SideStore, consumer: string, stream: string) => {
  const place = placeOf(consumer, stream);
  const mark = async (): Promise<number> => versionIn(await sideStore.get(MARK, place));
  const trouble = async (): Promise<Trouble | undefined> => Trouble.safeParse(await sideStore.get(TROUBLE, place)).data;
  const putTrouble = (put: Trouble): Promise<void> => sideStore.put(TROUBLE, place, put);
  return {
    /** The version handled last; 0 if the mark is lost, which causes repeats, never gaps. */
    mark,
    /** Never moves the mark back. A power cut may lose the last ones, which causes repeats. */
    advance: async (version: number): Promise<void> => {
      if ((await mark()) < version) await sideStore.put(MARK, place, { version });
    },
    trouble,
    putTrouble,
    /** Waiting for the log does not count as a failed try. */
    await: async (version: number): Promise<void> => {
      if ((await trouble())?.version !== version) await putTrouble({ version, tries: 1, notBeforeMs: 0, error: NOT_IN_LOG });
    },
    clearTrouble: (): Promise<void> => sideStore.remove(TROUBLE, place),
  };
};

/** Advances marks; never moves them back. */
export const advanceMarks = async (
  sideStore: SideStore,
  consumer: string,
  versions: Iterable<readonly [stream: string, version: number]>,
): Promise<void> => {
  const known = new Map((await sideStore.list(MARK, placeOf(consumer, ''))).map(({ id, value }) => [id, versionIn(value)]));
  // Concurrently, so that they share a few transactions.
  await Promise.all(
    [...versions].map(async ([stream, version]) => {
      const place = placeOf(consumer, stream);
      if ((known.get(place) ?? 0) < version) await sideStore.put(MARK, place, { version });
    }),
  );
};

export const troubledStreams = async (sideStore: SideStore, consumer: string): Promise<readonly string[]> =>
  (await sideStore.list(TROUBLE, placeOf(consumer, ''))).map(({ id }) => id.slice(placeOf(consumer, '').length));
