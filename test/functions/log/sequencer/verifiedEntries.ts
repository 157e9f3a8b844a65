import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Commit, decodeCommit } from '../../../../domain/kernel/commit.ts';
import { SignedCheckpoint } from '../../../../domain/log/checkpoint.ts';
import { append, emptyFrontier, rootOf } from '../../../../domain/log/decide.ts';
import { leafHash } from '../../../../domain/log/encoding.ts';
import type { VerifierKey } from '../../../../domain/log/note.ts';
import { bundlePath, changedBundles, changedTiles, decodeBundle, growTiles, tilePath } from '../../../../domain/log/tile.ts';

/** The commits of a log that is a folder, once every file of its size was compared with what the entries make it; throws otherwise. */
export const verifiedEntries = (folder: string, key: VerifierKey): Commit[] => {
  const read = (path: string) => new Uint8Array(readFileSync(join(folder, path)));
  const checkpoint = SignedCheckpoint.open(read('checkpoint'), { origin: key.name, keys: [key] });
  const entries = changedBundles(0, checkpoint.size).flatMap((bundle) => decodeBundle(read(bundlePath(bundle)), bundle.width));
  const leaves = entries.map(leafHash);
  const tree = leaves.reduce(append, emptyFrontier);
  if (tree.size !== checkpoint.size || Buffer.compare(rootOf(tree), checkpoint.root) !== 0) throw new Error('another root');
  const tiles = growTiles(0, leaves, () => undefined);
  if (tiles.length !== changedTiles(0, tree.size).length) throw new Error('tiles are missing');
  for (const { tile, bytes } of tiles) {
    if (Buffer.compare(read(tilePath(tile)), bytes) !== 0) throw new Error(`${tilePath(tile)} is another`);
  }
  return entries.map(decodeCommit);
};
