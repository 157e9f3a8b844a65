import { partitionPoint } from '../../domain/kernel/order.ts';
import { decodeCursor, encodeCursor, type Page } from './cursor.ts';
import type { Facet, FacetOf } from './facet.ts';
import type { PageQuery, RegisterPorts, RowsQuery } from './registerIndex.ts';
import type { FeatureRow } from './rows.ts';

export interface FeaturesQuery extends Omit<PageQuery, 'after'> {
  readonly cursor?: string | undefined;
}

/** Lists every feature, or every one beneath a key, with what holds at `now`; may lag. */
export const allFeatures = async ({ register }: RegisterPorts, query: RowsQuery): Promise<readonly FeatureRow[]> => {
  await register.settled();
  return register.all(query);
};

/** Reports whether a list of features by key has one. */
export const hasKey = (rows: readonly FeatureRow[], key: string): boolean =>
  rows[partitionPoint(rows, (row) => row.key < key)]?.key === key;

/** Lists what a facet has of every feature, or of every one beneath a key, as of `now`; may lag. */
export const listFacet = async <T>({ register }: RegisterPorts, of: FacetOf<T>, query: RowsQuery): Promise<Facet<T>> => {
  await register.settled();
  return register.facet(of, query);
};

/** Lists one page of features by key, with what holds at `now`; may lag. Returns undefined if the cursor is invalid. */
export const listFeatures = async ({ register }: RegisterPorts, query: FeaturesQuery): Promise<Page<FeatureRow> | undefined> => {
  const after = decodeCursor(query.cursor);
  if (after === undefined) return undefined;
  await register.settled();
  const rows = await register.page({ ...query, after, limit: query.limit + 1 });
  const items = rows.slice(0, query.limit);
  return { items, next: rows.length > query.limit ? encodeCursor(items.at(-1)?.key ?? '') : null };
};
