import type { CommitPlace, Store, StoredCommit } from '../../functions/platform/store/port.ts';

/** Reads from `cursor` to the first page that is `done`, and returns the items and the next cursor. */
export const readFeed = async (
  store: Store,
  cursor: string | undefined,
  limit: number,
): Promise<{ items: StoredCommit[]; next: string }> => {
  const items: StoredCommit[] = [];
  let next = cursor;
  for (;;) {
    const page = await store.feed(next, limit);
    if (page.items.length > limit) throw new Error(`${page.items.length} items where ${limit} were asked for`);
    items.push(...page.items);
    next = page.next;
    if (page.done) return { items, next };
  }
};

export const placeOf = ({ stream, version }: CommitPlace): string => `${stream}@${version}`;
