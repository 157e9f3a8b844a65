import { createReadStream } from 'node:fs';
import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';

/** Where a file is on this machine, and what it is. */
export interface WholeFile {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: Buffer;
}

/** The SDK repeats no request whose body is read as it is sent. */
const TRIES = 3;

/**
 * Puts a file of up to 5 GB as an object, in one request: S3 has all of it or nothing, and takes it only if its bytes have this SHA-256.
 * Rejects with what the last try met.
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
