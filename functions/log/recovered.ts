import { decodeCommit, hashOf } from '../../domain/kernel/commit.ts';
import { decodeBundle } from '../../domain/log/bundle.ts';
import { LogError } from '../../domain/log/errors.ts';
import { TILE_WIDTH } from '../../domain/log/tile.ts';
import type { Blobs } from '../platform/blobs/port.ts';
import { CorruptStore } from '../platform/store/errors.ts';
import type { Attachment, HistoryRange, Store, StoredCommit, UnreadableRow } from '../platform/store/port.ts';
import { newRecord } from '../platform/store/record.ts';
import type { SideStore } from '../platform/store/sideStore.ts';
import { type LogIndex, readLogIndex } from './sequencer/logIndex.ts';
import { noticePath, readFile } from './sequencer/publicFiles.ts';
import { noticeDigests } from './verify/attachments.ts';

/** The public files of a log, and the index of each commit in it. */
export interface PublishedPorts {
  readonly sideStore: SideStore;
  readonly blobs: Pick<Blobs, 'get'>;
}

/** The media type of a raw notice. Other attachments are not public, so they cannot be recovered. */
const NOTICE_TYPE = 'application/json';

/** Returns the entry at an index whose hash is the recorded one; undefined if the files do not have it. */
const entryAt = async ({ blobs }: PublishedPorts, { index, hash }: LogIndex): Promise<Uint8Array | undefined> => {
  const [bundle, place] = [Math.floor(index / TILE_WIDTH), index % TILE_WIDTH];
  for (const width of [TILE_WIDTH, ...Array.from({ length: TILE_WIDTH - 1 - place }, (_, n) => TILE_WIDTH - 1 - n)]) {
    const bytes = await readFile(blobs, { bundle: { index: bundle, width } });
    if (bytes === undefined) continue;
    const entry = decodeBundle(bytes, width)[place];
    return entry !== undefined && hashOf(entry) === hash ? entry : undefined;
  }
  return undefined;
};

/**
 * Returns a commit as it was published, with its raw notices and without its state; undefined if it is not in the public log. Its hash
 * stands in a record under a MAC, so that another file cannot replace it.
 */
const publishedCommit = async (
  ports: PublishedPorts,
  { stream, version }: Pick<UnreadableRow, 'stream' | 'version'>,
): Promise<StoredCommit | undefined> => {
  const index = await readLogIndex(ports.sideStore, stream, version);
  if (index === undefined) return undefined;
  try {
    const entry = await entryAt(ports, index);
    if (entry === undefined) return undefined;
    const commit = decodeCommit(entry);
    if (commit.stream !== stream || commit.version !== version) return undefined;
    const attachments: Attachment[] = [];
    for (const sha256 of noticeDigests(commit)) {
      const bytes = await ports.blobs.get(noticePath(sha256));
      if (bytes !== undefined && hashOf(bytes) === sha256) attachments.push({ sha256, mediaType: NOTICE_TYPE, bytes });
    }
    return newRecord(commit, { state: '', stateVersion: 0, attachments });
  } catch (error) {
    if (error instanceof LogError) return undefined;
    throw error;
  }
};

/**
 * Returns a store in which a row that cannot be read is what the public log has of it, for an export: what somebody altered after it was
 * published is not lost. States of such commits are missing, and `head` reads rows only.
 */
export const recovered = (store: Store, ports: PublishedPorts): Store => {
  const one = async (stream: string, version: number): Promise<readonly StoredCommit[]> => {
    try {
      return await store.history(stream, { after: version - 1, upTo: version, limit: 1 });
    } catch (error) {
      if (!(error instanceof CorruptStore)) throw error;
      const found = await publishedCommit(ports, { stream, version });
      if (found === undefined) throw error;
      return [found];
    }
  };
  const oneByOne = async (stream: string, { after = 0, upTo, limit = 100 }: HistoryRange): Promise<readonly StoredCommit[]> => {
    const page: StoredCommit[] = [];
    while (page.length < limit && (upTo === undefined || after + page.length < upTo)) {
      const [next] = await one(stream, after + page.length + 1);
      if (next === undefined) break;
      page.push(next);
    }
    return page;
  };
  return {
    ...store,
    history: async (stream, range) => {
      try {
        return await store.history(stream, range);
      } catch (error) {
        if (!(error instanceof CorruptStore)) throw error;
        return oneByOne(stream, range);
      }
    },
    feed: async (cursor, limit, unreadable) => {
      const rows: UnreadableRow[] = [];
      const page = await store.feed(cursor, limit, (row) => rows.push(row));
      const items = [...page.items];
      for (const row of rows) {
        const found = await publishedCommit(ports, row);
        if (found !== undefined) items.push(found);
        else if (unreadable === undefined) throw new CorruptStore(row.problem);
        else unreadable(row);
      }
      return { ...page, items };
    },
  };
};
