import { expect, test } from 'vitest';
import { leafHash } from '../../../domain/log/encoding.ts';
import { inclusionNodes } from '../../../domain/log/proof.ts';
import { changedTiles, edgeTiles, growTiles, hashReader, tilePath, tilesFor } from '../../../domain/log/tile.ts';
import { naiveRoot, sha256 } from './support/naive.ts';
import { refusal } from './support/refusal.ts';
import { entryAt, TestLog } from './support/testLog.ts';

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
