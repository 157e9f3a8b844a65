import { describe, expect, test } from 'vitest';
import { leafHash } from '../../../domain/log/hash.ts';
import { inclusionProof } from '../../../domain/log/proof.ts';
import { formatTlogProof, parseTlogProof, verifyTlogProof } from '../../../domain/log/tlogProof.ts';
import { trusted } from './support/keys.ts';
import { refusal } from './support/refusal.ts';
import { entryAt, signedBytes, TestLog } from './support/testLog.ts';

const log = new TestLog().growTo(600);
const checkpoint = log.checkpoint().bytes;
const receipt = (index: number, extra?: Uint8Array) => {
  const claim = { index, hashes: inclusionProof(index, 600, log.reader()), checkpoint };
  return formatTlogProof(extra === undefined ? claim : { ...claim, extra });
};
const HASH = Buffer.alloc(32, 5).toString('base64');

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
    const bytes = receipt(77);
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const at = Math.floor(bit / 8);
      const flipped = bytes.with(at, bytes[at]! ^ (1 << (bit % 8)));
      const code = refusal(() => verifyTlogProof(flipped, leafHash(entryAt(77)), trusted));
      expect([bit, code]).not.toStrictEqual([bit, undefined]);
    }
  });
});

describe('bytes that are not a receipt', () => {
  const head = 'c2sp.org/tlog-proof@v1\n';
  test.each([
    ['nothing', '', 'tlog-proof-without-checkpoint'],
    ['no empty line', `${head}index 0\n`, 'tlog-proof-without-checkpoint'],
    ['another version', 'c2sp.org/tlog-proof@v2\nindex 0\n\n', 'tlog-proof-header-wrong'],
    ['a blank after the header', 'c2sp.org/tlog-proof@v1 \nindex 0\n\n', 'tlog-proof-header-wrong'],
    ['carriage returns', 'c2sp.org/tlog-proof@v1\r\nindex 0\r\n\n\n', 'tlog-proof-header-wrong'],
    ['an empty line before', `\n\n${head}index 0\n\n`, 'tlog-proof-header-wrong'],
    ['no index', `${head}\n`, 'tlog-proof-index-malformed'],
    ['an empty index', `${head}index \n\n`, 'tlog-proof-index-malformed'],
    ['a leading zero', `${head}index 00\n\n`, 'tlog-proof-index-malformed'],
    ['a sign', `${head}index +1\n\n`, 'tlog-proof-index-malformed'],
    ['two blanks', `${head}index  1\n\n`, 'tlog-proof-index-malformed'],
    ['an index beyond 2^53-1', `${head}index 9007199254740992\n\n`, 'tlog-proof-index-malformed'],
    ['a hash before the index', `${head}${HASH}\nindex 0\n\n`, 'tlog-proof-index-malformed'],
    ['extra data after the index', `${head}index 0\nextra AAAA\n\n`, 'tlog-proof-hash-malformed'],
    ['empty extra data', `${head}extra \nindex 0\n\n`, 'tlog-proof-extra-malformed'],
    ['extra data with stray bits', `${head}extra AB==\nindex 0\n\n`, 'tlog-proof-extra-malformed'],
    ['extra data twice', `${head}extra AAAA\nextra AAAA\nindex 0\n\n`, 'tlog-proof-index-malformed'],
    ['a short hash', `${head}index 0\n${HASH.slice(4)}\n\n`, 'tlog-proof-hash-malformed'],
    ['a hash without padding', `${head}index 0\n${HASH.slice(0, -1)}\n\n`, 'tlog-proof-hash-malformed'],
    ['a blank before a hash', `${head}index 0\n ${HASH}\n\n`, 'tlog-proof-hash-malformed'],
    ['64 hashes', `${head}index 0\n${`${HASH}\n`.repeat(64)}\n`, 'tlog-proof-has-too-many-hashes'],
  ])('%s', (_, text, code) => {
    expect(refusal(() => parseTlogProof(Buffer.from(text)))).toBe(code);
  });

  test('a head that is not UTF-8', () => {
    const bytes = Buffer.concat([Buffer.of(0xff), Buffer.from(`${head}index 0\n\n`)]);
    expect(refusal(() => parseTlogProof(bytes))).toBe('tlog-proof-without-checkpoint');
  });

  test('63 hashes are read', () => {
    expect(parseTlogProof(Buffer.from(`${head}index 0\n${`${HASH}\n`.repeat(63)}\n`)).hashes).toHaveLength(63);
  });
});

test('a receipt that could not be read back is not written', () => {
  const hashes = Array.from({ length: 64 }, () => new Uint8Array(32));
  expect(refusal(() => formatTlogProof({ index: 0, hashes, checkpoint }))).toBe('tlog-proof-has-too-many-hashes');
  expect(refusal(() => formatTlogProof({ index: -1, hashes: [], checkpoint }))).toBe('tlog-proof-index-malformed');
});
