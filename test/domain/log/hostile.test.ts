import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeBundle, encodeBundle } from '../../../domain/log/bundle.ts';
import { LogError } from '../../../domain/log/errors.ts';
import { formatNote, parseNote } from '../../../domain/log/note.ts';
import { inclusionProof } from '../../../domain/log/proof.ts';
import { bundlePath, parseLogPath, tilePath } from '../../../domain/log/tile.ts';
import { formatTlogProof, parseTlogProof } from '../../../domain/log/tlogProof.ts';
import { formatVerifierKey, parseVerifierKey } from '../../../domain/log/verifierKey.ts';
import { formatAddCheckpoint, openAddCheckpoint, parseAddCheckpoint } from '../../../domain/log/witness.ts';
import { logKey, trusted } from './support/keys.ts';
import { TestLog } from './support/testLog.ts';

const RUNS = 2_000;
const utf8 = (text: string) => new Uint8Array(Buffer.from(text));
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();
const log = new TestLog().growTo(300);
const { bytes: checkpoint } = log.checkpoint();
const hashes = inclusionProof(77, 300, log.reader());

/** Each format: one good example, and reading followed by writing. */
const FORMATS: readonly (readonly [string, Uint8Array, (bytes: Uint8Array) => Uint8Array])[] = [
  ['note', checkpoint, (bytes) => formatNote(parseNote(bytes))],
  ['receipt', formatTlogProof({ index: 77, hashes, checkpoint }), (bytes) => formatTlogProof(parseTlogProof(bytes))],
  [
    'request',
    formatAddCheckpoint({ oldSize: 7, proof: hashes, checkpoint }),
    (bytes) => formatAddCheckpoint(parseAddCheckpoint(bytes)),
  ],
  ['bundle', encodeBundle([utf8('one'), utf8(''), utf8('three')]), (bytes) => encodeBundle(decodeBundle(bytes, 3))],
  ['verifier key', utf8(formatVerifierKey(logKey.key)), (bytes) => utf8(formatVerifierKey(parseVerifierKey(text(bytes))))],
  [
    'path',
    utf8('tile/entries/x001/x234/067.p/5'),
    (bytes) => {
      const path = parseLogPath(text(bytes));
      return utf8('tile' in path ? tilePath(path.tile) : bundlePath(path.bundle));
    },
  ],
];

/** Generates valid bytes with some of them changed, removed or added. */
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

describe.each(FORMATS)('a %s', (_, good, rewrite) => {
  test('is written as it was read', () => {
    expect(text(rewrite(good))).toBe(text(good));
  });

  test('made of any bytes is refused with a code, or is the canonical spelling of its content', () => {
    const isSafe = (bytes: Uint8Array): boolean => {
      try {
        return Buffer.from(rewrite(bytes)).equals(bytes);
      } catch (error) {
        return error instanceof LogError;
      }
    };
    fc.assert(fc.property(fc.oneof(spoiled(good), fc.uint8Array({ maxLength: 300 })), isSafe), { numRuns: RUNS });
  });
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
