import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { completeRoot, emptyRoot, leafHash, nodeHash, sameHash } from '../../../domain/log/encoding.ts';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

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
