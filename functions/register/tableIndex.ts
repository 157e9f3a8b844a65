import { prefixesOf } from '../../domain/feature/keys.ts';
import { openChanges } from '../../domain/feature/state.ts';
import { ascending } from '../../domain/kernel/order.ts';
import type { Logger } from '../platform/logging.ts';
import type { DynamoRegister } from '../platform/store/dynamo/registerTable.ts';
import { tableSource } from './docSource.ts';
import { parseRegister, type RegisterDoc, stemOf } from './docs.ts';
import { MemoryIndex } from './memoryIndex.ts';
import { catchUp } from './project.ts';
import { viewOf } from './read.ts';
import { statusesFor } from './registerAttributes.ts';
import type { PageQuery, RegisterIndex } from './registerIndex.ts';
import { type FeatureRow, hasWork, headsBy, rowOf } from './rows.ts';
import type { ProjectorPorts } from './snapshot.ts';
import { storedIndex } from './storedIndex.ts';

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
  const inMemory = async (): Promise<MemoryIndex> => {
    await memory.settled();
    return memory;
  };
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
  const pageByStatus = async ({ prefix, status = 'unknown', after, limit, now, context = {} }: PageQuery) => {
    const chunk = Math.min(limit, CHUNK);
    const due = (await table.due(now)).filter((key) => key > after);
    const items: FeatureRow[] = [];
    for await (const keys of chunked(withKeys(table.withStatus(statusesFor(status), { prefix, after, chunk }), due), chunk)) {
      const wanted = keys.filter((key) => prefix === undefined || key === prefix || key.startsWith(stemOf(prefix)));
      const docs = await read([...new Set(wanted.flatMap(prefixesOf))]);
      for (const doc of wanted.flatMap((key) => docs.get(key) ?? [])) {
        const row = rowOf(
          viewOf(doc),
          headsBy(doc.key, (each) => docs.get(each)),
          context,
          now,
        );
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
    keys: async () => (await inMemory()).keys(),
    vendors: table.vendors,
    all: async (query) => (await inMemory()).all(query),
    facet: async (of, query) => (await inMemory()).facet(of, query),
    page: async (query) => (query.status === undefined ? stored.page(query) : pageByStatus(query)),
    due,
    open: async function* ({ after }) {
      for await (const keys of chunked(table.waiting({ after, chunk: CHUNK }), CHUNK))
        for (const doc of (await read(keys)).values()) if (!doc.unreadable && openChanges(doc.state).length > 0) yield doc;
    },
    bulk: async (query) => {
      const rows = await (await inMemory()).all(query);
      const off = rows.filter(({ evaluation }) => !evaluation.enabled);
      return { keys: rows.map(({ key }) => key), off: new Map(off.map(({ key, evaluation }) => [key, evaluation])) };
    },
  };
};
