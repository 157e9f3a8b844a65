import { canonical } from '../../../domain/kernel/canonical.ts';
import { decodeCommit } from '../../../domain/kernel/commit.ts';
import { plusDuration } from '../../../domain/kernel/zone.ts';
import type { SignedCheckpoint } from '../../../domain/log/checkpoint.ts';
import {
  emptyFrontier,
  type Frontier,
  frontierFromJson,
  frontierToJson,
  type LogbookState,
  type LogState,
  rootOf,
  treeOfLog,
} from '../../../domain/log/decide.ts';
import { LogError } from '../../../domain/log/encoding.ts';
import { LOG_STREAM, type LogKeyAnnounced, logbookStream } from '../../../domain/log/events.ts';
import { formatNote, formatVerifierKey, handoverText } from '../../../domain/log/note.ts';
import { changedTiles } from '../../../domain/log/tile.ts';
import { logAggregate, logbookAggregate, readLogbook } from '../../gate/aggregates.ts';
import { errorFields } from '../../platform/logging.ts';
import { CorruptStore, ifReadable } from '../../platform/store/errors.ts';
import { eventsOf, type Loaded, load } from '../../platform/store/load.ts';
import type { StoredCommit } from '../../platform/store/port.ts';
import type { LoggedEnd } from '../../platform/store/record.ts';
import { type SubmitPorts, type Submitted, submit } from '../../platform/store/submit.ts';
import { growFrontier, LoggedCommitMissing, loggedAbove, loggedRuns, runsOf } from './entries.ts';
import { compareStreams } from './judge.ts';
import {
  type Applied,
  forgetLogIndex,
  type HeldStream,
  heldStreams,
  hold,
  isAbsentFromStore,
  putApplied,
  putCursor,
  readApplied,
  readCursor,
  readLogIndex,
  release,
} from './logIndex.ts';
import { collectPending, type Pending, type Sources } from './pending.ts';
import { type KeySigner, type LogSigner, SEQUENCER, type SequencerPorts, signCheckpoint, signedBy } from './ports.ts';
import {
  applyEntries,
  LogConflict,
  publishAttachments,
  publishCheckpoint,
  publishedSize,
  readFile,
  removeOutgrown,
} from './publicFiles.ts';

// The sequencer adds commits to the log, one checkpoint a round: apply and publish what was signed, collect and judge what is pending, sign
// it, apply it, publish it. The next round repairs a crash between any two of these steps.

// What was signed

const AT_ONCE = 1_024;

const rootText = (tree: Frontier): string => Buffer.from(rootOf(tree)).toString('base64');

/** Loads the log. Throws LogConflict if more is published than the store has. */
const loadLog = async ({ store, blobs }: SequencerPorts): Promise<Loaded<LogState>> => {
  // Read first: another sequencer may publish in between, but only what the store already has.
  const published = await publishedSize(blobs);
  const log = await load(store, logAggregate, LOG_STREAM);
  if (published > log.state.size)
    throw new LogConflict(
      `${published} entries are published and the store holds ${log.state.size}: it was restored to an earlier state`,
    );
  return log;
};

/** Reports whether the files of applied entries exist. A folder that was lost, emptied or restored from an older copy lacks some. */
const hasFiles = async ({ blobs }: SequencerPorts, placed: number): Promise<boolean> => {
  const [tile] = changedTiles(placed - 1, placed);
  return tile === undefined || (await readFile(blobs, { tile })) !== undefined;
};

/** The progress from which the public files must be written; undefined to rebuild all of them. */
const startOf = async (ports: SequencerPorts, log: Loaded<LogState>): Promise<Applied | undefined> => {
  const applied = await readApplied(ports.sideStore);
  if (applied === undefined) return undefined;
  // Another sequencer may have applied a checkpoint since this one read the log.
  const isFaster = applied.version > log.version && ((await ports.store.head(LOG_STREAM))?.version ?? 0) >= applied.version;
  if (isFaster) return applied;
  // Progress that is ahead of the store, or belongs to another, is void.
  const isOfAnother =
    applied.version === log.version && canonical(applied.frontier) !== canonical(frontierToJson(treeOfLog(log.state)));
  if (applied.version <= log.version && !isOfAnother && (await hasFiles(ports, applied.frontier.size))) return applied;
  await forgetLogIndex(ports.sideStore);
  return undefined;
};

const apply = async (
  ports: SequencerPorts,
  from: Frontier,
  entries: readonly StoredCommit[],
  applied: Applied,
): Promise<void> => {
  await publishAttachments(ports, entries);
  await applyEntries(ports, from, entries);
  await putApplied(ports.sideStore, applied);
};

/** Writes the public files of a log, taken in order with each checkpoint after its entries, and records the progress. */
export class LogFiles {
  readonly #ports: SequencerPorts;
  #from: Frontier;
  #frontier: Frontier;
  #entries: StoredCommit[] = [];
  #version: number | undefined;

  /** `applied`: the position after which the log continues. */
  constructor(ports: SequencerPorts, applied?: Applied) {
    this.#ports = ports;
    this.#from = applied === undefined ? emptyFrontier : frontierFromJson(applied.frontier);
    this.#frontier = this.#from;
  }

  /** Takes commits. Throws CorruptStore for a checkpoint that was signed over other commits. */
  async take(...commits: readonly StoredCommit[]): Promise<void> {
    for (const commit of commits) {
      if (commit.stream !== LOG_STREAM) {
        this.#entries.push(commit);
        this.#frontier = growFrontier(this.#frontier, [commit]);
        continue;
      }
      for (const { size, root } of eventsOf(logAggregate, commit))
        if (this.#frontier.size !== size || rootText(this.#frontier) !== root)
          throw new CorruptStore(`the commits are not those of the checkpoint signed at size ${size}`);
      this.#version = commit.version;
      if (this.#entries.length >= AT_ONCE) await this.end();
    }
  }

  /** Writes the commits taken but not yet written, with their checkpoint. */
  async end(): Promise<void> {
    if (this.#version === undefined) return;
    await apply(this.#ports, this.#from, this.#entries, { version: this.#version, frontier: frontierToJson(this.#frontier) });
    [this.#from, this.#entries, this.#version] = [this.#frontier, [], undefined];
  }
}

/** Applies what was signed but not applied: usually nothing, after a crash the last checkpoint, after a loss of files everything. */
const applySigned = async (ports: SequencerPorts, log: Loaded<LogState>): Promise<void> => {
  const applied = await startOf(ports, log);
  const files = new LogFiles(ports, applied);
  for await (const commit of loggedAbove(ports.store, applied?.version ?? 0, log.version)) await files.take(commit);
  await files.end();
};

/** Completes what a crash interrupted. */
const settleSigned = async (ports: SequencerPorts, log: Loaded<LogState>): Promise<SignedCheckpoint | undefined> => {
  try {
    await applySigned(ports, log);
  } catch (error) {
    if (!(error instanceof LogError && error.code === 'tile-missing')) throw error;
    ports.logger({
      level: 'warn',
      event: 'files of the public log are missing or altered, and are made again',
      error: error.message,
    });
    await forgetLogIndex(ports.sideStore);
    await applySigned(ports, log);
  }
  return publishCheckpoint(ports, treeOfLog(log.state));
};

// What is pending

/**
 * `nudged`: streams with new commits; `changed`: streams in which a stored commit was changed or removed; `resumed`: formerly held streams of
 * which a commit has entered the log since.
 */
interface Nudges {
  readonly nudged: readonly string[];
  readonly changed: readonly string[];
  readonly resumed: readonly string[];
}

const remember = async (
  ports: SequencerPorts,
  { cursor, held, released }: Pick<Pending, 'cursor' | 'held' | 'released'>,
): Promise<void> => {
  await hold(ports, held);
  for (const stream of released) await release(ports.sideStore, stream);
  if (cursor !== undefined && cursor !== (await readCursor(ports.sideStore))) await putCursor(ports.sideStore, cursor);
};

/** Returns the newest commit of each stream in the log, including entries that the judge has not taken yet, of which the hash is unknown. */
const endsIn = async ({ store, judge }: SequencerPorts): Promise<ReadonlyMap<string, LoggedEnd>> => {
  const ends = new Map(judge.ends);
  for await (const { stream, to } of loggedRuns(store, judge.learnedUpTo)) ends.set(stream, { version: to, hash: null });
  return ends;
};

/** Returns streams whose newest entries, which the judge has not taken yet, are missing in the store, according to the log's index. */
const lackingBehind = async (ports: SequencerPorts): Promise<readonly HeldStream[]> => {
  const { store, sideStore, judge } = ports;
  const ends = new Map<string, { readonly version: number; readonly hash: string }>();
  for (const [stream, { version }] of await endsIn(ports))
    if (version > judge.endOf(stream).version)
      ends.set(stream, { version, hash: (await readLogIndex(sideStore, stream, version))?.hash ?? 'not in the index' });
  return [...(await compareStreams(store, ends, [...ends.keys()])).lacking.values()];
};

/**
 * Compares the store with the signed log and holds contradicting streams, before publication and signature, which can fail. Returns what was
 * held before, and streams with commits beyond the log. `unread`: why part of the log cannot be read; later entries are compared without
 * it.
 */
const compared = async (ports: SequencerPorts, log: Loaded<LogState>, changed: readonly string[]) => {
  const { store, sideStore, judge } = ports;
  const unread = await ifReadable<undefined, CorruptStore>(
    judge.catchUp(store, log.version).then(() => undefined),
    (error) => error,
  );
  const held = await heldStreams(sideStore);
  const unlogged = await judge.compare(ports, [...changed, ...held.filter(isAbsentFromStore).map(({ stream }) => stream)]);
  await hold(ports, judge.stopped);
  if (unread === undefined) await judge.markCompared(ports);
  else await hold(ports, await lackingBehind(ports));
  return { held, unlogged, unread };
};

/**
 * Compares the store with the signed log, and holds each stream that may not stand or lacks commits. Before the first comparison a process
 * must not answer "yes": a commit that ended something may have been removed. Returns the newest commit of each stream in the log.
 */
export const compareWithStore = async (ports: SequencerPorts): Promise<ReadonlyMap<string, LoggedEnd>> => {
  const { unread } = await compared(ports, await load(ports.store, logAggregate, LOG_STREAM), []);
  const ends = await endsIn(ports);
  if (unread !== undefined) ports.judge.reset();
  return ends;
};

const judgedPending = async (ports: SequencerPorts, log: Loaded<LogState>, sources: Sources): Promise<Pending> => {
  const pending = await collectPending(ports, sources);
  const { commits, refused, stopped } = ports.judge.judge(pending.commits, ports.clock(), log.state.newest);
  // A commit of a full checkpoint may depend on one that did not fit; the same cursor finds it again.
  const isPart = pending.isFull && commits.length > 0;
  const cursor = isPart && refused.length > 0 ? undefined : pending.cursor;
  const held = [...pending.held, ...(isPart ? [] : refused), ...stopped];
  const names = new Set(held.map(({ stream }) => stream));
  const isOpen = (stream: string): boolean => !names.has(stream);
  return {
    ...pending,
    commits,
    cursor,
    held,
    released: pending.released.filter(isOpen),
    resumed: pending.resumed.filter(isOpen),
  };
};

// One checkpoint

/** `resumed`: streams for the next round. */
interface Rounded {
  readonly outcome: 'nothing-waits' | 'more' | 'lost';
  readonly published: SignedCheckpoint | undefined;
  readonly resumed: readonly string[];
}

const rememberJudged = async ({ judge, logger }: SequencerPorts, tree: Frontier): Promise<void> => {
  try {
    await judge.remember(rootText(tree));
  } catch (error) {
    logger({ level: 'warn', event: 'what the judge has learned is not kept', ...errorFields(error) });
  }
};

/**
 * Runs one round; the next round repairs a crash at any step. The append is conditional on the tree it extends, so of two sequencers one
 * loses and starts again, and an index is assigned once.
 */
const round = async (ports: SequencerPorts, nudges: Nudges): Promise<Rounded> => {
  const log = await loadLog(ports);
  const { held, unlogged, unread } = await compared(ports, log, nudges.changed);
  if (unread !== undefined) throw unread;
  const published = await settleSigned(ports, log);
  const sources = { held, nudged: [...nudges.nudged, ...unlogged], resumed: nudges.resumed };
  const waiting = await judgedPending(ports, log, sources);
  const { commits } = waiting;
  if (commits.length === 0) {
    await rememberJudged(ports, treeOfLog(log.state));
    await remember(ports, waiting);
    // A checkpoint full of commits that may not stand: their streams are held now, and the next round takes others.
    return { outcome: waiting.isFull ? 'more' : 'nothing-waits', published, resumed: [] };
  }
  const before = treeOfLog(log.state);
  const frontier = growFrontier(before, commits);
  // 1. Sign and append. From here on the entries are in the log, whatever happens.
  const checkpoint = Buffer.from(await signCheckpoint(frontier, ports.signer, ports.clock())).toString('utf8');
  const submitted = await submit(ports, logAggregate, {
    stream: LOG_STREAM,
    commandId: `${frontier.size}-${Buffer.from(rootOf(frontier)).toString('hex')}`,
    actor: SEQUENCER,
    loaded: log,
    command: () => ({ oldSize: before.size, frontier, runs: runsOf(commits), entries: commits, checkpoint }),
  });
  if (!submitted.ok || submitted.state.size !== frontier.size) {
    ports.judge.reset();
    return { outcome: 'lost', published, resumed: nudges.resumed };
  }
  ports.judge.advanceTo(submitted.version, commits.length);
  // 2. Apply. A crash here leaves some files; the next round writes the same ones.
  await apply(ports, before, commits, { version: submitted.version, frontier: frontierToJson(frontier) });
  // 3. Publish. Every file that the new checkpoint covers exists.
  const next = await publishCheckpoint(ports, frontier);
  ports.published(commits);
  // 4. Tidy up. Leftovers of a crash here are harmless.
  await rememberJudged(ports, frontier);
  await remember(ports, waiting);
  await removeOutgrown(ports.blobs, before.size, frontier.size);
  return { outcome: 'more', published: next, resumed: waiting.resumed };
};

const LOST_MAX = 16;

/**
 * Adds all pending commits to the log and returns the published checkpoint. `nudged`: streams with new commits, which the feed may not show
 * yet; `changed`: streams to compare with the log. May run concurrently with another sequencer. Throws CorruptStore if the feed cannot be
 * read, and LogConflict if public files and store have different logs; nothing is signed then.
 */
export const sequence = async (
  ports: SequencerPorts,
  nudged: readonly string[] = [],
  changed: readonly string[] = [],
): Promise<SignedCheckpoint | undefined> => {
  let lost = 0;
  let resumed: readonly string[] = [];
  for (;;) {
    const done = await round(ports, { nudged, changed, resumed }).catch(async (error: unknown) => {
      // The judge may have taken commits that did not enter the log.
      ports.judge.reset();
      if (error instanceof LoggedCommitMissing) await hold(ports, [{ stream: error.stream, version: 0, problem: error.message }]);
      throw error;
    });
    if (done.outcome === 'nothing-waits') return done.published;
    lost = done.outcome === 'lost' ? lost + 1 : 0;
    if (lost > LOST_MAX) return done.published;
    resumed = done.resumed;
  }
};

/** Returns the longest time between a commit's `at` and its publication, in seconds, at least 0. */
export const publishDelay = (commits: readonly Pick<StoredCommit, 'bytes'>[], nowMs: number): number =>
  Math.max(0, ...commits.map(({ bytes }) => (nowMs - Date.parse(decodeCommit(bytes).at)) / 1000));

// The key

/** Announces the next key in the log, signed by the old key, and by the new one as proof of possession. Repeating it appends nothing. */
export const announceKey = async (
  ports: SubmitPorts,
  { by, next, until }: { readonly by: KeySigner; readonly next: KeySigner; readonly until: string },
): Promise<Submitted<LogbookState, LogKeyAnnounced, 'rotation-under-way'>> => {
  const text = handoverText({ by: by.key, key: next.key, until });
  const note = Buffer.from(formatNote({ text, signatures: await signedBy(text, [by, next]) })).toString('utf8');
  const [byKey, key] = [formatVerifierKey(by.key), formatVerifierKey(next.key)];
  return submit(ports, logbookAggregate, {
    stream: logbookStream(by.key.name),
    commandId: `logbook/${ports.newId()}`,
    actor: 'operator',
    command: (at) => ({ at, by: byKey, key, until, note }),
  });
};

/** The time in which verifiers that pinned the old key learn the next one. */
const OVERLAP = 'P30D';

/**
 * Hands a log over to the next key and returns a signer with both: announces the next key, has the old key alone sign a checkpoint over the
 * announcement, and only then signs with the next key. May be repeated and run concurrently. `done`: the next key is already published.
 * While another key is too early, the old one keeps signing, since without a sequencer nothing would be on. Throws if the log belongs to
 * another key.
 */
export const handOver = async (ports: SequencerPorts, next: KeySigner, done: boolean): Promise<LogSigner> => {
  const { signer: former } = ports;
  const origin = former.key.name;
  const to = formatVerifierKey(next.key);
  let refused = '';
  if ((await readLogbook(ports.store, origin)).handover?.key !== to) {
    const until = plusDuration(ports.clock(), OVERLAP, 'UTC');
    const announced = await announceKey(ports, { by: former, next, until });
    if (!announced.ok) refused = announced.rejection.detail;
  }
  const { handover } = await readLogbook(ports.store, origin);
  if (handover?.key !== to) {
    if (handover?.key !== formatVerifierKey(former.key)) throw new Error(`the log is not handed over: ${refused}`);
    ports.logger({ level: 'error', event: 'the log is not handed over yet', detail: refused });
    return former;
  }
  if (!done) await sequence(ports);
  return { ...next, former: { ...former, until: handover.until } };
};
