import { setImmediate } from 'node:timers/promises';
import { ALWAYS, type TimeWindow } from '../../domain/feature/instants.ts';
import { CorruptStore } from '../platform/store/errors.ts';
import type { SideStore } from '../platform/store/sideStore.ts';
import { type DocSource, READ_PER_TURN } from './docSource.ts';
import { getRegister, type RegisterDoc, readRegisterEdition, stemOf } from './docs.ts';
import { emptyRegister } from './fold.ts';
import type { FeatureRow } from './rows.ts';

/** A document with the values computed from it. `window`: when its state alone says the same; `rowWindow`: when `row` holds. */
export interface IndexedDoc {
  readonly doc: RegisterDoc;
  window: TimeWindow;
  row: FeatureRow | undefined;
  rowWindow: TimeWindow;
}

const NEVER: TimeWindow = { from: '~', until: null };
/** How often a feature that could not be read is tried again. */
const RETRY_MS = 1_000;

/** The documents of the register by key, in memory. Begins with all that are stored, and then follows what its source reports as changed. */
export class IndexedDocs {
  readonly #sideStore: SideStore;
  readonly #source: DocSource;
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

  constructor(sideStore: SideStore, source: DocSource) {
    this.#sideStore = sideStore;
    this.#source = source;
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
    const root = stemOf(prefix);
    for (let at = this.#above(after > root ? after : root); keys[at]?.startsWith(root); at += 1) yield keys[at] ?? '';
  }

  /** Brings the documents up to date. Rejects if the store or the side store cannot be read; then it continues where it was. */
  async follow(): Promise<void> {
    const edition = await readRegisterEdition(this.#sideStore);
    if (edition !== this.#edition) await this.#load(edition);
    if (this.#unreadable.size > 0 && performance.now() - this.#retried > RETRY_MS) {
      this.#retried = performance.now();
      // A copy: one that still cannot be read is added again.
      const again = [...this.#unreadable];
      for (const key of again) await this.#refresh(key);
    }
    for (;;) {
      const { keys, next, done } = await this.#source.changes(this.#cursor, (key) => this.#docs.get(key)?.doc);
      for (const key of keys) await this.#refresh(key);
      this.#cursor = next;
      if (done) return;
      await setImmediate();
    }
  }

  async #load(edition: number): Promise<void> {
    const { entries, cursor } = await this.#source.load();
    const docs = new Map<string, IndexedDoc>();
    const unreadable = new Set<string>();
    let read = 0;
    for await (const { key, doc } of entries) {
      if (doc !== undefined) docs.set(key, indexed(doc));
      if (doc === undefined || doc.unreadable) unreadable.add(key);
      read += 1;
      if (read % READ_PER_TURN === 0) await setImmediate();
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
