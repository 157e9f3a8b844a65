import { ALWAYS, type TimeWindow } from '../../domain/feature/instants.ts';
import { readFeedCursor } from '../platform/feed/sweep.ts';
import { CorruptStore } from '../platform/store/errors.ts';
import { getRegister, type RegisterDoc, readRegisterEdition, registerAfter } from './docs.ts';
import { emptyRegister } from './fold.ts';
import { featureOf, isFeatureStream, PROJECTOR } from './project.ts';
import type { IndexPorts } from './registerIndex.ts';
import { type FeatureRow, rootOf } from './rows.ts';
import { snapshotOf } from './snapshot.ts';

/** A document with the values computed from it. `window`: when its state alone says the same; `rowWindow`: when `row` holds. */
export interface IndexedDoc {
  readonly doc: RegisterDoc;
  window: TimeWindow;
  row: FeatureRow | undefined;
  rowWindow: TimeWindow;
}

const NEVER: TimeWindow = { from: '~', until: null };
const PAGE = 200;
/** Stored documents that are read at once: their text is only needed until they are parsed. */
const LOADED_AT_ONCE = 200;
/** How often a feature that could not be read is tried again. */
const RETRY_MS = 1_000;

/**
 * The documents of the register by key, in memory. Begins with those of the side store, and then follows the feed of commits: each
 * feature in it is folded up to its head. Writes nothing.
 */
export class IndexedDocs {
  readonly #ports: IndexPorts;
  #docs = new Map<string, IndexedDoc>();
  /** Replaced, never changed: lists are read while it grows. */
  #keys: readonly string[] = [];
  #cursor: string | undefined;
  #edition: number | undefined;
  #unreadable = new Set<string>();
  #retried = Number.NEGATIVE_INFINITY;
  /** Grows with every change of a document. */
  revision = 0;
  /** The keys whose documents changed since they were last looked at for what is due, and those that were due. */
  unsettled = new Set<string>();

  constructor(ports: IndexPorts) {
    this.#ports = ports;
  }

  get isLoaded(): boolean {
    return this.#edition !== undefined;
  }

  /** All keys, ascending. */
  get keys(): readonly string[] {
    return this.#keys;
  }

  get(key: string): IndexedDoc | undefined {
    return this.#docs.get(key);
  }

  /** Yields the keys above `after` that are a prefix or beneath it, or all, ascending. */
  *keysOf(prefix: string | undefined, after: string): Generator<string> {
    const keys = this.#keys;
    if (prefix === undefined) {
      for (let at = this.#above(after); at < keys.length; at += 1) yield keys[at] ?? '';
      return;
    }
    if (this.#docs.has(prefix) && prefix > after) yield prefix;
    const root = rootOf(prefix);
    for (let at = this.#above(after > root ? after : root); keys[at]?.startsWith(root); at += 1) yield keys[at] ?? '';
  }

  /** Brings the documents up to the commits. Rejects if the store or the side store cannot be read; then it continues where it was. */
  async follow(): Promise<void> {
    const edition = await readRegisterEdition(this.#ports.sideStore);
    if (edition !== this.#edition) await this.#load(edition);
    if (this.#unreadable.size > 0 && performance.now() - this.#retried > RETRY_MS) {
      this.#retried = performance.now();
      // A copy: one that still cannot be read is added again.
      const again = [...this.#unreadable];
      for (const key of again) await this.#refresh(key);
    }
    for (;;) {
      const streams = new Map<string, number>();
      const note = ({ stream, version }: { readonly stream: string; readonly version: number }): void => {
        if (isFeatureStream(stream)) streams.set(featureOf(stream), version);
      };
      const page = await this.#ports.store.feed(this.#cursor, PAGE, note);
      for (const item of page.items) note(item);
      for (const [key, version] of streams) if ((this.#docs.get(key)?.doc.version ?? 0) < version) await this.#refresh(key);
      this.#cursor = page.next;
      if (page.done) return;
    }
  }

  /** Reads all stored documents. What was committed after the last sweep of the projector is found in the feed behind its cursor. */
  async #load(edition: number): Promise<void> {
    const cursor = await readFeedCursor(this.#ports.sideStore, PROJECTOR);
    const docs = new Map<string, IndexedDoc>();
    const unreadable = new Set<string>();
    // A document that is written above what was read last is found in the feed, too.
    for await (const { key, doc } of registerAfter(this.#ports.sideStore, { after: '', chunk: LOADED_AT_ONCE })) {
      if (doc !== undefined) docs.set(key, indexed(doc));
      if (doc === undefined || doc.unreadable) unreadable.add(key);
    }
    this.#docs = docs;
    this.#keys = [...docs.keys()].sort();
    this.#unreadable = unreadable;
    this.#retried = Number.NEGATIVE_INFINITY;
    this.unsettled = new Set(this.#keys);
    this.#cursor = cursor;
    this.#edition = edition;
    this.revision += 1;
  }

  async #refresh(key: string): Promise<void> {
    const known = this.#docs.get(key)?.doc;
    try {
      const snapshot = await snapshotOf(this.#ports, key, known);
      this.#unreadable.delete(key);
      if (snapshot === undefined) return;
      if (snapshot.register !== known) this.#put(snapshot.register);
    } catch (error) {
      if (!(error instanceof CorruptStore)) throw error;
      const stored = known ?? (await getRegister(this.#ports.sideStore, key)) ?? emptyRegister(key);
      if (known?.unreadable !== true) this.#put({ ...stored, unreadable: true });
      this.#unreadable.add(key);
    }
  }

  #put(doc: RegisterDoc): void {
    if (!this.#docs.has(doc.key)) this.#keys = this.#keys.toSpliced(this.#above(doc.key), 0, doc.key);
    this.#docs.set(doc.key, indexed(doc));
    for (const key of this.keysOf(doc.key, '')) {
      const beneath = this.#docs.get(key);
      if (beneath !== undefined) beneath.row = undefined;
    }
    this.unsettled.add(doc.key);
    this.revision += 1;
  }

  /** Returns the index of the first key above a text. */
  #above(text: string): number {
    let [low, high] = [0, this.#keys.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#keys[middle] ?? '') > text) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

const indexed = (doc: RegisterDoc): IndexedDoc => ({ doc, window: NEVER, row: undefined, rowWindow: ALWAYS });
