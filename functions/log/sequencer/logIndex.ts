import * as z from 'zod';
import { digestOf } from '../../../domain/kernel/canonical.ts';
import { hashOf } from '../../../domain/kernel/commit.ts';
import { Digest, Instant, strictObject } from '../../../domain/kernel/zodTypes.ts';
import { FrontierJson } from '../../../domain/log/decide.ts';
import { POLICY_STREAM } from '../../../domain/policy/decide.ts';
import { ROSTER_STREAM } from '../../../domain/roster/state.ts';
import { SETTINGS_STREAM } from '../../../domain/settings/events.ts';
import type { FeedPorts } from '../../platform/feed/consumer.ts';
import { readFeedCursor } from '../../platform/feed/consumers.ts';
import { EVERY_FEATURE, type StreamLimit } from '../../platform/ledger.ts';
import type { Logger } from '../../platform/logging.ts';
import { fitsSideStore, type SideStore } from '../../platform/store/sideStore.ts';

// Storage format, in the side store: the index of each commit in the log and the sequencer's progress. Derived from stream `log`.

const INDEX = 'log-place';
const APPLIED = 'log-applied';
const HELD = 'log-held';
const CURSOR = 'feed-cursor';
const COMPARED = 'log-compared';
const SEQUENCER = 'sequencer';
const ROWS = 'rows';

/** Only the sequencer writes them; on AWS its role may write only the kinds named here. */
export const LOG_KINDS = [INDEX, APPLIED, HELD, COMPARED] as const;

const NAME_BYTES_MAX = 900;

const LogIndex = strictObject(() => ({ index: z.int().min(0), hash: Digest }));
/** Written once, never changed. */
type LogIndex = z.infer<typeof LogIndex>;

/** Public files and indexes are written up to this version of stream `log`. */
const Applied = strictObject(() => ({ version: z.int().min(1), frontier: FrontierJson }));
export type Applied = z.infer<typeof Applied>;

const HeldStream = strictObject(() => ({ stream: z.string(), version: z.int().min(0), problem: z.string() }));
/** A stream that is unreadable from `version` on. 0: the whole stream, because the store lacks commits of the log. */
export type HeldStream = z.infer<typeof HeldStream>;

export const isAbsentFromStore = ({ version }: HeldStream): boolean => version === 0;

/** Reports whether a stream is held only until the clock reaches its commit's instant. */
const isAhead = ({ problem }: HeldStream): boolean => problem.startsWith('ahead: ');

/** Describes the problem for people. */
export const heldProblem = (held: HeldStream): string => {
  if (held.stream === EVERY_FEATURE) return `Nothing is on while the store cannot be compared with the log: ${held.problem}`;
  return isAbsentFromStore(held)
    ? `${held.stream} lacks commits of the log: ${held.problem}`
    : `Version ${held.version} of ${held.stream} may not stand${isAhead(held) ? ' yet' : ''}: ${held.problem}`;
};

const nameOf = (stream: string): string => (Buffer.byteLength(stream) > NAME_BYTES_MAX ? digestOf(stream) : stream);
const idOf = (stream: string, version: number): string => `${version}@${nameOf(stream)}`;

/** Returns a commit's log index; undefined while it is not in the log. */
export const readLogIndex = async (sideStore: SideStore, stream: string, version: number): Promise<LogIndex | undefined> =>
  LogIndex.safeParse(await sideStore.get(INDEX, idOf(stream, version))).data;

export const putLogIndex = (sideStore: SideStore, stream: string, version: number, index: LogIndex): Promise<void> =>
  sideStore.put(INDEX, idOf(stream, version), index);

/** Returns the streams in the log whose names have a prefix. */
export const loggedStreams = async (sideStore: SideStore, prefix: string): Promise<readonly string[]> =>
  (await sideStore.list(INDEX, idOf(prefix, 1))).map(({ id }) => id.slice(idOf('', 1).length));

export const readApplied = async (sideStore: SideStore): Promise<Applied | undefined> =>
  Applied.safeParse(await sideStore.get(APPLIED, SEQUENCER)).data;

export const putApplied = (sideStore: SideStore, applied: Applied): Promise<void> => sideStore.put(APPLIED, SEQUENCER, applied);

/** Makes the next round compare public files and indexes with stream `log` and write the missing ones. */
export const forgetApplied = (sideStore: SideStore): Promise<void> => sideStore.remove(APPLIED, SEQUENCER);

/** Removes the indexes, which are rebuilt from stream `log`. Held streams stay held meanwhile. */
export const forgetLogIndex = async (sideStore: SideStore): Promise<void> => {
  await forgetApplied(sideStore);
  await sideStore.remove(CURSOR, SEQUENCER);
  for (const { id } of await sideStore.list(INDEX)) await sideStore.remove(INDEX, id);
};

/** The id of the mark among the held streams, so that one read returns both: when the store was last compared, and all held streams. */
const MARK = 'compared';
const Mark = strictObject(() => ({ at: Instant, held: z.array(HeldStream) }));
type Mark = z.infer<typeof Mark>;

/** Reads held streams. The mark names them as well, so removing their records is not enough; without a mark answers are "no". */
const readHeld = async (
  sideStore: SideStore,
): Promise<{ readonly mark: Mark | undefined; readonly held: readonly HeldStream[] }> => {
  const entries = await sideStore.list(HELD);
  const mark = Mark.safeParse(entries.find(({ id }) => id === MARK)?.value).data;
  const records = entries.flatMap(({ value }) => HeldStream.safeParse(value).data ?? []);
  return { mark, held: [...new Map([...(mark?.held ?? []), ...records].map((one) => [one.stream, one])).values()] };
};

export const heldStreams = async (sideStore: SideStore): Promise<readonly HeldStream[]> => (await readHeld(sideStore)).held;

/** Returns the lowest held version of each stream, which covers all others. */
const lowest = (held: readonly HeldStream[]): readonly HeldStream[] =>
  // A Map keeps the last of several entries with one name.
  [...new Map(held.toSorted((one, other) => other.version - one.version).map((one) => [one.stream, one])).values()];

/** Makes streams unreadable, and logs those that were not held from the same version before. Nothing else does. */
export const hold = async (
  { sideStore, logger }: { readonly sideStore: SideStore; readonly logger: Logger },
  held: readonly HeldStream[],
): Promise<void> => {
  if (held.length === 0) return;
  const known = new Map((await heldStreams(sideStore)).map(({ stream, version }) => [stream, version]));
  for (const one of lowest(held)) {
    if (known.get(one.stream) === one.version) continue;
    logger({ level: 'error', event: 'stream is kept out of the public log', ...one });
    await sideStore.put(HELD, nameOf(one.stream), one);
  }
};

export const release = async (sideStore: SideStore, stream: string): Promise<void> => {
  await sideStore.remove(HELD, nameOf(stream));
  const { mark } = await readHeld(sideStore);
  const held = mark?.held.filter((one) => one.stream !== stream) ?? [];
  if (mark !== undefined && held.length < mark.held.length) await sideStore.put(HELD, MARK, { ...mark, held });
};

/** Call it once a comparison's findings are held. If a record cannot name all held streams, nothing is marked, so nothing is on. */
export const markCompared = async (sideStore: SideStore, at: string): Promise<void> => {
  const mark = { at, held: [...(await heldStreams(sideStore))] };
  if (fitsSideStore(mark)) await sideStore.put(HELD, MARK, mark);
};

/** Maximum age of a mark; functions run every minute. For this long, an attacker who can write to the side store can restore an old mark. */
const MARK_MS_MAX = 15 * 60_000;

const isFresh = (mark: Mark | undefined, now: string): boolean =>
  mark !== undefined && Math.abs(Date.parse(now) - Date.parse(mark.at)) < MARK_MS_MAX;

export const isCompared = async (sideStore: SideStore, now: string): Promise<boolean> =>
  isFresh((await readHeld(sideStore)).mark, now);

export const readCursor = (sideStore: SideStore): Promise<string | undefined> => readFeedCursor(sideStore, SEQUENCER);

export const putCursor = (sideStore: SideStore, cursor: string): Promise<void> => sideStore.put(CURSOR, SEQUENCER, cursor);

export const readCompared = async (sideStore: SideStore): Promise<number> =>
  z
    .int()
    .min(0)
    .safeParse(await sideStore.get(COMPARED, SEQUENCER)).data ?? 0;

export const putCompared = (sideStore: SideStore, streams: number): Promise<void> => sideStore.put(COMPARED, SEQUENCER, streams);

export const readWalked = async (sideStore: SideStore): Promise<string | undefined> =>
  z.string().safeParse(await sideStore.get(COMPARED, ROWS)).data;

export const putWalked = (sideStore: SideStore, cursor: string | undefined): Promise<void> =>
  sideStore.put(COMPARED, ROWS, cursor ?? null);

const limitOf = (held: HeldStream): StreamLimit => ({
  stream: held.stream,
  from: held.version,
  code: isAbsentFromStore(held) ? 'log-conflict' : isAhead(held) ? 'clock-behind' : 'judge-failed',
  detail: `${heldProblem(held)}.`,
});

/**
 * Streams that stay readable while their newest commit is ahead of the clock, so that pages keep working. That switches nothing on early: a
 * command has no earlier instant than what it names, and is refused until then (`submit`).
 */
const SHOWN_AHEAD: ReadonlySet<string> = new Set([ROSTER_STREAM, POLICY_STREAM, SETTINGS_STREAM]);

const limitsOf = (held: readonly HeldStream[]): readonly StreamLimit[] =>
  held.filter((one) => !(isAhead(one) && SHOWN_AHEAD.has(one.stream))).map(limitOf);

export const heldLimits = async (sideStore: SideStore): Promise<readonly StreamLimit[]> => limitsOf(await heldStreams(sideStore));

/** Returns the limits for a process that has only the mark to tell whether the sequencer compares; a mark counts for some minutes. */
export const comparedLimits = async (sideStore: SideStore, now: string): Promise<readonly StreamLimit[]> => {
  const { mark, held } = await readHeld(sideStore);
  const limits = limitsOf(held);
  if (isFresh(mark, now)) return limits;
  const since = mark === undefined ? '' : ` since ${mark.at}`;
  const detail = `Nothing is on: the store was not compared with the public log${since}.`;
  return [...limits, { stream: EVERY_FEATURE, from: 0, code: 'not-compared', detail }];
};

/** Reports whether this exact commit is in the log, and therefore was judged. */
export const isInLog =
  (sideStore: SideStore): FeedPorts['isReleased'] =>
  async ({ stream, version, bytes }) =>
    (await readLogIndex(sideStore, stream, version))?.hash === hashOf(bytes);
