import { expect, test } from 'vitest';
import { formatCheckpoint } from '../../../domain/log/checkpoint.ts';
import { makeCosignature, verifyCosignature } from '../../../domain/log/cosignature.ts';
import { leafHash } from '../../../domain/log/hash.ts';
import { logKey, ORIGIN, otherWitnessKey, witnessKey } from './support/keys.ts';
import { refusal } from './support/refusal.ts';

const text = formatCheckpoint(ORIGIN, 7, leafHash(Buffer.from('root')));
const { key, sign } = witnessKey;

test('the time stands before the signature, eight bytes, the most significant first', () => {
  const cosignature = makeCosignature(text, key, 1_679_315_147, sign);
  expect(Buffer.from(cosignature.slice(0, 8)).toString('hex')).toBe('00000000641850cb');
  expect(cosignature).toHaveLength(72);
  expect(verifyCosignature(text, key, cosignature)).toBe(1_679_315_147);
});

test('what is signed is two lines and the text of the checkpoint', () => {
  let message = '';
  makeCosignature(text, key, 1_679_315_147, (bytes) => {
    message = Buffer.from(bytes).toString();
    return sign(bytes);
  });
  expect(message).toBe(`cosignature/v1\ntime 1679315147\n${text}`);
});

test('the time is signed with the text', () => {
  const cosignature = makeCosignature(text, key, 5, sign);
  for (let bit = 0; bit < 72 * 8; bit += 1) {
    const at = Math.floor(bit / 8);
    const flipped = cosignature.with(at, cosignature[at]! ^ (1 << (bit % 8)));
    expect(refusal(() => verifyCosignature(text, key, flipped))).toBeDefined();
  }
  expect(refusal(() => verifyCosignature(text.replace('7', '8'), key, cosignature))).toBe('signature-invalid');
  expect(refusal(() => verifyCosignature(text, otherWitnessKey.key, cosignature))).toBe('signature-invalid');
});

test.each([0, -1, 1.5, NaN, 2 ** 53])('no cosignature is made at the time %d', (seconds) => {
  expect(refusal(() => makeCosignature(text, key, seconds, sign))).toBe('cosignature-time-wrong');
});

test('the largest exact time is read; a larger one is refused before the signature is checked', () => {
  const latest = makeCosignature(text, key, Number.MAX_SAFE_INTEGER, sign);
  expect(verifyCosignature(text, key, latest)).toBe(Number.MAX_SAFE_INTEGER);
  expect(refusal(() => verifyCosignature(text, key, latest.with(0, 1)))).toBe('cosignature-time-wrong');
});

test.each([0, 64, 71, 73])('%i bytes are no cosignature', (length) => {
  expect(refusal(() => verifyCosignature(text, key, new Uint8Array(length)))).toBe('cosignature-length-wrong');
});

test('a key for notes does not cosign, nor a signer with another key', () => {
  expect(refusal(() => makeCosignature(text, logKey.key, 5, logKey.sign))).toBe('key-type-unknown');
  expect(refusal(() => makeCosignature(text, key, 5, otherWitnessKey.sign))).toBe('signature-invalid');
});
