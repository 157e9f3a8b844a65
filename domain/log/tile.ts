// Wire format: c2sp.org/tlog-tiles. These paths and bytes are public and immutable.
import { concat, fromDecimal } from './encoding.ts';
import { fail } from './errors.ts';
import { HASH_BYTES, type Hash } from './hash.ts';

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

/** 0 to 256, 0 where the tile does not exist yet. */
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
 * Yields the entry bundles of a log, left to right. The size can be a claim of up to 2^53-1: a reader that stops at the first
 * missing one has the costs of those before it.
 */
export function* bundlesOf(size: number): Generator<Bundle> {
  for (let index = 0; index * TILE_WIDTH < size; index += 1) yield { index, width: tileWidth(size, 0, index) };
}

export const encodeTile = (hashes: readonly Hash[]): Uint8Array => concat(hashes);

/** Returns the hashes of a tile, as views of its bytes. Throws `tile-length-wrong`. */
export const decodeTile = (bytes: Uint8Array, width: number): Hash[] => {
  if (bytes.length !== width * HASH_BYTES) {
    return fail('tile-length-wrong', `a tile ${width} wide has ${width * HASH_BYTES} bytes, not ${bytes.length}`);
  }
  return Array.from({ length: width }, (_, i) => new Uint8Array(bytes.buffer, bytes.byteOffset + i * HASH_BYTES, HASH_BYTES));
};
