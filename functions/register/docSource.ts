import { readFeedCursor } from '../platform/feed/sweep.ts';
import type { DynamoRegister } from '../platform/store/dynamo/registerTable.ts';
import { OVERLAP_MS } from '../platform/store/dynamo/tables.ts';
import { parseRegister, type RegisterDoc, type RegisterEntry, registerAfter } from './docs.ts';
import { emptyRegister } from './fold.ts';
import { catchUp, featureOf, isFeatureStream, PROJECTOR } from './project.ts';
import { type ProjectorPorts, snapshotOf } from './snapshot.ts';

/** What changed behind a cursor. `next`: the cursor to continue from; `done`: nothing more has changed at the moment. */
interface Changes {
  readonly keys: Iterable<string>;
  readonly next: string;
  readonly done: boolean;
}

type Entries = AsyncIterable<RegisterEntry> | Iterable<RegisterEntry>;

/** The documents that an index keeps in memory: where they come from, and which have changed since. */
export interface DocSource {
  /** Reads all stored documents. `cursor`: of what changes from then on, also while they are read. */
  readonly load: () => Promise<{ readonly entries: Entries; readonly cursor: string | undefined }>;
  /** Returns the keys whose document may be newer than the one at hand. */
  readonly changes: (cursor: string | undefined, known: (key: string) => RegisterDoc | undefined) => Promise<Changes>;
  /** Reads a document anew; undefined if its feature has no commit. Rejects with CorruptStore if it cannot be read. */
  readonly refresh: (key: string, known: RegisterDoc | undefined) => Promise<RegisterDoc | undefined>;
}

const PAGE = 200;
/**
 * Stored documents that are read at once, in one turn of the event loop, 60 µs each: their text is only needed until they are parsed, and
 * what else was asked waits for the turn.
 */
export const READ_PER_TURN = 100;

/** Returns the source for one machine: the side store, and then the feed of commits, each feature folded up to its head. Writes nothing. */
export const feedSource = (ports: ProjectorPorts): DocSource => ({
  // What was committed after the last sweep of the projector is found in the feed behind its cursor.
  load: async () => {
    const cursor = await readFeedCursor(ports.sideStore, PROJECTOR);
    return { entries: registerAfter(ports.sideStore, { after: '', chunk: READ_PER_TURN }), cursor };
  },
  changes: async (cursor, known) => {
    const streams = new Map<string, number>();
    const note = ({ stream, version }: { readonly stream: string; readonly version: number }): void => {
      if (isFeatureStream(stream)) streams.set(featureOf(stream), version);
    };
    const { items, next, done } = await ports.store.feed(cursor, PAGE, note);
    for (const item of items) note(item);
    const keys = [...streams].filter(([key, version]) => (known(key)?.version ?? 0) < version).map(([key]) => key);
    return { keys, next, done };
  },
  // A feature that is not at hand began after all were loaded, or its document cannot be parsed: all its commits are folded.
  refresh: async (key, known) => (await snapshotOf(ports, key, known ?? emptyRegister(key)))?.register,
});

/**
 * Returns the source for AWS: the register's table, and then what is written into it, which the projector does within a second of a commit.
 * Each look reads the index of the last ten minutes, since the index may lag and clocks differ, and then the documents that are new in it.
 * Folds, and stores, only what cannot be parsed.
 */
export const tableSource = (ports: ProjectorPorts, table: DynamoRegister, now: () => number): DocSource => {
  let seen = new Map<string, number>();
  let fetched = new Map<string, RegisterDoc>();
  return {
    load: async () => {
      const cursor = String(now());
      const records = await table.whole();
      seen = new Map(records.map(({ id, changed }) => [id, changed]));
      return { entries: records.map(({ id, value }) => ({ key: id, doc: parseRegister(id, value) })), cursor };
    },
    changes: async (cursor = '0') => {
      const next = String(now());
      const changed = await table.changedSince(Number(cursor) - OVERLAP_MS);
      const keys = [...changed].filter(([key, at]) => seen.get(key) !== at).map(([key]) => key);
      const records = await table.read(keys);
      for (const { id, changed: at } of records) seen.set(id, at);
      const docs = records.flatMap(({ id, value }) => parseRegister(id, value) ?? []);
      fetched = new Map(docs.map((doc) => [doc.key, doc]));
      return { keys, next, done: true };
    },
    refresh: async (key, known) => fetched.get(key) ?? (known?.unreadable === true ? known : catchUp(ports, key)),
  };
};
