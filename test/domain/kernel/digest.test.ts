import { expect, test } from 'vitest';
import { commitmentOf, digestOf, SALT_BYTES } from '../../../domain/kernel/canonical.ts';

test.each([
  ['', 'sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
  ['abc', 'sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
])('FIPS 180-4: the digest of %j', (text, digest) => {
  expect(digestOf(text)).toBe(digest);
  expect(digestOf(new TextEncoder().encode(text))).toBe(digest);
});

test('text is hashed as UTF-8', () => {
  expect(digestOf('é')).toBe(digestOf(Uint8Array.of(0xc3, 0xa9)));
});

test('a commitment is the digest of the salt followed by the text', () => {
  const salt = new Uint8Array(SALT_BYTES).fill(7);
  expect(commitmentOf(salt, 'Too wide.')).toBe(digestOf(Buffer.concat([salt, Buffer.from('Too wide.')])));
  expect(commitmentOf(new Uint8Array(SALT_BYTES).fill(8), 'Too wide.')).not.toBe(commitmentOf(salt, 'Too wide.'));
});

test.each([0, 16, 31, 33])('a salt of %i bytes is refused: it could be opened as another text', (length) => {
  expect(() => commitmentOf(new Uint8Array(length), 'text')).toThrow(RangeError);
});
