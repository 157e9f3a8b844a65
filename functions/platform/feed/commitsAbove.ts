import { setImmediate } from 'node:timers/promises';
import type { Store, StoredCommit } from '../store/port.ts';

/** In one turn of the event loop: 70 µs each on one machine; on DynamoDB within an answer of 1 MB. */
const PAGE = 100;

/** Yields the commits of a stream above a version. Between two pages, what else was asked has its turn. */
export async function* commitsAbove(store: Store, stream: string, after: number, limit = PAGE): AsyncGenerator<StoredCommit> {
  for (let above = after; ; ) {
    const page = await store.history(stream, { after: above, limit });
    yield* page;
    const last = page.at(-1);
    if (last === undefined) return;
    above = last.version;
    if (page.length === limit) await setImmediate();
  }
}
