import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { leafHash } from '../../domain/log/encoding.ts';
import { formatNote, formatVerifierKey, parseNote } from '../../domain/log/note.ts';
import { logSigner, signedBy } from '../../functions/log/sequencer/ports.ts';
import { logKey, otherLogKey, signedBytes, witnessKey } from '../domain/log/support/testLog.ts';
import { builtJudge, goMissing, runJudge } from './goJudge.ts';
import { LogFolder } from './logFolder.ts';

const missing = goMissing();
if (missing !== undefined) console.warn(`SKIPPED: the foreign judge did not read the log. ${missing}`);

const SMALL = [0, 1, 2, 255, 256, 257, 511, 512, 513];
/** The long proofs grow through the edge of a third level of tiles, too. */
const GROWN = [...SMALL, ...(process.env.ALDERGATE_LOG_SIZES?.split(',').map(Number) ?? [])];

describe.skipIf(missing !== undefined)(missing ?? 'the foreign judge, a program in Go that shares no code with this log,', () => {
  // The body of a skipped group runs too, without what removes the folder.
  const scratch = missing === undefined ? mkdtempSync(join(tmpdir(), 'aldergate-judge-')) : '';
  let judge: string;
  const keys = ['-key', formatVerifierKey(logKey.key), '-witness', formatVerifierKey(witnessKey.key)];
  const ask = (log: LogFolder, files: readonly string[] = log.proofs) => runJudge(judge, [...keys, log.folder, ...files]);

  beforeAll(() => {
    judge = builtJudge();
  });
  afterAll(() => rmSync(scratch, { recursive: true, force: true }));

  test.each([0, 1, 256])('accepts a log of %i entries', (size) => {
    const log = new LogFolder(join(scratch, `size-${size}`), [size]);
    expect(ask(log)).toMatchObject({ size, checkpoints: 2, cosignatures: 1, entries: 2 * size });
  });

  test('accepts a log that grew through the edges of tiles: each size, each pair of sizes, each proof', () => {
    const log = new LogFolder(join(scratch, 'grown'), GROWN);
    const size = GROWN.at(-1) ?? 0;
    const pairs = (GROWN.length * (GROWN.length - 1)) / 2;
    const bundles = [...GROWN, size].map((each) => Math.ceil(each / 256));
    expect(ask(log)).toMatchObject({
      size,
      checkpoints: GROWN.length + 1,
      cosignatures: 1,
      entries: GROWN.reduce((sum, each) => sum + each, size),
      bundles: bundles.reduce((sum, each) => sum + each, 0),
      // One more than the pairs of sizes for each size, since the latest checkpoint is given twice.
      consistencies: pairs + GROWN.length,
      receipts: log.proofs.filter((file) => file.endsWith('.tlog-proof')).length,
      requests: pairs,
    });
  });

  test('accepts a checkpoint that two keys of the log signed under either of them, as after a rotation', async () => {
    const log = new LogFolder(join(scratch, 'rotated'), [3]);
    const pem = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const next = logSigner(pem, logKey.key.name);
    const { text, signatures } = parseNote(log.read('checkpoint'));
    log.write('checkpoint', formatNote({ text, signatures: [...(await signedBy(text, [next])), ...signatures] }));
    const witnessed = ['-witness', formatVerifierKey(witnessKey.key), log.folder];
    for (const { key } of [logKey, next])
      expect(runJudge(judge, ['-key', formatVerifierKey(key), ...witnessed])).toMatchObject({ size: 3, cosignatures: 1 });
  });

  describe('refuses', () => {
    let log: LogFolder;
    beforeAll(() => {
      log = new LogFolder(join(scratch, 'corrupt'), SMALL);
    });

    const flipped = (path: string, at: number) => {
      const bytes = log.read(path);
      const index = at < 0 ? bytes.length + at : at;
      return bytes.with(index, bytes[index]! ^ 1);
    };
    const askWith = (path: string, bytes: Uint8Array) => {
      log.write(path, bytes);
      const verdict = ask(log);
      log.restore(path);
      return verdict;
    };

    test.each([
      ['a leaf in a full tile', 'tile/0/001', 40, 'tile/0/001 is not what the entries make it'],
      ['a hash in a tile above', 'tile/1/000.p/2', 63, 'tile/1/000.p/2 is not what the entries make it'],
      ['the partial tile of an earlier size', 'tile/0/000.p/255', 0, 'tile/0/000.p/255 is not what the entries make it'],
      ['an entry', 'tile/entries/001', -1, 'the entries have the root'],
      ['an entry in the bundle of an earlier size', 'tile/entries/001.p/1', -1, 'is another than in the latest log'],
      ['the root in the checkpoint', 'checkpoint', 20, 'invalid signature'],
      ['the signature of the checkpoint', 'checkpoint', 120, 'checkpoint: '],
      ['an earlier checkpoint', 'proofs/512.checkpoint', 20, 'invalid signature'],
    ])('one flipped bit in %s', (_, path, at, reason) => {
      expect(askWith(path, flipped(path, at))).toContain(reason);
    });

    test.each([
      [
        'a receipt for the entry beside',
        'proofs/300-of-513.tlog-proof',
        (text: string) => text.replace('index 300', 'index 301'),
      ],
      ['a receipt without a hash', 'proofs/300-of-513.tlog-proof', (text: string) => text.replace(/^[^\n]{44}\n/m, '')],
      ['a receipt with a hash twice', 'proofs/300-of-513.tlog-proof', (text: string) => text.replace(/^[^\n]{44}\n/m, '$&$&')],
      ['a request from another size', 'proofs/255-to-513.add-checkpoint', (text: string) => text.replace('old 255', 'old 256')],
      ['a request without a hash', 'proofs/255-to-513.add-checkpoint', (text: string) => text.replace(/^[^\n]{44}\n/m, '')],
    ])('%s', (_, path, edit) => {
      const text = Buffer.from(log.read(path)).toString();
      expect(edit(text)).not.toBe(text);
      expect(askWith(path, Buffer.from(edit(text)))).toMatch(/invalid transparency proof|is no hash|invalid proof/);
    });

    test('a cosignature of another time', () => {
      const text = Buffer.from(log.read('checkpoint')).toString();
      const later = Buffer.from(/— witness\S+ (\S+)\n$/.exec(text)?.[1] ?? '', 'base64');
      later.writeUInt32BE(later.readUInt32BE(8) + 1, 8);
      const forged = text.replace(/(— witness\S+ )\S+\n$/, (_, start: string) => `${start}${later.toString('base64')}\n`);
      expect(askWith('checkpoint', Buffer.from(forged))).toContain('cosignature: invalid signature');
    });

    test('a bundle that is cut or continues', () => {
      const path = 'tile/entries/002.p/1';
      expect(askWith(path, log.read(path).slice(0, -1))).toContain('ends within entry 0');
      expect(askWith(path, Buffer.concat([log.read(path), Buffer.of(0)]))).toContain('goes on after its last entry');
    });

    test.each(['tile/0/001', 'tile/1/000.p/2', 'tile/entries/000', 'checkpoint'])('a log without its %s', (path) => {
      log.remove(path);
      expect(ask(log)).toContain('no such file');
      log.restore(path);
    });

    test('another history of an earlier size, truly signed by the log', () => {
      const fork = signedBytes(257, leafHash(Buffer.from('a fork')));
      expect(askWith('proofs/257.checkpoint', fork)).toContain('the entries have the root');
    });

    test('a checkpoint that was rolled back', () => {
      expect(askWith('checkpoint', log.checkpoints.at(-2)!.bytes)).toContain('did not cosign');
      log.write('checkpoint', log.checkpoints.at(-2)!.bytes);
      expect(runJudge(judge, [...keys.slice(0, 2), log.folder, ...log.proofs])).toContain('was rolled back to 512');
      log.restore('checkpoint');
    });

    test('a log that another key signed', () => {
      expect(runJudge(judge, ['-key', formatVerifierKey(otherLogKey.key), log.folder])).toContain('no verifiable signatures');
    });

    test('nothing, once everything is as it was', () => {
      expect(ask(log)).toMatchObject({ size: 513, cosignatures: 1 });
    });
  });
});
