import { completeRoot, concat, fail, fromDecimal, HASH_BYTES, type Hash, levelAbove } from './encoding.ts';
import type { ReadHashes, TreeNode } from './proof.ts';

// Wire format: c2sp.org/tlog-tiles. These paths and bytes are public and immutable.

export const TILE_WIDTH = 256;

const LEVEL_MAX = 63;

/**
 * A run of at most 256 consecutive hashes at one height: hash i of tile n at level l is the root over the entries `[(n * 256 + i)
 * * 256^l, (n * 256 + i + 1) * 256^l)`. A `width` below 256 makes it a partial tile; 0 does not occur.
 */
export interface Tile {
  readonly level: number;
  readonly index: number;
  readonly width: number;
}

export interface Bundle {
  readonly index: number;
  readonly width: number;
}

/** 1234067 → `x001/x234/067`. */
const indexPath = (index: number): string => {
  const digits = String(index);
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, '0').match(/.{3}/g) ?? [];
  return groups.map((group, i) => (i === groups.length - 1 ? group : `x${group}`)).join('/');
};

const widthPath = (width: number): string => (width === TILE_WIDTH ? '' : `.p/${width}`);

/** `tile/0/x001/x234/067.p/5`, below the log's prefix. */
export const tilePath = ({ level, index, width }: Tile): string => `tile/${level}/${indexPath(index)}${widthPath(width)}`;

/** `tile/entries/000.p/5`, below the log's prefix. */
export const bundlePath = ({ index, width }: Bundle): string => `tile/entries/${indexPath(index)}${widthPath(width)}`;

const LOG_PATH = /^tile\/(entries|[0-9]{1,2})\/((?:x[0-9]{3}\/){0,5}[0-9]{3})(?:\.p\/([0-9]{1,3}))?$/;

/**
 * Parses an attacker-controlled path. Only the canonical spelling is accepted (`tile-path-malformed`), so that a cache or a file
 * system never sees a second name for a tile.
 */
export const parseLogPath = (path: string): { readonly tile: Tile } | { readonly bundle: Bundle } => {
  const malformed = () => fail('tile-path-malformed', 'a tile is at tile/<level>/<index>[.p/<width>]');
  const [, kind, groups, partial] = LOG_PATH.exec(path) ?? [];
  if (kind === undefined || groups === undefined) return malformed();
  const index = Number(groups.replaceAll(/[x/]/g, ''));
  const width = partial === undefined ? TILE_WIDTH : fromDecimal(partial);
  if (!Number.isSafeInteger(index) || width === undefined || width === 0) return malformed();
  if (partial !== undefined && width >= TILE_WIDTH) return malformed();
  if (kind === 'entries') return bundlePath({ index, width }) === path ? { bundle: { index, width } } : malformed();
  const tile = { level: Number(kind), index, width };
  return tile.level <= LEVEL_MAX && tilePath(tile) === path ? { tile } : malformed();
};

/** The number of hashes at a level: floor(size / 256^level). */
export const levelWidth = (size: number, level: number): number => {
  let width = size;
  for (let i = 0; i < level && width > 0; i += 1) width = Math.floor(width / TILE_WIDTH);
  return width;
};

/** The width of the partial tile at a level; 0 means that it does not exist. */
export const partialWidth = (size: number, level: number): number => levelWidth(size, level) % TILE_WIDTH;

/** Returns 0 to 256; 0 if the tile does not exist yet. */
export const tileWidth = (size: number, level: number, index: number): number =>
  Math.max(0, Math.min(TILE_WIDTH, levelWidth(size, level) - index * TILE_WIDTH));

/**
 * Returns the tiles that a log of `newSize` entries has and one of `oldSize` does not, level by level, left to right. Throws
 * `log-shrinks`.
 */
export const changedTiles = (oldSize: number, newSize: number): Tile[] => {
  if (newSize < oldSize) return fail('log-shrinks', `a log of ${oldSize} entries cannot become one of ${newSize}`);
  const tiles: Tile[] = [];
  for (let level = 0; levelWidth(newSize, level) > 0; level += 1) {
    const [before, after] = [levelWidth(oldSize, level), levelWidth(newSize, level)];
    if (before === after) break; // No level above changes either: each is a quotient of this one.
    for (let index = Math.floor(before / TILE_WIDTH); index * TILE_WIDTH < after; index += 1) {
      tiles.push({ level, index, width: tileWidth(newSize, level, index) });
    }
  }
  return tiles;
};

export const changedBundles = (oldSize: number, newSize: number): Bundle[] =>
  changedTiles(oldSize, newSize)
    .filter((tile) => tile.level === 0)
    .map(({ index, width }) => ({ index, width }));

/**
 * Yields the entry bundles of a log, left to right. The size can be a claim of up to 2^53-1: a reader that stops at the first missing
 * bundle pays only for those before it.
 */
export function* bundlesOf(size: number): Generator<Bundle> {
  for (let index = 0; index * TILE_WIDTH < size; index += 1) yield { index, width: tileWidth(size, 0, index) };
}

const encodeTile = (hashes: readonly Hash[]): Uint8Array => concat(hashes);

/** Returns the hashes of a tile, as views of its bytes. Throws `tile-length-wrong`. */
export const decodeTile = (bytes: Uint8Array, width: number): Hash[] => {
  if (bytes.length !== width * HASH_BYTES) {
    return fail('tile-length-wrong', `a tile ${width} wide has ${width * HASH_BYTES} bytes, not ${bytes.length}`);
  }
  return Array.from({ length: width }, (_, i) => new Uint8Array(bytes.buffer, bytes.byteOffset + i * HASH_BYTES, HASH_BYTES));
};

// Wire format: the entry bundles of c2sp.org/tlog-tiles, repeated (uint16 big-endian length ‖ entry).

const ENTRY_BYTES_MAX = 65_535;

const LENGTH_BYTES = 2;

/** Throws `bundle-malformed`, `entry-too-large`. */
export const encodeBundle = (entries: readonly Uint8Array[]): Uint8Array => {
  if (entries.length < 1 || entries.length > TILE_WIDTH) return fail('bundle-malformed', 'a bundle has 1 to 256 entries');
  const bytes = new Uint8Array(entries.reduce((sum, entry) => sum + LENGTH_BYTES + entry.length, 0));
  const lengths = new DataView(bytes.buffer);
  let at = 0;
  for (const entry of entries) {
    if (entry.length > ENTRY_BYTES_MAX) return fail('entry-too-large', `an entry has at most ${ENTRY_BYTES_MAX} bytes`);
    lengths.setUint16(at, entry.length);
    bytes.set(entry, at + LENGTH_BYTES);
    at += LENGTH_BYTES + entry.length;
  }
  return bytes;
};

/**
 * Returns the entries of an attacker-controlled bundle of exactly `width`, as views of its bytes. Throws `bundle-malformed`. They are not
 * yet known to be the log's: compare their leaf hashes with the tile of level 0.
 */
export const decodeBundle = (bytes: Uint8Array, width: number): Uint8Array[] => {
  if (!Number.isInteger(width) || width < 1 || width > TILE_WIDTH) {
    return fail('bundle-malformed', 'a bundle has 1 to 256 entries');
  }
  const lengths = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const entries: Uint8Array[] = [];
  let at = 0;
  for (let i = 0; i < width; i += 1) {
    if (at + LENGTH_BYTES > bytes.length) return fail('bundle-malformed', `the bundle ends before entry ${i} of ${width}`);
    const start = at + LENGTH_BYTES;
    at = start + lengths.getUint16(at);
    if (at > bytes.length) return fail('bundle-malformed', `the bundle ends within entry ${i} of ${width}`);
    entries.push(new Uint8Array(bytes.buffer, bytes.byteOffset + start, at - start));
  }
  if (at !== bytes.length) return fail('bundle-malformed', `${bytes.length - at} bytes follow the last entry`);
  return entries;
};

/** Undefined where the tile is missing. Attacker-controlled: the length is checked here. */
export type ReadTile = (tile: Tile) => Uint8Array | undefined;

interface TileFile {
  readonly tile: Tile;
  readonly bytes: Uint8Array;
}

const TILE_HEIGHT = 8;

const read = (readTile: ReadTile, tile: Tile): Hash[] =>
  decodeTile(readTile(tile) ?? fail('tile-missing', `${tilePath(tile)} is missing`), tile.width);

const growLevel = (level: number, before: number, added: readonly Hash[], readTile: ReadTile) => {
  const files: TileFile[] = [];
  const roots: Hash[] = [];
  const width = before % TILE_WIDTH;
  const first = Math.floor(before / TILE_WIDTH);
  const hashes = width === 0 ? added : [...read(readTile, { level, index: first, width }), ...added];
  for (let start = 0; start < hashes.length; start += TILE_WIDTH) {
    const run = hashes.slice(start, start + TILE_WIDTH);
    files.push({ tile: { level, index: first + start / TILE_WIDTH, width: run.length }, bytes: encodeTile(run) });
    if (run.length === TILE_WIDTH) roots.push(completeRoot(run));
  }
  return { files, roots };
};

/**
 * Returns the tiles to write when leaves are appended: those that `changedTiles` names, in its order. Reads at most one partial
 * tile per level. Throws `size-too-large`, `tile-missing`, `tile-length-wrong`.
 */
export const growTiles = (oldSize: number, leaves: readonly Hash[], readTile: ReadTile): TileFile[] => {
  if (!Number.isSafeInteger(oldSize + leaves.length)) return fail('size-too-large', 'a log has at most 2^53-1 entries');
  const files: TileFile[] = [];
  let added = leaves;
  for (let level = 0; added.length > 0; level += 1) {
    const grown = growLevel(level, levelWidth(oldSize, level), added, readTile);
    files.push(...grown.files);
    added = grown.roots;
  }
  return files;
};

/** Returns the partial tiles at the right edge, which {@link growTiles} reads. */
export const edgeTiles = (size: number): Tile[] => {
  const tiles: Tile[] = [];
  for (let level = 0; levelWidth(size, level) > 0; level += 1) {
    const width = partialWidth(size, level);
    if (width > 0) tiles.push({ level, index: Math.floor(levelWidth(size, level) / TILE_WIDTH), width });
  }
  return tiles;
};

/** Returns the part of a tile from which a node's hash is computed: `count` hashes, a power of two, from `offset`. */
const placeInTile = ({ level, index }: TreeNode, size: number) => {
  const tileLevel = Math.floor(level / TILE_HEIGHT);
  const count = 2 ** (level % TILE_HEIGHT);
  const first = index * count;
  const tileIndex = Math.floor(first / TILE_WIDTH);
  const tile = { level: tileLevel, index: tileIndex, width: tileWidth(size, tileLevel, tileIndex) };
  return { tile, offset: first % TILE_WIDTH, count };
};

/** Returns the tiles that hold these nodes, each once: what to fetch before making a proof. */
export const tilesFor = (nodes: readonly TreeNode[], size: number): Tile[] => [
  ...new Map(nodes.map((node) => placeInTile(node, size).tile).map((tile) => [tilePath(tile), tile])).values(),
];

/** Maximum tiles that a {@link hashReader} keeps, 16 KiB each with all their subtrees. */
const KEPT_MAX = 1_024;

type Subtrees = Uint8Array[];

const subtree = (levels: Subtrees, height: number, index: number): Hash => {
  for (let last = levels.at(-1); levels.length <= height && last !== undefined; last = levels.at(-1))
    levels.push(levelAbove(last));
  return (levels[height] ?? new Uint8Array()).slice(index * HASH_BYTES, (index + 1) * HASH_BYTES);
};

/**
 * Returns a reader of nodes from tiles, each read and hashed once. They are not checked against a root: verify the proof made
 * from them. Throws `tile-missing`, `tile-length-wrong`, and `index-out-of-range` for a node that is not complete.
 */
export const hashReader = (size: number, readTile: ReadTile): ReadHashes => {
  const kept = new Map<string, Subtrees>();
  const subtreesOf = (tile: Tile): Subtrees => {
    const name = `${tile.level}/${tile.index}`;
    const known = kept.get(name);
    if (known !== undefined) return known;
    const made = [encodeTile(read(readTile, tile))];
    const [oldest] = kept.keys();
    if (kept.size >= KEPT_MAX && oldest !== undefined) kept.delete(oldest);
    kept.set(name, made);
    return made;
  };
  return (nodes) =>
    nodes.map((node) => {
      const { tile, offset, count } = placeInTile(node, size);
      if (offset + count > tile.width) return fail('index-out-of-range', `no such subtree in a log of ${size} entries`);
      return subtree(subtreesOf(tile), node.level % TILE_HEIGHT, offset / count);
    });
};
