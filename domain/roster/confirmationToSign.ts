// Wire and storage format: what a passkey signs. Its hash stands in signed bytes for ever; a change of it is a new version beside this one.
import type { Assertion } from '../kernel/assertion.ts';
import type { JsonObject } from '../kernel/json.ts';
import type { RosterConfirmed } from './events.ts';

/** The confirmation of a proposed roster as its confirmer signs it: which roster, by its digest, and who confirms in which seat. */
export const confirmationToSign = (
  { sha256, holder, body, seat }: Pick<RosterConfirmed, 'sha256' | 'holder' | 'body' | 'seat'>,
  { gate, nonce, expiresAt }: Pick<Assertion, 'gate' | 'nonce' | 'expiresAt'>,
): JsonObject => ({ format: 'aldergate-roster', v: 1, gate, nonce, expiresAt, sha256, holder, body, seat });
