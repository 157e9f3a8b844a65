import { describe, expect, test } from 'vitest';
import { formatVerifierKey, isKeyName, isSignedBy, parseVerifierKey, verifierKey } from '../../../domain/log/verifierKey.ts';
import { logKey } from './support/keys.ts';
import { refusal } from './support/refusal.ts';

// From the specification's example, from the documentation of Go's package note, and from another program (keys of bytes 0 to 31).
const KNOWN_KEYS = [
  'example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k',
  'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW',
  'log.example/a+56961078+AQABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f',
  'log.example/a+00aea9b9+BAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f',
];

test.each(KNOWN_KEYS)('%s goes in and comes out', (text) => {
  expect(formatVerifierKey(parseVerifierKey(text))).toBe(text);
});

test('the id of a key depends on its type', () => {
  const [one, four] = ([1, 4] as const).map((type) =>
    verifierKey(
      'log.example/a',
      type,
      Uint8Array.from({ length: 32 }, (_, i) => i),
    ),
  );
  expect([one!.id, four!.id]).toStrictEqual([0x56961078, 0x00aea9b9]);
});

describe('verifier keys that are refused', () => {
  const [name, id, base64] = KNOWN_KEYS[0]!.split('+') as [string, string, string];
  const withType = (type: number) => Buffer.from([type, ...Buffer.from(base64, 'base64').subarray(1)]).toString('base64');

  test.each([
    ['empty', '', 'key-malformed'],
    ['a name only', name, 'key-malformed'],
    ['without a key', `${name}+${id}`, 'key-malformed'],
    ['with an empty key', `${name}+${id}+`, 'key-malformed'],
    ['with a newline', `${KNOWN_KEYS[0]}\n`, 'key-malformed'],
    ['with a blank before', ` ${KNOWN_KEYS[0]}`, 'key-name-malformed'],
    ['an upper-case id', `${name}+530D903A+${base64}`, 'key-malformed'],
    ['a short id', `${name}+530d903+${base64}`, 'key-malformed'],
    ['another id', `${name}+530d903b+${base64}`, 'key-id-wrong'],
    ['another name', `example.com/fop+${id}+${base64}`, 'key-id-wrong'],
    ['no name', `+${id}+${base64}`, 'key-name-malformed'],
    ['a name with a space', `example.com/f o+${id}+${base64}`, 'key-name-malformed'],
    ['a short key', `${name}+${id}+${base64.slice(0, -4)}`, 'key-malformed'],
    ['a long key', `${name}+${id}+${base64}AAAA`, 'key-malformed'],
    ['stray bits', `${name}+${id}+${base64.slice(0, -1)}l`, 'key-id-wrong'],
    ['the other alphabet', `${name}+${id}+${base64.replace('r', '-')}`, 'key-malformed'],
    ['an additional part', `${KNOWN_KEYS[0]}+AA==`, 'key-malformed'],
    ['type 2', `${name}+${id}+${withType(2)}`, 'key-type-unknown'],
    ['type 6', `${name}+${id}+${withType(6)}`, 'key-type-unknown'],
  ])('%s', (_, text, code) => {
    expect(refusal(() => parseVerifierKey(text))).toBe(code);
  });
});

test.each(['', 'a b', 'a+b', 'a\u00a0b', 'a\u2003b', 'a\u3000', 'a\u0085b', 'a\u2028', 'a\nb', 'a\tb', 'a\u0000', '\ud800'])(
  '%j names no key',
  (name) => {
    expect(isKeyName(name)).toBe(false);
    expect(refusal(() => verifierKey(name, 1, new Uint8Array(32)))).toBe('key-name-malformed');
  },
);

test.each(['a', 'log.example/a', 'città.example', '日本', 'a\u200bb'])('%j names a key', (name) => {
  expect(isKeyName(name)).toBe(true);
});

test('a signature of another length is refused, and another public key verifies nothing', () => {
  const message = Buffer.from('text');
  const signature = logKey.sign(message);
  expect(isSignedBy(logKey.key, message, signature)).toBe(true);
  for (const length of [0, 1, 63]) expect(isSignedBy(logKey.key, message, signature.slice(0, length))).toBe(false);
  expect(isSignedBy(logKey.key, message, Buffer.concat([signature, Buffer.of(0)]))).toBe(false);
  for (const byte of [0, 1, 0x7f, 0xff]) {
    const strange = verifierKey('log.example/a', 1, new Uint8Array(32).fill(byte));
    expect(isSignedBy(strange, message, signature)).toBe(false);
  }
});
