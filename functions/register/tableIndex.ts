import type { Logger } from '../platform/logging.ts';
import type { DynamoRegister } from '../platform/store/dynamo/dynamoSideStore.ts';
import { OVERLAP_MS } from '../platform/store/dynamo/tables.ts';
import { getRegister, parseRegister, type RegisterDoc } from './documents.ts';
import { type DocSource, MemoryIndex } from './memoryIndex.ts';
import { catchUp, type ProjectorPorts } from './project.ts';
import { BY_KEY, type RegisterIndex } from './rows.ts';

/**
 * Reads the register's table, then what is written to it, which the projector does within a second of a commit. Each update reads
 * ten minutes of the index, since it may lag and clocks differ, and the documents that are new in it.
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
    // An unreadable feature is folded again: it may become readable without a commit.
    refresh: async (key) => {
      const doc = fetched.get(key);
      return doc?.unreadable === false ? doc : catchUp(ports, key);
    },
    retryMs: 60_000,
  };
};

/**
 * The register index on AWS: reads a single document from the table, everything else from a copy in memory, which a process loads
 * once and then updates. May lag behind the projector by a moment.
 */
export const tableIndex = (
  ports: ProjectorPorts,
  { table, logger, nowMs }: { readonly table: DynamoRegister; readonly logger: Logger; readonly nowMs: () => number },
): RegisterIndex => {
  const memory = new MemoryIndex(ports, logger, tableSource(ports, table, nowMs));
  return {
    document: async (key) => (await getRegister(ports.sideStore, key)) ?? (await catchUp(ports, key)),
    documents: (query) => memory.documents(query),
    facet: memory.facet,
    page: memory.page,
    holdsBack: memory.holdsBack,
    bulk: async (query) => {
      const rows = (await memory.facet(BY_KEY, query)).get('') ?? [];
      const off = rows.filter(({ evaluation }) => !evaluation.enabled);
      return { keys: rows.map(({ key }) => key), off: new Map(off.map(({ key, evaluation }) => [key, evaluation])) };
    },
  };
};
