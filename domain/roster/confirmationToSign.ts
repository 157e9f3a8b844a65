// Wire and storage format: what a passkey signs. Signed bytes contain its hash permanently; a change needs a new version beside
// this one.
import type { Assertion } from '../kernel/assertion.ts';
import type { JsonObject } from '../kernel/json.ts';
import type { RosterConfirmed } from './events.ts';

/**
 * Returns the confirmation of what is proposed as its confirmer signs it: the roster or the reset, by its digest, the confirmer and
 * their seat.
 */
export const confirmationToSign = (
  { sha256, holder, body, seat }: Pick<RosterConfirmed, 'sha256' | 'holder' | 'body' | 'seat'>,
  { gate, nonce, expiresAt }: Pick<Assertion, 'gate' | 'nonce' | 'expiresAt'>,
): JsonObject => ({ format: 'aldergate-roster', v: 1, gate, nonce, expiresAt, sha256, holder, body, seat });
