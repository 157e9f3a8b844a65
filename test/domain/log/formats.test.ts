import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatCheckpoint, parseCheckpoint } from '../../../domain/log/checkpoint.ts';
import { frontierFromJson, frontierToJson } from '../../../domain/log/decide.ts';
import { hasControlCharacters, LogError, type LogErrorCode, splitHeaderLines } from '../../../domain/log/encoding.ts';
import {
  formatNote,
  formatSignature,
  formatVerifierKey,
  parseNote,
  parseSignatures,
  parseVerifierKey,
  signText,
  verifierKey,
} from '../../../domain/log/note.ts';
import { formatTlogProof, inclusionProof, parseTlogProof } from '../../../domain/log/proof.ts';
import { bundlePath, decodeBundle, encodeBundle, parseLogPath, tilePath } from '../../../domain/log/tile.ts';
import { formatAddCheckpoint, openAddCheckpoint, parseAddCheckpoint } from '../../../domain/log/witness.ts';
import { logKey, ORIGIN, refusal, TestLog, trusted } from './support/testLog.ts';

const RUNS = 2_000;
const utf8 = (text: string) => new Uint8Array(Buffer.from(text));
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();
const log = new TestLog().growTo(300);
const { bytes: checkpoint, root } = log.checkpoint();
const hashes = inclusionProof(77, 300, log.reader());

const HASH = Buffer.alloc(32, 5).toString('base64');
const SIGNATURE = Buffer.alloc(68, 9).toString('base64');
const line = (name = 'a', base64 = SIGNATURE) => `— ${name} ${base64}\n`;
const note = (lines: string) => `a\n\n${lines}`;
const HEAD = 'c2sp.org/tlog-proof@v1\n';
const sized = (size: string) => `a\n${size}\n${HASH}\n`;
const rooted = (base64: string) => `a\n1\n${base64}\n`;
const KEY = 'example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k';
const [name, id, base64] = KEY.split('+') as [string, string, string];
/** Returns a key of another type with the id that it has. */
const keyOfType = (type: number) => {
  const material = Buffer.from(base64, 'base64').with(0, type);
  const own = createHash('sha256').update(`${name}\n`).update(material).digest('hex').slice(0, 8);
  return `${name}+${own}+${Buffer.from(material).toString('base64')}`;
};
const BUNDLE = encodeBundle([utf8('one'), utf8(''), utf8('three')]);
/** What no decimal is: a sign, a leading zero, blanks, other bases and digits, and what is more than 2^53-1. */
const NO_DECIMALS = [
  '',
  '01',
  '00',
  '+1',
  '-1',
  ' 1',
  '1 ',
  '1.0',
  '1e3',
  '0x1',
  '١',
  '9007199254740992',
  '18446744073709551616',
];
/** What is no hash in base64: too short, too long, without padding, with a blank, in the other alphabet. */
const NO_HASHES = [
  '',
  HASH.slice(4),
  `${HASH}AAAA`,
  HASH.slice(0, -1),
  `${HASH}=`,
  ` ${HASH}`,
  `${HASH} `,
  HASH.replace('B', '_'),
];

interface Format<T> {
  readonly code: LogErrorCode;
  readonly good: Uint8Array;
  readonly read: (bytes: Uint8Array) => T;
  readonly write: (read: T) => Uint8Array;
  readonly malformed: readonly (string | Uint8Array)[];
}

/** `read` is asked alone for what is malformed: else the writer could be the one that refuses. */
const format = <T>(one: Format<T>) => ({ ...one, rewrite: (bytes: Uint8Array) => one.write(one.read(bytes)) });

const FORMATS = {
  note: format({
    code: 'note-malformed',
    good: checkpoint,
    read: parseNote,
    write: formatNote,
    malformed: [
      ['', 'a\n', `a\n${line()}`, note(''), note(line().slice(0, -1)), note(`${line()}\n`), note(`${line()}\n${line()}x`)],
      // A hyphen or an en dash for the dash; no blank, no name, no signature, a key id alone, blanks too many.
      ...[`- a ${SIGNATURE}\n`, `– a ${SIGNATURE}\n`, `—a ${SIGNATURE}\n`, `—  ${SIGNATURE}\n`, '— a\n', '— a \n'].map(note),
      ...[line('a', 'AAAAAA=='), `— a  ${SIGNATURE}\n`, `— a ${SIGNATURE} \n`, line('a+b'), line('a\u00a0b')].map(note),
      ...[SIGNATURE.replace('=', ''), 'AAAAAAB=', 'AAAAAA-_'].map((bits) => note(line('a', bits))),
      ...['a\r', 'a\tb', 'a\u0000', 'a'.repeat(512 * 1024)].map((words) => `${words}\n\n${line()}`),
      note(line().repeat(101)),
      ...[[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xe2, 0x80]].map((bad) => Buffer.from([...bad, ...utf8(note(line()))])),
    ].flat(),
  }),
  signatures: format({
    code: 'note-malformed',
    good: utf8(line() + line('b')),
    read: (bytes) => parseSignatures(text(bytes)),
    write: (signatures) => utf8(signatures.map(formatSignature).join('')),
    malformed: ['', 'no line\n'],
  }),
  checkpoint: format({
    code: 'checkpoint-malformed',
    good: utf8(formatCheckpoint(ORIGIN, 300, root)),
    read: (bytes) => parseCheckpoint(text(bytes)),
    write: ({ origin, size, root: read, extensions }) =>
      utf8(formatCheckpoint(origin, size, read) + extensions.map((each) => `${each}\n`).join('')),
    malformed: [
      ['', 'a', 'a\n1\n', `a\n1\n${HASH}`, `\n1\n${HASH}\n`, `${sized('1')}\n`, `${sized('1')}more\n\nmore\n`],
      ...NO_DECIMALS.map(sized),
      ...NO_HASHES.map(rooted),
    ].flat(),
  }),
  receipt: format({
    code: 'tlog-proof-malformed',
    good: formatTlogProof({ index: 77, hashes, checkpoint }),
    read: parseTlogProof,
    write: formatTlogProof,
    malformed: [
      ['', `${HEAD}index 0\n`, 'c2sp.org/tlog-proof@v2\nindex 0\n\n', `${HEAD.trim()} \nindex 0\n\n`, `\n\n${HEAD}index 0\n\n`],
      [`${HEAD}\n`, `${HEAD}${HASH}\nindex 0\n\n`, `${HEAD}index 0\nextra AAAA\n\n`, `${HEAD}extra \nindex 0\n\n`],
      [`${HEAD}extra AB==\nindex 0\n\n`, `${HEAD}extra AAAA\nextra AAAA\nindex 0\n\n`],
      ...NO_DECIMALS.map((index) => `${HEAD}index ${index}\n\n`),
      ...NO_HASHES.slice(1).map((hash) => `${HEAD}index 0\n${hash}\n\n`),
      `${HEAD}index 0\n${`${HASH}\n`.repeat(64)}\n`,
      Buffer.concat([Buffer.of(0xff), Buffer.from(`${HEAD}index 0\n\n`)]),
    ].flat(),
  }),
  request: format({
    code: 'witness-malformed',
    good: formatAddCheckpoint({ oldSize: 7, proof: hashes, checkpoint }),
    read: parseAddCheckpoint,
    write: formatAddCheckpoint,
    malformed: [
      ['', 'old 0\n', '\n\nx', 'OLD 5\n\nx', 'old 5\r\n\n\nx', `old 5\n${HASH}${HASH}\n\nx`],
      ...NO_DECIMALS.map((size) => `old ${size}\n\nx`),
      ...NO_HASHES.slice(1).map((hash) => `old 5\n${hash}\n\nx`),
      `old 5\n${`${HASH}\n`.repeat(64)}\nx`,
    ].flat(),
  }),
  bundle: format({
    code: 'bundle-malformed',
    good: BUNDLE,
    read: (bytes) => decodeBundle(bytes, 3),
    write: encodeBundle,
    malformed: [...Array.from(BUNDLE.keys(), (length) => BUNDLE.slice(0, length)), Uint8Array.from([...BUNDLE, 0])],
  }),
  'verifier key': format({
    code: 'key-malformed',
    good: utf8(formatVerifierKey(logKey.key)),
    read: (bytes) => parseVerifierKey(text(bytes)),
    write: (key) => utf8(formatVerifierKey(key)),
    malformed: [
      ['', name, `${name}+${id}`, `${name}+${id}+`, `${KEY}\n`, ` ${KEY}`, `${KEY}+AA==`, `+${id}+${base64}`],
      ...['530D903A', '530d903', '530d903b'].map((other) => `${name}+${other}+${base64}`),
      ...['example.com/fop', 'example.com/f o'].map((other) => `${other}+${id}+${base64}`),
      ...[base64.slice(0, -4), `${base64}AAAA`, `${base64.slice(0, -1)}l`, base64.replace('r', '-')].map(
        (other) => `${name}+${id}+${other}`,
      ),
      ...[2, 6].map(keyOfType),
    ].flat(),
  }),
  path: format({
    code: 'tile-path-malformed',
    good: utf8('tile/entries/x001/x234/067.p/5'),
    read: (bytes) => parseLogPath(text(bytes)),
    write: (path) => utf8('tile' in path ? tilePath(path.tile) : bundlePath(path.bundle)),
    malformed: [
      ['', 'tile/0', 'tile/0/', 'tile/0/0', 'tile/0/00', 'tile/0/0000', 'tile/0/x000/001', 'tile/0/001/001', 'tile/0/x001/x000'],
      ['tile/0/x001', 'tile/00/001', 'tile/01/001', 'tile/64/001', 'tile/-1/001', 'tile/8/0/001', 'tile/data/001'],
      ['tile/entries/x000/001', 'tile/0/001.p/0', 'tile/0/001.p/256', 'tile/0/001.p/01', 'tile/0/001.p/+1', 'tile/0/001.p/'],
      ['tile/0/001.p', 'tile/0/001p/1', 'tile/0/001.P/1', 'tile/0/001/', '/tile/0/001', 'tile/0/../0/001', 'tile/0/001\n'],
      ['tile/0/٠٠١', 'tile/0/x009/x007/x199/x254/x740/992', 'tile/0/x001/x009/x007/x199/x254/x740/991'],
    ].flat(),
  }),
  frontier: format({
    code: 'frontier-malformed',
    good: utf8(JSON.stringify(frontierToJson(log.frontier))),
    read: (bytes) => frontierFromJson(JSON.parse(text(bytes))),
    write: (frontier) => utf8(JSON.stringify(frontierToJson(frontier))),
    malformed: [
      [null, [], { peaks: [] }, { size: 0, peaks: [], more: 1 }, { size: '0', peaks: [] }, { size: -1, peaks: [] }],
      ...[1.5, 2 ** 53, 3].map((size) => ({ size, peaks: [HASH] })),
      ...[[HASH, HASH], ['AAAA'], [HASH.slice(0, -1)]].map((peaks) => ({ size: peaks.length === 2 ? 2 : 1, peaks })),
    ]
      .flat()
      .map((json) => JSON.stringify(json)),
  }),
};

const spoiled = (good: Uint8Array) =>
  fc
    .array(fc.record({ at: fc.nat(good.length), drop: fc.nat(3), insert: fc.uint8Array({ maxLength: 3 }) }), {
      minLength: 1,
      maxLength: 4,
    })
    .map((edits) =>
      edits.reduce(
        (bytes, { at, drop, insert }) => Uint8Array.from([...bytes.slice(0, at), ...insert, ...bytes.slice(at + drop)]),
        good,
      ),
    );

describe.each(Object.entries(FORMATS))('a %s', (kind, { code, good, read, rewrite, malformed }) => {
  test('is written as it was read', () => expect(text(rewrite(good))).toBe(text(good)));

  test.each(malformed.map((bytes) => (typeof bytes === 'string' ? utf8(bytes) : bytes)))('is refused: case %$', (bytes) => {
    expect(
      refusal(() => read(bytes)),
      text(bytes).slice(0, 100),
    ).toBe(code);
    if (kind === 'request') expect(openAddCheckpoint(bytes, [trusted])).toMatchObject({ status: 400, code });
  });

  test.skipIf(kind === 'frontier')(
    'made of any bytes is refused with a code, or is the canonical spelling of its content',
    () => {
      const isSafe = (bytes: Uint8Array) => {
        try {
          // Text that is no UTF-8 is read as replaced characters here, and refused where bytes are read.
          const spelt = ['checkpoint', 'signatures'].includes(kind) ? utf8(text(bytes)) : bytes;
          return Buffer.from(rewrite(spelt)).equals(spelt);
        } catch (error) {
          return error instanceof LogError;
        }
      };
      fc.assert(fc.property(fc.oneof(spoiled(good), fc.uint8Array({ maxLength: 300 })), isSafe), { numRuns: RUNS });
    },
  );
});

test('a witness gives a status to any request', () => {
  const request = formatAddCheckpoint({ oldSize: 7, proof: hashes, checkpoint });
  fc.assert(
    fc.property(spoiled(request), (bytes) => {
      const opened = openAddCheckpoint(bytes, [trusted]);
      return opened.ok ? opened.checkpoint.size === 300 : [400, 403, 404].includes(opened.status);
    }),
    { numRuns: RUNS },
  );
});

describe('what is read, and what is written', () => {
  test('a text may have empty lines, of which the last ends it, and a byte-order mark', () => {
    expect(parseNote(utf8(`\ufeffa\n\nb\n\n\n${line()}`)).text).toBe('\ufeffa\n\nb\n\n');
  });
  test('signatures of unknown keys and types are kept, up to 100, and 16 of 5 kB, which the specification asks for', () => {
    const { signatures } = parseNote(utf8(note(`${line('x', Buffer.from([0xff, 0, 0, 1, 7]).toString('base64'))}${line('y')}`)));
    expect(signatures[0]).toStrictEqual({ name: 'x', keyId: 0xff000001, signature: Uint8Array.of(7) });
    expect(signatures[1]?.signature).toHaveLength(64);
    expect(parseNote(utf8(note(line('pq', Buffer.alloc(5_000).toString('base64')).repeat(16)))).signatures).toHaveLength(16);
    expect(parseNote(utf8(note(line().repeat(100)))).signatures).toHaveLength(100);
  });
  test('a checkpoint is three lines; those of another log after them are read, not understood', () => {
    expect(formatCheckpoint(ORIGIN, 7, root)).toBe(`log.example/a\n7\n${Buffer.from(root).toString('base64')}\n`);
    expect(parseCheckpoint(`${sized('1')}more\nand more\n`).extensions).toStrictEqual(['more', 'and more']);
    expect(parseCheckpoint(sized('9007199254740991')).size).toBe(Number.MAX_SAFE_INTEGER);
  });
  test('the last two bits of a root in base64 have one spelling', () => {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'.split('');
    const read = alphabet.filter((last) => refusal(() => parseCheckpoint(rooted(`${HASH.slice(0, -2)}${last}=`))) === undefined);
    expect(read).toHaveLength(16);
  });
  test('a note of 512 KiB is read', () => {
    const lines = `\n\n${line()}`;
    const largest = utf8(`${'a'.repeat(512 * 1024 - utf8(lines).length)}${lines}`);
    expect(parseNote(largest).text).toHaveLength(largest.length - utf8(lines).length + 1);
  });
  test('a head may be an empty line, and begins with no control character', () => {
    expect(splitHeaderLines(utf8('\n\nx'))).toStrictEqual({ lines: [''], rest: utf8('x') });
    expect(splitHeaderLines(utf8('x\n'))).toBeUndefined();
    expect(['\ta', 'a\n b', '\u001f', ''].map(hasControlCharacters)).toStrictEqual([true, false, true, false]);
  });
  test('63 hashes are read', () => {
    expect(parseTlogProof(utf8(`${HEAD}index 0\n${`${HASH}\n`.repeat(63)}\n`)).hashes).toHaveLength(63);
    expect(parseAddCheckpoint(utf8(`old 5\n${`${HASH}\n`.repeat(63)}\nx`)).proof).toHaveLength(63);
  });
  test('each entry of a bundle stands behind its length, the more significant byte first, at most 65,535', () => {
    expect(encodeBundle([Uint8Array.of(7, 8, 9), new Uint8Array(), Uint8Array.of(5)])).toStrictEqual(
      Uint8Array.of(0, 3, 7, 8, 9, 0, 0, 0, 1, 5),
    );
    const longest = new Uint8Array(65_535).fill(1);
    expect(decodeBundle(encodeBundle([longest]), 1)).toStrictEqual([longest]);
    expect(refusal(() => encodeBundle([new Uint8Array(65_536)]))).toBe('entry-too-large');
    const all = Array.from({ length: 256 }, (_, i) => new Uint8Array(i * 3).fill(i));
    const padded = Uint8Array.from([9, 9, ...encodeBundle(all), 9]);
    expect(decodeBundle(padded.subarray(2, -1), 256)).toStrictEqual(all);
  });
  test('a bundle has 1 to 256 entries, and no other number than is asked for', () => {
    for (const width of [0, 257]) {
      const entries = Array.from({ length: width }, () => new Uint8Array());
      expect(refusal(() => encodeBundle(entries))).toBe('bundle-malformed');
    }
    for (const width of [0, 257, -1, 1.5, 2, 4]) expect(refusal(() => decodeBundle(BUNDLE, width))).toBe('bundle-malformed');
  });

  const many = Array.from({ length: 64 }, () => new Uint8Array(32));
  test.each<[LogErrorCode, () => unknown]>([
    ['checkpoint-malformed', () => formatCheckpoint('', 1, root)],
    ['checkpoint-malformed', () => formatCheckpoint('a b', 1, root)],
    ['checkpoint-malformed', () => formatCheckpoint('a\nb', 1, root)],
    ['checkpoint-malformed', () => formatCheckpoint('a', -1, root)],
    ['checkpoint-malformed', () => formatCheckpoint('a', 2 ** 53, root)],
    ['checkpoint-malformed', () => formatCheckpoint('a', 1, root.slice(1))],
    ['empty-root-wrong', () => formatCheckpoint('a', 0, root)],
    ['tlog-proof-malformed', () => formatTlogProof({ index: 0, hashes: many, checkpoint })],
    ['tlog-proof-malformed', () => formatTlogProof({ index: -1, hashes: [], checkpoint })],
    ['witness-malformed', () => formatAddCheckpoint({ oldSize: 5, proof: many, checkpoint })],
    ['witness-malformed', () => formatAddCheckpoint({ oldSize: -1, proof: [], checkpoint })],
    ['note-malformed', () => formatNote({ text: 'a\n', signatures: [] })],
    ['note-malformed', () => formatNote({ ...parseNote(utf8(note(line()))), text: 'a' })],
    ['note-malformed', () => formatNote({ ...parseNote(utf8(note(line()))), text: '\ta\n' })],
    ['note-malformed', () => signText('a', logKey.key, logKey.sign)],
    ['key-malformed', () => verifierKey('a', 1, new Uint8Array(31))],
  ])('what could not be read back is not written: %s, case %$', (code, step) => expect(refusal(step)).toBe(code));
});
