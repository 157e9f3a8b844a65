import { setImmediate } from 'node:timers/promises';
import { ALWAYS, isWithin, narrowed, type TimeWindow, windowAround } from '../../domain/feature/instants.ts';
import { prefixesOf, vendorOf } from '../../domain/feature/keys.ts';
import { openChanges } from '../../domain/feature/state.ts';
import { ascending } from '../../domain/kernel/order.ts';
import { hasEnded } from '../gate/heads.ts';
import { errorFields, type Logger } from '../platform/logging.ts';
import { StoreUnavailable } from '../platform/store/errors.ts';
import { type DocSource, feedSource } from './docSource.ts';
import type { RegisterDoc } from './docs.ts';
import { type IndexedDoc, IndexedDocs } from './indexedDocs.ts';
import { viewOf } from './read.ts';
import type { BulkKeys, IndexPorts, PageQuery, RegisterIndex, RowsQuery } from './registerIndex.ts';
import { type FeatureRow, hasWork, headsBy, rowOf } from './rows.ts';

/** The rows of a prefix, or of all, without a context, and the time for which they hold. */
interface Whole {
  readonly rows: readonly FeatureRow[];
  readonly window: TimeWindow;
  readonly revision: number;
}

const NONE: BulkKeys['off'] = new Map();

/** Prefixes, most of them vendors, whose rows are kept as a list. */
const WHOLES_MAX = 100;

/**
 * Features of which what holds is computed anew in one turn of the event loop, 40 µs each; what else was asked waits for the turn. What is
 * known already costs next to nothing.
 */
export const COMPUTED_PER_TURN = 100;

/** Reports whether a query says who asks, or for which version. */
const asks = ({ context: { agencies = [], own = [], version } = {} }: RowsQuery): boolean =>
  version !== undefined || agencies.length > 0 || own.length > 0;

/**
 * Keeps the register in memory: parsed documents by key, brought up to date by what `source` reports as changed (on one machine every
 * commit), and what holds in each feature until the next instant at which that can change. A list costs what it shows, a figure a look at
 * each row, and the clock what is due. Serves one process; what another one writes is found by {@link settled}.
 */
export class MemoryIndex implements RegisterIndex {
  readonly #ports: IndexPorts;
  readonly #log: Logger;
  readonly #docs: IndexedDocs;
  /** By prefix; '' for all. */
  readonly #wholes = new Map<string, Whole>();
  /** Nothing is due before this instant, except what is listed in `#looked`. */
  #quietUntil: string | null = '';
  #unpinned = false;
  #looking: Promise<void> = Promise.resolve();
  #running: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;

  constructor(ports: IndexPorts, logger: Logger, source: DocSource = feedSource(ports)) {
    this.#ports = ports;
    this.#log = logger;
    this.#docs = new IndexedDocs(ports.sideStore, source);
  }

  readonly settled = async (): Promise<void> => {
    // A run that began before this call may have missed the newest commit, so one that begins after it is awaited.
    this.#next ??= this.#running.then(() => {
      this.#next = undefined;
      this.#running = this.#docs
        .follow()
        .catch((error: unknown) => this.#log({ level: 'error', event: 'register lags', ...errorFields(error) }));
      return this.#running;
    });
    await this.#next;
  };

  readonly keys = async (): Promise<readonly string[]> => (await this.#loaded()).keys;

  readonly document = async (key: string): Promise<RegisterDoc | undefined> => (await this.#loaded()).get(key)?.doc;

  async *documents(query: { readonly prefix?: string | undefined; readonly after: string }): AsyncGenerator<RegisterDoc> {
    const docs = await this.#loaded();
    for (const key of docs.keysOf(query.prefix, query.after)) {
      const known = docs.get(key);
      if (known !== undefined) yield known.doc;
    }
  }

  async *open({ after }: { readonly after: string }): AsyncGenerator<RegisterDoc> {
    for await (const doc of this.documents({ after })) if (!doc.unreadable && openChanges(doc.state).length > 0) yield doc;
  }

  readonly vendors = async (): Promise<readonly string[]> => [...new Set((await this.keys()).map(vendorOf))].sort();

  readonly bulk = async (): Promise<BulkKeys> => ({ keys: await this.keys(), off: NONE });

  readonly all = async (query: RowsQuery): Promise<readonly FeatureRow[]> => {
    const docs = await this.#loaded();
    const ended = await hasEnded(this.#ports);
    if (ended) return [...this.#rows(docs.keysOf(query.prefix, ''), query, true)];
    const { rows } = await this.#everything(query);
    return asks(query) ? rows.map((row) => this.#asked(row, query)) : rows;
  };

  readonly page = async (query: PageQuery): Promise<readonly FeatureRow[]> => {
    const docs = await this.#loaded();
    const ended = await hasEnded(this.#ports);
    const items: FeatureRow[] = [];
    for (const row of this.#rows(docs.keysOf(query.prefix, query.after), query, ended)) {
      if (query.status !== undefined && row.evaluation.variant !== query.status) continue;
      items.push(row);
      if (items.length === query.limit) break;
    }
    return items;
  };

  readonly due = (now: string, unpinned: boolean): Promise<readonly RegisterDoc[]> => {
    // One after the other: a look at all takes several turns.
    const found = this.#looking.then(() => this.#findDue(now, unpinned));
    this.#looking = found.then(
      () => undefined,
      () => undefined,
    );
    return found;
  };

  async #findDue(now: string, unpinned: boolean): Promise<readonly RegisterDoc[]> {
    const docs = await this.#loaded();
    const isQuiet = unpinned === this.#unpinned && (this.#quietUntil === null || now < this.#quietUntil);
    const looked = isQuiet ? docs.unsettled : new Set(docs.keys);
    const found: RegisterDoc[] = [];
    if (!isQuiet) this.#quietUntil = null;
    this.#unpinned = unpinned;
    docs.unsettled = new Set();
    let computed = 0;
    for (const key of looked) {
      computed += 1;
      if (computed % COMPUTED_PER_TURN === 0) await setImmediate();
      const known = docs.get(key);
      if (known === undefined || known.doc.unreadable) continue;
      const { until } = windowOf(known, now);
      if (until !== null && (this.#quietUntil === null || until < this.#quietUntil)) this.#quietUntil = until;
      if (!hasWork(known.doc.state, now, unpinned)) continue;
      found.push(known.doc);
      docs.unsettled.add(key);
    }
    return found.sort((a, b) => ascending(a.key, b.key));
  }

  async #loaded(): Promise<IndexedDocs> {
    if (!this.#docs.isLoaded) await this.settled();
    if (!this.#docs.isLoaded) throw new StoreUnavailable('the register cannot be read');
    return this.#docs;
  }

  async #everything({ prefix, now }: RowsQuery): Promise<Whole> {
    const known = this.#wholes.get(prefix ?? '');
    const { revision } = this.#docs;
    if (known !== undefined && known.revision === revision && isWithin(known.window, now)) return known;
    const rows: FeatureRow[] = [];
    let window = ALWAYS;
    let computed = 0;
    for (const key of this.#docs.keysOf(prefix, '')) {
      const indexed = this.#docs.get(key);
      if (indexed === undefined) continue;
      const before = indexed.row;
      rows.push(this.#row(indexed, now));
      window = narrowed(window, indexed.rowWindow);
      if (indexed.row === before) continue;
      computed += 1;
      if (computed % COMPUTED_PER_TURN === 0) await setImmediate();
    }
    // Of the revision at the beginning: a later commit may have changed a row that was taken before it.
    const whole = { rows, window, revision };
    if (this.#wholes.size >= WHOLES_MAX) this.#wholes.clear();
    this.#wholes.set(prefix ?? '', whole);
    return whole;
  }

  *#rows(keys: Iterable<string>, query: RowsQuery, ended: boolean): Generator<FeatureRow> {
    for (const key of keys) {
      const known = this.#docs.get(key);
      if (known === undefined) continue;
      if (ended)
        yield rowOf(
          viewOf(known.doc),
          headsBy(key, () => undefined, true),
          query.context ?? {},
          query.now,
        );
      else yield asks(query) ? this.#asked(this.#row(known, query.now), query) : this.#row(known, query.now);
    }
  }

  /** Returns the row of a feature without an evaluation context, computed again only after a commit or an instant. */
  #row(known: IndexedDoc, now: string): FeatureRow {
    if (known.row !== undefined && isWithin(known.rowWindow, now)) return known.row;
    const { key } = known.doc;
    const documentOf = (each: string) => this.#docs.get(each)?.doc;
    known.row = rowOf(viewOf(known.doc), headsBy(key, documentOf, false), {}, now);
    known.rowWindow = prefixesOf(key).reduce((narrow, each) => {
      const above = this.#docs.get(each);
      return above === undefined ? narrow : narrowed(narrow, windowOf(above, now));
    }, ALWAYS);
    return known.row;
  }

  /** Returns a row as it is for who asks. An approval that names no agency is the same for all. */
  #asked(row: FeatureRow, { context = {}, now }: RowsQuery): FeatureRow {
    const known = this.#docs.get(row.key);
    const { agencies = [], own = [], version } = context;
    const isForeign = own.length > 0 && !agencies.every((agency) => own.includes(agency));
    if (known === undefined || (row.evaluation.reason === 'STATIC' && version === undefined && !isForeign)) return row;
    return rowOf(
      viewOf(known.doc),
      headsBy(row.key, (each) => this.#docs.get(each)?.doc, false),
      context,
      now,
    );
  }
}

/** Returns the time around an instant in which a feature's state says the same. */
const windowOf = (known: IndexedDoc, now: string): TimeWindow => {
  if (!isWithin(known.window, now)) known.window = windowAround(known.doc.state, now);
  return known.window;
};
