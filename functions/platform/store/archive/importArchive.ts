import { canonical } from '../../../../domain/kernel/canonical.ts';
import { hashOf } from '../../../../domain/kernel/commit.ts';
import type { JsonObject, JsonValue } from '../../../../domain/kernel/json.ts';
import { messageOf } from '../../logging.ts';
import type { KeptRecords } from '../keptRecords.ts';
import type { Store, StoredCommit } from '../port.ts';
import { assertWritable, recordOf } from '../record.ts';
import { type ArchivedCommit, BadArchive, readArchive } from './readArchive.ts';

/** A state, which is JSON by its schema. */
export interface DerivedState {
  readonly state: unknown;
  readonly stateVersion: number;
}

/**
 * Computes the state after `events`; `previous` is its result for the commit before, undefined at the first of a stream. Throws
 * on unknown events.
 */
export type StateOf = (stream: string, previous: unknown, events: readonly JsonObject[]) => DerivedState;

/**
 * Judges the commits of an archive in its order. `problem` returns why the first inadmissible commit is rejected; undefined if
 * all are admissible.
 */
export interface ArchiveJudge {
  next(commit: StoredCommit): void;
  problem(): string | undefined;
}

export type Imported =
  | { readonly ok: true; readonly commits: number }
  | {
      readonly ok: false;
      readonly rejection: { readonly code: 'bad-archive' | 'not-empty'; readonly detail: string };
      /** The line of the archive, for a bad one. */
      readonly line?: number;
    };

/** The number of concurrent writes; the SQLite adapter gives them one fsync. */
const BATCH = 1_024;
const PAGE = 500;

/**
 * Imports an archive into an empty store. First it verifies and judges every commit and derives every state, and writes nothing unless all
 * of it is valid; then it writes, and for that reads an archive again (`open` begins it) whose records `kept` does not hold. After an
 * interruption (StoreUnavailable, or the machine stops) the same import may be run again: a store that contains only commits of this
 * archive counts as empty, and the commits already there stay unchanged.
 */
export const importArchive = async (
  store: Store,
  open: () => AsyncIterable<string>,
  stateOf: StateOf,
  judge: ArchiveJudge,
  kept: KeptRecords,
): Promise<Imported> => {
  const present = await everyHash(store);
  try {
    let commits = 0;
    for await (const record of derive(open(), stateOf)) {
      commits += 1;
      judge.next(record);
      kept.add(record);
      const place = placeOf(record);
      if (present.size > 0 && present.get(place) === hashOf(record.bytes)) present.delete(place);
    }
    const problem = judge.problem();
    if (problem !== undefined) return { ok: false, rejection: { code: 'bad-archive', detail: problem } };
    const [foreign] = present.keys();
    if (foreign !== undefined) return notEmpty(`the store holds ${foreign}, which is not in this archive`);
    return (await write(store, kept.all ?? derive(open(), stateOf))) ?? { ok: true, commits };
  } catch (error) {
    if (!(error instanceof BadArchive)) throw error;
    return { ok: false, rejection: { code: 'bad-archive', detail: error.message }, line: error.line };
  }
};

/** Returns the hashes of all commits in the store: ordinarily none. */
const everyHash = async (store: Store): Promise<Map<string, string>> => {
  const hashes = new Map<string, string>();
  let cursor: string | undefined;
  for (;;) {
    const page = await store.feed(cursor, PAGE);
    for (const item of page.items) hashes.set(placeOf(item), hashOf(item.bytes));
    if (page.done) return hashes;
    cursor = page.next;
  }
};

/** Yields records as submit would have made them. */
async function* derive(lines: AsyncIterable<string>, stateOf: StateOf): AsyncGenerator<StoredCommit> {
  const states = new Map<string, unknown>();
  for await (const archived of readArchive(lines)) {
    const { stream } = archived.commit;
    const { record, state } = toRecord(archived, states.get(stream), stateOf);
    states.set(stream, state);
    yield record;
  }
}

const toRecord = (
  { line, commit, bytes, attachments }: ArchivedCommit,
  previous: unknown,
  stateOf: StateOf,
): { readonly record: StoredCommit; readonly state: unknown } => {
  try {
    const { state, stateVersion } = stateOf(commit.stream, previous, commit.events);
    const record = recordOf(commit, bytes, { state: canonical(state as JsonValue), stateVersion, attachments });
    assertWritable(record);
    return { record, state };
  } catch (cause) {
    const why = messageOf(cause);
    throw new BadArchive(line, `${commit.stream}@${commit.version} cannot stand in a store: ${why}`, { cause });
  }
};

/** Writes records in the order of the archive, batch by batch; returns undefined once all are written. */
const write = async (
  store: Store,
  records: AsyncIterable<StoredCommit> | Iterable<StoredCommit>,
): Promise<Imported | undefined> => {
  let batch: StoredCommit[] = [];
  const flush = async (): Promise<Imported | undefined> => {
    // Wait for all writes, so that none is under way when a failure is reported.
    const answers = await Promise.allSettled(batch.map((record) => store.append(record)));
    batch = [];
    for (const answer of answers) {
      if (answer.status === 'rejected') throw answer.reason;
      if (answer.value.outcome === 'occupied') return notEmpty(`someone else wrote ${placeOf(answer.value.occupant)} meanwhile`);
    }
    return undefined;
  };
  for await (const record of records) {
    batch.push(record);
    if (batch.length < BATCH) continue;
    const refused = await flush();
    if (refused) return refused;
  }
  return flush();
};

const notEmpty = (detail: string): Imported => ({ ok: false, rejection: { code: 'not-empty', detail } });

const placeOf = ({ stream, version }: StoredCommit): string => `${stream}@${version}`;
