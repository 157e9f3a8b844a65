import { GetSecretValueCommand, ResourceNotFoundException, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { BOUNDED } from './clients.ts';

/**
 * Reads a secret of AWS Secrets Manager; undefined if it, or this version of it, does not exist. Rejects if it cannot be read, with the
 * kind of the error and never with what was answered.
 */
export const readSecret = async (
  SecretId: string,
  VersionStage: 'AWSCURRENT' | 'AWSPREVIOUS' = 'AWSCURRENT',
): Promise<string | undefined> => {
  // Secrets are read side by side at a cold start and minutes apart afterwards, when a kept connection would be closed: each read has its own.
  const client = new SecretsManagerClient(BOUNDED);
  try {
    return (await client.send(new GetSecretValueCommand({ SecretId, VersionStage }))).SecretString;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw new Error(`the secret ${SecretId} cannot be read: ${error instanceof Error ? error.name : 'unknown'}`);
  } finally {
    client.destroy();
  }
};
