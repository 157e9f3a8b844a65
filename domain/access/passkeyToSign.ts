// Wire and storage format: what a passkey signs to let in another of the same person. Signed bytes contain its hash permanently; a change
// needs a new version beside this one.
import type { Assertion } from '../kernel/assertion.ts';
import type { JsonObject } from '../kernel/json.ts';
import type { PasskeyEnrolled } from './events.ts';

export type NewPasskey = Pick<PasskeyEnrolled, 'holder' | 'generation' | 'credential' | 'algorithm' | 'publicKey' | 'cose'>;

/** The leave for another passkey as an earlier one of the same person signs it. */
export const passkeyToSign = (
  { holder, generation, credential, algorithm, publicKey, cose }: NewPasskey,
  { gate, nonce, expiresAt }: Pick<Assertion, 'gate' | 'nonce' | 'expiresAt'>,
): JsonObject => ({
  format: 'aldergate-passkey',
  v: 1,
  gate,
  nonce,
  expiresAt,
  holder,
  generation,
  credential,
  algorithm,
  publicKey,
  cose,
});
