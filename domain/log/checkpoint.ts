import { emptyRoot, fail, fromDecimal, HASH_BYTES, type Hash, hashFromBase64, isSize, sameHash, toBase64 } from './encoding.ts';
import { isKeyName, type Note, parseNote, type VerifiedSignature, type VerifierKey, verifyNote } from './note.ts';

// Wire format: c2sp.org/tlog-checkpoint.

/**
 * An unverified claim: no function that verifies proofs accepts it. Extension lines are opaque, and kept so that a witness can sign them.
 */
export interface CheckpointText {
  readonly origin: string;
  readonly size: number;
  readonly root: Hash;
  readonly extensions: readonly string[];
}

/**
 * Returns the three lines that a log signs. The origin is its public prefix without the scheme. Throws `checkpoint-malformed`,
 * `empty-root-wrong`.
 */
export const formatCheckpoint = (origin: string, size: number, root: Hash): string => {
  if (!isKeyName(origin)) return fail('checkpoint-malformed', 'an origin is not empty and has neither spaces nor plus signs');
  if (!isSize(size)) return fail('checkpoint-malformed', 'a size is an integer from 0 to 2^53-1');
  if (root.length !== HASH_BYTES) return fail('checkpoint-malformed', `a root has ${HASH_BYTES} bytes`);
  if (size === 0 && !sameHash(root, emptyRoot()))
    return fail('empty-root-wrong', 'the root of an empty log is the hash of nothing');
  return `${origin}\n${size}\n${toBase64(root)}\n`;
};

/** Parses the attacker-controlled text of a checkpoint strictly. Throws `checkpoint-malformed`. */
export const parseCheckpoint = (text: string): CheckpointText => {
  const lines = text.split('\n');
  const [origin = '', decimal = '', base64, ...extensions] = lines.slice(0, -1);
  if (base64 === undefined || lines.at(-1) !== '') {
    return fail('checkpoint-malformed', 'a checkpoint has three lines: origin, size, root');
  }
  if (origin === '') return fail('checkpoint-malformed', 'the origin of a checkpoint is not empty');
  const size = fromDecimal(decimal) ?? fail('checkpoint-malformed', 'a size is a decimal from 0 to 2^53-1');
  const root = hashFromBase64(base64) ?? fail('checkpoint-malformed', 'a root is the canonical base64 of 32 bytes');
  if (extensions.includes('')) return fail('checkpoint-malformed', 'extension lines are not empty');
  return { origin, size, root, extensions };
};

/** Parses an attacker-controlled note without its signatures. Throws `note-malformed`, `checkpoint-malformed`. */
export const claimedCheckpoint = (note: Uint8Array): CheckpointText => parseCheckpoint(parseNote(note).text);

/** A log's origin and signing keys, both pinned by the verifier, never taken from the log. */
export interface TrustedLog {
  readonly origin: string;
  readonly keys: readonly VerifierKey[];
}

/**
 * A checkpoint with a verified signature. RFC 6962 proofs also verify for some wrong sizes, so every verifying function takes
 * size and root from one of these alone; {@link SignedCheckpoint.open} is the only way to obtain one.
 */
export class SignedCheckpoint {
  readonly #bytes: Uint8Array;
  readonly #note: Note;
  readonly #claim: CheckpointText;

  private constructor(bytes: Uint8Array, note: Note, claim: CheckpointText) {
    this.#bytes = bytes;
    this.#note = note;
    this.#claim = claim;
  }

  /**
   * Parses and verifies an attacker-controlled checkpoint. Throws `note-malformed`, `checkpoint-malformed`, `origin-unknown`,
   * `signature-…`.
   */
  static open(bytes: Uint8Array, log: TrustedLog): SignedCheckpoint {
    const copy = bytes.slice();
    const note = parseNote(copy);
    const claim = parseCheckpoint(note.text);
    if (claim.origin !== log.origin) return fail('origin-unknown', `the checkpoint is of ${claim.origin}, not of ${log.origin}`);
    verifyNote(note, log.keys);
    return new SignedCheckpoint(copy, note, claim);
  }

  get origin(): string {
    return this.#claim.origin;
  }

  get size(): number {
    return this.#claim.size;
  }

  /** A copy, so that a caller cannot change another's. */
  get root(): Hash {
    return this.#claim.root.slice();
  }

  get text(): string {
    return this.#note.text;
  }

  get bytes(): Uint8Array {
    return this.#bytes.slice();
  }

  /** Returns which of these witnesses cosigned, and when. Throws if one of their cosignatures is invalid. */
  cosignatures(witnesses: readonly VerifierKey[]): readonly VerifiedSignature[] {
    const isKnown = ({ name, keyId }: { name: string; keyId: number }) =>
      witnesses.some((witness) => witness.name === name && witness.id === keyId);
    return this.#note.signatures.some(isKnown) ? verifyNote(this.#note, witnesses) : [];
  }
}
