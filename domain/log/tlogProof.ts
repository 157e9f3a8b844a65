// Wire format: c2sp.org/tlog-proof, `c2sp.org/tlog-proof@v1`.
import { concat, fromBase64, fromDecimal, hashFromBase64, isSize, splitHead, toBase64, toUtf8 } from './encoding.ts';
import { fail } from './errors.ts';
import type { Hash } from './hash.ts';
import type { Proof } from './proof.ts';
import { SignedCheckpoint, type TrustedLog } from './signedCheckpoint.ts';
import { verifyInclusion } from './verifyProof.ts';

/**
 * A claim until {@link verifyTlogProof}. The checkpoint stays bytes, so that its size cannot be used before its signature is
 * verified. `extra` is not authenticated.
 */
export interface TlogProof {
  readonly index: number;
  readonly hashes: Proof;
  readonly checkpoint: Uint8Array;
  readonly extra?: Uint8Array;
}

const HEADER = 'c2sp.org/tlog-proof@v1';
const HASHES_MAX = 63;

/** Returns the bytes of a receipt (file name extension `.tlog-proof`). Throws `tlog-proof-malformed`. */
export const formatTlogProof = ({ index, hashes, checkpoint, extra }: TlogProof): Uint8Array => {
  if (!isSize(index)) return fail('tlog-proof-malformed', 'an index is an integer from 0 to 2^53-1');
  if (hashes.length > HASHES_MAX) return fail('tlog-proof-malformed', `at most ${HASHES_MAX} hashes`);
  const extraLine = extra === undefined || extra.length === 0 ? [] : [`extra ${toBase64(extra)}`];
  const head = [HEADER, ...extraLine, `index ${index}`, ...hashes.map(toBase64), ''];
  return concat([toUtf8(`${head.join('\n')}\n`), checkpoint]);
};

const parseExtra = (line: string): Uint8Array => {
  const extra = fromBase64(line.slice('extra '.length));
  // Without extra data the line is omitted, so an empty one is a second spelling of the same receipt.
  if (extra === undefined || extra.length === 0) return fail('tlog-proof-malformed', 'extra data is canonical base64');
  return extra;
};

const parseIndex = (line: string | undefined): number => {
  const decimal = line?.startsWith('index ') ? line.slice('index '.length) : '';
  return fromDecimal(decimal) ?? fail('tlog-proof-malformed', '"index <n>" with n from 0 to 2^53-1 is expected');
};

const parseHash = (line: string): Hash =>
  hashFromBase64(line) ?? fail('tlog-proof-malformed', 'a hash is the canonical base64 of 32 bytes');

/** Parses an attacker-controlled receipt strictly, without verifying anything. Throws `tlog-proof-malformed`. */
export const parseTlogProof = (bytes: Uint8Array): TlogProof => {
  const { lines, rest } =
    splitHead(bytes) ?? fail('tlog-proof-malformed', 'lines of text, an empty line and a checkpoint make a receipt');
  if (lines.shift() !== HEADER) return fail('tlog-proof-malformed', `the first line is not ${HEADER}`);
  const extra = lines[0]?.startsWith('extra ') ? parseExtra(lines.shift() ?? '') : undefined;
  const index = parseIndex(lines.shift());
  if (lines.length > HASHES_MAX) return fail('tlog-proof-malformed', `at most ${HASHES_MAX} hashes`);
  const claim = { index, hashes: lines.map(parseHash), checkpoint: rest };
  return extra === undefined ? claim : { ...claim, extra };
};

export interface VerifiedTlogProof {
  readonly index: number;
  readonly checkpoint: SignedCheckpoint;
}

/**
 * Verifies a receipt offline, with the leaf of the entry that the verifier received. Throws `tlog-proof-malformed`, and all that
 * `SignedCheckpoint.open` and `verifyInclusion` throw.
 */
export const verifyTlogProof = (bytes: Uint8Array, leaf: Hash, log: TrustedLog): VerifiedTlogProof => {
  const { index, hashes, checkpoint: claim } = parseTlogProof(bytes);
  const checkpoint = SignedCheckpoint.open(claim, log);
  verifyInclusion(checkpoint, index, leaf, hashes);
  return { index, checkpoint };
};
