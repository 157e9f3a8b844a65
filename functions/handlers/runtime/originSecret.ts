import { createHash, timingSafeEqual } from 'node:crypto';
import { GetSecretValueCommand, ResourceNotFoundException, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { BOUNDED } from './clients.ts';

/**
 * The header in which CloudFront shows the key of the door. CloudFront sets it on every request and drops whatever the world sent
 * under this name, so who asks the API by its own address, past the firewall, cannot have it.
 */
export const ORIGIN_SECRET_HEADER = 'x-aldergate-door';

/** A key that was taken back is refused by all environments within this time. */
const AGE_MS_MAX = 5 * 60_000;
/** A key that nobody knows may be a new one; but whoever guesses makes an environment look no more often than this. */
const LOOK_AGAIN_MS = 10_000;

/** The stages of a secret of AWS: the value that stands, and the one before it, which stays valid while CloudFront takes over. */
const STAGES = ['AWSCURRENT', 'AWSPREVIOUS'] as const;

/** Reads the keys that open the door now. Throws when the one that stands cannot be read. */
export const readOriginSecrets = async (client: SecretsManagerClient, secretId: string): Promise<readonly string[]> => {
  const read = STAGES.map(async (VersionStage) => {
    try {
      const { SecretString: key = '' } = await client.send(new GetSecretValueCommand({ SecretId: secretId, VersionStage }));
      return key;
    } catch (error) {
      if (VersionStage === 'AWSPREVIOUS' && error instanceof ResourceNotFoundException) return '';
      throw error;
    }
  });
  return (await Promise.all(read)).filter((key) => key !== '');
};

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Whether a request came through the door. Compares digests in constant time, all of them, whichever fits. */
const fits = (given: string, keys: readonly string[]): boolean => {
  const digestGiven = digest(given);
  return keys.reduce((found, key) => timingSafeEqual(digest(key), digestGiven) || found, false);
};

/** Judges the door's header of a request. */
export type OriginSecret = (given: string | undefined) => Promise<boolean>;

/** A door whose keys are read again when they are old, or when one is shown that it does not know. */
export const originSecretOf = (
  first: readonly string[],
  read: () => Promise<readonly string[]>,
  nowMs: () => number,
): OriginSecret => {
  let [keys, readMs] = [first, nowMs()];
  const again = async (): Promise<void> => {
    readMs = nowMs();
    // While Secrets Manager is away the keys that are known stay good: else the whole gate would be away with it.
    keys = await read().catch(() => keys);
  };
  return async (given) => {
    if (given === undefined || given === '') return false;
    if (nowMs() - readMs >= AGE_MS_MAX) await again();
    if (fits(given, keys)) return true;
    if (nowMs() - readMs < LOOK_AGAIN_MS) return false;
    await again();
    return fits(given, keys);
  };
};

/** Opens the door of an environment at its cold start. Throws when its key cannot be read, so that nothing serves unguarded. */
export const openOriginSecret = async (secretId: string): Promise<OriginSecret> => {
  const client = new SecretsManagerClient(BOUNDED);
  const read = () => readOriginSecrets(client, secretId);
  return originSecretOf(await read(), read, Date.now);
};
