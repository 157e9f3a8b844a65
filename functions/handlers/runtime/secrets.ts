import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { MacKeys } from '../../platform/store/mac.ts';
import { BOUNDED } from './clients.ts';

/** 32 bytes in base64, as in `keys.json` on one machine, or in base64url. AWS makes the text without padding. */
const KEY = /^[A-Za-z0-9+/_-]{43}=?$/;

const keyIn = (text: string, SecretId: string): Uint8Array => {
  if (!KEY.test(text)) throw new Error(`the secret ${SecretId} is not 32 bytes in base64`);
  return Buffer.from(text, 'base64');
};

const readTexts = async (secrets: readonly string[]): Promise<readonly string[]> => {
  const client = new SecretsManagerClient(BOUNDED);
  try {
    return await Promise.all(
      secrets.map(async (SecretId) => (await client.send(new GetSecretValueCommand({ SecretId }))).SecretString ?? ''),
    );
  } finally {
    client.destroy();
  }
};

/**
 * Reads the keys an installation keeps to itself, each in a secret of its own: the function that takes vendors' bytes must not be
 * able to read the key that makes officials' links. Called once a cold start, with the SDK and nothing beside it; a changed key is
 * seen by new environments only. Throws when a secret cannot be read, so that nothing runs without it.
 */
export const readKeys = async (...secrets: readonly string[]): Promise<readonly Uint8Array[]> =>
  (await readTexts(secrets)).map((text, index) => keyIn(text, secrets[index] ?? ''));

/** Reads the keys for MACs in a secret: one, or several with commas between them while a rotation continues, the newest first. */
export const readMacKeys = async (secret: string): Promise<MacKeys> => {
  const [text = ''] = await readTexts([secret]);
  const [current = '', ...older] = text.split(',').map((each) => each.trim());
  return [keyIn(current, secret), ...older.map((each) => keyIn(each, secret))];
};
