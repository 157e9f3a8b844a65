import { describe, expect, test } from 'vitest';
import { completeRoot, emptyRoot, leafHash, nodeHash, sameHash } from '../../../domain/log/hash.ts';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

describe('hashes are those of RFC 6962', () => {
  test('the empty tree is the hash of nothing', () => {
    expect(hex(emptyRoot())).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  });

  test.each([
    ['', '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d'],
    ['hello', '8a2a5c9b768827de5a9552c38a044c66959c68f6d2f21b5260af54d2f87db827'],
  ])('the leaf of %j', (entry, expected) => {
    expect(hex(leafHash(Buffer.from(entry)))).toBe(expected);
  });

  test('a node over the entries "" and 00', () => {
    const root = nodeHash(leafHash(Buffer.of()), leafHash(Buffer.of(0)));
    expect(hex(root)).toBe('fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125');
  });
});

test('an entry that looks like a node does not hash like one', () => {
  const [left, right] = [leafHash(Buffer.of(1)), leafHash(Buffer.of(2))];
  expect(sameHash(leafHash(Buffer.concat([left, right])), nodeHash(left, right))).toBe(false);
});

test('emptying a root that was handed out changes nobody else’s', () => {
  emptyRoot().fill(0);
  expect(hex(emptyRoot())).toMatch(/^e3b0c442/);
});

test.each([0, 3, 6, 255])('%i hashes make no complete subtree', (count) => {
  expect(() => completeRoot(Array.from({ length: count }, emptyRoot))).toThrow(RangeError);
});

test('a hash is not the same as its beginning', () => {
  expect(sameHash(emptyRoot(), emptyRoot().slice(0, 31))).toBe(false);
  expect(sameHash(emptyRoot().slice(0, 31), emptyRoot())).toBe(false);
});
