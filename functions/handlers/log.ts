import { S3Client } from '@aws-sdk/client-s3';
import { Hono } from 'hono';
import { object } from '../../domain/kernel/zodTypes.ts';
import { parseVerifierKey } from '../../domain/log/note.ts';
import { s3Blobs } from '../platform/blobs/s3Blobs.ts';
import { problemAnswer } from '../web/http/problems.ts';
import { toResponse } from '../web/http/respond.ts';
import { logApp } from '../web/log/app.ts';
import { BOUNDED, LOG_FOLDER, LogBucket, OriginSecretName, readEnvironment, Tables, VKEY_PATH } from './runtime/environment.ts';
import { httpHandler } from './runtime/httpHandler.ts';
import { logger } from './runtime/invocation.ts';
import { feedPorts, NO_REGISTER } from './runtime/ports.ts';
import { openOriginSecret } from './runtime/secrets.ts';

const env = readEnvironment(object(() => ({ ...Tables.shape, ...LogBucket.shape, ...OriginSecretName.shape })));
const blobs = s3Blobs(new S3Client(BOUNDED), env.ALDERGATE_LOG_BUCKET, LOG_FOLDER);
const [originSecret, ports] = await Promise.all([openOriginSecret(env.ALDERGATE_ORIGIN_SECRET), feedPorts(env, NO_REGISTER)]);

const sign = (): never => {
  throw new Error('the function that serves the log does not sign it');
};

/** Lambda limits a response to 6 MB, with bytes in base64. CloudFront reads larger tiles from the bucket itself. */
const ANSWER_BYTES_MAX = 4_400_000;

const NOT_BEGUN = new Hono().all('*', () => toResponse(problemAnswer('not-found', { detail: 'the log has not begun' })));

/** Opens the log under the key published now: this function outlives a handover. */
const openLog = async (): Promise<Hono> => {
  const vkey = await blobs.get(VKEY_PATH);
  if (vkey === undefined) return NOT_BEGUN;
  const signer = { key: parseVerifierKey(new TextDecoder().decode(vkey)), sign };
  const orders = ports.ledger.believed(ports.commits);
  return logApp({ ports: { ...ports, orders, blobs, signer }, logger, answerBytesMax: ANSWER_BYTES_MAX });
};

/** Serves what CloudFront does not find in the bucket. Has neither a signing key nor write permission. */
export const handler = httpHandler(originSecret, async () => ({ standing: 'open', made: { app: await openLog() } }));
