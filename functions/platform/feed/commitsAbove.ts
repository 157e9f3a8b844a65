import type { Store, StoredCommit } from '../store/port.ts';

/** One page of ordinary commits stays within DynamoDB's 1 MB answer. */
const PAGE = 200;

/** Yields the commits of a stream above a version, in version order, reading page by page. */
export async function* commitsAbove(store: Store, stream: string, after: number, limit = PAGE): AsyncGenerator<StoredCommit> {
  for (let above = after; ; ) {
    const page = await store.history(stream, { after: above, limit });
    yield* page;
    const last = page.at(-1);
    if (last === undefined) return;
    above = last.version;
  }
}
