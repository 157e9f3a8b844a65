import { describe, expect, test } from 'vitest';
import { SignedCheckpoint } from '../../../domain/log/checkpoint.ts';
import { emptyRoot, leafHash } from '../../../domain/log/encoding.ts';
import { cosignText, formatNote, formatSignature, parseNote } from '../../../domain/log/note.ts';
import { consistencyProof, type Proof } from '../../../domain/log/proof.ts';
import {
  addCosignatures,
  cosignatureLine,
  decideAddCheckpoint,
  formatAddCheckpoint,
  openAddCheckpoint,
} from '../../../domain/log/witness.ts';
import {
  checkpointOver,
  logKey,
  otherLogKey,
  otherWitnessKey,
  refusal,
  signedBytes,
  TestLog,
  trusted,
  witnessKey,
} from './support/testLog.ts';

const at = (size: number) => new TestLog().growTo(size);
const stranger = leafHash(Buffer.from('a stranger'));
const growth = (from: number, to: number) => consistencyProof(from, to, at(to).reader());
const latest = at(5).checkpoint();

/** What a witness that cosigned `seen` last, null for nothing, answers to a request. */
const ask = (oldSize: number, proof: Proof, checkpoint: Uint8Array, seen: SignedCheckpoint | null = latest, logs = [trusted]) => {
  const opened = openAddCheckpoint(formatAddCheckpoint({ oldSize, proof, checkpoint }), logs);
  const decision = opened.ok ? decideAddCheckpoint(opened, seen ?? undefined) : opened;
  if (decision.ok) return [200, decision.checkpoint.size];
  return 'size' in decision ? [decision.status, decision.size] : [decision.status, decision.code];
};

describe('a witness answers', () => {
  test('200 to a log that grew, also under its next key, that it never saw, that it signed already, and from an empty one', () => {
    for (const size of [5, 6, 7, 8, 300]) expect(ask(5, growth(5, size), at(size).checkpoint().bytes)).toStrictEqual([200, size]);
    for (const size of [0, 1, 300]) expect(ask(0, [], at(size).checkpoint().bytes, null)).toStrictEqual([200, size]);
    expect(ask(5, [], latest.bytes)).toStrictEqual([200, 5]);
    expect(ask(0, [], at(3).checkpoint().bytes, at(0).checkpoint())).toStrictEqual([200, 3]);
    const byNext = signedBytes(6, at(6).checkpoint().root, otherLogKey);
    const bothKeys = [trusted, { ...trusted, keys: [otherLogKey.key] }];
    expect(ask(5, growth(5, 6), byNext, latest, bothKeys)).toStrictEqual([200, 6]);
  });

  test('400 to an old size above the new one, whatever it has itself, and to a malformed checkpoint', () => {
    expect(ask(6, [], latest.bytes)).toStrictEqual([400, 'witness-malformed']);
    expect(ask(6, [], latest.bytes, null)).toStrictEqual([400, 'witness-malformed']);
    expect(ask(5, [], Buffer.from('nothing'))).toStrictEqual([400, 'note-malformed']);
    const note = formatNote({ ...parseNote(latest.bytes), text: 'log.example/a\n05\n' });
    expect(ask(5, [], note)).toStrictEqual([400, 'checkpoint-malformed']);
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

  test('409 with its own size to any other old size, also of a log that was rolled back and admits it', () => {
    for (const oldSize of [0, 1, 4, 6])
      expect(ask(oldSize, oldSize === 0 ? [] : growth(oldSize, 7), at(7).checkpoint().bytes)).toStrictEqual([409, 5]);
    expect(ask(6, growth(6, 7), at(7).checkpoint().bytes, null)).toStrictEqual([409, 0]);
    expect(ask(4, [], at(4).checkpoint().bytes)).toStrictEqual([409, 5]);
  });

  test('422 to a proof that does not hold, or where nothing is to be proved', () => {
    const { bytes } = at(7).checkpoint();
    for (const proof of [[], growth(4, 7), [...growth(5, 7), stranger]])
      expect(ask(5, proof, bytes)).toStrictEqual([422, 'proof-length-wrong']);
    expect(ask(5, growth(5, 7).toReversed(), bytes)).toStrictEqual([422, 'consistency-not-proved']);
    expect(ask(5, growth(5, 7), signedBytes(7, stranger))).toStrictEqual([422, 'consistency-not-proved']);
    expect(ask(5, [stranger], latest.bytes)).toStrictEqual([422, 'proof-length-wrong']);
    expect(ask(0, [stranger], at(3).checkpoint().bytes, at(0).checkpoint())).toStrictEqual([422, 'proof-length-wrong']);
    expect(ask(0, [stranger], latest.bytes, null)).toStrictEqual([422, 'proof-length-wrong']);
  });

  test('422 to two roots of one size, whatever the proof', () => {
    expect(ask(5, [], signedBytes(5, stranger))).toStrictEqual([422, 'log-forked']);
    expect(ask(5, [stranger], signedBytes(5, stranger))).toStrictEqual([422, 'log-forked']);
  });

  test('422 to an empty log with a root', () => {
    const lie = Buffer.from(signedBytes(0, emptyRoot())).toString();
    const text = lie.slice(0, lie.indexOf('\n\n') + 1).replace(/\n.*\n$/, `\n${Buffer.from(stranger).toString('base64')}\n`);
    const signature = logKey.sign(Buffer.from(text));
    const bytes = formatNote({ text, signatures: [{ name: logKey.key.name, keyId: logKey.key.id, signature }] });
    for (const seen of [null, at(0).checkpoint()]) expect(ask(0, [], bytes, seen)).toStrictEqual([422, 'empty-root-wrong']);
  });
});

test('a request is the old size, the proof, an empty line and the checkpoint as it is', () => {
  const bytes = formatAddCheckpoint({ oldSize: 5, proof: [Buffer.alloc(32, 5)], checkpoint: latest.bytes });
  const hash = Buffer.alloc(32, 5).toString('base64');
  expect(Buffer.from(bytes).toString()).toBe(`old 5\n${hash}\n\n${Buffer.from(latest.bytes)}`);
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
    expect(refusal(() => add(''))).toBe('note-malformed');
    expect(refusal(() => add('no line\n'))).toBe('note-malformed');
    expect(refusal(() => addCosignatures(latest, Buffer.of(0xff), [witnessKey.key]))).toBe('witness-malformed');
    expect(formatSignature(cosignText(latest.text, witnessKey.key, 5, witnessKey.sign))).toBe(line(witnessKey, 5));
  });
});
