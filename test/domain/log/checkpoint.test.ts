import { describe, expect, test } from 'vitest';
import { formatCheckpoint, parseCheckpoint } from '../../../domain/log/checkpoint.ts';
import { emptyRoot, leafHash } from '../../../domain/log/hash.ts';
import { cosignText, formatNote, signText } from '../../../domain/log/note.ts';
import { SignedCheckpoint } from '../../../domain/log/signedCheckpoint.ts';
import { parseVerifierKey } from '../../../domain/log/verifierKey.ts';
import { logKey, ORIGIN, otherLogKey, otherWitnessKey, trusted, witnessKey } from './support/keys.ts';
import { refusal } from './support/refusal.ts';
import { signedBytes, TestLog } from './support/testLog.ts';

const root = leafHash(Buffer.from('root'));
const base64 = Buffer.from(root).toString('base64');

// Keys, signature and cosignature were made with another program, over the common test log of 8 entries.
const KNOWN = {
  logKey: 'log.example/a+870806f8+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c',
  witnessKey: 'witness.example/w+cb1393dc+BIE5dw6ofRdfVqNUZsNMfszLjYqRtO43ol32D1uPybOU',
  bytes: `log.example/a
8
XcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=

— log.example/a hwgG+HwY5huYadaq+/wCiotStCjKHQDh6LRruig4znvhZlY1DvsSppKT4Mvlm5vOOl6iMx5kVWWlwYo6ib3uhJCrDQM=
— witness.example/w yxOT3AAAAABq5zHw638FHGJ5qajB3Ni+1LLnxp+8lu9TLamZcWpFCGAFxqq0/A42EWhD75Jyoikjxx69iFHCphSQfUOIBL/vbjenDA==
`,
};

describe('a checkpoint that another program made', () => {
  const log = { origin: ORIGIN, keys: [parseVerifierKey(KNOWN.logKey)] };
  const checkpoint = SignedCheckpoint.open(Buffer.from(KNOWN.bytes), log);

  test('verifies, and gives its size, root and text', () => {
    expect([checkpoint.origin, checkpoint.size, Buffer.from(checkpoint.root).toString('hex')]).toStrictEqual([
      'log.example/a',
      8,
      '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
    ]);
    expect(Buffer.from(checkpoint.bytes).toString()).toBe(KNOWN.bytes);
  });

  test('was cosigned by the witness at its time', () => {
    const witness = parseVerifierKey(KNOWN.witnessKey);
    expect(checkpoint.cosignatures([otherWitnessKey.key, witness])).toStrictEqual([{ key: witness, time: 1_793_536_496 }]);
  });

  test('is made by this one byte for byte', () => {
    const text = formatCheckpoint(ORIGIN, 8, checkpoint.root);
    const signatures = [
      signText(text, logKey.key, logKey.sign),
      cosignText(text, witnessKey.key, 1_793_536_496, witnessKey.sign),
    ];
    expect(Buffer.from(formatNote({ text, signatures })).toString()).toBe(KNOWN.bytes);
  });
});

describe('the text', () => {
  test.each([0, 1, 20_852_163, Number.MAX_SAFE_INTEGER])('of size %i goes out and comes back', (size) => {
    const hash = size === 0 ? emptyRoot() : root;
    expect(parseCheckpoint(formatCheckpoint(ORIGIN, size, hash))).toStrictEqual({
      origin: ORIGIN,
      size,
      root: hash,
      extensions: [],
    });
  });

  test('is three lines', () => {
    expect(formatCheckpoint(ORIGIN, 7, root)).toBe(`log.example/a\n7\n${base64}\n`);
  });

  test.each([
    ['no origin', () => formatCheckpoint('', 1, root), 'checkpoint-origin-malformed'],
    ['a blank in the origin', () => formatCheckpoint('a b', 1, root), 'checkpoint-origin-malformed'],
    ['a newline in the origin', () => formatCheckpoint('a\nb', 1, root), 'checkpoint-origin-malformed'],
    ['a negative size', () => formatCheckpoint('a', -1, root), 'checkpoint-size-malformed'],
    ['a size beyond 2^53-1', () => formatCheckpoint('a', 2 ** 53, root), 'checkpoint-size-malformed'],
    ['a short root', () => formatCheckpoint('a', 1, root.slice(1)), 'checkpoint-root-malformed'],
    ['an empty log with a root', () => formatCheckpoint('a', 0, root), 'empty-root-wrong'],
  ])('is not written with %s', (_, step, code) => {
    expect(refusal(step)).toBe(code);
  });

  test.each([
    ['', 'checkpoint-lines-missing'],
    ['a', 'checkpoint-lines-missing'],
    ['a\n1\n', 'checkpoint-lines-missing'],
    [`a\n1\n${base64}`, 'checkpoint-lines-missing'],
    [`\n1\n${base64}\n`, 'checkpoint-origin-malformed'],
    [`a\n\n${base64}\n`, 'checkpoint-size-malformed'],
    [`a\n01\n${base64}\n`, 'checkpoint-size-malformed'],
    [`a\n00\n${base64}\n`, 'checkpoint-size-malformed'],
    [`a\n+1\n${base64}\n`, 'checkpoint-size-malformed'],
    [`a\n-1\n${base64}\n`, 'checkpoint-size-malformed'],
    [`a\n 1\n${base64}\n`, 'checkpoint-size-malformed'],
    [`a\n1 \n${base64}\n`, 'checkpoint-size-malformed'],
    [`a\n1.0\n${base64}\n`, 'checkpoint-size-malformed'],
    [`a\n1e3\n${base64}\n`, 'checkpoint-size-malformed'],
    [`a\n0x1\n${base64}\n`, 'checkpoint-size-malformed'],
    [`a\n١\n${base64}\n`, 'checkpoint-size-malformed'],
    [`a\n9007199254740992\n${base64}\n`, 'checkpoint-size-malformed'],
    [`a\n9007199254740993\n${base64}\n`, 'checkpoint-size-malformed'],
    [`a\n18446744073709551616\n${base64}\n`, 'checkpoint-size-malformed'],
    ['a\n1\n\n', 'checkpoint-root-malformed'],
    [`a\n1\n ${base64}\n`, 'checkpoint-root-malformed'],
    [`a\n1\n${base64} \n`, 'checkpoint-root-malformed'],
    [`a\n1\n${base64.slice(0, -1)}\n`, 'checkpoint-root-malformed'],
    [`a\n1\n${base64}=\n`, 'checkpoint-root-malformed'],
    [`a\n1\n${Buffer.from(root.slice(1)).toString('base64')}\n`, 'checkpoint-root-malformed'],
    [`a\n1\n${Buffer.alloc(33).toString('base64')}\n`, 'checkpoint-root-malformed'],
    [`a\n1\n${Buffer.alloc(32, 255).toString('base64').replaceAll('/', '_')}\n`, 'checkpoint-root-malformed'],
    [`a\n1\n${base64}\n\n`, 'checkpoint-extension-malformed'],
    [`a\n1\n${base64}\nmore\n\nmore\n`, 'checkpoint-extension-malformed'],
  ])('%j is refused', (text, code) => {
    expect(refusal(() => parseCheckpoint(text))).toBe(code);
  });

  test('the last two bits of a root in base64 have one spelling', () => {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
    const read = alphabet
      .split('')
      .filter((last) => refusal(() => parseCheckpoint(`a\n1\n${base64.slice(0, -2)}${last}=\n`)) === undefined);
    expect(read).toHaveLength(16);
  });

  test('extension lines of another log are read, not understood', () => {
    expect(parseCheckpoint(`a\n1\n${base64}\nmore\nand more\n`).extensions).toStrictEqual(['more', 'and more']);
  });
});

describe('opening', () => {
  const bytes = signedBytes(7, root);

  test('every flip of one bit is refused', () => {
    const checkpoint = new TestLog().growTo(7).checkpoint().bytes;
    let flips = 0;
    for (let bit = 0; bit < checkpoint.length * 8; bit += 1) {
      const at = Math.floor(bit / 8);
      const flipped = checkpoint.with(at, checkpoint[at]! ^ (1 << (bit % 8)));
      expect([bit, refusal(() => SignedCheckpoint.open(flipped, trusted))]).not.toStrictEqual([bit, undefined]);
      flips += 1;
    }
    expect(flips).toBeGreaterThan(1_300);
  });

  test('every cut and every byte added is refused', () => {
    for (let length = 0; length < bytes.length; length += 1) {
      expect(refusal(() => SignedCheckpoint.open(bytes.slice(0, length), trusted))).toBeDefined();
    }
    for (let byte = 0; byte < 256; byte += 1) {
      expect(refusal(() => SignedCheckpoint.open(Buffer.concat([bytes, Buffer.of(byte)]), trusted))).toBeDefined();
      expect(refusal(() => SignedCheckpoint.open(Buffer.concat([Buffer.of(byte), bytes]), trusted))).toBeDefined();
    }
  });

  test('a checkpoint of another log is refused, although its key is known', () => {
    expect(refusal(() => SignedCheckpoint.open(bytes, { origin: 'log.example/b', keys: [logKey.key] }))).toBe('origin-unknown');
  });

  test('a checkpoint signed by another key is refused; with both keys, as while they rotate, it is not', () => {
    const other = signedBytes(7, root, otherLogKey);
    expect(refusal(() => SignedCheckpoint.open(other, trusted))).toBe('signature-missing');
    expect(SignedCheckpoint.open(other, { origin: ORIGIN, keys: [logKey.key, otherLogKey.key] }).size).toBe(7);
  });

  test('what it was opened from and what it hands out cannot change it', () => {
    const own = bytes.slice();
    const checkpoint = SignedCheckpoint.open(own, trusted);
    own.fill(0);
    checkpoint.root.fill(0);
    checkpoint.bytes.fill(0);
    expect([checkpoint.root, checkpoint.bytes]).toStrictEqual([root, bytes]);
  });

  test('no object made in another way has a size', () => {
    expect(() => Object.create(SignedCheckpoint.prototype).size).toThrow(TypeError);
  });

  test('without cosignatures the list is empty; a bad one by a known witness is refused', () => {
    const checkpoint = SignedCheckpoint.open(bytes, trusted);
    expect(checkpoint.cosignatures([witnessKey.key])).toStrictEqual([]);
    const line = cosignText(checkpoint.text, witnessKey.key, 5, witnessKey.sign);
    const signatures = [signText(checkpoint.text, logKey.key, logKey.sign), { ...line, signature: line.signature.with(7, 6) }];
    const cosigned = SignedCheckpoint.open(formatNote({ text: checkpoint.text, signatures }), trusted);
    expect(refusal(() => cosigned.cosignatures([witnessKey.key]))).toBe('signature-invalid');
    expect(cosigned.cosignatures([otherWitnessKey.key])).toStrictEqual([]);
  });
});
