import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { append, emptyFrontier, frontierFromJson, frontierToJson, rootOf } from '../../../domain/log/decide.ts';
import { completeRoot, emptyRoot, leafHash, nodeHash, sameHash } from '../../../domain/log/encoding.ts';
import { naiveRoot } from './support/naive.ts';
import { entryAt, refusal } from './support/testLog.ts';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const grown = (size: number, entry = entryAt) =>
  Array.from({ length: size }, (_, i) => leafHash(entry(i))).reduce(append, emptyFrontier);

// The entries with which logs of RFC 6962 are tested everywhere, and the roots of their first 0 to 8.
const RFC_ENTRIES = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'];
const RFC_ROOTS = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];

// Roots over the entries "entry 0", "entry 1", …, computed with another program.
const KNOWN_ROOTS: readonly (readonly [number, string])[] = [
  [255, 'cf66793e6329dff242eb3cee0a6f36ad3e3a196dcc573a1ec775e102be863f1c'],
  [256, 'da6596d95369f5fef322ab8e4e0da3b0b50236aa9c8a3b1d246f7411c9e2e32e'],
  [257, '5c1fdfe835358022f2392de478dbe053fc130cfe1d3a082879a90cf6bf14bf7e'],
  [513, '78d674cc3de6985c25d64763bb968acf022d827ebc1158584a6629baebc4c31c'],
  [65_535, 'b8cd5046a19969bdc7e89289272390b40dd66ab18a7866c20b8920a6752668a5'],
  [65_536, '07b1a377960a4e12e3348d6e9329ae6316a95b02fb1c22e909231b3aa44861a7'],
  [65_537, 'b99c570aaf13b96e026383e8e252e69c7142b3ad7e6e0264f3dc10dfd884d8c5'],
  [70_000, 'a3920fba7f239a071a9bd10721f1341addefbaededb41c7e24437a9d16bdf00a'],
];

describe('the root', () => {
  test('of the first 0 to 8 entries of the common test log', () => {
    const roots = RFC_ROOTS.map((_, size) => rootOf(grown(size, (i) => Buffer.from(RFC_ENTRIES[i]!, 'hex'))));
    expect(roots.map(hex)).toStrictEqual(RFC_ROOTS);
  });

  test('of every size to 300 is that of the naive recursion', () => {
    const leaves = Array.from({ length: 300 }, (_, i) => leafHash(entryAt(i)));
    let frontier = emptyFrontier;
    leaves.forEach((leaf, i) => {
      frontier = append(frontier, leaf);
      expect(hex(rootOf(frontier))).toBe(hex(naiveRoot(leaves.slice(0, i + 1))));
    });
  });

  test('of sizes at the edges of tiles is the known one', () => {
    let frontier = emptyFrontier;
    for (const [size, root] of KNOWN_ROOTS) {
      while (frontier.size < size) frontier = append(frontier, leafHash(entryAt(frontier.size)));
      expect([size, hex(rootOf(frontier))]).toStrictEqual([size, root]);
    }
  });
});

test('appending leaves the frontier before it as it was', () => {
  const before = grown(7);
  const json = JSON.stringify(frontierToJson(before));
  append(before, leafHash(entryAt(7)));
  expect(JSON.stringify(frontierToJson(before))).toBe(json);
});

test('the state of a long log is one hash for each bit of its size', () => {
  const peaks = Array.from({ length: 53 }, (_, i) => Buffer.alloc(32, i).toString('base64'));
  const longest = frontierFromJson({ size: Number.MAX_SAFE_INTEGER, peaks });
  expect(longest.peaks).toHaveLength(53);
  expect(refusal(() => append(longest, leafHash(entryAt(0))))).toBe('size-too-large');
});

test('a size beyond 32 bits is counted exactly', () => {
  const before = frontierFromJson({
    size: 2 ** 40 - 1,
    peaks: Array.from({ length: 40 }, () => Buffer.alloc(32).toString('base64')),
  });
  const after = append(before, leafHash(entryAt(0)));
  expect([after.size, after.peaks.length]).toStrictEqual([2 ** 40, 1]);
});

test.each([0, 1, 2, 3, 255, 256, 257])('the JSON of %i entries goes out and comes back', (size) => {
  const frontier = grown(size);
  expect(frontierFromJson(JSON.parse(JSON.stringify(frontierToJson(frontier))))).toStrictEqual(frontier);
});

test('hashes are those of RFC 6962', () => {
  expect(hex(emptyRoot())).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  expect(hex(leafHash(Buffer.of()))).toBe('6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d');
  expect(hex(leafHash(Buffer.from('hello')))).toBe('8a2a5c9b768827de5a9552c38a044c66959c68f6d2f21b5260af54d2f87db827');
  const root = nodeHash(leafHash(Buffer.of()), leafHash(Buffer.of(0)));
  expect(hex(root)).toBe('fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125');
});

test('an entry that looks like a node does not hash like one, nor is a hash the same as its beginning', () => {
  const [left, right] = [leafHash(Buffer.of(1)), leafHash(Buffer.of(2))];
  expect(sameHash(leafHash(Buffer.concat([left, right])), nodeHash(left, right))).toBe(false);
  expect(sameHash(left, left.slice(0, 31))).toBe(false);
  expect(sameHash(left.slice(0, 31), left)).toBe(false);
});

test('changing a returned root changes no other', () => {
  emptyRoot().fill(0);
  expect(hex(emptyRoot())).toMatch(/^e3b0c442/);
});

test('what is no hash has no node above it, and other numbers than powers of two make no complete subtree', () => {
  const whole = Buffer.concat([emptyRoot(), emptyRoot()]);
  for (const length of [31, 33, 0, 64]) {
    const [left, right] = [whole.subarray(0, length), whole.subarray(length)];
    expect(() => nodeHash(left, right)).toThrow(RangeError);
    expect(() => completeRoot([left, right])).toThrow(RangeError);
    expect(() => nodeHash(left, emptyRoot())).toThrow(RangeError);
    expect(() => nodeHash(emptyRoot(), left)).toThrow(RangeError);
  }
  for (const count of [0, 3, 6, 255]) expect(() => completeRoot(Array.from({ length: count }, emptyRoot))).toThrow(RangeError);
});

test('a complete subtree is hashed pair by pair, and its hashes stay as they are', () => {
  const leaves = Array.from({ length: 256 }, (_, i) => leafHash(Buffer.of(i)));
  const before = leaves.map(hex);
  let level = leaves;
  while (level.length > 1) level = level.flatMap((left, i) => (i % 2 === 0 ? [nodeHash(left, level[i + 1] ?? emptyRoot())] : []));
  expect(hex(completeRoot(leaves))).toBe(level.map(hex).join());
  completeRoot(leaves.slice(0, 1)).fill(0);
  expect(leaves.map(hex)).toStrictEqual(before);
});

test.each([65_534, 65_535, 65_536, 100_000])('an entry of %i bytes is hashed whole, whatever was hashed before', (length) => {
  const entry = Buffer.alloc(length, 'x');
  expect(hex(leafHash(entry))).toBe(createHash('sha256').update(Buffer.of(0)).update(entry).digest('hex'));
  leafHash(Buffer.alloc(65_535, 'y'));
  expect(hex(leafHash(entry.subarray(0, 3)))).toBe(hex(leafHash(Buffer.from('xxx'))));
});
