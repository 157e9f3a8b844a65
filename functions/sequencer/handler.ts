import { S3Client } from '@aws-sdk/client-s3';
import * as z from 'zod';
import { formatVerifierKey } from '../../domain/log/verifierKey.ts';
import { BOUNDED } from '../aws/clients.ts';
import { City, LogBucket, readEnvironment, Tables } from '../aws/environment.ts';
import { invoked } from '../aws/log.ts';
import { originOf, pemOf, VKEY_PATH } from '../aws/logKey.ts';
import { gatePorts } from '../aws/ports.ts';
import { tellPublished } from '../aws/published.ts';
import { readKeys } from '../aws/secrets.ts';
import { s3Blobs } from '../blobs/s3Blobs.ts';
import { sequence } from './sequence.ts';
import { logSigner } from './signer.ts';

const env = readEnvironment(z.object({ ...Tables.shape, ...City.shape, ...LogBucket.shape, ALDERGATE_LOG_SECRET: z.string() }));
const [seed = new Uint8Array()] = await readKeys(env.ALDERGATE_LOG_SECRET);
const signer = logSigner(pemOf(seed), originOf(env.ALDERGATE_URL));
const blobs = s3Blobs(new S3Client(BOUNDED), env.ALDERGATE_LOG_BUCKET);
const ports = { ...gatePorts(env), blobs, signer };

const vkey = new TextEncoder().encode(formatVerifierKey(signer.key));
await blobs.replace(VKEY_PATH, vkey, await blobs.get(VKEY_PATH));

/**
 * The sequencer as a Lambda: on a schedule, and behind a rule for every event of the bus. What triggered it does not matter, and two
 * at once do no harm: one of them loses.
 */
export const handler = invoked(async () => {
  const published = await sequence(ports);
  if (published !== undefined) await tellPublished(ports.side, published.size);
  return { size: published?.size ?? 0 };
});
