import { type CheckpointText, parseCheckpoint } from './checkpoint.ts';
import { fail } from './errors.ts';
import type { Hash } from './hash.ts';
import { type Note, parseNote, type VerifiedSignature, verifyNote } from './note.ts';
import type { VerifierKey } from './verifierKey.ts';

/** The trusted log: its origin and the keys that can sign for it, both pinned by the verifier, never taken from the log. */
export interface TrustedLog {
  readonly origin: string;
  readonly keys: readonly VerifierKey[];
}

/**
 * A checkpoint with a verified signature. RFC 6962 proofs also verify for some wrong sizes, so every verifying function takes
 * size and root only from one of these; the private fields make {@link SignedCheckpoint.open} the only way to obtain one, in
 * types and at run time.
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
   * Parses and verifies an attacker-controlled checkpoint. Throws `note-…` and `checkpoint-…` for malformed bytes,
   * `origin-unknown` for another log, `signature-invalid` and `signature-missing`.
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

  /** The number of entries that the log commits to. */
  get size(): number {
    return this.#claim.size;
  }

  /** The root of the tree over these entries: a copy, so that a caller cannot change another's. */
  get root(): Hash {
    return this.#claim.root.slice();
  }

  /** The text that was signed, its final newline included. */
  get text(): string {
    return this.#note.text;
  }

  /** The signed note as it was read. */
  get bytes(): Uint8Array {
    return this.#bytes.slice();
  }

  /**
   * Returns which of the given witnesses cosigned, and when. Empty when none did: the caller decides how many are enough. Throws
   * when the cosignature of one of them does not hold.
   */
  cosignatures(witnesses: readonly VerifierKey[]): readonly VerifiedSignature[] {
    const isKnown = ({ name, keyId }: { name: string; keyId: number }) =>
      witnesses.some((witness) => witness.name === name && witness.id === keyId);
    return this.#note.signatures.some(isKnown) ? verifyNote(this.#note, witnesses) : [];
  }
}
