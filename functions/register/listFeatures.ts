import { decodeCursor, encodeCursor, type Page } from './cursor.ts';
import type { PageQuery, RegisterPorts } from './registerIndex.ts';
import type { FeatureRow } from './rows.ts';

export interface FeaturesQuery extends Omit<PageQuery, 'after'> {
  readonly cursor?: string | undefined;
}

/** Lists every feature, or every one beneath a key, with what holds at `now`; may lag. */
export const allFeatures = async (
  { register }: RegisterPorts,
  query: Pick<FeaturesQuery, 'prefix' | 'now' | 'context'>,
): Promise<readonly FeatureRow[]> => {
  await register.settled();
  return register.all(query);
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
