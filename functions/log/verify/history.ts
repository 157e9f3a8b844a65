import { featureStream } from '../../../domain/feature/keys.ts';
import { type Commit, CorruptCommit, decodeCommit } from '../../../domain/kernel/commit.ts';
import { parseCheckpoint } from '../../../domain/log/checkpoint.ts';
import { LogError } from '../../../domain/log/encoding.ts';
import { LOG_STREAM } from '../../../domain/log/events.ts';
import { parseNote } from '../../../domain/log/note.ts';
import { bundlesOf, decodeBundle } from '../../../domain/log/tile.ts';
import { REVOCATION_STREAM, RevocationRecorded } from '../../../domain/revocation/events.ts';
import { logAggregate } from '../../gate/aggregates.ts';
import type { Blobs } from '../../platform/blobs/port.ts';
import { ifReadable } from '../../platform/store/errors.ts';
import { eventsOf } from '../../platform/store/load.ts';
import type { Store } from '../../platform/store/port.ts';
import { readFile } from '../sequencer/publicFiles.ts';

/** A tree of the log, by its size and root. */
export interface LogTree {
  readonly size: number;
  /** 32 bytes. */
  readonly root: Uint8Array;
}

/** Returns the tree that an unverified checkpoint names. Throws LogError for a text that is not a checkpoint. */
export const treeIn = (note: Uint8Array): LogTree => {
  const { size, root } = parseCheckpoint(parseNote(note).text);
  return { size, root };
};

const PAGE = 100;

/** Returns whether the store's log had exactly this tree at some time: every checkpoint that was published is one of the store's. */
export const hasSigned = async (store: Store, { size, root }: LogTree): Promise<boolean> => {
  if (size === 0) return true;
  const head = await store.head(LOG_STREAM);
  for (let upTo = head?.version ?? 0; upTo > 0; upTo -= PAGE) {
    const commits = await store.history(LOG_STREAM, { after: Math.max(0, upTo - PAGE), upTo, limit: PAGE });
    for (const commit of commits.toReversed())
      for (const signed of eventsOf(logAggregate, commit)) {
        if (signed.size < size) return false;
        if (signed.size === size) return Buffer.compare(Buffer.from(signed.root, 'base64'), root) === 0;
      }
  }
  return false;
};

/** `streams`: the store lacks what is published of these, or holds something else. `everything`: the published files cannot be read. */
export interface Conflict {
  readonly kind: 'none' | 'streams' | 'everything';
  readonly streams: ReadonlySet<string>;
}

/** The store and the published log agree. */
export const NO_CONFLICT: Conflict = { kind: 'none', streams: new Set() };
const EVERYTHING: Conflict = { kind: 'everything', streams: new Set() };

const isHeld = async (store: Store, stream: string, version: number, bytes: Uint8Array): Promise<boolean> => {
  const [held] = (await ifReadable(store.history(stream, { after: version - 1, upTo: version, limit: 1 }))) ?? [];
  return held !== undefined && Buffer.compare(held.bytes, bytes) === 0;
};

/** The streams that a commit decides: its own, and those of the features whose approval a recorded revocation ends. */
const concerned = ({ stream, events }: Commit): readonly string[] =>
  stream === REVOCATION_STREAM
    ? [stream, ...events.map((event) => featureStream(RevocationRecorded.parse(event).key))]
    : [stream];

/**
 * Compares a published log with the store, entry by entry only if the store never signed the published tree. `checkpoint`: the published
 * note.
 */
export const conflictWith = async (
  { store, blobs }: { readonly store: Store; readonly blobs: Pick<Blobs, 'get'> },
  checkpoint: Uint8Array,
): Promise<Conflict> => {
  const tree = treeIn(checkpoint);
  if (await hasSigned(store, tree)) return NO_CONFLICT;
  const streams = new Set<string>();
  try {
    for (const bundle of bundlesOf(tree.size)) {
      const bytes = await readFile(blobs, { bundle });
      if (bytes === undefined) return EVERYTHING;
      for (const entry of decodeBundle(bytes, bundle.width)) {
        const commit = decodeCommit(entry);
        for (const stream of concerned(commit))
          if (!streams.has(stream) && !(await isHeld(store, commit.stream, commit.version, entry))) streams.add(stream);
      }
    }
  } catch (error) {
    if (error instanceof LogError || error instanceof CorruptCommit) return EVERYTHING;
    throw error;
  }
  return { kind: 'streams', streams };
};
