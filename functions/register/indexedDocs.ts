import { setImmediate } from 'node:timers/promises';
import type { FeatureState } from '../../domain/feature/state.ts';
import { partitionPoint } from '../../domain/kernel/order.ts';
import { readFeedCursor } from '../platform/feed/sweep.ts';
import { errorFields, type Logger } from '../platform/logging.ts';
import { CorruptStore, StoreUnavailable } from '../platform/store/errors.ts';
import type { SideStore } from '../platform/store/sideStore.ts';
import { getRegister, type RegisterDoc, type RegisterEntry, readRegisterEdition, registerAfter, stemOf } from './documents.ts';
import { emptyRegister, featureOf, isFeatureStream, PROJECTOR, type ProjectorPorts, snapshotOf } from './project.ts';

/** `next`: the cursor to continue from; `done`: nothing more has changed at the moment. */
interface Changes {
  readonly keys: Iterable<string>;
  readonly next: string;
  readonly done: boolean;
}

type Entries = AsyncIterable<RegisterEntry> | Iterable<RegisterEntry>;

/** Where the documents come from, and which have changed since. */
export interface DocSource {
  /** `cursor`: of what changes from then on, also while they are read. */
  readonly load: () => Promise<{ readonly entries: Entries; readonly cursor: string | undefined }>;
  /** The keys whose document may be newer than the one at hand. */
  readonly changes: (cursor: string | undefined, known: (key: string) => RegisterDoc | undefined) => Promise<Changes>;
  /** Undefined if the feature has no commit. Rejects with CorruptStore if it cannot be read. */
  readonly refresh: (key: string, known: RegisterDoc | undefined) => Promise<RegisterDoc | undefined>;
}

const PAGE = 200;
/** Documents read in one turn of the event loop, 60 µs each. */
export const READ_PER_TURN = 100;

/** For one machine: the side store, and then the feed of commits, each feature folded up to its head. Writes nothing. */
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

const RETRY_MS = 1_000;

/** The documents by key, in memory: all that are stored, and then what the source reports as changed. */
export class IndexedDocs {
  readonly #sideStore: SideStore;
  readonly #source: DocSource;
  readonly #log: Logger;
  #docs = new Map<string, RegisterDoc>();
  #keys: readonly string[] = [];
  #cursor: string | undefined;
  #edition: number | undefined;
  #unreadable = new Set<string>();
  #retried = Number.NEGATIVE_INFINITY;
  #touched = new Set<string>();
  /** The rules that changes are bound to, by their text, each in memory once: most features have the same. */
  readonly #pins = new Map<string, FeatureState['pins']>();
  #running: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;

  constructor(sideStore: SideStore, source: DocSource, logger: Logger) {
    this.#sideStore = sideStore;
    this.#source = source;
    this.#log = logger;
  }

  /** Ascending. What this returned never changes. */
  get keys(): readonly string[] {
    return this.#keys;
  }

  get(key: string): RegisterDoc | undefined {
    return this.#docs.get(key);
  }

  /** The keys whose document, or that of a key above, changed since the last call; also keys that are gone. */
  takeTouched(): ReadonlySet<string> {
    const touched = this.#touched;
    this.#touched = new Set();
    return touched;
  }

  /** Keys above `after` that are a prefix or beneath it, or all, ascending. */
  *keysOf(prefix: string | undefined, after: string): Generator<string> {
    const [keys, root] = [this.#keys, prefix === undefined ? '' : stemOf(prefix)];
    if (prefix !== undefined && prefix !== root && this.#docs.has(prefix) && prefix > after) yield prefix;
    const first = after > root ? after : root;
    for (let at = partitionPoint(keys, (key) => key <= first); keys[at]?.startsWith(root); at += 1) yield keys[at] ?? '';
  }

  /**
   * Brings the documents up to every commit acknowledged before the call. If that cannot be read they stay as they are, with an error
   * in the log; rejects only if they were never read.
   */
  async settle(): Promise<void> {
    // A run that began before this call may have missed the newest commit, so one that begins after it is awaited.
    this.#next ??= this.#running.then(() => {
      this.#next = undefined;
      this.#running = this.#follow().catch((error: unknown) =>
        this.#log({ level: 'error', event: 'register lags', ...errorFields(error) }),
      );
      return this.#running;
    });
    await this.#next;
    if (this.#edition === undefined) throw new StoreUnavailable('the register cannot be read');
  }

  async #follow(): Promise<void> {
    const edition = await readRegisterEdition(this.#sideStore);
    if (edition !== this.#edition) await this.#load(edition);
    if (this.#unreadable.size > 0 && performance.now() - this.#retried > RETRY_MS) {
      this.#retried = performance.now();
      // A copy: one that still cannot be read is added again.
      const again = [...this.#unreadable];
      for (const key of again) await this.#refresh(key);
    }
    for (;;) {
      const { keys, next, done } = await this.#source.changes(this.#cursor, (key) => this.#docs.get(key));
      for (const key of keys) await this.#refresh(key);
      this.#cursor = next;
      if (done) return;
      await setImmediate();
    }
  }

  async #load(edition: number): Promise<void> {
    const { entries, cursor } = await this.#source.load();
    const docs = new Map<string, RegisterDoc>();
    const unreadable = new Set<string>();
    let read = 0;
    for await (const { key, doc } of entries) {
      if (doc !== undefined) docs.set(key, this.#withSharedPins(doc));
      if (doc === undefined || doc.unreadable) unreadable.add(key);
      read += 1;
      if (read % READ_PER_TURN === 0) await setImmediate();
    }
    this.#touched = new Set([...this.#keys, ...docs.keys()]);
    this.#docs = docs;
    this.#keys = [...docs.keys()].sort();
    this.#unreadable = unreadable;
    this.#retried = Number.NEGATIVE_INFINITY;
    this.#cursor = cursor;
    this.#edition = edition;
  }

  async #refresh(key: string): Promise<void> {
    const known = this.#docs.get(key);
    try {
      const doc = await this.#source.refresh(key, known);
      this.#unreadable.delete(key);
      if (doc !== undefined && doc !== known) this.#put(doc);
    } catch (error) {
      if (!(error instanceof CorruptStore)) throw error;
      const stored = known ?? (await getRegister(this.#sideStore, key)) ?? emptyRegister(key);
      if (known?.unreadable !== true) this.#put({ ...stored, unreadable: true });
      this.#unreadable.add(key);
    }
  }

  #put(doc: RegisterDoc): void {
    const { key } = doc;
    if (!this.#docs.has(key))
      this.#keys = this.#keys.toSpliced(
        partitionPoint(this.#keys, (each) => each < key),
        0,
        key,
      );
    this.#docs.set(key, this.#withSharedPins(doc));
    for (const each of this.keysOf(key, '')) this.#touched.add(each);
  }

  #withSharedPins(doc: RegisterDoc): RegisterDoc {
    const text = JSON.stringify(doc.state.pins);
    const pins = this.#pins.get(text) ?? doc.state.pins;
    this.#pins.set(text, pins);
    return { ...doc, state: { ...doc.state, pins } };
  }
}
