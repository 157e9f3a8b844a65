import { describe, expect, test } from 'vitest';
import { cosignText, formatNote, type Note, parseNote, parseSignatures, signText, verifyNote } from '../../../domain/log/note.ts';
import { parseVerifierKey } from '../../../domain/log/verifierKey.ts';
import { logKey, otherLogKey, testKey, witnessKey } from './support/keys.ts';
import { refusal } from './support/refusal.ts';

const utf8 = (text: string) => new Uint8Array(Buffer.from(text));
const SIGNATURE = Buffer.alloc(68, 9).toString('base64');
const line = (name = 'a', base64 = SIGNATURE) => `— ${name} ${base64}\n`;
const code = (text: string) => refusal(() => parseNote(utf8(text)));

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

describe.each(EXAMPLES)('the published example $key', ({ key, note }) => {
  test('verifies, and is written as it was read', () => {
    const parsed = parseNote(utf8(note));
    expect(verifyNote(parsed, [parseVerifierKey(key)])).toStrictEqual([{ key: parseVerifierKey(key) }]);
    expect(Buffer.from(formatNote(parsed)).toString()).toBe(note);
  });

  test('with another text does not verify', () => {
    const parsed = parseNote(utf8(note.replace('is', 'ls')));
    expect(refusal(() => verifyNote(parsed, [parseVerifierKey(key)]))).toBe('signature-invalid');
  });
});

describe('reading', () => {
  test('the text may have empty lines: the last one ends it', () => {
    expect(parseNote(utf8(`a\n\nb\n\n\n${line()}`)).text).toBe('a\n\nb\n\n');
  });

  test('a byte-order mark belongs to the text', () => {
    expect(parseNote(utf8(`\ufeffa\n\n${line()}`)).text).toBe('\ufeffa\n');
  });

  test('signatures of unknown keys and types are kept', () => {
    const { signatures } = parseNote(utf8(`a\n\n${line('x', Buffer.from([0xff, 0, 0, 1, 7]).toString('base64'))}${line('y')}`));
    expect(signatures[0]).toStrictEqual({ name: 'x', keyId: 0xff000001, signature: Uint8Array.of(7) });
    expect(signatures[1]?.signature).toHaveLength(64);
  });

  test('the specification asks for at least 16 signatures of 5 kB', () => {
    const large = line('pq', Buffer.alloc(5_000).toString('base64'));
    expect(parseNote(utf8(`a\n\n${large.repeat(16)}`)).signatures).toHaveLength(16);
    expect(parseNote(utf8(`a\n\n${line().repeat(100)}`)).signatures).toHaveLength(100);
  });

  test.each([
    ['nothing', '', 'note-without-signatures'],
    ['a text only', 'a\n', 'note-without-signatures'],
    ['no empty line', `a\n${line()}`, 'note-without-signatures'],
    ['an empty line and nothing', 'a\n\n', 'note-without-signatures'],
    ['no newline at the end', `a\n\n${line().slice(0, -1)}`, 'note-without-signatures'],
    ['an empty line at the end', `a\n\n${line()}\n`, 'note-without-signatures'],
    ['an empty line between signatures', `a\n\n${line()}\n${line()}x`, 'note-without-signatures'],
    ['a hyphen for the dash', `a\n\n- a ${SIGNATURE}\n`, 'note-signature-malformed'],
    ['an en dash for the dash', `a\n\n– a ${SIGNATURE}\n`, 'note-signature-malformed'],
    ['no blank after the dash', `a\n\n—a ${SIGNATURE}\n`, 'note-signature-malformed'],
    ['no name', `a\n\n—  ${SIGNATURE}\n`, 'note-signature-malformed'],
    ['no signature', 'a\n\n— a\n', 'note-signature-malformed'],
    ['an empty signature', 'a\n\n— a \n', 'note-signature-malformed'],
    ['a key id only', `a\n\n${line('a', 'AAAAAA==')}`, 'note-signature-malformed'],
    ['two blanks', `a\n\n— a  ${SIGNATURE}\n`, 'note-signature-malformed'],
    ['a blank at the end', `a\n\n— a ${SIGNATURE} \n`, 'note-signature-malformed'],
    ['a name with a plus', `a\n\n${line('a+b')}`, 'note-signature-malformed'],
    ['a name with a no-break space', `a\n\n${line('a\u00a0b')}`, 'note-signature-malformed'],
    ['no padding', `a\n\n${line('a', SIGNATURE.replace('=', ''))}`, 'note-signature-malformed'],
    ['stray bits in base64', `a\n\n${line('a', 'AAAAAAB=')}`, 'note-signature-malformed'],
    ['the other alphabet of base64', `a\n\n${line('a', 'AAAAAA-_')}`, 'note-signature-malformed'],
    ['a carriage return', `a\r\n\n${line()}`, 'note-has-control-characters'],
    ['a tab', `a\tb\n\n${line()}`, 'note-has-control-characters'],
    ['a null character', `a\u0000\n\n${line()}`, 'note-has-control-characters'],
    ['101 signatures', `a\n\n${line().repeat(101)}`, 'note-with-too-many-signatures'],
    ['more than half a megabyte', `${'a'.repeat(512 * 1024)}\n\n${line()}`, 'note-too-large'],
  ])('%s is refused', (_, text, expected) => {
    expect(code(text)).toBe(expected);
  });

  test.each([[Buffer.of(0xff)], [Buffer.of(0xc0, 0x80)], [Buffer.of(0xed, 0xa0, 0x80)], [Buffer.of(0xe2, 0x80)]])(
    '%j is not UTF-8',
    (bytes) => {
      expect(refusal(() => parseNote(Buffer.concat([bytes, utf8(`a\n\n${line()}`)])))).toBe('note-not-utf8');
    },
  );

  test('signature lines that stand alone', () => {
    expect(parseSignatures(line() + line('b')).map(({ name }) => name)).toStrictEqual(['a', 'b']);
    expect(refusal(() => parseSignatures(''))).toBe('note-without-signatures');
  });
});

describe('verifying', () => {
  const text = 'the text\n';
  const good = signText(text, logKey.key, logKey.sign);
  const other = signText(text, otherLogKey.key, otherLogKey.sign);
  const broken = { ...good, signature: good.signature.with(0, good.signature[0]! ^ 1) };
  const verify = (signatures: Note['signatures'], keys = [logKey.key]) => verifyNote({ text, signatures }, keys);

  test('a known key’s signature', () => {
    expect(verify([good])).toStrictEqual([{ key: logKey.key }]);
  });

  test('signatures of unknown keys are ignored, before and after, under the same name or the same id', () => {
    const sameId = { ...broken, name: 'another.example' };
    expect(verify([other, sameId, good, other])).toStrictEqual([{ key: logKey.key }]);
  });

  test('one known signature of several keys is enough, and all are returned', () => {
    const both = [logKey.key, otherLogKey.key];
    expect(verify([other], both)).toStrictEqual([{ key: otherLogKey.key }]);
    expect(verify([other, good], both)).toStrictEqual([{ key: otherLogKey.key }, { key: logKey.key }]);
  });

  test('a bad signature by a known key rejects, whatever else there is', () => {
    for (const signatures of [[broken], [good, broken], [broken, good], [other, broken]]) {
      expect(refusal(() => verify(signatures, [logKey.key, otherLogKey.key]))).toBe('signature-invalid');
    }
  });

  test('a note that no known key signed is rejected', () => {
    expect(refusal(() => verify([other]))).toBe('signature-missing');
    expect(refusal(() => verify([good], []))).toBe('signature-missing');
  });

  test('a repeated signature counts once', () => {
    expect(verify([good, good])).toHaveLength(1);
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
    expect(refusal(() => verify([{ ...signature, keyId: cokey.key.id }], [cokey.key]))).toBe('cosignature-length-wrong');
    expect(refusal(() => verify([{ ...cosignature, keyId: key.key.id }], [key.key]))).toBe('signature-invalid');
  });
});

describe('signing', () => {
  test.each([
    ['without a newline at the end', 'a', 'note-text-malformed'],
    ['empty', '', 'note-text-malformed'],
    ['with half a surrogate pair', '\ud800\n', 'note-text-malformed'],
    ['with a tab', 'a\tb\n', 'note-has-control-characters'],
  ])('a text %s is refused', (_, text, expected) => {
    expect(refusal(() => signText(text, logKey.key, logKey.sign))).toBe(expected);
    expect(refusal(() => cosignText(text, witnessKey.key, 1, witnessKey.sign))).toBe(expected);
    expect(refusal(() => formatNote({ text, signatures: [] }))).toBe(expected);
  });

  test('by a signer that holds another key is noticed before anything is published', () => {
    expect(refusal(() => signText('a\n', logKey.key, otherLogKey.sign))).toBe('signature-invalid');
  });

  test('a text with a key for cosignatures is refused', () => {
    expect(refusal(() => signText('a\n', witnessKey.key, witnessKey.sign))).toBe('key-type-unknown');
  });

  test('a note without signatures is refused', () => {
    expect(refusal(() => formatNote({ text: 'a\n', signatures: [] }))).toBe('note-without-signatures');
  });
});
