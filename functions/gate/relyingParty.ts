import { isIP } from 'node:net';

/** Who passkeys are made for (WebAuthn's relying party): the host of the gate's own address, and its origin. */
export interface RelyingParty {
  readonly id: string;
  readonly origin: string;
}

/**
 * From ALDERGATE_URL alone, never from a Host header. Undefined where browsers make no passkeys: at an address of numbers, and without
 * https anywhere but on `localhost`.
 */
export const relyingPartyOf = (url: string): RelyingParty | undefined => {
  const { hostname, origin, protocol } = new URL(url);
  if (hostname.startsWith('[') || isIP(hostname) !== 0) return undefined;
  const secure = protocol === 'https:' || hostname === 'localhost' || hostname.endsWith('.localhost');
  return secure ? { id: hostname, origin } : undefined;
};
