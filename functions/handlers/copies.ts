import { S3Client } from '@aws-sdk/client-s3';
import * as z from 'zod';
import { object } from '../../domain/kernel/zodTypes.ts';
import { copyOfDay } from '../log/dailyCopy.ts';
import { putFile } from '../platform/blobs/s3Blobs.ts';
import { underLease } from '../platform/lease.ts';
import { readEnvironment, Tables } from './runtime/environment.ts';
import { invoked } from './runtime/invocation.ts';
import { feedPorts, NO_REGISTER } from './runtime/ports.ts';
import { readKey } from './runtime/secrets.ts';
import { whenOpen } from './runtime/stage.ts';

const Name = z.string().min(1);
const env = readEnvironment(
  object(() => ({
    ...Tables.shape,
    ALDERGATE_TEXT_SECRET: Name,
    ALDERGATE_ROSTER_SECRET: Name,
    ALDERGATE_COPY_KEY: Name,
    ALDERGATE_COPY_BUCKET: Name,
    ALDERGATE_COPY_REGION: Name,
    ALDERGATE_COPY_FOLDER: Name,
  })),
);
const ports = await feedPorts(env, NO_REGISTER);

/** A file takes minutes, so a request times out only on inactivity. */
const client = new S3Client({
  region: env.ALDERGATE_COPY_REGION,
  requestHandler: { connectionTimeout: 1_000, socketTimeout: 60_000 },
});

/** Reads the keys for each copy, so that the next one has a rotated key. Omits the key of links: an import has new links mailed. */
const keys = async () => {
  const [text, roster] = await Promise.all([readKey(env.ALDERGATE_TEXT_SECRET), readKey(env.ALDERGATE_ROSTER_SECRET)]);
  return { text: Buffer.from(text).toString('base64'), roster: Buffer.from(roster).toString('base64') };
};

const copy = async () => {
  const copied = await underLease(ports, 'copies', () =>
    copyOfDay(ports, {
      recipient: env.ALDERGATE_COPY_KEY,
      keys,
      put: (folder, file) =>
        putFile(client, env.ALDERGATE_COPY_BUCKET, `${env.ALDERGATE_COPY_FOLDER}/${folder}/${file.name}`, file),
    }),
  );
  if (copied !== undefined) ports.logger({ level: 'info', event: 'copied', ...copied });
  return copied;
};

/** Makes the copy of the day unless it exists. Runs each hour, so that a failed copy is retried an hour later. */
export const handler = invoked(whenOpen(ports, async () => copy));
