import { isIP } from 'node:net';

/** The WebAuthn relying party of the gate's passkeys: the host of the gate's own URL, and its origin. */
export interface RelyingParty {
  readonly id: string;
  readonly origin: string;
}

/**
 * Returns the relying party derived from ALDERGATE_URL alone, never from a Host header. Returns undefined if browsers do not
 * support passkeys there: on a numeric address, or without https anywhere but on `localhost`.
 */
export const relyingPartyOf = (url: string): RelyingParty | undefined => {
  const { hostname, origin, protocol } = new URL(url);
  if (hostname.startsWith('[') || isIP(hostname) !== 0) return undefined;
  const secure = protocol === 'https:' || hostname === 'localhost' || hostname.endsWith('.localhost');
  return secure ? { id: hostname, origin } : undefined;
};
