import type { SignedCheckpoint } from '../../../domain/log/checkpoint.ts';
import { appendAll, emptyFrontier, type Frontier, rootOf } from '../../../domain/log/decide.ts';
import { completeRoot, type Hash, LogError, leafHash, sameHash } from '../../../domain/log/encoding.ts';
import {
  type Bundle,
  bundlePath,
  bundlesOf,
  decodeBundle,
  decodeTile,
  TILE_WIDTH,
  type Tile,
  tilePath,
} from '../../../domain/log/tile.ts';
import type { Blobs } from '../../platform/blobs/port.ts';
import { readFile } from '../sequencer/publicFiles.ts';

/** A fault of a public log, and the entry at which it is. */
export class LogFault extends Error {
  override readonly name = 'LogFault';
  readonly index: number | undefined;
  constructor(detail: string, index?: number, options?: ErrorOptions) {
    super(index === undefined ? detail : `entry ${index}: ${detail}`, options);
    this.index = index;
  }
}

/** The log is smaller than, or differs from, what was verified of it earlier. */
export class NotContinued extends LogFault {}

/** Throws LogFault unless a tile has these hashes, which the entries beneath it make. Tiles are attacker-controlled. */
const assertTile = async (source: Pick<Blobs, 'get'>, tile: Tile, made: readonly Hash[]): Promise<void> => {
  const bytes = await readFile(source, { tile });
  if (bytes === undefined) throw new LogFault(`${tilePath(tile)} is missing`);
  let hashes: readonly Hash[];
  try {
    hashes = decodeTile(bytes, tile.width);
  } catch (error) {
    if (error instanceof LogError) throw new LogFault(`${tilePath(tile)}: ${error.message}`, undefined, { cause: error });
    throw error;
  }
  const at = made.findIndex((hash, i) => !sameHash(hash, hashes[i] ?? new Uint8Array()));
  if (at < 0) return;
  const place = (tile.index * TILE_WIDTH + at) * TILE_WIDTH ** tile.level;
  throw new LogFault(`is not what was signed: ${tilePath(tile)} has another hash`, place);
};

/** An entry of a log. */
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

type Edge = Map<number, Hash[]>;

const raise = async (source: Pick<Blobs, 'get'>, edge: Edge, { index }: Bundle, leaves: Hash[]): Promise<void> => {
  for (let [level, full] = [1, leaves]; full.length === TILE_WIDTH; level += 1) {
    full = [...(edge.get(level) ?? []), completeRoot(full)];
    const isFull = full.length === TILE_WIDTH;
    edge.set(level, isFull ? [] : full);
    if (isFull) await assertTile(source, { level, index: Math.floor(index / TILE_WIDTH ** level), width: TILE_WIDTH }, full);
  }
};

/**
 * Yields every entry of a log. Compares each entry with its tile, each tile with those beneath it, and at last the root with the signed
 * one: until this has ended, what it yielded is unverified. `seen`: a tree that was verified earlier. Throws LogFault, which names the
 * first bad entry.
 */
export async function* readLog(
  source: Pick<Blobs, 'get'>,
  checkpoint: SignedCheckpoint,
  seen?: SeenTree,
): AsyncGenerator<LoggedEntry> {
  if (seen !== undefined && checkpoint.size < seen.size)
    throw new NotContinued(`the log was rolled back: it had ${seen.size} entries and shows ${checkpoint.size}`);
  let tree = emptyFrontier;
  checkSeen(tree, seen);
  const edge: Edge = new Map();
  for (const bundle of bundlesOf(checkpoint.size)) {
    const entries = await entriesOf(source, bundle);
    const leaves = entries.map(leafHash);
    await assertTile(source, { level: 0, ...bundle }, leaves);
    const before = tree;
    tree = appendAll(before, leaves);
    for (const [i, bytes] of entries.entries()) {
      const index = before.size + i;
      if (seen?.size === index + 1) checkSeen(appendAll(before, leaves.slice(0, i + 1)), seen);
      yield { index, bytes };
    }
    await raise(source, edge, bundle, leaves);
  }
  for (const [level, hashes] of edge) {
    const index = Math.floor(checkpoint.size / TILE_WIDTH ** (level + 1));
    if (hashes.length > 0) await assertTile(source, { level, index, width: hashes.length }, hashes);
  }
  if (!sameHash(rootOf(tree), checkpoint.root)) throw new LogFault('the entries do not make the root that was signed');
}
