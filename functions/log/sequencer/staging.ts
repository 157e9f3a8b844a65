import { type Commit, decodeCommit } from '../../../domain/kernel/commit.ts';
import { decodeBundle, encodeBundle } from '../../../domain/log/bundle.ts';
import type { CheckpointSigned, CommitRun } from '../../../domain/log/events.ts';
import { appendAll, type Frontier, rootOf } from '../../../domain/log/frontier.ts';
import { type Hash, leafHash } from '../../../domain/log/hash.ts';
import type { Blobs } from '../../platform/blobs/port.ts';
import { CorruptStore } from '../../platform/store/errors.ts';
import type { Store, StoredCommit } from '../../platform/store/port.ts';
import { commitOf } from '../../platform/store/record.ts';

/** The commits, and the files of a checkpoint that is not signed yet. */
interface StagePorts {
  readonly store: Store;
  readonly blobs: Blobs;
}

/** A commit as an entry of the log: its exact bytes. */
export interface CommitEntry {
  readonly stream: string;
  readonly version: number;
  readonly bytes: Uint8Array;
}

/** Returns the commit of an entry, which is decoded already if it comes from the store. Throws CorruptCommit. */
export const commitIn = (entry: CommitEntry | StoredCommit): Commit =>
  'attachments' in entry ? commitOf(entry) : decodeCommit(entry.bytes);

const PAGE = 500;

/** Path of the entries of a checkpoint that is not signed yet. Named by the tree, so two sequencers share one only if they agree. */
export const stagePath = (size: number, root: Hash): string => `staging/${size}-${Buffer.from(root).toString('hex')}`;

/** Returns the tree with some entries appended. */
export const grown = (frontier: Frontier, entries: readonly Pick<CommitEntry, 'bytes'>[]): Frontier =>
  appendAll(
    frontier,
    entries.map(({ bytes }) => leafHash(bytes)),
  );

/** Stores entries, each as a bundle of its own, before anything is signed: what is signed can then always be published. */
export const stageEntries = async ({ blobs }: StagePorts, path: string, entries: readonly CommitEntry[]): Promise<void> => {
  await blobs.putIfAbsent(path, Buffer.concat(entries.map(({ bytes }) => encodeBundle([bytes]))));
};

/** Splits the bytes that {@link stageEntries} stored. */
const unstaged = (bytes: Uint8Array): CommitEntry[] => {
  const entries: CommitEntry[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = 2 + (((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0));
    const [entry] = decodeBundle(bytes.subarray(at, at + length), 1);
    if (entry === undefined) break;
    const { stream, version } = decodeCommit(entry);
    entries.push({ stream, version, bytes: entry });
    at += length;
  }
  return entries;
};

/** A commit of the log that the store does not have. */
export class LoggedCommitMissing extends CorruptStore {
  readonly stream: string;
  constructor(stream: string, version: number) {
    super(`${stream}@${version} is in the public log and missing in the store`);
    this.stream = stream;
  }
}

/** Yields the commits of one run from the store. Throws LoggedCommitMissing if one is not there. */
export async function* readRun(store: Store, { stream, from, to }: CommitRun): AsyncGenerator<StoredCommit> {
  for (let after = from - 1; after < to; ) {
    const page = await store.history(stream, { after, upTo: to, limit: PAGE });
    for (const commit of page) {
      if (commit.version !== after + 1) break;
      yield commit;
      after = commit.version;
    }
    if (page.length === 0 || page[0]?.version !== after - page.length + 1) throw new LoggedCommitMissing(stream, after + 1);
  }
}

const fromStore = async (store: Store, runs: readonly CommitRun[]): Promise<CommitEntry[]> => {
  const entries: CommitEntry[] = [];
  for (const run of runs) for await (const entry of readRun(store, run)) entries.push(entry);
  return entries;
};

/**
 * Returns the entries that a signed checkpoint added to `before`, and the tree with them: from the staged file if it exists, else from
 * the store. Throws CorruptStore if neither gives the tree that was signed.
 */
export const signedEntries = async (
  { store, blobs }: StagePorts,
  before: Frontier,
  signed: CheckpointSigned,
): Promise<{ readonly entries: readonly CommitEntry[]; readonly frontier: Frontier }> => {
  const root = Buffer.from(signed.root, 'base64');
  const staged = await blobs.get(stagePath(signed.size, root));
  for (const read of [async () => (staged === undefined ? [] : unstaged(staged)), () => fromStore(store, signed.runs)]) {
    const entries = await read().catch((error: unknown): CommitEntry[] => {
      if (staged !== undefined) return [];
      throw error;
    });
    const frontier = grown(before, entries);
    if (frontier.size === signed.size && Buffer.compare(rootOf(frontier), root) === 0) return { entries, frontier };
  }
  throw new CorruptStore(`the commits are not those of the checkpoint signed at size ${signed.size}`);
};
