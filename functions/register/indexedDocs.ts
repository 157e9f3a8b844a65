import { setImmediate } from 'node:timers/promises';
import type { TimeWindow } from '../../domain/feature/instants.ts';
import { type FeatureState, openChanges } from '../../domain/feature/state.ts';
import { ascending, partitionPoint } from '../../domain/kernel/order.ts';
import { CorruptStore } from '../platform/store/errors.ts';
import type { SideStore } from '../platform/store/sideStore.ts';
import { type DocSource, READ_PER_TURN } from './docSource.ts';
import { getRegister, type RegisterDoc, readRegisterEdition, stemOf } from './docs.ts';
import { emptyRegister } from './fold.ts';
import { OrderedList } from './orderedList.ts';

/** A document, and the time in which its state alone says the same. */
export interface IndexedDoc {
  readonly doc: RegisterDoc;
  window: TimeWindow;
}

const NEVER: TimeWindow = { from: '~', until: null };
/** How often a feature that could not be read is tried again. */
const RETRY_MS = 1_000;

/** The documents of the register by key, in memory. Begins with all that are stored, and then follows what its source reports as changed. */
export class IndexedDocs {
  readonly #sideStore: SideStore;
  readonly #source: DocSource;
  #docs = new Map<string, IndexedDoc>();
  #keys = new OrderedList(ascending);
  #open = new OrderedList(ascending);
  #cursor: string | undefined;
  #edition: number | undefined;
  #unreadable = new Set<string>();
  #retried = Number.NEGATIVE_INFINITY;
  #touched = new Set<string>();
  /** The rules that changes are bound to, by their text, each in memory once: most features have the same. */
  readonly #pins = new Map<string, FeatureState['pins']>();
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
    return this.#keys.entries;
  }

  /** The keys of the features in which a change is open, ascending. */
  get open(): readonly string[] {
    return this.#open.entries;
  }

  /** Returns the keys whose document, or that of a key above, changed since the last call; also keys that are gone. */
  takeTouched(): Set<string> {
    const touched = this.#touched;
    this.#touched = new Set();
    return touched;
  }

  get(key: string): IndexedDoc | undefined {
    return this.#docs.get(key);
  }

  /** Yields the keys above `after` that are a prefix or beneath it, or all, ascending. */
  *keysOf(prefix: string | undefined, after: string): Generator<string> {
    const keys = this.#keys.entries;
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
      if (doc !== undefined) docs.set(key, this.#indexed(doc));
      if (doc === undefined || doc.unreadable) unreadable.add(key);
      read += 1;
      if (read % READ_PER_TURN === 0) await setImmediate();
    }
    this.#touched = new Set([...this.#keys, ...docs.keys()]);
    this.#docs = docs;
    this.#keys = new OrderedList(ascending, docs.keys());
    this.#open = new OrderedList(
      ascending,
      [...docs.keys()].filter((key) => isOpen(docs.get(key)?.doc)),
    );
    this.#unreadable = unreadable;
    this.#retried = Number.NEGATIVE_INFINITY;
    this.unsettled = new Set(this.#keys);
    this.#cursor = cursor;
    this.#edition = edition;
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
    const { key } = doc;
    const [was, is] = [isOpen(this.#docs.get(key)?.doc), isOpen(doc)];
    if (!this.#docs.has(key)) this.#keys.change({ removed: [], added: [key] });
    if (was !== is) this.#open.change({ removed: was ? [key] : [], added: is ? [key] : [] });
    this.#docs.set(key, this.#indexed(doc));
    this.#touched.add(key);
    const stem = stemOf(key);
    for (let at = this.#keys.indexOf(stem); this.#keys.at(at)?.startsWith(stem); at += 1)
      this.#touched.add(this.#keys.at(at) ?? '');
    this.unsettled.add(key);
  }

  #indexed(doc: RegisterDoc): IndexedDoc {
    const text = JSON.stringify(doc.state.pins);
    const pins = this.#pins.get(text) ?? doc.state.pins;
    this.#pins.set(text, pins);
    return { doc: { ...doc, state: { ...doc.state, pins } }, window: NEVER };
  }

  /** Returns the index of the first key above a text. */
  #above(text: string): number {
    return partitionPoint(this.#keys.entries, (key) => key <= text);
  }
}

const isOpen = (doc: RegisterDoc | undefined): boolean =>
  doc !== undefined && !doc.unreadable && openChanges(doc.state).length > 0;
