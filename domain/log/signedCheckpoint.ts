import { type CheckpointText, parseCheckpoint } from './checkpoint.ts';
import { fail } from './errors.ts';
import type { Hash } from './hash.ts';
import { type Note, parseNote, type VerifiedSignature, verifyNote } from './note.ts';
import type { VerifierKey } from './verifierKey.ts';

/** Its origin and the keys that can sign for it, both pinned by the verifier, never taken from the log. */
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

  /** Parses and verifies an attacker-controlled checkpoint. Throws `note-malformed`, `checkpoint-malformed`, `origin-unknown`, `signature-…`. */
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

  /** Returns which of these witnesses cosigned, and when. Throws when the cosignature of one of them does not hold. */
  cosignatures(witnesses: readonly VerifierKey[]): readonly VerifiedSignature[] {
    const isKnown = ({ name, keyId }: { name: string; keyId: number }) =>
      witnesses.some((witness) => witness.name === name && witness.id === keyId);
    return this.#note.signatures.some(isKnown) ? verifyNote(this.#note, witnesses) : [];
  }
}
