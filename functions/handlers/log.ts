import { S3Client } from '@aws-sdk/client-s3';
import { object } from '../../domain/kernel/lazyObject.ts';
import { parseVerifierKey } from '../../domain/log/verifierKey.ts';
import { s3Blobs } from '../platform/blobs/s3Blobs.ts';
import { logApp } from '../web/log/app.ts';
import { BOUNDED, LogBucket, OriginSecretName, readEnvironment, Tables } from './runtime/environment.ts';
import { feedPorts, NO_REGISTER } from './runtime/feedPorts.ts';
import { httpHandler } from './runtime/httpHandler.ts';
import { logger } from './runtime/invocation.ts';
import { LOG_FOLDER, VKEY_PATH } from './runtime/publicLog.ts';
import { openOriginSecret } from './runtime/secrets.ts';

const env = readEnvironment(object(() => ({ ...Tables.shape, ...LogBucket.shape, ...OriginSecretName.shape })));
const blobs = s3Blobs(new S3Client(BOUNDED), env.ALDERGATE_LOG_BUCKET, LOG_FOLDER);
const [originSecret, vkey, ports] = await Promise.all([
  openOriginSecret(env.ALDERGATE_ORIGIN_SECRET),
  blobs.get(VKEY_PATH),
  feedPorts(env, NO_REGISTER),
]);
if (vkey === undefined) throw new Error('the sequencer has not run yet: there is no verifier key');

const signer = {
  key: parseVerifierKey(new TextDecoder().decode(vkey)),
  sign: (): never => {
    throw new Error('the function that serves the log does not sign it');
  },
};

/** Lambda answers at most 6 MB, in which bytes are base64. CloudFront reads longer tiles from the bucket itself. */
const ANSWER_BYTES_MAX = 4_400_000;

/** Serves what CloudFront does not find in the bucket. Has no signing key and no permission to write. */
export const handler = httpHandler(
  logApp({ ports: { ...ports, blobs, signer }, logger, answerBytesMax: ANSWER_BYTES_MAX }),
  originSecret,
);
