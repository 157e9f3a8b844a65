import { generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { formatCheckpoint, SignedCheckpoint } from '../../../domain/log/checkpoint.ts';
import { leafHash } from '../../../domain/log/encoding.ts';
import {
  cosignText,
  formatNote,
  formatVerifierKey,
  isKeyName,
  isSignedBy,
  makeCosignature,
  type Note,
  parseNote,
  parseVerifierKey,
  parseWitnessKey,
  signText,
  verifierKey,
  verifyCosignature,
  verifyNote,
} from '../../../domain/log/note.ts';
import { formatTlogProof, inclusionProof, parseTlogProof, verifyTlogProof } from '../../../domain/log/proof.ts';
import {
  entryAt,
  flips,
  logKey,
  ORIGIN,
  otherLogKey,
  otherWitnessKey,
  refusal,
  signedBytes,
  TestLog,
  testKey,
  trusted,
  witnessKey,
} from './support/testLog.ts';

const utf8 = (text: string) => new Uint8Array(Buffer.from(text));
const root = leafHash(Buffer.from('root'));
const checkpointText = formatCheckpoint(ORIGIN, 7, root);

// The examples of c2sp.org/signed-note and of the documentation of Go's package note.
const EXAMPLES = [
  {
    key: 'example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k',
    note: `This is an example message.

— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=
`,
  },
  {
    key: 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW',
    note: `If you think cryptography is the answer to your problem,
then you don't know what your problem is.

— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=
`,
  },
];

test.each(EXAMPLES)(
  'the published example $key verifies, is written as it was read, and is nothing with another text',
  ({ key, note }) => {
    const parsed = parseNote(utf8(note));
    expect(verifyNote(parsed, [parseVerifierKey(key)])).toStrictEqual([{ key: parseVerifierKey(key) }]);
    expect(Buffer.from(formatNote(parsed)).toString()).toBe(note);
    const other = parseNote(utf8(note.replace('is', 'ls')));
    expect(refusal(() => verifyNote(other, [parseVerifierKey(key)]))).toBe('signature-invalid');
  },
);

describe('a checkpoint that another program signed and cosigned, over the common test log of 8 entries,', () => {
  const bytes = `log.example/a
8
XcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=

— log.example/a hwgG+HwY5huYadaq+/wCiotStCjKHQDh6LRruig4znvhZlY1DvsSppKT4Mvlm5vOOl6iMx5kVWWlwYo6ib3uhJCrDQM=
— witness.example/w yxOT3AAAAABq5zHw638FHGJ5qajB3Ni+1LLnxp+8lu9TLamZcWpFCGAFxqq0/A42EWhD75Jyoikjxx69iFHCphSQfUOIBL/vbjenDA==
`;
  const keys = [parseVerifierKey('log.example/a+870806f8+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c')];
  const checkpoint = SignedCheckpoint.open(Buffer.from(bytes), { origin: ORIGIN, keys });
  const at = 1_793_536_496;

  test('verifies, with its size, its root and the time of its witness', () => {
    const hex = Buffer.from(checkpoint.root).toString('hex');
    expect([checkpoint.size, hex]).toStrictEqual([8, '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328']);
    const witness = parseVerifierKey('witness.example/w+cb1393dc+BIE5dw6ofRdfVqNUZsNMfszLjYqRtO43ol32D1uPybOU');
    expect(checkpoint.cosignatures([otherWitnessKey.key, witness])).toStrictEqual([{ key: witness, time: at }]);
  });
  test('is made by this one byte for byte', () => {
    const text = formatCheckpoint(ORIGIN, 8, checkpoint.root);
    const signatures = [signText(text, logKey.key, logKey.sign), cosignText(text, witnessKey.key, at, witnessKey.sign)];
    expect(Buffer.from(formatNote({ text, signatures })).toString()).toBe(bytes);
  });
});

describe('opening a checkpoint', () => {
  const bytes = signedBytes(7, root);
  const opened = (other: Uint8Array) => refusal(() => SignedCheckpoint.open(other, trusted));

  test('every flip of one bit, every cut and every byte added is refused', () => {
    const whole = new TestLog().growTo(7).checkpoint().bytes;
    const accepted = [...flips(whole)].filter((flipped) => opened(flipped) === undefined);
    expect([whole.length * 8 > 1_300, accepted]).toStrictEqual([true, []]);
    for (let length = 0; length < bytes.length; length += 1) expect(opened(bytes.slice(0, length))).toBeDefined();
    for (let byte = 0; byte < 256; byte += 1) {
      expect(opened(Buffer.concat([bytes, Buffer.of(byte)]))).toBeDefined();
      expect(opened(Buffer.concat([Buffer.of(byte), bytes]))).toBeDefined();
    }
  });
  test('another log is refused, although its key is known, and another key; with both keys, as while they rotate, it is not', () => {
    expect(refusal(() => SignedCheckpoint.open(bytes, { origin: 'log.example/b', keys: [logKey.key] }))).toBe('origin-unknown');
    const other = signedBytes(7, root, otherLogKey);
    expect(opened(other)).toBe('signature-missing');
    expect(SignedCheckpoint.open(other, { origin: ORIGIN, keys: [logKey.key, otherLogKey.key] }).size).toBe(7);
  });
  test('what it was opened from and what it hands out cannot change it, and nothing made in another way has a size', () => {
    const own = bytes.slice();
    const checkpoint = SignedCheckpoint.open(own, trusted);
    for (const each of [own, checkpoint.root, checkpoint.bytes]) each.fill(0);
    expect([checkpoint.root, checkpoint.bytes]).toStrictEqual([root, bytes]);
    expect(() => Object.create(SignedCheckpoint.prototype).size).toThrow(TypeError);
  });
  test('without cosignatures the list is empty; a bad one by a known witness is refused', () => {
    const text = checkpointText;
    expect(SignedCheckpoint.open(bytes, trusted).cosignatures([witnessKey.key])).toStrictEqual([]);
    const line = cosignText(text, witnessKey.key, 5, witnessKey.sign);
    const signatures = [signText(text, logKey.key, logKey.sign), { ...line, signature: line.signature.with(7, 6) }];
    const cosigned = SignedCheckpoint.open(formatNote({ text, signatures }), trusted);
    expect(refusal(() => cosigned.cosignatures([witnessKey.key]))).toBe('signature-invalid');
    expect(cosigned.cosignatures([otherWitnessKey.key])).toStrictEqual([]);
  });
});

describe('verifying a note', () => {
  const text = 'the text\n';
  const good = signText(text, logKey.key, logKey.sign);
  const other = signText(text, otherLogKey.key, otherLogKey.sign);
  const broken = { ...good, signature: good.signature.with(0, good.signature[0]! ^ 1) };
  const both = [logKey.key, otherLogKey.key];
  const verify = (signatures: Note['signatures'], keys = [logKey.key]) => verifyNote({ text, signatures }, keys);

  test('signatures of unknown keys are ignored, under the same name or the same id; of one key the first counts', () => {
    const sameId = { ...broken, name: 'another.example' };
    expect(verify([other, sameId, good, other, good])).toStrictEqual([{ key: logKey.key }]);
    const signatures = [5, 6].map((seconds) => cosignText(checkpointText, witnessKey.key, seconds, witnessKey.sign));
    expect(verifyNote({ text: checkpointText, signatures }, [witnessKey.key])).toStrictEqual([{ key: witnessKey.key, time: 5 }]);
  });
  test('one known signature of several keys is enough, and all are returned', () => {
    expect(verify([other], both)).toStrictEqual([{ key: otherLogKey.key }]);
    expect(verify([other, good], both)).toStrictEqual([{ key: otherLogKey.key }, { key: logKey.key }]);
  });
  test('a bad signature by a known key rejects, whatever else there is, and so does none', () => {
    for (const signatures of [[broken], [good, broken], [broken, good], [other, broken]])
      expect(refusal(() => verify(signatures, both))).toBe('signature-invalid');
    expect(refusal(() => verify([other]))).toBe('signature-missing');
    expect(refusal(() => verify([good], []))).toBe('signature-missing');
  });
  test('two known keys with one name and id are refused', () => {
    const twin = { ...otherLogKey.key, id: logKey.key.id };
    expect(refusal(() => verify([good], [logKey.key, twin]))).toBe('key-ambiguous');
  });
  test('a cosignature does not verify as a signature of the text, nor the reverse', () => {
    const key = testKey('both.example', 1, 5);
    const cokey = testKey('both.example', 4, 5);
    const signature = signText(text, key.key, key.sign);
    const cosignature = cosignText(text, cokey.key, 7, cokey.sign);
    expect(refusal(() => verify([{ ...signature, keyId: cokey.key.id }], [cokey.key]))).toBe('cosignature-malformed');
    expect(refusal(() => verify([{ ...cosignature, keyId: key.key.id }], [key.key]))).toBe('signature-invalid');
  });
});

test.each(['a', '', '\ud800\n', 'a\tb\n'])('the text %j is not signed', (text) => {
  expect(refusal(() => signText(text, logKey.key, logKey.sign))).toBe('note-malformed');
  expect(refusal(() => cosignText(text, witnessKey.key, 1, witnessKey.sign))).toBe('note-malformed');
  expect(refusal(() => formatNote({ text, signatures: [] }))).toBe('note-malformed');
});

test('a signer that holds another key is noticed before anything is published, and a key of another purpose', () => {
  expect(refusal(() => signText('a\n', logKey.key, otherLogKey.sign))).toBe('signature-invalid');
  expect(refusal(() => signText('a\n', witnessKey.key, witnessKey.sign))).toBe('key-malformed');
  expect(refusal(() => makeCosignature(checkpointText, logKey.key, 5, logKey.sign))).toBe('key-malformed');
  expect(refusal(() => makeCosignature(checkpointText, witnessKey.key, 5, otherWitnessKey.sign))).toBe('signature-invalid');
});

describe('a cosignature', () => {
  const { key, sign } = witnessKey;
  const verified = (cosignature: Uint8Array, text = checkpointText, by = key) =>
    refusal(() => verifyCosignature(text, by, cosignature));

  test('is eight bytes of time, the most significant first, before a signature of two lines and the text', () => {
    let message = '';
    const cosignature = makeCosignature(checkpointText, key, 1_679_315_147, (bytes) => {
      message = Buffer.from(bytes).toString();
      return sign(bytes);
    });
    expect(message).toBe(`cosignature/v1\ntime 1679315147\n${checkpointText}`);
    expect([Buffer.from(cosignature.slice(0, 8)).toString('hex'), cosignature.length]).toStrictEqual(['00000000641850cb', 72]);
    expect(verifyCosignature(checkpointText, key, cosignature)).toBe(1_679_315_147);
  });
  test('with any bit flipped, of another text or under another key is none', () => {
    const cosignature = makeCosignature(checkpointText, key, 5, sign);
    for (const flipped of flips(cosignature)) expect(verified(flipped)).toBeDefined();
    expect(verified(cosignature, checkpointText.replace('7', '8'))).toBe('signature-invalid');
    expect(verified(cosignature, checkpointText, otherWitnessKey.key)).toBe('signature-invalid');
  });
  test('has a time above 0, of which the largest exact one is read, and 72 bytes', () => {
    for (const seconds of [0, -1, 1.5, NaN, 2 ** 53])
      expect(refusal(() => makeCosignature(checkpointText, key, seconds, sign))).toBe('cosignature-malformed');
    const latest = makeCosignature(checkpointText, key, Number.MAX_SAFE_INTEGER, sign);
    expect(verifyCosignature(checkpointText, key, latest)).toBe(Number.MAX_SAFE_INTEGER);
    expect(verified(latest.with(0, 1))).toBe('cosignature-malformed');
    for (const length of [0, 64, 71, 73]) expect(verified(new Uint8Array(length))).toBe('cosignature-malformed');
  });
});

test('an ML-DSA-44 cosignature is of the tree, its log and its time, which may be 0, and names who made it', () => {
  const { publicKey, privateKey } = generateKeyPairSync('ml-dsa-44');
  const { pub = '' } = publicKey.export({ format: 'jwk' }) as { readonly pub?: string };
  const key = verifierKey('w.example', 6, new Uint8Array(Buffer.from(pub, 'base64url')));
  const uint64 = (value: number) => String.fromCharCode(value).padStart(8, '\0');
  const cosigned = (seconds: number) => {
    const message = `subtree/v1\n\0\tw.example${uint64(seconds)}\r${ORIGIN}${uint64(0)}${uint64(7)}`;
    const signature = sign(null, Buffer.concat([Buffer.from(message), root]), privateKey);
    return new Uint8Array(Buffer.concat([Buffer.from(uint64(seconds)), signature]));
  };
  const [made, untimed] = [cosigned(5), cosigned(0)];
  expect([made, untimed].map((each) => verifyCosignature(checkpointText, key, each))).toStrictEqual([5, 0]);
  const wrong = [
    [checkpointText.replace('7', '8'), key, made],
    [checkpointText.replace('a', 'b'), key, made],
    [checkpointText, { ...key, name: 'v.example' }, made],
    [checkpointText, key, made.with(7, 1)],
  ] as const;
  for (const [text, by, each] of wrong) expect(refusal(() => verifyCosignature(text, by, each))).toBe('signature-invalid');
  expect(refusal(() => verifyCosignature('no checkpoint\n', key, made))).toBe('cosignature-malformed');
  expect(refusal(() => verifyCosignature(checkpointText, key, made.slice(1)))).toBe('cosignature-malformed');
  expect(parseWitnessKey(formatVerifierKey(key))).toStrictEqual(key);
});

describe('a key', () => {
  // Of the bytes 0 to 31, from another program.
  const KNOWN = ['56961078+AQ', '00aea9b9+BA'].map((start) => `log.example/a+${start}ABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f`);
  test.each([...KNOWN, ...EXAMPLES.map(({ key }) => key)])('%s goes in and comes out', (text) =>
    expect(formatVerifierKey(parseVerifierKey(text))).toBe(text),
  );
  test.each(['', 'a b', 'a+b', 'a\u00a0b', 'a\u2003b', 'a\u3000', 'a\u0085b', 'a\u2028', 'a\nb', 'a\tb', 'a\u0000', '\ud800'])(
    'is not named %j',
    (name) => {
      expect(isKeyName(name)).toBe(false);
      expect(refusal(() => verifierKey(name, 1, new Uint8Array(32)))).toBe('key-malformed');
    },
  );
  test.each(['a', 'log.example/a', 'città.example', '日本', 'a\u200bb'])('can be named %j', (name) =>
    expect(isKeyName(name)).toBe(true),
  );
  test('verifies no signature of another length, and another public key verifies nothing', () => {
    const message = Buffer.from('text');
    const signature = logKey.sign(message);
    expect(isSignedBy(logKey.key, message, signature)).toBe(true);
    for (const length of [0, 1, 63]) expect(isSignedBy(logKey.key, message, signature.slice(0, length))).toBe(false);
    expect(isSignedBy(logKey.key, message, Buffer.concat([signature, Buffer.of(0)]))).toBe(false);
    for (const byte of [0, 1, 0x7f, 0xff])
      expect(isSignedBy(verifierKey('log.example/a', 1, new Uint8Array(32).fill(byte)), message, signature)).toBe(false);
  });
});

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
    for (const flipped of flips(receipt(599)))
      expect(refusal(() => verifyTlogProof(flipped, leafHash(entryAt(599)), trusted))).toBeDefined();
  });
});
