import { decodeBundle } from '../../../domain/log/bundle.ts';
import { LogError } from '../../../domain/log/errors.ts';
import { appendAll, emptyFrontier, type Frontier, rootOf } from '../../../domain/log/frontier.ts';
import { leafHash, sameHash } from '../../../domain/log/hash.ts';
import type { SignedCheckpoint } from '../../../domain/log/signedCheckpoint.ts';
import { type Bundle, bundlePath, bundlesOf, TILE_WIDTH } from '../../../domain/log/tile.ts';
import type { Blobs } from '../../platform/blobs/port.ts';
import { readFile } from '../sequencer/publicFiles.ts';
import { LogFault, NotContinued } from './fault.ts';
import { TrustedTiles } from './trustedTiles.ts';

/** An entry that is proved to be in the tree of a checkpoint. */
export interface LoggedEntry {
  readonly index: number;
  readonly bytes: Uint8Array;
}

/** A tree of this log that was verified earlier. */
export interface SeenTree {
  readonly size: number;
  readonly root: Uint8Array;
}

const entriesOf = async (source: Pick<Blobs, 'get'>, bundle: Bundle): Promise<readonly Uint8Array[]> => {
  try {
    const bytes = await readFile(source, { bundle });
    if (bytes === undefined) throw new LogFault(`${bundlePath(bundle)} is missing`, bundle.index * TILE_WIDTH);
    return decodeBundle(bytes, bundle.width);
  } catch (error) {
    if (!(error instanceof LogError)) throw error;
    throw new LogFault(`${bundlePath(bundle)}: ${error.message}`, bundle.index * TILE_WIDTH, { cause: error });
  }
};

/** Throws if the log's past differs from the tree that was verified earlier. */
const checkSeen = (tree: Frontier, seen: SeenTree | undefined): void => {
  if (seen?.size === tree.size && !sameHash(rootOf(tree), seen.root))
    throw new NotContinued(`the log was forked: its first ${seen.size} entries are not those that were seen before`);
};

/**
 * Yields every entry of a log, read from its static files. Each entry is compared with its tile, and the tiles with the signed root.
 * `seen`: a tree of the same log that was verified earlier. Throws LogFault, which names the first bad entry, for anything that does not
 * verify, and for a log that is smaller than `seen` or differs from it.
 */
export async function* readLog(
  source: Pick<Blobs, 'get'>,
  checkpoint: SignedCheckpoint,
  seen?: SeenTree,
): AsyncGenerator<LoggedEntry> {
  if (seen !== undefined && checkpoint.size < seen.size)
    throw new NotContinued(`the log was rolled back: it had ${seen.size} entries and shows ${checkpoint.size}`);
  const tiles = await TrustedTiles.open(source, checkpoint);
  let tree = emptyFrontier;
  checkSeen(tree, seen);
  for (const bundle of bundlesOf(checkpoint.size)) {
    const entries = await entriesOf(source, bundle);
    const leaves = entries.map(leafHash);
    const signed = await tiles.read(0, bundle.index, leaves);
    const before = tree;
    tree = appendAll(before, leaves);
    for (const [i, bytes] of entries.entries()) {
      const index = before.size + i;
      const [leaf, hash] = [leaves[i], signed[i]];
      if (leaf === undefined || hash === undefined || !sameHash(leaf, hash)) throw new LogFault('is not what was signed', index);
      if (seen?.size === index + 1) checkSeen(appendAll(before, leaves.slice(0, i + 1)), seen);
      yield { index, bytes };
    }
  }
  if (!sameHash(rootOf(tree), checkpoint.root)) throw new LogFault('the entries do not make the root that was signed');
}
