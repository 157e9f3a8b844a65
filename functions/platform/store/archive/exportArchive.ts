import { CorruptStore } from '../errors.ts';
import type { Store, StoredCommit } from '../port.ts';
import { assertFollows } from '../record.ts';
import { encodeLine, HEADER, LinesDigest } from './line.ts';

const PAGE = 200;

/**
 * Every commit of a store with its attachments as lines of an archive (without ends of line), in the order of the feed, each once
 * and each stream in the order of its versions, its hash chain checked. What is written while it runs may be in it or not.
 * Throws CorruptStore rather than export a stream with a hole.
 */
export async function* exportArchive(store: Store): AsyncGenerator<string> {
  const digest = new LinesDigest();
  let commits = 0;
  const header = JSON.stringify(HEADER);
  digest.add(header);
  yield header;
  for await (const record of everyCommit(store)) {
    const line = encodeLine(record);
    digest.add(line);
    commits += 1;
    yield line;
  }
  yield JSON.stringify({ commits, sha256: String(digest) });
}

/** The feed with its repeats dropped; what it shows out of order is fetched from the stream itself. */
async function* everyCommit(store: Store): AsyncGenerator<StoredCommit> {
  const last = new Map<string, StoredCommit>();
  let cursor: string | undefined;
  for (;;) {
    const page = await store.feed(cursor, PAGE);
    for (const item of page.items) {
      const known = last.get(item.stream);
      if (item.version <= (known?.version ?? 0)) continue;
      for await (const record of upTo(store, known, item)) {
        last.set(record.stream, withoutAttachments(record));
        yield record;
      }
    }
    if (page.done) return;
    cursor = page.next;
  }
}

/** What lies between `known` and `item`, and that; ordinarily nothing but the item. */
async function* upTo(store: Store, known: StoredCommit | undefined, item: StoredCommit): AsyncGenerator<StoredCommit> {
  let previous = known;
  while ((previous?.version ?? 0) < item.version - 1) {
    const missing = await store.history(item.stream, { after: previous?.version ?? 0, upTo: item.version - 1, limit: PAGE });
    if (missing.length === 0) throw new CorruptStore(`${item.stream}: nothing after version ${previous?.version ?? 0}`);
    for (const record of missing) {
      assertFollows(previous, record);
      yield record;
      previous = record;
    }
  }
  assertFollows(previous, item);
  yield item;
}

/** Only the bytes are needed to check the next commit; a notice's attachment need not stay in memory. */
const withoutAttachments = (record: StoredCommit): StoredCommit => ({ ...record, attachments: [], state: '' });
