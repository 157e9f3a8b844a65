import { createReadStream } from 'node:fs';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  NoSuchKey,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { assertBlobPath, type Blobs, IMMUTABLE, notReached, same } from './port.ts';

const REFUSALS = new Set(['PreconditionFailed', 'ConditionalRequestConflict']);

type Condition = { readonly IfNoneMatch: '*' } | { readonly IfMatch: string };

interface Found {
  readonly bytes: Uint8Array;
  readonly etag: string;
}

const REPLACED = { contentType: 'text/plain; charset=utf-8', cacheControl: 'no-cache' } as const;

type Served = typeof IMMUTABLE | typeof REPLACED;

const onePiece = (bytes: Uint8Array): ReadableStream<Uint8Array> =>
  new ReadableStream({
    start: (controller) => {
      controller.enqueue(bytes);
      controller.close();
    },
  });

/**
 * Stores blobs as objects below a folder, with the headers that CloudFront serves. Puts are conditional. If an answer is lost, the client's
 * retry is refused, and the present content is compared.
 */
export const s3Blobs = (client: S3Client, bucket: string, folder: string): Blobs => {
  const keyOf = (path: string): string => `${folder}/${path}`;
  const find = async (path: string): Promise<Found | undefined> => {
    assertBlobPath(path);
    try {
      const { Body: body, ETag: etag = '' } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: keyOf(path) }));
      return { bytes: (await body?.transformToByteArray()) ?? new Uint8Array(), etag };
    } catch (error) {
      if (error instanceof NoSuchKey) return undefined;
      throw notReached(path, error);
    }
  };
  const put = async (
    path: string,
    bytes: Uint8Array,
    condition: Condition,
    { contentType, cacheControl }: Served,
  ): Promise<boolean> => {
    const headers = { ContentType: contentType, CacheControl: cacheControl };
    try {
      await client.send(new PutObjectCommand({ Bucket: bucket, Key: keyOf(path), Body: bytes, ...headers, ...condition }));
      return true;
    } catch (error) {
      if (error instanceof Error && REFUSALS.has(error.name)) return false;
      throw error;
    }
  };
  const below = async (path: string): Promise<readonly string[]> => {
    const keys: string[] = [];
    for (let next: string | undefined; ; ) {
      const page = await client.send(
        new ListObjectsV2Command({
          Bucket: bucket,
          Prefix: `${keyOf(path)}/`,
          ...(next !== undefined && { ContinuationToken: next }),
        }),
      );
      keys.push(...(page.Contents ?? []).flatMap(({ Key: key }) => key ?? []));
      next = page.NextContinuationToken;
      if (next === undefined) return keys;
    }
  };
  return {
    get: async (path) => (await find(path))?.bytes,
    open: async (path) => {
      const found = await find(path);
      return found && { bytes: found.bytes.length, stream: onePiece(found.bytes) };
    },
    putIfAbsent: async (path, bytes) => {
      assertBlobPath(path);
      return put(path, bytes, { IfNoneMatch: '*' }, IMMUTABLE);
    },
    replace: async (path, bytes, known) => {
      const found = await find(path);
      if (!same(found?.bytes, known)) return false;
      const condition: Condition = found === undefined ? { IfNoneMatch: '*' } : { IfMatch: found.etag };
      if (await put(path, bytes, condition, REPLACED)) return true;
      return same((await find(path))?.bytes, bytes);
    },
    remove: async (path) => {
      assertBlobPath(path);
      for (const key of [keyOf(path), ...(await below(path))])
        await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }));
    },
  };
};

interface WholeFile {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: Buffer;
}

/** The SDK does not retry a request with a streaming body. */
const TRIES = 3;

/**
 * Puts a file of up to 5 GB in one atomic request, which S3 accepts only if the bytes have this SHA-256. Rejects with the error of the last
 * try.
 */
export const putFile = async (
  client: S3Client,
  bucket: string,
  key: string,
  { path, bytes, sha256 }: WholeFile,
): Promise<void> => {
  for (let left = TRIES - 1; ; left -= 1) {
    const body = createReadStream(path);
    try {
      const checksum = { ChecksumSHA256: sha256.toString('base64') };
      await client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, ContentLength: bytes, ...checksum }));
      return;
    } catch (error) {
      if (left === 0) throw error;
    } finally {
      body.destroy();
    }
  }
};
