import { createServer } from 'node:http';
import { S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BOUNDED } from '../../../functions/handlers/runtime/environment.ts';
import type { Blobs } from '../../../functions/platform/blobs/port.ts';
import { s3Blobs } from '../../../functions/platform/blobs/s3Blobs.ts';
import { StoreUnavailable } from '../../../functions/platform/store/errors.ts';
import { blobsContract } from '../../contract/blobsContract.ts';
import { LOCAL } from '../../contract/dynamoTables.ts';
import { FAULTS, type FaultProxy, startFaultProxy } from '../../contract/faultProxy.ts';
import { listened } from '../../support/listened.ts';
import { type Cloud, openCloud } from './support/cloud.ts';

const BUCKET = 'log';
const NO_ENGINE = 'http://127.0.0.1:9';
const PATH = /(?<=folder\/)\w+\/[\w-]+\/\d+/;

const clientAt = (endpoint: string) => new S3Client({ ...BOUNDED, ...LOCAL, endpoint });

blobsContract('S3', async () => {
  const cloud = await openCloud(NO_ENGINE, () => ({ functions: {}, deniedOnCommits: [] }));
  const client = clientAt(cloud.endpointOf('operator'));
  return {
    blobs: s3Blobs(client, BUCKET, 'folder'),
    close: async () => {
      client.destroy();
      await cloud.close();
    },
  };
});

test('a file whose second half never comes is given up, not waited for', async () => {
  const { url, close } = await listened(createServer((_, response) => void response.writeHead(200, { etag: 'x' }).write('half')));
  const client = clientAt(url);
  await expect(s3Blobs(client, BUCKET, 'folder').get('checkpoint')).rejects.toMatchObject({ cause: { name: 'TimeoutError' } });
  client.destroy();
  await close();
});

describe('faults at the wire', () => {
  let cloud: Cloud;
  let proxy: FaultProxy;
  let client: S3Client;
  let blobs: Blobs;
  beforeAll(async () => {
    cloud = await openCloud(NO_ENGINE, () => ({ functions: {}, deniedOnCommits: [] }));
    proxy = await startFaultProxy(cloud.endpointOf('operator'), (text) => PATH.exec(text)?.[0] ?? '');
    client = clientAt(proxy.endpoint);
    blobs = s3Blobs(client, BUCKET, 'folder');
  });
  afterAll(async () => {
    client.destroy();
    await proxy.close();
    await cloud.close();
  });

  const [old, fresh] = [new Uint8Array([1, 2, 3]), new Uint8Array([4, 5, 6, 7])];
  const thereNow = (path: string) => cloud.objects.get(`${BUCKET}/folder/${path}`);

  const WORKS = [
    { name: 'get', work: (path: string) => blobs.get(path), before: old, answers: [old], after: old },
    { name: 'putIfAbsent', work: (path: string) => blobs.putIfAbsent(path, fresh), answers: [true, false], after: fresh },
    { name: 'replace', work: (path: string) => blobs.replace(path, fresh, old), before: old, answers: [true], after: fresh },
    { name: 'remove', work: (path: string) => blobs.remove(path), before: old, answers: [undefined], after: undefined },
  ] as const;

  // Side by side, because a slow answer is waited for.
  test.concurrent.each(FAULTS.flatMap((fault) => WORKS.map((each) => ({ fault, ...each }))))(
    '$name, $fault at any of its calls: answered rightly or refused, and done when it is repeated',
    async ({ fault, name, work, answers, after, ...rest }) => {
      for (let at = 0, isHit = true; isHit; at += 1) {
        isHit = false;
        const path = `${name}/${fault}/${at}`;
        if ('before' in rest) cloud.objects.set(`${BUCKET}/folder/${path}`, Buffer.from(rest.before));
        proxy.plan(({ nth }) => {
          isHit ||= nth === at;
          return nth === at ? fault : undefined;
        }, path);
        const first = await work(path).then(
          (answer) => ({ answer }),
          (error: unknown) => void (name === 'get' && expect(error).toBeInstanceOf(StoreUnavailable)),
        );
        if (first !== undefined) expect(answers).toContainEqual(first.answer);
        if (first === undefined || first.answer === false) {
          proxy.plan(() => undefined, path);
          await work(path);
        }
        const there = thereNow(path);
        expect(there && new Uint8Array(there)).toEqual(after);
      }
    },
  );
});
