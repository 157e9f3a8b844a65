import { leafHash } from '../../../domain/log/hash.ts';
import { inclusionNodes, inclusionProof } from '../../../domain/log/proof.ts';
import type { SignedCheckpoint } from '../../../domain/log/signedCheckpoint.ts';
import { tilePath } from '../../../domain/log/tile.ts';
import { hashReader, tilesFor } from '../../../domain/log/tileTree.ts';
import { formatTlogProof } from '../../../domain/log/tlogProof.ts';
import { verifyInclusion } from '../../../domain/log/verifyProof.ts';
import type { Blobs } from '../../platform/blobs/port.ts';
import type { Store } from '../../platform/store/port.ts';
import type { SideStore } from '../../platform/store/sideStore.ts';
import { readPublished } from './checkpoint.ts';
import { readLogIndex } from './logIndex.ts';
import { readFile } from './publicFiles.ts';
import type { LogSigner } from './signer.ts';

/** The ports from which inclusion proofs are made. */
export interface InclusionPorts {
  readonly store: Store;
  readonly sideStore: SideStore;
  readonly blobs: Blobs;
  readonly signer: LogSigner;
}

/** Returns the hashes that prove an entry to be in the tree of a checkpoint. */
export const proofIn = async (blobs: Pick<Blobs, 'get'>, index: number, { size }: SignedCheckpoint) => {
  const tiles = tilesFor(inclusionNodes(index, size), size);
  const read = new Map(await Promise.all(tiles.map(async (tile) => [tilePath(tile), await readFile(blobs, { tile })] as const)));
  return inclusionProof(
    index,
    size,
    hashReader(size, (tile) => read.get(tilePath(tile))),
  );
};

/**
 * Returns the proof (c2sp.org/tlog-proof) that a commit is in the log of the published checkpoint; undefined while it is not. The proof
 * is verified against the commit's bytes in the store first: throws LogError if the public files do not hold them.
 */
export const inclusionProofFor = async (
  { store, sideStore, blobs, signer }: InclusionPorts,
  stream: string,
  version: number,
): Promise<Uint8Array | undefined> => {
  const place = await readLogIndex(sideStore, stream, version);
  const checkpoint = await readPublished(blobs, signer);
  if (place === undefined || checkpoint === undefined || place.index >= checkpoint.size) return undefined;
  const [commit] = await store.history(stream, { after: version - 1, upTo: version, limit: 1 });
  if (commit === undefined) return undefined;
  const hashes = await proofIn(blobs, place.index, checkpoint);
  verifyInclusion(checkpoint, place.index, leafHash(commit.bytes), hashes);
  return formatTlogProof({ index: place.index, hashes, checkpoint: checkpoint.bytes });
};
