import { prefixesOf } from '../../domain/feature/keys.ts';
import { ascending } from '../../domain/kernel/order.ts';
import type { Logger } from '../platform/logging.ts';
import type { DynamoRegister } from '../platform/store/dynamo/registerTable.ts';
import { OVERLAP_MS } from '../platform/store/dynamo/tables.ts';
import { isBeneath, isOpenDoc, parseRegister, type RegisterDoc } from './documents.ts';
import type { DocSource } from './indexedDocs.ts';
import { MemoryIndex } from './memoryIndex.ts';
import { catchUp, type ProjectorPorts } from './project.ts';
import { statusesFor } from './registerAttributes.ts';
import { BY_KEY, type FeatureRow, hasWork, type PageQuery, type RegisterIndex, rowAmong } from './rows.ts';
import { storedIndex } from './storedIndex.ts';

/**
 * Returns the source for AWS: the register's table, and then what is written into it, which the projector does within a second of a commit.
 * Each look reads the index of the last ten minutes, since the index may lag and clocks differ, and then the documents that are new in it.
 * Folds, and stores, only what cannot be parsed.
 */
const tableSource = (ports: ProjectorPorts, table: DynamoRegister, now: () => number): DocSource => {
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

/** The documents read at once for what takes a part, and at most for a page. */
const CHUNK = 100;

async function* chunked(keys: AsyncIterable<string>, size: number): AsyncGenerator<readonly string[]> {
  let chunk: string[] = [];
  for await (const key of keys) {
    chunk.push(key);
    if (chunk.length < size) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}

/** Adds the keys of a sorted list to those of an ascending one, each key once. */
async function* withKeys(keys: AsyncIterable<string>, added: readonly string[]): AsyncGenerator<string> {
  let at = 0;
  for await (const key of keys) {
    for (; (added[at] ?? '~') < key; at += 1) yield added[at] ?? '';
    if (added[at] === key) at += 1;
    yield key;
  }
  yield* added.slice(at);
}

/**
 * Returns the index of the register on AWS. A document, a page, what is open and what is due are read from the table by its indexes, and
 * cost what they show. What looks at every feature (a search, figures, dates) is taken from a copy in memory, which a process reads once
 * and then brings up to date by what was written since. May lag behind the projector by a moment.
 */
export const tableIndex = (
  ports: ProjectorPorts,
  { table, logger, nowMs }: { readonly table: DynamoRegister; readonly logger: Logger; readonly nowMs: () => number },
): RegisterIndex => {
  const stored = storedIndex(ports);
  const memory = new MemoryIndex(ports, logger, tableSource(ports, table, nowMs));
  /** Reads documents by their keys, in this order; folds again what cannot be parsed. */
  const read = async (keys: readonly string[]): Promise<ReadonlyMap<string, RegisterDoc>> => {
    const values = new Map((await table.read(keys)).map(({ id, value }) => [id, value]));
    const docs = new Map<string, RegisterDoc>();
    for (const key of keys) {
      const value = values.get(key);
      const doc = value === undefined ? undefined : (parseRegister(key, value) ?? (await catchUp(ports, key)));
      if (doc !== undefined) docs.set(key, doc);
    }
    return docs;
  };
  /** Takes a page of one status from the index of statuses, and from what time has changed since that was written. */
  const pageByStatus = async (query: PageQuery): Promise<readonly FeatureRow[]> => {
    const { prefix, status = 'unknown', after, limit, now } = query;
    const chunk = Math.min(limit, CHUNK);
    const due = (await table.due(now)).filter((key) => key > after);
    const items: FeatureRow[] = [];
    for await (const keys of chunked(withKeys(table.withStatus(statusesFor(status), { prefix, after, chunk }), due), chunk)) {
      const wanted = keys.filter((key) => prefix === undefined || isBeneath(key, prefix));
      const docs = await read([...new Set(wanted.flatMap(prefixesOf))]);
      for (const doc of wanted.flatMap((key) => docs.get(key) ?? [])) {
        const row = rowAmong(doc, (each) => docs.get(each), query);
        if (row.evaluation.variant === status) items.push(row);
        if (items.length === limit) return items;
      }
    }
    return items;
  };
  /** Returns the documents whose moment has come; one in which nothing is due gets its next moment. */
  const due = async (now: string, unpinned: boolean): Promise<readonly RegisterDoc[]> => {
    const found: RegisterDoc[] = [];
    for (const record of await table.read(await table.due(now))) {
      const doc = parseRegister(record.id, record.value) ?? (await catchUp(ports, record.id));
      if (doc === undefined || doc.unreadable) continue;
      if (hasWork(doc.state, now, unpinned)) found.push(doc);
      else if (!hasWork(doc.state, now, true)) await table.renew(record);
    }
    return found.sort((a, b) => ascending(a.key, b.key));
  };
  return {
    ...stored,
    documents: async function* (query) {
      if (query.open !== true) return yield* stored.documents(query);
      for await (const keys of chunked(table.waiting({ after: query.after, chunk: CHUNK }), CHUNK))
        for (const doc of (await read(keys)).values()) if (isOpenDoc(doc)) yield doc;
    },
    vendors: table.vendors,
    facet: memory.facet,
    page: async (query) => (query.status === undefined ? stored.page(query) : pageByStatus(query)),
    due,
    bulk: async (query) => {
      const rows = (await memory.facet(BY_KEY, query)).get('') ?? [];
      const off = rows.filter(({ evaluation }) => !evaluation.enabled);
      return { keys: rows.map(({ key }) => key), off: new Map(off.map(({ key, evaluation }) => [key, evaluation])) };
    },
  };
};
