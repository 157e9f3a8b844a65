import { hashOf } from '../../../domain/kernel/commit.ts';
import { decodeBundle, encodeBundle } from '../../../domain/log/bundle.ts';
import { fail } from '../../../domain/log/errors.ts';
import { leafHash } from '../../../domain/log/hash.ts';
import { bundlePath, changedBundles, partialWidth, TILE_WIDTH, type Tile, tilePath } from '../../../domain/log/tile.ts';
import { edgeTiles, growTiles } from '../../../domain/log/tileTree.ts';
import type { Blobs } from '../../platform/blobs/port.ts';
import type { Entry } from './entries.ts';
import { putPlace } from './places.ts';
import type { SequencerPorts } from './ports.ts';

/** The public files hold another log than the store: nothing more is published. */
export class LogConflict extends Error {
  override readonly name = 'LogConflict';
  readonly code = 'log-conflict';
}

interface PublicFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

const required = async (blobs: Blobs, path: string): Promise<Uint8Array> =>
  (await blobs.get(path)) ?? fail('tile-missing', `${path} is missing`);

/** The entries of the bundle at the right edge of a log of `size` entries. */
const edgeEntries = async (blobs: Blobs, size: number): Promise<readonly Uint8Array[]> => {
  const width = partialWidth(size, 0);
  if (width === 0) return [];
  return decodeBundle(await required(blobs, bundlePath({ index: Math.floor(size / TILE_WIDTH), width })), width);
};

/** All files that a log of `oldSize` entries has to get when these are appended. Throws `tile-missing`. */
const filesFor = async (blobs: Blobs, oldSize: number, entries: readonly Entry[]): Promise<readonly PublicFile[]> => {
  const edges = new Map(
    await Promise.all(edgeTiles(oldSize).map(async (tile) => [tilePath(tile), await required(blobs, tilePath(tile))] as const)),
  );
  const leaves = entries.map(({ bytes }) => leafHash(bytes));
  const tiles = growTiles(oldSize, leaves, (tile: Tile) => edges.get(tilePath(tile)));
  const before = await edgeEntries(blobs, oldSize);
  const all = [...before, ...entries.map(({ bytes }) => bytes)];
  const first = Math.floor(oldSize / TILE_WIDTH);
  const bundles = changedBundles(oldSize, oldSize + entries.length).map((bundle) => {
    const start = (bundle.index - first) * TILE_WIDTH;
    return { path: bundlePath(bundle), bytes: encodeBundle(all.slice(start, start + bundle.width)) };
  });
  return [...bundles, ...tiles.map(({ tile, bytes }) => ({ path: tilePath(tile), bytes }))];
};

/** Writes a file that never changes: what stands there already must be the same. */
const putFile = async (blobs: Blobs, { path, bytes }: PublicFile): Promise<void> => {
  if (await blobs.putIfAbsent(path, bytes)) return;
  const there = await blobs.get(path);
  if (there === undefined || Buffer.compare(there, bytes) !== 0)
    throw new LogConflict(`${path} is published and holds something else`);
};

/**
 * Puts entries that were signed where everyone finds them: tiles and bundles of a log that had `oldSize` entries before, then the
 * index of each commit. May be repeated, and done by two at once: every file and every place is written with the same content.
 */
export const placeEntries = async (
  { blobs, sideStore }: SequencerPorts,
  oldSize: number,
  entries: readonly Entry[],
): Promise<void> => {
  const files = await filesFor(blobs, oldSize, entries);
  await Promise.all(files.map((file) => putFile(blobs, file)));
  await Promise.all(
    entries.map(({ stream, version, bytes }, i) =>
      putPlace(sideStore, stream, version, { index: oldSize + i, hash: hashOf(bytes) }),
    ),
  );
};

/** Removes partial tiles and bundles that a full one has replaced (allowed by c2sp.org/tlog-tiles: clients then ask for the full one). */
export const removeOutgrown = async (blobs: Blobs, oldSize: number, newSize: number): Promise<void> => {
  const [first, last] = [Math.floor(oldSize / TILE_WIDTH), Math.floor(newSize / TILE_WIDTH)];
  const grownFull = edgeTiles(oldSize).filter(({ level, index }) => Math.floor(newSize / TILE_WIDTH ** (level + 1)) > index);
  const paths = grownFull.map((tile) => `${tilePath({ ...tile, width: TILE_WIDTH })}.p`);
  if (last > first && partialWidth(oldSize, 0) > 0) paths.push(`${bundlePath({ index: first, width: TILE_WIDTH })}.p`);
  await Promise.all(paths.map((path) => blobs.remove(path)));
};
