// Storage format: the statement by which a log's key hands over to the next, a signed note (c2sp.org/signed-note).
import { toUtf8 } from './encoding.ts';
import { fail } from './errors.ts';
import { parseNote, verifyNote } from './note.ts';
import { formatVerifierKey, parseVerifierKey, type VerifierKey } from './verifierKey.ts';

/** The key that takes over, its predecessor, and until when (exclusive) both sign. */
export interface KeyHandover {
  readonly by: VerifierKey;
  readonly key: VerifierKey;
  readonly until: string;
}

/** Returns the text both keys sign. Its first line has spaces, which no origin has: it can never be mistaken for a checkpoint. */
export const handoverText = ({ by, key, until }: KeyHandover): string =>
  `aldergate log key handover v1\n${formatVerifierKey(by)}\n${formatVerifierKey(key)}\n${until}\n`;

/**
 * Verifies the note under both keys; that of the new one proves possession. Throws `note-malformed`, `key-malformed`, `origin-unknown`,
 * `signature-…`.
 */
export const verifyHandover = (
  event: { readonly by: string; readonly key: string; readonly until: string },
  note: string,
): KeyHandover => {
  const handover = { by: parseVerifierKey(event.by), key: parseVerifierKey(event.key), until: event.until };
  if (handover.by.name !== handover.key.name) return fail('origin-unknown', 'a key hands over to a key of the same log');
  const parsed = parseNote(toUtf8(note));
  if (parsed.text !== handoverText(handover)) return fail('note-malformed', 'the note is about another handover');
  if (verifyNote(parsed, [handover.by, handover.key]).length !== 2)
    return fail('signature-missing', 'a handover is signed by the old key and by the new one');
  return handover;
};
