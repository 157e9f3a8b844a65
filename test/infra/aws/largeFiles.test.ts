import { randomBytes } from 'node:crypto';
import { S3Client } from '@aws-sdk/client-s3';
import { getRequestListener } from '@hono/node-server';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decodeBundle, encodeBundle } from '../../../domain/log/tile.ts';
import { folderBlobs } from '../../../functions/platform/blobs/folderBlobs.ts';
import type { Blobs } from '../../../functions/platform/blobs/port.ts';
import { s3Blobs } from '../../../functions/platform/blobs/s3Blobs.ts';
import { LOG_HEADERS, logApp } from '../../../functions/web/log/app.ts';
import { LOCAL } from '../../contract/dynamoTables.ts';
import { bench } from '../../functions/log/sequencer/ports.ts';
import { folderOfFile } from '../../support/folders.ts';
import { answering } from '../../support/listening.ts';
import { type Cloud, openCloud } from './support/cloud.ts';
import { fromBucket } from './support/cloudFront.ts';
import { type Templates, templates } from './support/templates.ts';

/** The longest entry that a bundle can hold (c2sp.org/tlog-tiles). */
const ENTRY_BYTES_MAX = 65_535;
/** An answer of Lambda holds 6 MB, in which bytes are base64. */
const LAMBDA_BYTES_MAX = 6 * 1024 * 1024;

const ENTRIES = Array.from({ length: 256 }, () => randomBytes(ENTRY_BYTES_MAX));
const BUNDLE = encodeBundle(ENTRIES);
const FULL = 'tile/entries/000';
/** A partial bundle that the full one has replaced: small enough for an answer of Lambda, and too large. */
const [SMALL, LARGE] = ['tile/entries/000.p/5', 'tile/entries/000.p/255'];

interface Got {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Buffer;
}

const relied = ({ headers }: Got): Readonly<Record<string, string | null>> =>
  Object.fromEntries(
    ['content-type', 'cache-control', 'content-length', ...Object.keys(LOG_HEADERS)].map((name) => [name, headers.get(name)]),
  );

const folder = folderOfFile('large');
let cloud: Cloud;
let deployed: Templates;
let client: S3Client;
beforeAll(async () => {
  cloud = await openCloud('http://127.0.0.1:9', () => ({ functions: {}, deniedOnCommits: [] }));
  client = new S3Client({ endpoint: cloud.endpointOf('operator'), ...LOCAL });
  deployed = templates();
  for (const blobs of [folderBlobs(folder), s3Blobs(client, 'PublicLogBucket', 'log')]) await blobs.putIfAbsent(FULL, BUNDLE);
});
afterAll(async () => {
  client.destroy();
  await cloud.close();
});

const appOn = (blobs: Blobs, answerBytesMax: number) =>
  logApp({ ports: { ...bench(), blobs }, logger: () => undefined, answerBytesMax });

const onOneMachine = async (path: string, method = 'GET'): Promise<Got> => {
  const listener = getRequestListener(appOn(folderBlobs(folder), Number.POSITIVE_INFINITY).fetch);
  const url = await answering((incoming, outgoing) => {
    void listener(incoming, outgoing);
  });
  const response = await fetch(`${url}/log/${path}`, { method });
  return { status: response.status, headers: response.headers, bytes: Buffer.from(await response.arrayBuffer()) };
};

const onAws = async (path: string): Promise<Got & { readonly by: 'bucket' | 'function' }> => {
  const file = fromBucket(deployed, cloud, `/log/${path}`);
  if (file !== undefined) return { status: 200, headers: new Headers(file.headers), bytes: file.bytes, by: 'bucket' };
  const answer = await appOn(s3Blobs(client, 'PublicLogBucket', 'log'), 4_400_000).request(`https://gate.example/log/${path}`);
  const bytes = Buffer.from(await answer.arrayBuffer());
  expect(Math.ceil(bytes.length / 3) * 4).toBeLessThan(LAMBDA_BYTES_MAX);
  return { status: answer.status, headers: answer.headers, bytes, by: 'function' };
};

describe('a bundle of 256 of the largest entries', () => {
  test('is read whole in both settings, with the same bytes and headers; on AWS from the bucket', async () => {
    const [local, aws] = [await onOneMachine(FULL), await onAws(FULL)];
    expect(BUNDLE.length).toBeGreaterThan(LAMBDA_BYTES_MAX);
    expect([local.status, aws.status, aws.by]).toStrictEqual([200, 200, 'bucket']);
    expect([local.bytes.equals(BUNDLE), aws.bytes.equals(BUNDLE)]).toStrictEqual([true, true]);
    expect(relied(aws)).toStrictEqual(relied(local));
    expect(relied(local)).toMatchObject({
      'content-type': 'application/octet-stream',
      'cache-control': 'public, max-age=31536000, immutable',
      'content-length': String(BUNDLE.length),
      'access-control-allow-origin': '*',
    });
  });

  test('gives the partial bundles that it has replaced; on AWS by the function', async () => {
    const [local, aws] = [await onOneMachine(SMALL), await onAws(SMALL)];
    expect([local.status, aws.status, aws.by]).toStrictEqual([200, 200, 'function']);
    expect(aws.bytes.equals(local.bytes)).toBe(true);
    expect(decodeBundle(aws.bytes, 5).map((entry) => Buffer.from(entry))).toStrictEqual(ENTRIES.slice(0, 5));
    expect(relied(aws)).toStrictEqual(relied(local));
  });

  test('stands for a partial bundle that no answer of Lambda can hold: it is missing, and the reader reads the full one', async () => {
    expect((await onOneMachine(LARGE)).status).toBe(200);
    expect(await onAws(LARGE)).toMatchObject({ status: 404, by: 'function' });
  });
});

test('the checkpoint and the proofs are asked of the function, whatever lies in the bucket', () => {
  for (const path of ['/log/checkpoint', '/log/vkey', '/log/proof/acme/1', '/log/record/acme'])
    expect(fromBucket(deployed, cloud, path)).toBeUndefined();
});
