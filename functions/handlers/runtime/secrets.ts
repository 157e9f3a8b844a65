import type { MacKeys } from '../../platform/store/mac.ts';
import { readSecret } from './secretsManager.ts';

/** 32 bytes in base64, as in `keys.json` on one machine, or in base64url. AWS makes the text without padding. */
const KEY = /^[A-Za-z0-9+/_-]{43}=?$/;

const keyIn = (text: string, SecretId: string): Uint8Array => {
  if (!KEY.test(text)) throw new Error(`the secret ${SecretId} is not 32 bytes in base64`);
  return Buffer.from(text, 'base64');
};

/**
 * Reads the keys an installation keeps to itself, each in a secret of its own: the function that takes vendors' bytes must not be
 * able to read the key that makes officials' links. Called once a cold start; a changed key is seen by new environments only. Throws
 * when a secret cannot be read, so that nothing runs without it.
 */
export const readKeys = async (...secrets: readonly string[]): Promise<readonly Uint8Array[]> =>
  Promise.all(secrets.map(async (secret) => keyIn((await readSecret(secret)) ?? '', secret)));

/**
 * Reads the keys for MACs in a secret: one, or several with commas between them while a rotation continues, the newest first.
 */
export const readMacKeys = async (secret: string): Promise<MacKeys> => {
  const text = (await readSecret(secret)) ?? '';
  const [current = '', ...older] = text.split(',').map((each) => each.trim());
  return [keyIn(current, secret), ...older.map((each) => keyIn(each, secret))];
};
