import { fail } from './errors.ts';
import { completeRoot, HASH_BYTES, type Hash, levelAbove } from './hash.ts';
import { decodeTile, encodeTile, levelWidth, partialWidth, TILE_WIDTH, type Tile, tilePath, tileWidth } from './tile.ts';
import type { ReadHashes, TreeNode } from './treeNode.ts';

/** Undefined where the tile is missing. Attacker-controlled: the length is checked here. */
export type ReadTile = (tile: Tile) => Uint8Array | undefined;

export interface TileFile {
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
