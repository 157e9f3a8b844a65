import { decodeBundle } from '../../../domain/log/bundle.ts';
import { LogError } from '../../../domain/log/errors.ts';
import { appendAll, emptyFrontier, type Frontier, frontierAt, rootOf } from '../../../domain/log/frontier.ts';
import { completeRoot, type Hash, leafHash, sameHash } from '../../../domain/log/hash.ts';
import type { SignedCheckpoint } from '../../../domain/log/signedCheckpoint.ts';
import {
  type Bundle,
  bundlePath,
  bundlesOf,
  decodeTile,
  TILE_WIDTH,
  type Tile,
  tilePath,
  tileWidth,
} from '../../../domain/log/tile.ts';
import { edgeTiles, hashReader, tilesFor } from '../../../domain/log/tileTree.ts';
import { spanNodes } from '../../../domain/log/treeNode.ts';
import type { Blobs } from '../../platform/blobs/port.ts';
import { readFile } from '../sequencer/publicFiles.ts';

/** A fault of a public log, and the entry at which it is. */
export class LogFault extends Error {
  override readonly name = 'LogFault';
  /** The first bad entry; undefined if the fault is not at an entry. */
  readonly index: number | undefined;
  constructor(detail: string, index?: number, options?: ErrorOptions) {
    super(index === undefined ? detail : `entry ${index}: ${detail}`, options);
    this.index = index;
  }
}

/** The log is smaller than, or differs from, what was verified of it earlier. */
export class NotContinued extends LogFault {}

/** Tiles above level 0 that are cached: each covers 65,536 entries or more, so a walk from left to right needs few. */
const KEPT_MAX = 64;

const decoded = (tile: Tile, bytes: Uint8Array | undefined): readonly Hash[] => {
  if (bytes === undefined) throw new LogFault(`${tilePath(tile)} is missing`);
  try {
    return decodeTile(bytes, tile.width);
  } catch (error) {
    if (error instanceof LogError) throw new LogFault(`${tilePath(tile)}: ${error.message}`, undefined, { cause: error });
    throw error;
  }
};

/**
 * Reads the hashes of a log's tiles. The tiles are attacker-controlled: each is proved by the tile above it, and the topmost by the signed
 * root, before its hashes are returned.
 */
export class TrustedTiles {
  readonly #source: Pick<Blobs, 'get'>;
  readonly #size: number;
  /** The partial tiles, proved directly by the root, which {@link open} compares. */
  readonly #edge = new Map<string, readonly Hash[]>();
  readonly #kept = new Map<string, readonly Hash[]>();

  private constructor(source: Pick<Blobs, 'get'>, size: number) {
    this.#source = source;
    this.#size = size;
  }

  /** Reads the right edge and compares its root with the signed one. Throws LogFault. */
  static async open(source: Pick<Blobs, 'get'>, checkpoint: SignedCheckpoint): Promise<TrustedTiles> {
    const { size } = checkpoint;
    const trusted = new TrustedTiles(source, size);
    const tiles = [
      ...new Map([...tilesFor(spanNodes(0, size), size), ...edgeTiles(size)].map((tile) => [tilePath(tile), tile])).values(),
    ];
    const read = new Map<string, Uint8Array>();
    for (const tile of tiles) {
      const bytes = await readFile(source, { tile });
      const hashes = decoded(tile, bytes);
      if (bytes !== undefined) read.set(tilePath(tile), bytes);
      if (tile.width < TILE_WIDTH) trusted.#edge.set(tilePath(tile), hashes);
    }
    const root = rootOf(
      frontierAt(
        size,
        hashReader(size, (tile) => read.get(tilePath(tile))),
      ),
    );
    if (!sameHash(root, checkpoint.root)) throw new LogFault(`the tiles do not make the root that was signed at size ${size}`);
    return trusted;
  }

  /** Returns the proved hashes of a tile. `children`: the leaf hashes of the bundle beneath, to find the faulty entry. */
  async read(level: number, index: number, children?: readonly Hash[]): Promise<readonly Hash[]> {
    const tile = { level, index, width: tileWidth(this.#size, level, index) };
    const kept = this.#edge.get(tilePath(tile)) ?? this.#kept.get(tilePath(tile));
    if (kept !== undefined) return kept;
    const hashes = decoded(tile, await readFile(this.#source, { tile }));
    const above = await this.read(level + 1, Math.floor(index / TILE_WIDTH));
    const signed = above[index % TILE_WIDTH];
    if (signed === undefined || !sameHash(completeRoot(hashes), signed)) throw tileFault(tile, hashes, children, signed);
    if (level > 0) this.#keep(tile, hashes);
    return hashes;
  }

  #keep(tile: Tile, hashes: readonly Hash[]): void {
    const [oldest] = this.#kept.keys();
    if (this.#kept.size >= KEPT_MAX && oldest !== undefined) this.#kept.delete(oldest);
    this.#kept.set(tilePath(tile), hashes);
  }
}

/** Locates the fault: if the entries beneath give the signed hash, the tile is wrong where it differs from them. */
const tileFault = (
  tile: Tile,
  hashes: readonly Hash[],
  leaves: readonly Hash[] | undefined,
  signed: Hash | undefined,
): LogFault => {
  const entriesHold = leaves?.length === TILE_WIDTH && signed !== undefined && sameHash(completeRoot(leaves), signed);
  const at = entriesHold ? hashes.findIndex((hash, i) => !sameHash(hash, leaves[i] ?? hash)) : -1;
  const span = TILE_WIDTH ** (tile.level + 1);
  const place = `${tilePath(tile)} is not what was signed`;
  return at < 0
    ? new LogFault(`${place} (entries ${tile.index * span} to ${(tile.index + 1) * span - 1})`, tile.index * span)
    : new LogFault(place, tile.index * TILE_WIDTH + at);
};

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
