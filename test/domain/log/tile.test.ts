import { describe, expect, test } from 'vitest';
import { leafHash } from '../../../domain/log/encoding.ts';
import { inclusionNodes } from '../../../domain/log/proof.ts';
import {
  bundlePath,
  changedBundles,
  changedTiles,
  decodeTile,
  edgeTiles,
  growTiles,
  hashReader,
  levelWidth,
  parseLogPath,
  partialWidth,
  tilePath,
  tilesFor,
  tileWidth,
} from '../../../domain/log/tile.ts';
import { naiveRoot, sha256 } from './support/naive.ts';
import { entryAt, refusal, TestLog } from './support/testLog.ts';

describe('paths', () => {
  test.each([
    [{ level: 0, index: 0, width: 256 }, 'tile/0/000'],
    [{ level: 0, index: 0, width: 1 }, 'tile/0/000.p/1'],
    [{ level: 1, index: 67, width: 255 }, 'tile/1/067.p/255'],
    [{ level: 0, index: 999, width: 256 }, 'tile/0/999'],
    [{ level: 0, index: 1000, width: 256 }, 'tile/0/x001/000'],
    [{ level: 2, index: 1_234_067, width: 256 }, 'tile/2/x001/x234/067'],
    [{ level: 2, index: 1_234_067, width: 8 }, 'tile/2/x001/x234/067.p/8'],
    [{ level: 63, index: Number.MAX_SAFE_INTEGER, width: 256 }, 'tile/63/x009/x007/x199/x254/x740/991'],
  ])('%j is at %s', (tile, path) => {
    expect(tilePath(tile)).toBe(path);
    expect(parseLogPath(path)).toStrictEqual({ tile });
  });

  test.each([
    [{ index: 0, width: 256 }, 'tile/entries/000'],
    [{ index: 273, width: 112 }, 'tile/entries/273.p/112'],
    [{ index: 1_234_067, width: 256 }, 'tile/entries/x001/x234/067'],
  ])('the entries %j are at %s', (bundle, path) => {
    expect(bundlePath(bundle)).toBe(path);
    expect(parseLogPath(path)).toStrictEqual({ bundle });
  });
});

describe('widths', () => {
  // [size, partial width at levels 0, 1, 2], by floor(size / 256^level) mod 256
  test.each([
    [0, [0, 0, 0]],
    [1, [1, 0, 0]],
    [255, [255, 0, 0]],
    [256, [0, 1, 0]],
    [257, [1, 1, 0]],
    [511, [255, 1, 0]],
    [512, [0, 2, 0]],
    [513, [1, 2, 0]],
    [65_535, [255, 255, 0]],
    [65_536, [0, 0, 1]],
    [65_537, [1, 0, 1]],
    [70_000, [112, 17, 1]],
  ])('a log of %i entries has partial tiles %j wide', (size, widths) => {
    expect([0, 1, 2].map((level) => partialWidth(size, level))).toStrictEqual(widths);
  });

  test('no number is lost at the largest size', () => {
    expect([0, 1, 2, 3, 4, 5, 6, 7].map((level) => levelWidth(Number.MAX_SAFE_INTEGER, level))).toStrictEqual([
      2 ** 53 - 1,
      2 ** 45 - 1,
      2 ** 37 - 1,
      2 ** 29 - 1,
      2 ** 21 - 1,
      2 ** 13 - 1,
      31,
      0,
    ]);
  });

  test.each([
    [513, 0, 1, 256],
    [513, 0, 2, 1],
    [513, 0, 3, 0],
    [513, 1, 0, 2],
    [513, 2, 0, 0],
  ])('in a log of %i entries, tile %i/%i is %i wide', (size, level, index, width) => {
    expect(tileWidth(size, level, index)).toBe(width);
  });
});

const paths = (from: number, to: number) => changedTiles(from, to).map(tilePath);

describe('the tiles that growing changes', () => {
  test.each([
    [0, 0, []],
    [0, 1, ['tile/0/000.p/1']],
    [1, 1, []],
    [1, 2, ['tile/0/000.p/2']],
    [0, 255, ['tile/0/000.p/255']],
    [255, 256, ['tile/0/000', 'tile/1/000.p/1']],
    [256, 257, ['tile/0/001.p/1']],
    [255, 257, ['tile/0/000', 'tile/0/001.p/1', 'tile/1/000.p/1']],
    [257, 511, ['tile/0/001.p/255']],
    [511, 512, ['tile/0/001', 'tile/1/000.p/2']],
    [512, 513, ['tile/0/002.p/1']],
    [0, 513, ['tile/0/000', 'tile/0/001', 'tile/0/002.p/1', 'tile/1/000.p/2']],
    [65_534, 65_535, ['tile/0/255.p/255']],
    [65_535, 65_536, ['tile/0/255', 'tile/1/000', 'tile/2/000.p/1']],
    [65_536, 65_537, ['tile/0/256.p/1']],
  ])('from %i to %i entries', (from, to, expected) => {
    expect(paths(from, to)).toStrictEqual(expected);
  });

  test('70,000 entries make the tiles that the specification counts', () => {
    const tiles = changedTiles(0, 70_000);
    const count = (level: number, isFull: boolean) =>
      tiles.filter((tile) => tile.level === level && (tile.width === 256) === isFull).length;
    expect([count(0, true), count(0, false), count(1, true), count(1, false), count(2, true), count(2, false)]).toStrictEqual([
      273, 1, 1, 1, 0, 1,
    ]);
    expect(tiles).toHaveLength(277);
    expect(changedBundles(0, 70_000)).toHaveLength(274);
  });

  test('whatever the steps, in the end every tile of the size was written', () => {
    const written = new Set<string>();
    const steps = [0, 1, 2, 255, 256, 257, 511, 512, 513, 1000, 65_535, 65_536, 65_537, 70_000];
    steps.slice(1).forEach((to, i) => {
      for (const path of paths(steps[i]!, to)) written.add(path);
      expect(paths(0, to).filter((path) => !written.has(path))).toStrictEqual([]);
    });
  });

  test('a log does not shrink', () => {
    expect(refusal(() => changedTiles(2, 1))).toBe('log-shrinks');
  });
});

test.each([0, 31, 33, 63, 96])('a tile two hashes wide does not have %i bytes', (length) => {
  expect(refusal(() => decodeTile(new Uint8Array(length), 2))).toBe('tile-length-wrong');
});

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const leaves = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => leafHash(entryAt(from + i)));

test('the bytes of a log of 70,000 entries are those that another program computed', () => {
  const { files } = new TestLog().growTo(70_000);
  const digests = ['tile/0/000', 'tile/1/000', 'tile/1/001.p/17'].map((path) => hex(sha256(files.get(path)!)));
  expect(digests).toStrictEqual([
    'b0f6ca2ff42508faf8c6bb4ea8bb9c74243b19d4174fdc4fd17bdad9099e605e',
    '44f879be76da41edaf37c0d67303fbd25f2ea44be93285b320561fbaaaaabbfa',
    '5a8eb2fe63c90ddf7fd813d165c04fa79d6eca48534b61bd312fcd2d1cf0aef3',
  ]);
  expect(hex(files.get('tile/2/000.p/1')!)).toBe('07b1a377960a4e12e3348d6e9329ae6316a95b02fb1c22e909231b3aa44861a7');
});

test.each([1, 2, 100, 255, 256, 257])('growing %i entries at a time gives the tiles of growing at once', (step) => {
  const stepped = new TestLog();
  for (let size = step; size < 1100; size += step) stepped.growTo(size);
  stepped.growTo(1100);
  for (const [path, bytes] of new TestLog().growTo(1100).files)
    expect([path, stepped.files.get(path)]).toStrictEqual([path, bytes]);
});

test.each([
  [0, 1],
  [0, 513],
  [255, 256],
  [255, 257],
  [256, 257],
  [300, 300],
  [65_535, 65_537],
])('growing from %i to %i writes exactly the tiles that change, reading only the edge', (from, to) => {
  const log = new TestLog().growTo(from);
  const read: string[] = [];
  const files = growTiles(from, leaves(from, to), (tile) => {
    read.push(tilePath(tile));
    return log.readTile(tile);
  });
  expect(files.map(({ tile }) => tile)).toStrictEqual(changedTiles(from, to));
  const edge = edgeTiles(from).map(tilePath);
  expect(read.filter((path) => !edge.includes(path))).toStrictEqual([]);
});

test.each([
  [0, []],
  [255, ['tile/0/000.p/255']],
  [256, ['tile/1/000.p/1']],
  [70_000, ['tile/0/273.p/112', 'tile/1/001.p/17', 'tile/2/000.p/1']],
])('the edge of a log of %i entries', (size, paths) => {
  expect(edgeTiles(size).map(tilePath)).toStrictEqual(paths);
});

test('every complete subtree of 600 entries can be read from the tiles', () => {
  const log = new TestLog().growTo(600);
  for (let level = 0; 2 ** level <= 600; level += 1) {
    for (let index = 0; (index + 1) * 2 ** level <= 600; index += 1) {
      const [hash] = log.reader()([{ level, index }]);
      expect(hex(hash!)).toBe(hex(naiveRoot(log.leaves.slice(index * 2 ** level, (index + 1) * 2 ** level))));
    }
  }
});

test('a subtree that is not complete cannot be read', () => {
  const read = new TestLog().growTo(600).reader();
  expect(refusal(() => read([{ level: 0, index: 600 }]))).toBe('index-out-of-range');
  expect(refusal(() => read([{ level: 8, index: 2 }]))).toBe('index-out-of-range');
  expect(refusal(() => read([{ level: 9, index: 1 }]))).toBe('index-out-of-range');
});

test('the tiles named for a proof are all that it reads, each once', () => {
  const log = new TestLog().growTo(600);
  const nodes = inclusionNodes(300, 600);
  const read: string[] = [];
  hashReader(600, (tile) => {
    read.push(tilePath(tile));
    return log.readTile(tile);
  })(nodes);
  expect(tilesFor(nodes, 600).map(tilePath)).toStrictEqual(read);
  expect(read.toSorted()).toStrictEqual(['tile/0/001', 'tile/0/002.p/88', 'tile/1/000.p/2']);
});

test('a missing tile and one of another length are named', () => {
  const nodes = inclusionNodes(0, 2);
  expect(refusal(() => hashReader(2, () => undefined)(nodes))).toBe('tile-missing');
  expect(refusal(() => hashReader(2, () => new Uint8Array(32))(nodes))).toBe('tile-length-wrong');
  expect(refusal(() => growTiles(2, leaves(2, 3), () => undefined))).toBe('tile-missing');
  expect(refusal(() => growTiles(Number.MAX_SAFE_INTEGER, leaves(0, 1), () => undefined))).toBe('size-too-large');
});
