import { describe, expect, test } from 'vitest';
import { decodeBundle, encodeBundle } from '../../../domain/log/bundle.ts';
import { refusal } from './support/refusal.ts';

const bytes = (...values: number[]) => Uint8Array.from(values);

test('each entry stands behind its length, the more significant byte first', () => {
  expect(encodeBundle([bytes(7, 8, 9), bytes(), bytes(5)])).toStrictEqual(bytes(0, 3, 7, 8, 9, 0, 0, 0, 1, 5));
  expect(encodeBundle([new Uint8Array(258)]).slice(0, 2)).toStrictEqual(bytes(1, 2));
});

test.each([1, 2, 255, 256])('%i entries go out and come back', (width) => {
  const entries = Array.from({ length: width }, (_, i) => new Uint8Array(i * 3).fill(i));
  expect(decodeBundle(encodeBundle(entries), width)).toStrictEqual(entries);
});

test('an entry has at most 65,535 bytes', () => {
  const longest = new Uint8Array(65_535).fill(1);
  expect(decodeBundle(encodeBundle([longest]), 1)).toStrictEqual([longest]);
  expect(refusal(() => encodeBundle([new Uint8Array(65_536)]))).toBe('entry-too-large');
});

test('a bundle has 1 to 256 entries', () => {
  for (const width of [0, 257]) {
    expect(refusal(() => encodeBundle(Array.from({ length: width }, () => bytes())))).toBe('bundle-width-wrong');
  }
  for (const width of [0, 257, -1, 1.5]) expect(refusal(() => decodeBundle(bytes(), width))).toBe('bundle-width-wrong');
});

describe('hostile bytes', () => {
  const bundle = encodeBundle([bytes(1, 2, 3), bytes(4)]);

  test('a bundle cut anywhere is refused', () => {
    for (let length = 0; length < bundle.length; length += 1) {
      expect(refusal(() => decodeBundle(bundle.slice(0, length), 2))).toBe('bundle-truncated');
    }
  });

  test('bytes after the last entry are refused', () => {
    expect(refusal(() => decodeBundle(bytes(...bundle, 0), 2))).toBe('bundle-has-trailing-bytes');
    expect(refusal(() => decodeBundle(bundle, 1))).toBe('bundle-has-trailing-bytes');
    expect(refusal(() => decodeBundle(bundle, 3))).toBe('bundle-truncated');
  });

  test('a view into a larger buffer is read from where it begins', () => {
    const padded = bytes(9, 9, ...bundle, 9);
    expect(decodeBundle(padded.subarray(2, 2 + bundle.length), 2)).toStrictEqual([bytes(1, 2, 3), bytes(4)]);
  });
});
