import { prefixesOf } from '../../domain/feature/keys.ts';
import { getRegister, isOpenDoc, listRegisterKeys, type RegisterDoc, registerAfter } from './documents.ts';
import { catchUp, type ProjectorPorts } from './project.ts';
import { type DocumentsQuery, type FeatureRow, facetOf, hasWork, type PageQuery, type RegisterIndex, rowAmong } from './rows.ts';

const CHUNK = 200;
const PAGE_CHUNK_MAX = 500;

/**
 * Reads the documents of the side store each time: costs what is looked through. `settled`: brings them up to date; absent: lists may
 * lag.
 */
export const storedIndex = (ports: ProjectorPorts, settled: () => Promise<void> = async () => undefined): RegisterIndex => {
  const { sideStore } = ports;
  async function* documents({ open = false, ...query }: DocumentsQuery, chunk = CHUNK): AsyncGenerator<RegisterDoc> {
    await settled();
    for await (const { key, doc: listed } of registerAfter(sideStore, { ...query, chunk })) {
      const doc = listed ?? (await catchUp(ports, key));
      if (doc !== undefined && (!open || isOpenDoc(doc))) yield doc;
    }
  }
  const keys = async (): Promise<readonly string[]> => {
    await settled();
    return listRegisterKeys(sideStore);
  };
  const page = async ({ status, limit, ...query }: PageQuery): Promise<readonly FeatureRow[]> => {
    const { prefix, after } = query;
    const items: FeatureRow[] = [];
    // The prefix itself comes first, or has no document.
    const known = new Map<string, RegisterDoc | undefined>(prefix !== undefined && prefix > after ? [[prefix, undefined]] : []);
    for await (const doc of documents({ prefix, after }, Math.min(limit, PAGE_CHUNK_MAX))) {
      known.set(doc.key, doc);
      // A prefix sorts before its key, so it is read by itself only if the list began after it.
      for (const each of prefixesOf(doc.key)) if (!known.has(each)) known.set(each, await getRegister(sideStore, each));
      const row = rowAmong(doc, (each) => known.get(each), query);
      if (status === undefined || row.evaluation.variant === status) items.push(row);
      if (items.length === limit) break;
    }
    return items;
  };
  return {
    document: async (key) => {
      await settled();
      return (await getRegister(sideStore, key)) ?? (await catchUp(ports, key));
    },
    documents,
    bulk: async () => ({ keys: await keys(), off: new Map() }),
    facet: async (of, query) => facetOf(of, await page({ ...query, after: '', limit: Number.POSITIVE_INFINITY })),
    page,
    due: async (now, unpinned) => {
      const found: RegisterDoc[] = [];
      for await (const doc of documents({ after: '' })) if (!doc.unreadable && hasWork(doc.state, now, unpinned)) found.push(doc);
      return found;
    },
  };
};
