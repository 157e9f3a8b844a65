// Wire and storage format: how a disposal is named, and what a passkey signs to confirm it. A change needs a new version beside this one.
import type { Assertion } from '../kernel/assertion.ts';
import { canonical } from '../kernel/canonical.ts';
import { digestOf } from '../kernel/digest.ts';
import type { JsonObject } from '../kernel/json.ts';
import type { DisposalRequested, TextDisposed } from './events.ts';

/** Returns the name of a request to dispose of a text: the digest of its event, so that a confirmation covers all of the order. */
export const disposalName = (event: DisposalRequested): string => digestOf(canonical(event));

/** Returns the confirmation of a disposal as its confirmer signs it: the request, by its name, the confirmer and their seat. */
export const disposalToSign = (
  { request, holder, body, seat }: Pick<TextDisposed, 'request' | 'holder' | 'body' | 'seat'>,
  { gate, nonce, expiresAt }: Pick<Assertion, 'gate' | 'nonce' | 'expiresAt'>,
): JsonObject => ({ format: 'aldergate-disposal', v: 1, gate, nonce, expiresAt, request, holder, body, seat });
