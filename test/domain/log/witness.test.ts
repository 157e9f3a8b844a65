import { describe, expect, test } from 'vitest';
import { emptyRoot, leafHash } from '../../../domain/log/hash.ts';
import { cosignText, formatNote, formatSignature, parseNote } from '../../../domain/log/note.ts';
import { consistencyProof, type Proof } from '../../../domain/log/proof.ts';
import { SignedCheckpoint } from '../../../domain/log/signedCheckpoint.ts';
import {
  addCosignatures,
  cosignatureLine,
  decideAddCheckpoint,
  formatAddCheckpoint,
  openAddCheckpoint,
  parseAddCheckpoint,
} from '../../../domain/log/witness.ts';
import { logKey, otherLogKey, otherWitnessKey, trusted, witnessKey } from './support/keys.ts';
import { refusal } from './support/refusal.ts';
import { checkpointOver, signedBytes, TestLog } from './support/testLog.ts';

const at = (size: number) => new TestLog().growTo(size);
const stranger = leafHash(Buffer.from('a stranger'));
const growth = (from: number, to: number): Proof => consistencyProof(from, to, at(to).reader());
const latest = at(5).checkpoint();

const ask = (
  oldSize: number,
  proof: Proof,
  checkpoint: Uint8Array,
  seen: SignedCheckpoint | undefined = latest,
  logs = [trusted],
) => {
  const opened = openAddCheckpoint(formatAddCheckpoint({ oldSize, proof, checkpoint }), logs);
  const decision = opened.ok ? decideAddCheckpoint(opened, seen) : opened;
  if (decision.ok) return [200, decision.checkpoint.size];
  return 'size' in decision ? [decision.status, decision.size] : [decision.status, decision.code];
};

describe('a witness answers', () => {
  test.each([5, 6, 7, 8, 300])('200 to a log that grew from 5 entries to %i', (size) => {
    expect(ask(5, growth(5, size), at(size).checkpoint().bytes)).toStrictEqual([200, size]);
  });

  test.each([0, 1, 300])('200 to a log of %i entries that it never saw', (size) => {
    expect(decideFirst(size)).toStrictEqual([200, size]);
  });
  const decideFirst = (size: number) => {
    const opened = openAddCheckpoint(formatAddCheckpoint({ oldSize: 0, proof: [], checkpoint: at(size).checkpoint().bytes }), [
      trusted,
    ]);
    const decision = opened.ok ? decideAddCheckpoint(opened, undefined) : opened;
    return decision.ok ? [200, decision.checkpoint.size] : [decision.status];
  };

  test('200 to what it signed already, again', () => {
    expect(ask(5, [], latest.bytes)).toStrictEqual([200, 5]);
  });

  test('200 from an empty log that it signed', () => {
    expect(ask(0, [], at(3).checkpoint().bytes, at(0).checkpoint())).toStrictEqual([200, 3]);
  });

  test('400 to an old size above the new one, whatever it has itself', () => {
    expect(ask(6, [], latest.bytes)).toStrictEqual([400, 'witness-old-size-too-large']);
    expect(ask(6, [], latest.bytes, undefined)).toStrictEqual([400, 'witness-old-size-too-large']);
  });

  test('400 to a malformed checkpoint', () => {
    expect(ask(5, [], Buffer.from('nothing'))).toStrictEqual([400, 'note-without-signatures']);
    const note = formatNote({ ...parseNote(latest.bytes), text: 'log.example/a\n05\n' });
    expect(ask(5, [], note)).toStrictEqual([400, 'checkpoint-lines-missing']);
  });

  test('403 without a signature that it trusts, and to one that does not hold', () => {
    const { root } = at(6).checkpoint();
    expect(ask(5, growth(5, 6), signedBytes(6, root, otherLogKey))).toStrictEqual([403, 'signature-missing']);
    const { text, signatures } = parseNote(signedBytes(6, root));
    const broken = signatures.map((line) => ({ ...line, signature: line.signature.with(9, line.signature[9]! ^ 1) }));
    expect(ask(5, growth(5, 6), formatNote({ text, signatures: broken }))).toStrictEqual([403, 'signature-invalid']);
    expect(ask(5, growth(5, 6), formatNote({ text, signatures: [...signatures, ...broken] }))).toStrictEqual([
      403,
      'signature-invalid',
    ]);
  });

  test('403 rather than 400 or 409 when nothing of it can be believed', () => {
    expect(ask(9, [], signedBytes(6, stranger, otherLogKey))).toStrictEqual([403, 'signature-missing']);
  });

  test('404 to a log that it does not watch, before it looks at signatures', () => {
    const others = [{ origin: 'log.example/b', keys: [logKey.key] }];
    expect(ask(5, [], signedBytes(6, stranger, otherLogKey), latest, others)).toStrictEqual([404, 'origin-unknown']);
    expect(ask(5, [], latest.bytes, latest, [])).toStrictEqual([404, 'origin-unknown']);
  });

  test.each([0, 1, 4])('409 with its own size to the old size %i', (oldSize) => {
    expect(ask(oldSize, oldSize === 0 ? [] : growth(oldSize, 7), at(7).checkpoint().bytes)).toStrictEqual([409, 5]);
  });

  test('409 with its own size when the log believes a larger one, or any at all', () => {
    expect(ask(6, growth(6, 7), at(7).checkpoint().bytes)).toStrictEqual([409, 5]);
    const opened = openAddCheckpoint(
      formatAddCheckpoint({ oldSize: 6, proof: growth(6, 7), checkpoint: at(7).checkpoint().bytes }),
      [trusted],
    );
    expect(opened.ok && decideAddCheckpoint(opened, undefined)).toStrictEqual({ ok: false, status: 409, size: 0 });
  });

  test('409 to a log that was rolled back and admits it', () => {
    expect(ask(4, [], at(4).checkpoint().bytes)).toStrictEqual([409, 5]);
  });

  test('422 to a proof that does not hold', () => {
    const { bytes } = at(7).checkpoint();
    expect(ask(5, [], bytes)).toStrictEqual([422, 'proof-length-wrong']);
    expect(ask(5, growth(4, 7), bytes)).toStrictEqual([422, 'proof-length-wrong']);
    expect(ask(5, growth(5, 7).toReversed(), bytes)).toStrictEqual([422, 'consistency-not-proved']);
    expect(ask(5, [...growth(5, 7), stranger], bytes)).toStrictEqual([422, 'proof-length-wrong']);
    expect(ask(5, growth(5, 7), signedBytes(7, stranger))).toStrictEqual([422, 'consistency-not-proved']);
  });

  test('422 to a proof where nothing is to be proved', () => {
    expect(ask(5, [stranger], latest.bytes)).toStrictEqual([422, 'proof-length-wrong']);
    expect(ask(0, [stranger], at(3).checkpoint().bytes, at(0).checkpoint())).toStrictEqual([422, 'proof-length-wrong']);
    const opened = openAddCheckpoint(formatAddCheckpoint({ oldSize: 0, proof: [stranger], checkpoint: latest.bytes }), [trusted]);
    expect(opened.ok && decideAddCheckpoint(opened, undefined)).toMatchObject({
      status: 422,
      code: 'proof-length-wrong',
    });
  });

  test('409 without a size to two roots of one size, whatever the proof', () => {
    expect(ask(5, [], signedBytes(5, stranger))).toStrictEqual([409, 'log-forked']);
    expect(ask(5, [stranger], signedBytes(5, stranger))).toStrictEqual([409, 'log-forked']);
  });

  test('422 to an empty log with a root', () => {
    const lie = Buffer.from(signedBytes(0, emptyRoot())).toString();
    const text = lie.slice(0, lie.indexOf('\n\n') + 1).replace(/\n.*\n$/, `\n${Buffer.from(stranger).toString('base64')}\n`);
    const signature = logKey.sign(Buffer.from(text));
    const bytes = formatNote({ text, signatures: [{ name: logKey.key.name, keyId: logKey.key.id, signature }] });
    const opened = openAddCheckpoint(formatAddCheckpoint({ oldSize: 0, proof: [], checkpoint: bytes }), [trusted]);
    expect(opened.ok && decideAddCheckpoint(opened, undefined)).toMatchObject({ status: 422, code: 'empty-root-wrong' });
    expect(opened.ok && decideAddCheckpoint(opened, at(0).checkpoint())).toMatchObject({
      status: 422,
      code: 'empty-root-wrong',
    });
  });
});

describe('a request', () => {
  const HASH = Buffer.alloc(32, 5).toString('base64');
  const read = (text: string) => refusal(() => parseAddCheckpoint(Buffer.from(text)));

  test('is the old size, the proof, an empty line and the checkpoint as it is', () => {
    const bytes = formatAddCheckpoint({ oldSize: 5, proof: [Buffer.alloc(32, 5)], checkpoint: latest.bytes });
    expect(Buffer.from(bytes).toString()).toBe(`old 5\n${HASH}\n\n${Buffer.from(latest.bytes)}`);
    expect(parseAddCheckpoint(bytes)).toStrictEqual({
      oldSize: 5,
      proof: [new Uint8Array(32).fill(5)],
      checkpoint: latest.bytes,
    });
  });

  test.each([
    ['nothing', '', 'witness-without-checkpoint'],
    ['no empty line', 'old 0\n', 'witness-without-checkpoint'],
    ['no old size', '\n\nx', 'witness-old-size-malformed'],
    ['an empty old size', 'old \n\nx', 'witness-old-size-malformed'],
    ['a leading zero', 'old 05\n\nx', 'witness-old-size-malformed'],
    ['a sign', 'old -5\n\nx', 'witness-old-size-malformed'],
    ['two blanks', 'old  5\n\nx', 'witness-old-size-malformed'],
    ['a blank at the end', 'old 5 \n\nx', 'witness-old-size-malformed'],
    ['upper case', 'OLD 5\n\nx', 'witness-old-size-malformed'],
    ['a carriage return', 'old 5\r\n\n\nx', 'witness-old-size-malformed'],
    ['an old size beyond 2^53-1', 'old 9007199254740992\n\nx', 'witness-old-size-malformed'],
    ['a short hash', `old 5\n${HASH.slice(4)}\n\nx`, 'witness-hash-malformed'],
    ['two hashes on a line', `old 5\n${HASH}${HASH}\n\nx`, 'witness-hash-malformed'],
    ['64 hashes', `old 5\n${`${HASH}\n`.repeat(64)}\nx`, 'witness-has-too-many-hashes'],
  ])('with %s is refused', (_, text, code) => {
    expect(read(text)).toBe(code);
    expect(openAddCheckpoint(Buffer.from(text), [trusted])).toMatchObject({ status: 400, code });
  });

  test('with 63 hashes is read', () => {
    expect(read(`old 5\n${`${HASH}\n`.repeat(63)}\nx`)).toBeUndefined();
  });

  test('that could not be read back is not written', () => {
    const proof = Array.from({ length: 64 }, () => stranger);
    expect(refusal(() => formatAddCheckpoint({ oldSize: 5, proof, checkpoint: latest.bytes }))).toBe(
      'witness-has-too-many-hashes',
    );
    expect(refusal(() => formatAddCheckpoint({ oldSize: -1, proof: [], checkpoint: latest.bytes }))).toBe(
      'witness-old-size-malformed',
    );
  });
});

describe('the lines that a witness sends back', () => {
  const line = (by = witnessKey, seconds = 1_700_000_000) => cosignatureLine(latest, by.key, seconds, by.sign);
  const add = (answer: string, witnesses = [witnessKey.key], to = latest) => addCosignatures(to, Buffer.from(answer), witnesses);

  test('follow the log’s own signature in the checkpoint', () => {
    const cosigned = add(line());
    expect(Buffer.from(cosigned).toString()).toBe(Buffer.from(latest.bytes).toString() + line());
    const opened = SignedCheckpoint.open(cosigned, trusted);
    expect(opened.cosignatures([witnessKey.key])).toStrictEqual([{ key: witnessKey.key, time: 1_700_000_000 }]);
  });

  test('by strangers are left out', () => {
    expect(add(line(otherWitnessKey) + line())).toStrictEqual(add(line()));
    expect(refusal(() => add(line(otherWitnessKey)))).toBe('signature-missing');
  });

  test('replace an older one by the same witness, and count once', () => {
    const once = SignedCheckpoint.open(add(line(witnessKey, 5)), trusted);
    expect(add(line(witnessKey, 6) + line(witnessKey, 6), [witnessKey.key], once)).toStrictEqual(add(line(witnessKey, 6)));
  });

  test('of another checkpoint, or broken, are refused', () => {
    const other = cosignatureLine(checkpointOver(6, stranger), witnessKey.key, 5, witnessKey.sign);
    expect(refusal(() => add(other))).toBe('signature-invalid');
    expect(refusal(() => add(''))).toBe('note-without-signatures');
    expect(refusal(() => add('no line\n'))).toBe('note-signature-malformed');
    expect(refusal(() => addCosignatures(latest, Buffer.of(0xff), [witnessKey.key]))).toBe('witness-response-malformed');
    expect(formatSignature(cosignText(latest.text, witnessKey.key, 5, witnessKey.sign))).toBe(line(witnessKey, 5));
  });
});
