import { createHash, timingSafeEqual } from 'node:crypto';
import { GetSecretValueCommand, ResourceNotFoundException, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { Unavailable } from '../../platform/feed/consumer.ts';
import type { MacKeys } from '../../platform/store/mac.ts';
import { BOUNDED } from './environment.ts';
import { logger } from './invocation.ts';

/** A secret that is unreadable or not a key. Whatever needs it waits. */
export class UnusableSecret extends Unavailable {}

/**
 * Returns undefined if the secret, or this version of it, does not exist. Rejects with the kind of the error, never with the response.
 */
export const readSecret = async (
  SecretId: string,
  VersionStage: 'AWSCURRENT' | 'AWSPREVIOUS' = 'AWSCURRENT',
): Promise<string | undefined> => {
  // Each read has its own client: reads are minutes apart, so a kept connection would be closed by then.
  const client = new SecretsManagerClient(BOUNDED);
  try {
    return (await client.send(new GetSecretValueCommand({ SecretId, VersionStage }))).SecretString;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw new UnusableSecret(`the secret ${SecretId} cannot be read: ${error instanceof Error ? error.name : 'unknown'}`);
  } finally {
    client.destroy();
  }
};

/** 32 bytes in base64 or base64url. */
const KEY = /^[A-Za-z0-9+/_-]{43}=?$/;

const keyIn = (text: string, SecretId: string): Uint8Array => {
  if (!KEY.test(text)) throw new UnusableSecret(`the secret ${SecretId} is not 32 bytes in base64`);
  return Buffer.from(text, 'base64');
};

/**
 * Returns the key in a secret. Each has its own: the function that accepts vendors' bytes must not be able to read the key that makes
 * officials' links. Read once per cold start. Rejects if there is no key, so that nothing runs without it.
 */
export const readKey = async (secret: string): Promise<Uint8Array> => keyIn((await readSecret(secret)) ?? '', secret);

/** Returns one key or, during a rotation, several, separated by commas in the secret, newest first. */
export const readMacKeys = async (secret: string): Promise<MacKeys> => {
  const text = (await readSecret(secret)) ?? '';
  const [current = '', ...older] = text.split(',').map((each) => each.trim());
  return [keyIn(current, secret), ...older.map((each) => keyIn(each, secret))];
};

/**
 * CloudFront sets it on every request and overwrites the client's, so a client that bypasses the firewall cannot send it.
 */
export const ORIGIN_SECRET_HEADER = 'x-aldergate-origin-secret';

/** Within this time every environment refuses a revoked value. */
const AGE_MS_MAX = 5 * 60_000;
/** The least time between two reads caused by unknown values, which may be new, or guesses. */
const LOOK_AGAIN_MS = 10_000;

/** The current value, and the previous one until CloudFront sends the new one everywhere. */
const STAGES = ['AWSCURRENT', 'AWSPREVIOUS'] as const;

const readOriginSecrets = async (secretId: string): Promise<readonly string[]> => {
  const [current, previous] = await Promise.all(STAGES.map((stage) => readSecret(secretId, stage)));
  if (current === undefined) throw new UnusableSecret(`the secret ${secretId} does not exist`);
  return [current, previous ?? ''].filter((value) => value !== '');
};

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Compares digests in constant time. */
const fits = (given: string, accepted: readonly string[]): boolean => {
  const digestGiven = digest(given);
  return accepted.reduce((found, value) => timingSafeEqual(digest(value), digestGiven) || found, false);
};

export type OriginSecret = (given: string | undefined) => Promise<boolean>;

/** Reads the accepted values again if they are old or a request has an unknown one. If CloudFront sends that, all are refused. */
export const originSecretOf = (
  first: readonly string[],
  read: () => Promise<readonly string[]>,
  nowMs: () => number,
): OriginSecret => {
  let [accepted, readMs] = [first, nowMs()];
  const again = async (): Promise<void> => {
    readMs = nowMs();
    // While Secrets Manager does not answer, the known values stay accepted: otherwise the whole gate would stop with it.
    accepted = await read().catch(() => accepted);
  };
  return async (given) => {
    if (given === undefined || given === '') return false;
    if (nowMs() - readMs >= AGE_MS_MAX) await again();
    if (fits(given, accepted)) return true;
    if (nowMs() - readMs < LOOK_AGAIN_MS) return false;
    await again();
    const isAccepted = fits(given, accepted);
    if (!isAccepted) logger({ level: 'error', event: 'origin secret refused' });
    return isAccepted;
  };
};

/** Rejects if the secret cannot be read, so that no function serves without it. */
export const openOriginSecret = async (secretId: string): Promise<OriginSecret> => {
  const read = () => readOriginSecrets(secretId);
  return originSecretOf(await read(), read, Date.now);
};
