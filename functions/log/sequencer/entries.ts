import { decodeCommit } from '../../../domain/kernel/commit.ts';
import { decodeBundle, encodeBundle } from '../../../domain/log/bundle.ts';
import type { CheckpointSigned, CommitRun } from '../../../domain/log/events.ts';
import { appendAll, type Frontier, rootOf } from '../../../domain/log/frontier.ts';
import { type Hash, leafHash } from '../../../domain/log/hash.ts';
import { CorruptStore } from '../../platform/store/errors.ts';
import type { Store } from '../../platform/store/port.ts';
import { CHECKPOINT_PATH, type SequencerPorts } from './ports.ts';

/** A commit on its way into the log: the entry is its exact bytes. */
export interface Entry {
  readonly stream: string;
  readonly version: number;
  readonly bytes: Uint8Array;
}

const PAGE = 500;

/** Where the entries of a checkpoint wait for it to be signed. Named by the tree, so that two sequencers never share one unless they agree. */
export const stagePath = (size: number, root: Hash): string => `staging/${size}-${Buffer.from(root).toString('hex')}`;

/** The frontier after some entries. */
export const grown = (frontier: Frontier, entries: readonly Pick<Entry, 'bytes'>[]): Frontier =>
  appendAll(
    frontier,
    entries.map(({ bytes }) => leafHash(bytes)),
  );

/** Keeps entries as bundles one after the other, before anything is signed: what is signed can then always be published. */
export const stageEntries = async ({ blobs }: SequencerPorts, path: string, entries: readonly Entry[]): Promise<void> => {
  await blobs.putIfAbsent(path, Buffer.concat(entries.map(({ bytes }) => encodeBundle([bytes]))));
};

/** Splits staged bytes again; each entry was written as a bundle of its own. */
const unstaged = (bytes: Uint8Array): Entry[] => {
  const entries: Entry[] = [];
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

/** The commits of one run from the store. Throws CorruptStore where one is missing. */
export async function* readRun(store: Store, { stream, from, to }: CommitRun): AsyncGenerator<Entry> {
  for (let after = from - 1; after < to; ) {
    const page = await store.history(stream, { after, upTo: to, limit: PAGE });
    for (const commit of page) {
      if (commit.version !== after + 1) break;
      yield commit;
      after = commit.version;
    }
    if (page.length === 0 || page[0]?.version !== after - page.length + 1)
      throw new CorruptStore(`${stream}@${after + 1} is in the public log and missing in the store`);
  }
}

const fromStore = async (store: Store, runs: readonly CommitRun[]): Promise<Entry[]> => {
  const entries: Entry[] = [];
  for (const run of runs) for await (const entry of readRun(store, run)) entries.push(entry);
  return entries;
};

/**
 * The entries that a signed checkpoint added to `before`, and the tree with them: staged ones if they are still there, else from the
 * store. Throws CorruptStore when neither make the tree that was signed.
 */
export const signedEntries = async (
  { store, blobs }: SequencerPorts,
  before: Frontier,
  signed: CheckpointSigned,
): Promise<{ readonly entries: readonly Entry[]; readonly frontier: Frontier }> => {
  const root = Buffer.from(signed.root, 'base64');
  const staged = await blobs.get(stagePath(signed.size, root));
  for (const read of [async () => (staged === undefined ? [] : unstaged(staged)), () => fromStore(store, signed.runs)]) {
    const entries = await read().catch((error: unknown): Entry[] => {
      if (staged !== undefined) return [];
      throw error;
    });
    const frontier = grown(before, entries);
    if (frontier.size === signed.size && Buffer.compare(rootOf(frontier), root) === 0) return { entries, frontier };
  }
  throw new CorruptStore(`the commits are not those of the ${CHECKPOINT_PATH} signed at size ${signed.size}`);
};
