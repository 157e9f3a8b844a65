import { createPrivateKey } from 'node:crypto';
import { LOG_PREFIX } from '../log/app.ts';

/** Where the verifier key of the log lies among its files, so that who serves them need not hold the key that signs. */
export const VKEY_PATH = 'vkey';

/** The beginning of an Ed25519 private key in PKCS #8 (RFC 8410); the 32 bytes of its seed follow. */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');

/** A log's private key as PEM, of the 32 bytes that a secret holds. */
export const pemOf = (seed: Uint8Array): string =>
  createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: 'der', type: 'pkcs8' })
    .export({ type: 'pkcs8', format: 'pem' })
    .toString();

/** The log's origin: its public prefix without the scheme (c2sp.org/tlog-checkpoint). */
export const originOf = (url: string): string => `${url.replace(/^https?:\/\//, '')}${LOG_PREFIX}`;
