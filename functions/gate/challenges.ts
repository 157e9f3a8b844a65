import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { isIP } from 'node:net';
import type { WebAuthnChallenge } from '../../domain/feature/decisionToSign.ts';
import { canonical } from '../../domain/kernel/canonical.ts';
import { Instant } from '../../domain/kernel/zodTypes.ts';

const CHALLENGE_MS = 10 * 60_000;
const RANDOM_BYTES = 16;
const MAC_BYTES = 16;

/** What is signed. Each part is a separate element, so that no two purposes encode alike. */
export type Purpose = readonly (string | number)[];

const macOf = (key: Uint8Array, purpose: Purpose, random: Uint8Array, gate: string, expiresAt: string): Buffer =>
  createHmac('sha256', key)
    .update(canonical(['passkey', gate, expiresAt, Buffer.from(random).toString('base64url'), ...purpose]))
    .digest()
    .subarray(0, MAC_BYTES);

/** Returns a challenge for one purpose. It carries the gate's own MAC, so nothing is stored until it is spent. */
export const issueChallenge = (key: Uint8Array, gate: string, purpose: Purpose, now: string): WebAuthnChallenge => {
  const expiresAt = new Date(Date.parse(now) + CHALLENGE_MS).toISOString();
  const random = randomBytes(RANDOM_BYTES);
  const nonce = Buffer.concat([random, macOf(key, purpose, random, gate, expiresAt)]).toString('base64url');
  return { gate, nonce, expiresAt };
};

/** Reports whether this gate issued a challenge for this purpose, be it expired or not. */
export const isIssued = (key: Uint8Array, purpose: Purpose, { gate, nonce, expiresAt }: WebAuthnChallenge): boolean => {
  const bytes = Buffer.from(nonce, 'base64url');
  if (bytes.length !== RANDOM_BYTES + MAC_BYTES || bytes.toString('base64url') !== nonce) return false;
  if (!Instant.safeParse(expiresAt).success) return false;
  const random = bytes.subarray(0, RANDOM_BYTES);
  return timingSafeEqual(bytes.subarray(RANDOM_BYTES), macOf(key, purpose, random, gate, expiresAt));
};

export interface RelyingParty {
  readonly id: string;
  readonly origin: string;
}

/**
 * Derived from ALDERGATE_URL alone, never from a Host header; undefined where browsers support no passkeys: on a numeric address, or
 * without https anywhere but on `localhost`.
 */
export const relyingPartyOf = (url: string): RelyingParty | undefined => {
  const { hostname, origin, protocol } = new URL(url);
  if (hostname.startsWith('[') || isIP(hostname) !== 0) return undefined;
  const secure = protocol === 'https:' || hostname === 'localhost' || hostname.endsWith('.localhost');
  return secure ? { id: hostname, origin } : undefined;
};
