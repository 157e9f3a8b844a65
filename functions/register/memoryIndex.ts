import { setImmediate } from 'node:timers/promises';
import { vendorOf } from '../../domain/feature/keys.ts';
import { ascending, partitionPoint } from '../../domain/kernel/order.ts';
import { errorFields, type Logger } from '../platform/logging.ts';
import { StoreUnavailable } from '../platform/store/errors.ts';
import { type DocSource, feedSource } from './docSource.ts';
import type { RegisterDoc } from './docs.ts';
import { type Facet, type FacetOf, KeptFacet } from './facet.ts';
import { BY_KEY, BY_STATUS } from './facets.ts';
import { IndexedDocs } from './indexedDocs.ts';
import { asks, COMPUTED_PER_TURN, KeptRows, stateWindow } from './keptRows.ts';
import type { BulkKeys, PageQuery, RegisterIndex, RowsQuery } from './registerIndex.ts';
import { type FeatureRow, hasWork } from './rows.ts';
import type { ProjectorPorts } from './snapshot.ts';

const NONE: BulkKeys['off'] = new Map();

/**
 * Keeps the register in memory: parsed documents by key, brought up to date by what `source` reports as changed (on one machine every
 * commit), and what holds in each feature, with every list made of that (see {@link KeptRows}). A list and a figure cost what they show
 * and what changed since the last question, and the clock what is due. Serves one process; what another one writes is found by
 * {@link settled}.
 */
export class MemoryIndex implements RegisterIndex {
  readonly #log: Logger;
  readonly #docs: IndexedDocs;
  readonly #rows: KeptRows;
  /** Nothing is due before this instant, except what is listed in `#looked`. */
  #quietUntil: string | null = '';
  #unpinned = false;
  #looking: Promise<void> = Promise.resolve();
  #running: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;

  constructor(ports: ProjectorPorts, logger: Logger, source: DocSource = feedSource(ports)) {
    this.#log = logger;
    this.#docs = new IndexedDocs(ports.sideStore, source);
    this.#rows = new KeptRows(this.#docs);
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
    const docs = await this.#loaded();
    const keys = docs.open;
    for (let at = partitionPoint(keys, (key) => key <= after); at < keys.length; at += 1) {
      const known = docs.get(keys[at] ?? '');
      if (known !== undefined) yield known.doc;
    }
  }

  readonly vendors = async (): Promise<readonly string[]> => [...new Set((await this.keys()).map(vendorOf))].sort();

  readonly bulk = async (): Promise<BulkKeys> => ({ keys: await this.keys(), off: NONE });

  readonly facet = async <T>(of: FacetOf<T>, query: RowsQuery): Promise<Facet<T>> =>
    asks(query) ? new KeptFacet(of, await this.all(query)).groups : this.#facet(of, query, (groups) => groups);

  readonly all = async (query: RowsQuery): Promise<readonly FeatureRow[]> =>
    this.#facet(BY_KEY, query, (groups, rows) => {
      const all = groups.get('') ?? [];
      return asks(query) ? all.map((row) => rows.asked(row, query)) : all;
    });

  readonly page = async (query: PageQuery): Promise<readonly FeatureRow[]> => {
    const { prefix, status, after, limit } = query;
    if (status !== undefined && !asks(query))
      return this.#facet(BY_STATUS, query, (groups) => {
        const list = groups.get(status) ?? [];
        const from = partitionPoint(list, ({ key }) => key <= after);
        return list.slice(from, from + limit);
      });
    return this.#read(query.now, (rows) => {
      const items: FeatureRow[] = [];
      for (const key of this.#docs.keysOf(prefix, after)) {
        const kept = rows.get(key);
        if (kept === undefined) continue;
        const row = asks(query) ? rows.asked(kept, query) : kept;
        if (status !== undefined && row.evaluation.variant !== status) continue;
        items.push(row);
        if (items.length === limit) break;
      }
      return items;
    });
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
      const { until } = stateWindow(known, now);
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

  /** Reads rows as of an instant. `read` is synchronous, since the next question may be about another one. */
  async #read<T>(now: string, read: (rows: KeptRows) => T): Promise<T> {
    await this.#loaded();
    while (!this.#rows.update(now)) await setImmediate();
    return read(this.#rows);
  }

  /** Reads a facet as of an instant, which the first question makes, in turns. */
  async #facet<T, R>(of: FacetOf<T>, { prefix, now }: RowsQuery, read: (groups: Facet<T>, rows: KeptRows) => R): Promise<R> {
    for (;;) {
      const found = await this.#read(now, (rows) => {
        const groups = rows.facet(of, prefix);
        return groups === undefined ? undefined : { result: read(groups, rows) };
      });
      if (found !== undefined) return found.result;
      await setImmediate();
    }
  }
}
