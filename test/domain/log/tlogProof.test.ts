import { describe, expect, test } from 'vitest';
import { leafHash } from '../../../domain/log/encoding.ts';
import { formatTlogProof, inclusionProof, parseTlogProof, verifyTlogProof } from '../../../domain/log/proof.ts';
import { trusted } from './support/keys.ts';
import { refusal } from './support/refusal.ts';
import { entryAt, flips, signedBytes, TestLog } from './support/testLog.ts';

const log = new TestLog().growTo(600);
const checkpoint = log.checkpoint().bytes;
const receipt = (index: number, extra?: Uint8Array) => {
  const claim = { index, hashes: inclusionProof(index, 600, log.reader()), checkpoint };
  return formatTlogProof(extra === undefined ? claim : { ...claim, extra });
};

describe('a receipt', () => {
  test('is lines of text, an empty line and the checkpoint as it is', () => {
    const small = new TestLog().growTo(3);
    const bytes = formatTlogProof({
      index: 2,
      hashes: inclusionProof(2, 3, small.reader()),
      checkpoint: small.checkpoint().bytes,
      extra: Buffer.from('more'),
    });
    const [head, ...rest] = Buffer.from(bytes).toString().split('\n\n');
    expect(head).toBe('c2sp.org/tlog-proof@v1\nextra bW9yZQ==\nindex 2\nWkdmL9ijF9lgSaP59HxV3GfKZgUbqjaD27GbL+CaB7A=');
    expect(rest.join('\n\n')).toBe(Buffer.from(small.checkpoint().bytes).toString());
  });

  test.each([0, 1, 255, 256, 511, 512, 599])('for entry %i verifies', (index) => {
    const verified = verifyTlogProof(receipt(index), leafHash(entryAt(index)), trusted);
    expect([verified.index, verified.checkpoint.size]).toStrictEqual([index, 600]);
  });

  test('for the only entry of a log has no hashes', () => {
    const one = new TestLog().growTo(1);
    const bytes = formatTlogProof({ index: 0, hashes: [], checkpoint: one.checkpoint().bytes });
    expect(Buffer.from(bytes).toString()).toMatch(/^c2sp.org\/tlog-proof@v1\nindex 0\n\nlog\.example\/a\n1\n/);
    expect(verifyTlogProof(bytes, leafHash(entryAt(0)), trusted).index).toBe(0);
  });

  test('carries extra data that nothing vouches for; none is not written', () => {
    expect(parseTlogProof(receipt(1, Buffer.from('more'))).extra).toStrictEqual(new Uint8Array(Buffer.from('more')));
    expect(parseTlogProof(receipt(1, new Uint8Array()))).not.toHaveProperty('extra');
    expect(receipt(1, new Uint8Array())).toStrictEqual(receipt(1));
  });

  test('of another entry, or of no entry, is refused', () => {
    expect(refusal(() => verifyTlogProof(receipt(1), leafHash(entryAt(2)), trusted))).toBe('inclusion-not-proved');
    const beyond = formatTlogProof({ ...parseTlogProof(receipt(1)), index: 600 });
    expect(refusal(() => verifyTlogProof(beyond, leafHash(entryAt(1)), trusted))).toBe('index-out-of-range');
  });

  test('with a checkpoint of another size is refused: only a signed size counts', () => {
    const forged = Buffer.from(receipt(599)).toString().replace('\n600\n', '\n601\n');
    expect(refusal(() => verifyTlogProof(Buffer.from(forged), leafHash(entryAt(599)), trusted))).toBe('signature-invalid');
    const other = { ...parseTlogProof(receipt(599)), checkpoint: signedBytes(1024, log.checkpoint().root) };
    expect(refusal(() => verifyTlogProof(formatTlogProof(other), leafHash(entryAt(599)), trusted))).toBe('proof-length-wrong');
  });

  test('every flip of one bit is refused', () => {
    for (const flipped of flips(receipt(77)))
      expect(refusal(() => verifyTlogProof(flipped, leafHash(entryAt(77)), trusted))).toBeDefined();
  });
});
