import { describe, expect, test } from 'vitest';
import {
  bundlePath,
  changedBundles,
  changedTiles,
  decodeTile,
  levelWidth,
  parseLogPath,
  partialWidth,
  tilePath,
  tileWidth,
} from '../../../domain/log/tile.ts';
import { refusal } from './support/refusal.ts';

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
