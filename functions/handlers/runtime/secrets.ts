import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { BOUNDED } from './clients.ts';

/** 32 bytes in base64, as `keys.json` of one machine has them, or in base64url; AWS makes the text without padding. */
const KEY = /^[A-Za-z0-9+/_-]{43}=?$/;

/**
 * The keys an installation keeps to itself, each in a secret of its own: the function that takes vendors' bytes must not be able to
 * read the key that makes officials' links. Read once a cold start, with the SDK and nothing beside it; a key that was changed
 * is seen by new environments only. Throws when a secret cannot be read, so that nothing runs without it.
 */
export const readKeys = async (...secrets: readonly string[]): Promise<readonly Uint8Array[]> => {
  const client = new SecretsManagerClient(BOUNDED);
  try {
    return await Promise.all(
      secrets.map(async (SecretId) => {
        const { SecretString: text = '' } = await client.send(new GetSecretValueCommand({ SecretId }));
        if (!KEY.test(text)) throw new Error(`the secret ${SecretId} is not 32 bytes in base64`);
        return Buffer.from(text, 'base64');
      }),
    );
  } finally {
    client.destroy();
  }
};
