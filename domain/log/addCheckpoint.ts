// Wire format: the body of `POST <prefix>/add-checkpoint`, c2sp.org/tlog-witness.
import { concat, fromDecimal, hashFromBase64, isSize, splitHead, toBase64, toUtf8 } from './encoding.ts';
import { fail } from './errors.ts';
import type { Hash } from './hash.ts';
import type { Proof } from './proof.ts';

/** A request to cosign: the size that the log believes the witness to have, the proof from there, the new checkpoint as bytes. */
export interface AddCheckpoint {
  readonly oldSize: number;
  readonly proof: Proof;
  readonly checkpoint: Uint8Array;
}

const HASHES_MAX = 63;

/** Returns the bytes of a request. Throws `witness-old-size-malformed`, `witness-has-too-many-hashes`. */
export const formatAddCheckpoint = ({ oldSize, proof, checkpoint }: AddCheckpoint): Uint8Array => {
  if (!isSize(oldSize)) return fail('witness-old-size-malformed', 'a size is an integer from 0 to 2^53-1');
  if (proof.length > HASHES_MAX) return fail('witness-has-too-many-hashes', `at most ${HASHES_MAX} hashes`);
  return concat([toUtf8(`${[`old ${oldSize}`, ...proof.map(toBase64), ''].join('\n')}\n`), checkpoint]);
};

const parseHash = (line: string): Hash =>
  hashFromBase64(line) ?? fail('witness-hash-malformed', 'a hash is the canonical base64 of 32 bytes');

/** Parses an attacker-controlled request strictly, without reading the checkpoint in it. Throws `witness-…`. */
export const parseAddCheckpoint = (bytes: Uint8Array): AddCheckpoint => {
  const { lines, rest } =
    splitHead(bytes) ?? fail('witness-without-checkpoint', 'lines of text, an empty line and a checkpoint make a request');
  const [old = '', ...hashes] = lines;
  const oldSize = old.startsWith('old ') ? fromDecimal(old.slice('old '.length)) : undefined;
  if (oldSize === undefined) return fail('witness-old-size-malformed', 'the first line is "old <size>"');
  if (hashes.length > HASHES_MAX) return fail('witness-has-too-many-hashes', `at most ${HASHES_MAX} hashes`);
  return { oldSize, proof: hashes.map(parseHash), checkpoint: rest };
};
