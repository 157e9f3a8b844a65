// Wire format: the answers of a witness, c2sp.org/tlog-witness.

import { claimedCheckpoint, SignedCheckpoint, type TrustedLog } from './checkpoint.ts';
import {
  concat,
  emptyRoot,
  fail,
  fromDecimal,
  fromUtf8,
  type Hash,
  hashFromBase64,
  isSize,
  LogError,
  type LogErrorCode,
  sameHash,
  splitHeaderLines,
  toBase64,
  toUtf8,
} from './encoding.ts';
import {
  type CosignBytes,
  cosignText,
  formatNote,
  formatSignature,
  parseNote,
  parseSignatures,
  type VerifierKey,
  verifyNote,
} from './note.ts';
import { type Proof, verifyConsistency } from './proof.ts';

// Wire format: the body of `POST <prefix>/add-checkpoint`, c2sp.org/tlog-witness.

/** `oldSize`: what the log believes the witness to have, where the proof begins. */
interface AddCheckpoint {
  readonly oldSize: number;
  readonly proof: Proof;
  readonly checkpoint: Uint8Array;
}

const HASHES_MAX = 63;

/** Throws `witness-malformed`. */
export const formatAddCheckpoint = ({ oldSize, proof, checkpoint }: AddCheckpoint): Uint8Array => {
  if (!isSize(oldSize)) return fail('witness-malformed', 'a size is an integer from 0 to 2^53-1');
  if (proof.length > HASHES_MAX) return fail('witness-malformed', `at most ${HASHES_MAX} hashes`);
  return concat([toUtf8(`${[`old ${oldSize}`, ...proof.map(toBase64), ''].join('\n')}\n`), checkpoint]);
};

const parseHash = (line: string): Hash =>
  hashFromBase64(line) ?? fail('witness-malformed', 'a hash is the canonical base64 of 32 bytes');

/** Parses an attacker-controlled request strictly, without reading the checkpoint in it. Throws `witness-malformed`. */
export const parseAddCheckpoint = (bytes: Uint8Array): AddCheckpoint => {
  const { lines, rest } =
    splitHeaderLines(bytes) ?? fail('witness-malformed', 'lines of text, an empty line and a checkpoint make a request');
  const [old = '', ...hashes] = lines;
  const oldSize = old.startsWith('old ') ? fromDecimal(old.slice('old '.length)) : undefined;
  if (oldSize === undefined) return fail('witness-malformed', 'the first line is "old <size>"');
  if (hashes.length > HASHES_MAX) return fail('witness-malformed', `at most ${HASHES_MAX} hashes`);
  return { oldSize, proof: hashes.map(parseHash), checkpoint: rest };
};

/** The body of a 409: the size that the witness has, in decimal, and a newline. */
export const TLOG_SIZE_MEDIA_TYPE = 'text/x.tlog.size';

/** Why a witness does not cosign. A 409 carries the witness's size in `size`. */
export type WitnessRefusal =
  | { readonly ok: false; readonly status: 400 | 403 | 404 | 422; readonly code: LogErrorCode; readonly detail: string }
  | { readonly ok: false; readonly status: 409; readonly size: number };

/** Only the comparison with the witness's latest checkpoint remains. */
interface SignedRequest {
  readonly ok: true;
  readonly oldSize: number;
  readonly proof: AddCheckpoint['proof'];
  readonly checkpoint: SignedCheckpoint;
}

/** If `ok`: replace the latest checkpoint by `checkpoint` atomically, then cosign it and answer 200. */
type WitnessDecision = { readonly ok: true; readonly checkpoint: SignedCheckpoint } | WitnessRefusal;

const orRefuse = <T>(status: 400 | 403 | 422, step: () => T): { readonly ok: true; readonly value: T } | WitnessRefusal => {
  try {
    return { ok: true, value: step() };
  } catch (error) {
    if (error instanceof LogError) return { ok: false, status, code: error.code, detail: error.message };
    throw error;
  }
};

/**
 * The half of the decision that needs no state: 400 for a malformed body, 404 for a log that the witness does not watch, 403
 * without a valid signature of that log. A log whose key changes may stand in `logs` once for each.
 */
export const openAddCheckpoint = (body: Uint8Array, logs: readonly TrustedLog[]): SignedRequest | WitnessRefusal => {
  const parsed = orRefuse(400, () => {
    const request = parseAddCheckpoint(body);
    return { ...request, origin: claimedCheckpoint(request.checkpoint).origin };
  });
  if (!parsed.ok) return parsed;
  const { oldSize, proof, checkpoint: bytes, origin } = parsed.value;
  const keys = logs.flatMap((log) => (log.origin === origin ? log.keys : []));
  if (keys.length === 0)
    return { ok: false, status: 404, code: 'origin-unknown', detail: 'this witness does not watch that log' };
  const opened = orRefuse(403, () => SignedCheckpoint.open(bytes, { origin, keys }));
  if (!opened.ok) return opened;
  const checkpoint = opened.value;
  if (oldSize <= checkpoint.size) return { ok: true, oldSize, proof, checkpoint };
  return {
    ok: false,
    status: 400,
    code: 'witness-malformed',
    detail: 'the old size is larger than that of the checkpoint',
  };
};

/**
 * The other half: 409 when the log assumes another size; 422 when the new checkpoint does not follow, or has another root at the same
 * size. The caller must read `latest` and store the new one atomically, or two requests could roll the witness back.
 */
export const decideAddCheckpoint = (request: SignedRequest, latest: SignedCheckpoint | undefined): WitnessDecision => {
  const { oldSize, proof, checkpoint } = request;
  const size = latest?.size ?? 0;
  if (oldSize !== size) return { ok: false, status: 409, size };
  const consistent = orRefuse(422, () => {
    if (checkpoint.size === 0 && !sameHash(checkpoint.root, emptyRoot()))
      fail('empty-root-wrong', 'an empty log has another root');
    if (latest !== undefined) verifyConsistency(latest, checkpoint, proof);
    else if (proof.length > 0) fail('proof-length-wrong', 'from size 0 there is nothing to prove');
  });
  return consistent.ok ? { ok: true, checkpoint } : consistent;
};

/** The body of a 200. Throws as `cosignText` does. */
export const cosignatureLine = (checkpoint: SignedCheckpoint, key: VerifierKey, seconds: number, sign: CosignBytes): string =>
  formatSignature(cosignText(checkpoint.text, key, seconds, sign));

/**
 * Returns a checkpoint with those lines of a witness's attacker-controlled answer that verify under the trusted keys. Throws
 * `witness-malformed`, `signature-invalid`, and `signature-missing` without one.
 */
export const addCosignatures = (
  checkpoint: SignedCheckpoint,
  answer: Uint8Array,
  witnesses: readonly VerifierKey[],
): Uint8Array => {
  const text = fromUtf8(answer) ?? fail('witness-malformed', 'the answer of a witness is UTF-8');
  const note = parseNote(checkpoint.bytes);
  const offered = { text: note.text, signatures: parseSignatures(text) };
  const names = new Set(verifyNote(offered, witnesses).map(({ key }) => `${key.name} ${key.id}`));
  const nameOf = ({ name, keyId }: { name: string; keyId: number }) => `${name} ${keyId}`;
  const added = offered.signatures.filter(
    (line, i, all) => names.has(nameOf(line)) && all.findIndex((other) => nameOf(other) === nameOf(line)) === i,
  );
  const kept = note.signatures.filter((line) => !names.has(nameOf(line)));
  return formatNote({ text: note.text, signatures: [...kept, ...added] });
};
