import { prefixesOf, vendorOf } from '../../domain/feature/keys.ts';
import { openChanges } from '../../domain/feature/state.ts';
import { getRegister, listRegisterKeys, type RegisterDoc, registerAfter } from './docs.ts';
import { KeptFacet } from './facet.ts';
import { catchUp } from './project.ts';
import { viewOf } from './read.ts';
import type { PageQuery, RegisterIndex, RowsQuery } from './registerIndex.ts';
import { type FeatureRow, hasWork, headsBy, rowOf } from './rows.ts';
import type { ProjectorPorts } from './snapshot.ts';

/** The documents read at once for what takes a part. */
const CHUNK = 200;
/** The most documents read at once. */
const PAGE_CHUNK_MAX = 500;

interface DocumentsQuery {
  readonly prefix?: string | undefined;
  readonly after: string;
  readonly chunk: number;
}

/**
 * Returns the index that reads the documents of the side store each time: what is read costs what is looked through. `settled`: see
 * {@link RegisterIndex}; absent: lists may lag.
 */
export const storedIndex = (ports: ProjectorPorts, settled: () => Promise<void> = async () => undefined): RegisterIndex => {
  const { sideStore } = ports;
  /** Yields what can be parsed, and folds again what cannot. */
  async function* documents(query: DocumentsQuery): AsyncGenerator<RegisterDoc> {
    for await (const { key, doc: listed } of registerAfter(sideStore, query)) {
      const doc = listed ?? (await catchUp(ports, key));
      if (doc !== undefined) yield doc;
    }
  }
  async function* rows(
    { prefix, now, context = {} }: RowsQuery,
    { after, chunk }: { readonly after: string; readonly chunk: number },
  ): AsyncGenerator<FeatureRow> {
    // The prefix itself comes first, or has no document.
    const known = new Map<string, RegisterDoc | undefined>(prefix !== undefined && prefix > after ? [[prefix, undefined]] : []);
    for await (const doc of documents({ prefix, after, chunk })) {
      known.set(doc.key, doc);
      // A prefix sorts before its key, so it is read by itself only if the list began after it.
      for (const each of prefixesOf(doc.key)) if (!known.has(each)) known.set(each, await getRegister(sideStore, each));
      yield rowOf(
        viewOf(doc),
        headsBy(doc.key, (each) => known.get(each)),
        context,
        now,
      );
    }
  }
  const taken = async (found: AsyncIterable<FeatureRow>, query: Partial<PageQuery>): Promise<readonly FeatureRow[]> => {
    const items: FeatureRow[] = [];
    for await (const row of found) {
      if (query.status !== undefined && row.evaluation.variant !== query.status) continue;
      items.push(row);
      if (items.length === query.limit) break;
    }
    return items;
  };
  const all = (query: RowsQuery) => taken(rows(query, { after: '', chunk: PAGE_CHUNK_MAX }), {});
  return {
    settled,
    keys: () => listRegisterKeys(sideStore),
    document: async (key) => (await getRegister(sideStore, key)) ?? (await catchUp(ports, key)),
    documents: (query) => documents({ ...query, chunk: CHUNK }),
    open: async function* (query) {
      for await (const doc of documents({ ...query, chunk: CHUNK }))
        if (!doc.unreadable && openChanges(doc.state).length > 0) yield doc;
    },
    vendors: async () => [...new Set((await listRegisterKeys(sideStore)).map(vendorOf))].sort(),
    bulk: async () => ({ keys: await listRegisterKeys(sideStore), off: new Map() }),
    all,
    facet: async (of, query) => new KeptFacet(of, await all(query)).groups,
    page: async (query) => taken(rows(query, { after: query.after, chunk: Math.min(query.limit, PAGE_CHUNK_MAX) }), query),
    due: async (now, unpinned) => {
      const found: RegisterDoc[] = [];
      for await (const doc of documents({ after: '', chunk: CHUNK }))
        if (!doc.unreadable && hasWork(doc.state, now, unpinned)) found.push(doc);
      return found;
    },
  };
};
