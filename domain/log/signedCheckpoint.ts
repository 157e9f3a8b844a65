import { type CheckpointText, parseCheckpoint } from './checkpoint.ts';
import { fail } from './errors.ts';
import type { Hash } from './hash.ts';
import { type Note, parseNote, type VerifiedSignature, verifyNote } from './note.ts';
import type { VerifierKey } from './verifierKey.ts';

/** Which log is believed: its origin and the keys that may sign for it, both pinned by the verifier, never taken from the log. */
export interface TrustedLog {
  readonly origin: string;
  readonly keys: readonly VerifierKey[];
}

/**
 * A checkpoint whose signature was verified. RFC 6962 proofs also verify for some wrong sizes, so every verifying function takes size
 * and root from one of these and from nowhere else; and the private fields make it impossible to have one (in types or at run time)
 * other than by {@link SignedCheckpoint.open}.
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
   * Reads and verifies an attacker-controlled checkpoint. Throws `note-…` and `checkpoint-…` for malformed bytes, `origin-unknown`
   * for another log, `signature-invalid` and `signature-missing`.
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

  /** How many entries the log vouches for. */
  get size(): number {
    return this.#claim.size;
  }

  /** The root of the tree over these entries: a copy, so that nobody can change it for others. */
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
   * Who of the given witnesses cosigned, and when. Empty when none did: how many are enough is the caller's policy. Throws when the
   * cosignature of one of them does not hold.
   */
  cosignatures(witnesses: readonly VerifierKey[]): readonly VerifiedSignature[] {
    const isKnown = ({ name, keyId }: { name: string; keyId: number }) =>
      witnesses.some((witness) => witness.name === name && witness.id === keyId);
    return this.#note.signatures.some(isKnown) ? verifyNote(this.#note, witnesses) : [];
  }
}
