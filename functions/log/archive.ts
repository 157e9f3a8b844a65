import { createHash, type Hash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import * as z from 'zod';
import { canonical } from '../../domain/kernel/canonical.ts';
import { type Commit, decodeCommit, hashOf } from '../../domain/kernel/commit.ts';
import { type JsonValue, parseStrict } from '../../domain/kernel/json.ts';
import { Digest, strictObject } from '../../domain/kernel/zodTypes.ts';
import { claimedCheckpoint, SignedCheckpoint } from '../../domain/log/checkpoint.ts';
import { LogError } from '../../domain/log/encoding.ts';
import { type CheckpointSigned, LOG_STREAM } from '../../domain/log/events.ts';
import { parseVerifierKey, type VerifierKey } from '../../domain/log/note.ts';
import { foldStream, logAggregate, stateVersionOf } from '../gate/aggregates.ts';
import { walkFeed } from '../platform/feed/consumers.ts';
import { latestPossible } from '../platform/ledger.ts';
import { messageOf } from '../platform/logging.ts';
import { CorruptStore } from '../platform/store/errors.ts';
import { eventsOf } from '../platform/store/load.ts';
import type { Attachment, Store, StoredCommit } from '../platform/store/port.ts';
import { assertWritable, commitOf, recordOf } from '../platform/store/record.ts';
import { allDone } from '../platform/turns.ts';
import { attachedBytes, CommitJudge, standingProblem } from './judging.ts';
import { loggedAbove, loggedRuns, SignedTree } from './sequencer/entries.ts';
import type { JudgeSnapshot } from './sequencer/judge.ts';
import type { LogTree } from './verify/readLog.ts';

// An archive has the commits of the log in log order, each checkpoint after the commits that it was signed over.

const PAGE = 500;

const placeOf = ({ stream, version }: Pick<StoredCommit, 'stream' | 'version'>): string => `${stream}@${version}`;

const newestVersions = async (store: Store): Promise<ReadonlyMap<string, number>> => {
  const { newest } = await walkFeed(store);
  return new Map([...newest].filter(([stream]) => stream !== LOG_STREAM));
};

/** Returns the first version of each stream that is in the store but not in the log. `of`: the versions to check; absent: all. */
export const unloggedVersions = async (store: Store, of?: ReadonlyMap<string, number>): Promise<ReadonlyMap<string, number>> => {
  const wanted = of ?? (await newestVersions(store));
  const logged = new Map<string, number>();
  for await (const { stream, to } of loggedRuns(store, 0)) logged.set(stream, to);
  const outside = [...wanted].filter(([stream, version]) => version > (logged.get(stream) ?? 0));
  return new Map(outside.map(([stream]) => [stream, (logged.get(stream) ?? 0) + 1]));
};

/** Waits until everything in the store is in the log. Returns what is still missing after `tries` checks. */
export const awaitLogged = async (
  store: Store,
  pause: (outside: ReadonlyMap<string, number>) => Promise<unknown>,
  tries: number,
): Promise<ReadonlyMap<string, number>> => {
  const acknowledged = await newestVersions(store);
  for (let left = tries; ; left -= 1) {
    const outside = await unloggedVersions(store, acknowledged);
    if (outside.size === 0 || left <= 1) return outside;
    await pause(outside);
  }
};

/** Yields the commits of a log in log order. Throws CorruptStore if one is missing or unreadable. */
export async function* loggedCommits(store: Store): AsyncGenerator<StoredCommit> {
  const tree = new SignedTree();
  for await (const commit of loggedAbove(store, 0)) {
    const [signed] = commit.stream === LOG_STREAM ? eventsOf(logAggregate, commit) : [];
    if (signed === undefined) tree.take(commit);
    const problem = signed && tree.problemOf(signed);
    if (problem !== undefined) throw new CorruptStore(problem);
    yield commit;
  }
}

/** `keysOf`: returns the keys, one of which must have signed the log of an origin; `expect`: what that log must continue. */
export interface Trust {
  readonly keysOf: (origin: string) => readonly VerifierKey[];
  readonly expect: LogTree | undefined;
}

type Refusal = { readonly ok: false; readonly code: 'bad-archive' | 'not-trusted' | 'not-empty'; readonly detail: string };

type Imported =
  | {
      readonly ok: true;
      /** Without the log's own. */
      readonly commits: number;
      readonly newest: ReadonlyMap<string, number>;
      readonly origin: string | undefined;
      readonly learned: JudgeSnapshot | undefined;
    }
  | Refusal;

/** Returns the trust in an archive whose keys are lost. Throws LogError for a checkpoint that this key did not sign. */
export const trustIn = (checkpoint: Uint8Array, vkey: string): Trust => {
  const key = parseVerifierKey(vkey.trim());
  SignedCheckpoint.open(checkpoint, { origin: key.name, keys: [key] });
  return { keysOf: () => [key], expect: claimedCheckpoint(checkpoint) };
};

class ArchivedLog {
  readonly #judge = new CommitJudge();
  readonly #tree = new SignedTree();
  readonly #trust: Trust;
  readonly #now: string | undefined;
  readonly newest = new Map<string, number>();
  commits = 0;
  #last: CheckpointSigned | undefined;
  #continues: boolean;

  constructor(trust: Trust, now?: string) {
    this.#trust = trust;
    this.#now = now;
    this.#continues = trust.expect === undefined || trust.expect.size === 0;
  }

  /** Throws BadArchive unless the commit may stand and is where the log has it. */
  take(line: number, record: StoredCommit): void {
    this.commits += 1;
    this.newest.set(record.stream, record.version);
    const problem = record.stream === LOG_STREAM ? this.#checkpoint(record) : this.#entry(record);
    if (problem !== undefined) throw new BadArchive(line, problem);
  }

  #entry(record: StoredCommit): string | undefined {
    const verdict = this.#judge.next(record.bytes, attachedBytes(record.attachments), commitOf(record));
    if (!verdict.ok) return standingProblem(record, verdict);
    this.#tree.take(record);
    const { expect } = this.#trust;
    if (this.#tree.frontier.size === expect?.size)
      this.#continues = this.#tree.root === Buffer.from(expect.root).toString('base64');
    return undefined;
  }

  #checkpoint(record: StoredCommit): string | undefined {
    const [signed, ...more] = eventsOf(logAggregate, record);
    if (signed === undefined || more.length > 0) return 'a commit of the log is one checkpoint';
    this.#last = signed;
    return this.#tree.problemOf(signed) ?? this.#aheadProblem(record, signed);
  }

  /** No signature covers the log's own commits, and nothing is decided before the newest committed instant. */
  #aheadProblem({ at }: StoredCommit, { newest }: CheckpointSigned): string | undefined {
    return this.#now !== undefined && at > latestPossible(this.#now, newest)
      ? `a commit of the log is of ${at}, more than five minutes ahead of the clock`
      : undefined;
  }

  end(): Refusal | undefined {
    if (this.#tree.unsigned > 0)
      return { ok: false, code: 'bad-archive', detail: `its last ${this.#tree.unsigned} commits are under no checkpoint` };
    const { keysOf, expect } = this.#trust;
    const notTrusted = (detail: string) => ({ ok: false, code: 'not-trusted', detail }) as const;
    if (!this.#continues) return notTrusted(`its log does not continue the expected checkpoint of ${expect?.size} entries`);
    const { origin } = this;
    if (origin === undefined) return undefined;
    try {
      const { size, root } = SignedCheckpoint.open(Buffer.from(this.#last?.checkpoint ?? ''), { origin, keys: keysOf(origin) });
      const isOfThese = size === this.#tree.frontier.size && Buffer.from(root).toString('base64') === this.#tree.root;
      return isOfThese ? undefined : notTrusted(`its last checkpoint is signed over ${size} other entries`);
    } catch (error) {
      if (error instanceof LogError) return notTrusted(`its last checkpoint is not signed by the key given: ${error.message}`);
      throw error;
    }
  }

  get origin(): string | undefined {
    if (this.#last === undefined) return undefined;
    try {
      return claimedCheckpoint(Buffer.from(this.#last.checkpoint)).origin;
    } catch (error) {
      if (error instanceof LogError) throw new BadArchive(this.commits, `its last checkpoint: ${error.message}`);
      throw error;
    }
  }

  get learned(): JudgeSnapshot | undefined {
    const version = this.newest.get(LOG_STREAM);
    return version === undefined ? undefined : { version, root: this.#tree.root, commits: this.#judge.state, faults: new Map() };
  }
}

const refusalOf = (error: unknown): Refusal => {
  if (!(error instanceof BadArchive)) throw error;
  return { ok: false, code: 'bad-archive', detail: error.message };
};

/** Returns why an archive would not be imported into an empty store. */
export const archiveProblem = async (lines: AsyncIterable<string>, trust: Trust): Promise<string | undefined> => {
  try {
    const log = new ArchivedLog(trust);
    for await (const { line, record } of derive(lines)) log.take(line, record);
    return log.end()?.detail;
  } catch (error) {
    return refusalOf(error).detail;
  }
};

/** The SQLite adapter gives them one fsync. */
const BATCH = 1_024;

/**
 * `now`: the importing machine's clock; without it no commit is too far ahead. `follow`: called with parts of the log, in order, once they
 * are written.
 */
interface ImportOptions {
  readonly now?: string;
  readonly beforeWriting?: () => Promise<void>;
  readonly follow?: (commits: readonly StoredCommit[]) => Promise<unknown>;
}

/**
 * Imports an archive into an empty store. First verifies and judges every commit and checkpoint, and writes nothing unless `trust` accepts
 * the archive; then calls `beforeWriting`, reads the archive again (`open`) and writes. May be run again after an interruption.
 */
export const importLog = async (
  store: Store,
  open: () => AsyncIterable<string>,
  trust: Trust,
  { now, beforeWriting, follow = async () => undefined }: ImportOptions = {},
): Promise<Imported> => {
  const present = await everyHash(store);
  try {
    const log = new ArchivedLog(trust, now);
    const verified = createHash('sha256');
    for await (const { line, record } of derive(open())) {
      log.take(line, record);
      const [place, hash] = [placeOf(record), hashOf(record.bytes)];
      addTo(verified, record);
      if (present.get(place) === hash) present.delete(place);
    }
    const refused = log.end();
    if (refused !== undefined) return refused;
    const [foreign] = present.keys();
    if (foreign !== undefined)
      return notEmpty(`the store holds ${foreign}, which is not in this archive: import it into an empty one`);
    const { newest, origin, learned } = log;
    const commits = log.commits - (newest.get(LOG_STREAM) ?? 0);
    await beforeWriting?.();
    return (await write(store, open, verified, follow)) ?? { ok: true, commits, newest, origin, learned };
  } catch (error) {
    return refusalOf(error);
  }
};

const everyHash = async (store: Store): Promise<Map<string, string>> => {
  const hashes = new Map<string, string>();
  for (let cursor: string | undefined; ; ) {
    const page = await store.feed(cursor, PAGE);
    for (const item of page.items) hashes.set(placeOf(item), hashOf(item.bytes));
    if (page.done) return hashes;
    cursor = page.next;
  }
};

const addTo = (digest: Hash, { bytes, attachments }: StoredCommit): void => {
  digest.update(bytes);
  for (const { sha256, mediaType } of attachments) digest.update(canonical([sha256, mediaType]));
};

async function* derive(lines: AsyncIterable<string>): AsyncGenerator<{ readonly line: number; readonly record: StoredCommit }> {
  const states = new Map<string, unknown>();
  for await (const archived of readArchive(lines)) {
    const { stream } = archived.commit;
    const { record, state } = toRecord(archived, states.get(stream));
    states.set(stream, state);
    yield { line: archived.line, record };
  }
}

const toRecord = (
  { line, commit, bytes, attachments }: ArchivedCommit,
  previous: unknown,
): { readonly record: StoredCommit; readonly state: unknown } => {
  try {
    const { state } = foldStream(commit.stream, previous, commit.events);
    const stateVersion = stateVersionOf(commit.stream);
    const record = recordOf(commit, bytes, { state: canonical(state as JsonValue), stateVersion, attachments });
    assertWritable(record);
    return { record, state };
  } catch (cause) {
    throw new BadArchive(line, `${placeOf(commit)} cannot stand in a store: ${messageOf(cause)}`, { cause });
  }
};

const write = async (
  store: Store,
  open: () => AsyncIterable<string>,
  verified: Hash,
  follow: NonNullable<ImportOptions['follow']>,
): Promise<Imported | undefined> => {
  let batch: StoredCommit[] = [];
  const flush = async (): Promise<Imported | undefined> => {
    const answers = await allDone(batch.map((record) => store.append([record])));
    for (const { occupant } of answers)
      if (occupant !== undefined) return notEmpty(`someone else wrote ${placeOf(occupant)} meanwhile`);
    await follow(batch);
    batch = [];
    return undefined;
  };
  const written = createHash('sha256');
  let last = 0;
  for await (const { line, record } of derive(open())) {
    batch.push(record);
    addTo(written, record);
    last = line;
    const refused = batch.length < BATCH ? undefined : await flush();
    if (refused !== undefined) return refused;
  }
  if (written.digest('hex') !== verified.digest('hex'))
    throw new BadArchive(last, 'the archive has changed since it was verified');
  return flush();
};

const notEmpty = (detail: string): Imported => ({ ok: false, code: 'not-empty', detail });

// Storage format: an archive is NDJSON: a header, then one line per commit, then a trailer.

const HEADER = { archive: 'aldergate', format: 1 } as const;
const Header = strictObject(() => ({ archive: z.literal(HEADER.archive), format: z.literal(HEADER.format) }));

/** The exact text that was hashed, and its attachments. The state is derived, so it is omitted. */
const CommitLine = strictObject(() => ({
  commit: z.string(),
  attachments: z.array(z.strictObject({ sha256: Digest, mediaType: z.string(), bytes: z.base64() })).optional(),
}));

/** The last line; an archive without it is truncated. */
const Trailer = strictObject(() => ({ commits: z.int().min(0), sha256: Digest }));

const encodeLine = ({ bytes, attachments }: StoredCommit): string => {
  const line: z.infer<typeof CommitLine> = { commit: Buffer.from(bytes).toString('utf8') };
  if (attachments.length > 0)
    line.attachments = attachments.map((one) => ({ ...one, bytes: Buffer.from(one.bytes).toString('base64') }));
  return JSON.stringify(line);
};

/** Yields the lines of an archive with their line ends. `tick`: called with the number of commits so far. */
export async function* linesOf(
  commits: AsyncIterable<StoredCommit>,
  tick: (done: number) => void = () => undefined,
): AsyncGenerator<string> {
  const digest = createHash('sha256');
  const hashed = (line: string): string => {
    digest.update(line);
    return line;
  };
  let count = 0;
  yield hashed(`${JSON.stringify(HEADER)}\n`);
  for await (const commit of commits) {
    count += 1;
    tick(count);
    yield hashed(`${encodeLine(commit)}\n`);
  }
  yield `${JSON.stringify({ commits: count, sha256: `sha256:${digest.digest('hex')}` })}\n`;
}

/** A complete file under a temporary name, `path`. `keep` renames it durably. */
export interface FileDraft {
  readonly path: string;
  readonly keep: () => Promise<void>;
  readonly drop: () => Promise<void>;
}

/** Reports whether a path is written directly, such as a pipe or `/dev/stdout`. */
export const isDevice = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => !found.isFile(),
    () => false,
  );

/**
 * Writes text to `FILE.part`, which only its owner may read. A truncated file would be imported as an older backup, in which features
 * switched off since are on, so it gets its name only once it is complete. A device is written directly.
 */
export const draftOf = async (file: string, text: AsyncIterable<string | Uint8Array> | Iterable<string>): Promise<FileDraft> => {
  if (await isDevice(file)) {
    await pipeline(text, createWriteStream(file));
    return { path: file, keep: async () => undefined, drop: async () => undefined };
  }
  const draft = `${file}.part`;
  const drop = (): Promise<void> => rm(draft, { force: true });
  await drop();
  try {
    await pipeline(text, createWriteStream(draft, { mode: 0o600, flush: true }));
  } catch (error) {
    await drop();
    throw error;
  }
  const keep = async (): Promise<void> => {
    await rename(draft, file);
    const folder = await open(dirname(file), 'r');
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  };
  return { path: draft, keep, drop };
};

/**
 * Writes an archive and its private part, and renames each once both are complete. `besides` drafts the private part after the archive, so
 * that it has everything that a commit of the archive refers to. `check` throws for drafts that must not be renamed.
 */
export const writeArchive = async (
  file: string,
  lines: AsyncIterable<string>,
  besides: (() => Promise<FileDraft>) | undefined,
  check: (archive: FileDraft, besides: FileDraft) => Promise<void> = async () => undefined,
): Promise<void> => {
  const archive = await draftOf(file, lines);
  const drafts = [archive];
  try {
    if (besides !== undefined) {
      const privatePart = await besides();
      drafts.unshift(privatePart);
      await check(archive, privatePart);
    }
    for (const draft of drafts) await draft.keep();
  } catch (error) {
    for (const draft of drafts) await draft.drop();
    throw error;
  }
};

/** A commit that was verified against earlier ones of its stream. */
interface ArchivedCommit {
  readonly line: number;
  readonly commit: Commit;
  readonly bytes: Uint8Array;
  readonly attachments: readonly Attachment[];
}

class BadArchive extends Error {
  override readonly name = 'BadArchive';
  readonly line: number;
  constructor(line: number, detail: string, options?: ErrorOptions) {
    super(`line ${line}: ${detail}`, options);
    this.line = line;
  }
}

/**
 * Reads an archive, which is attacker-controlled: each commit must decode and continue the hash chain of its stream; the trailer must
 * match the lines before it. Throws BadArchive.
 */
async function* readArchive(lines: AsyncIterable<string>): AsyncGenerator<ArchivedCommit> {
  const heads: Heads = new Map();
  const digest = createHash('sha256');
  let [number, commits, ended] = [0, 0, false];
  for await (const line of lines) {
    number += 1;
    if (ended) throw new BadArchive(number, 'something follows the end of the archive');
    const value = parse(line, number);
    if (number === 1) {
      if (!Header.safeParse(value).success) throw new BadArchive(1, 'not the beginning of an archive of a known format');
    } else if (isCommit(value)) {
      const archived = toCommit(value, number);
      follow(heads, archived);
      commits += 1;
      yield archived;
    } else {
      const trailer = Trailer.safeParse(value).data;
      if (trailer === undefined) throw new BadArchive(number, 'neither a commit nor the end of the archive');
      if (trailer.commits !== commits || trailer.sha256 !== `sha256:${digest.copy().digest('hex')}`)
        throw new BadArchive(number, 'the end does not fit the lines before it');
      ended = true;
    }
    digest.update(`${line}\n`);
  }
  if (!ended) throw new BadArchive(number + 1, 'the archive is cut off: its last line is missing');
}

type Heads = Map<string, { readonly version: number; readonly hash: string }>;

const follow = (heads: Heads, { line, commit: { stream, version, prev }, bytes }: ArchivedCommit): void => {
  const { version: last = 0, hash = null } = heads.get(stream) ?? {};
  if (version !== last + 1) throw new BadArchive(line, `version ${version} of ${stream} follows ${last}`);
  if (prev !== hash) throw new BadArchive(line, `${stream}@${version} does not continue the hash chain of its stream`);
  heads.set(stream, { version, hash: hashOf(bytes) });
};

const isCommit = (value: unknown): boolean => typeof value === 'object' && value !== null && 'commit' in value;

const parse = (line: string, number: number): unknown => {
  const parsed = parseStrict(Buffer.from(line));
  if (!parsed.ok) throw new BadArchive(number, `${parsed.pointer || 'the line'} ${parsed.detail}`);
  return parsed.value;
};

const toCommit = (value: unknown, number: number): ArchivedCommit => {
  const line = CommitLine.safeParse(value);
  if (!line.success) throw new BadArchive(number, 'not a line of a commit', { cause: line.error });
  const bytes = Buffer.from(line.data.commit);
  const attachments = (line.data.attachments ?? []).map(
    (one): Attachment => ({ ...one, bytes: Buffer.from(one.bytes, 'base64') }),
  );
  try {
    return { line: number, commit: decodeCommit(bytes), bytes, attachments };
  } catch (cause) {
    throw new BadArchive(number, messageOf(cause), { cause });
  }
};

/** Yields the lines of UTF-8 without their ends, as they are read. */
export async function* linesIn(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let begun: string[] = [];
  for await (const part of bytes) {
    const [first = '', ...more] = decoder.decode(part, { stream: true }).split('\n');
    begun.push(first);
    for (const next of more) {
      yield begun.join('');
      begun = [next];
    }
  }
  const last = begun.join('');
  if (last !== '') yield last;
}
