import { createReadStream } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import { AgeError, decryptedBy, isAgeFile } from '../platform/age.ts';
import { linesIn } from '../platform/lines.ts';

/** What the name of an encrypted private part ends with, behind the name of its archive. */
export const ENCRYPTED_SUFFIX = '.private.age';

const START_BYTES = 64;

const startOf = async (path: string): Promise<Uint8Array> => {
  const file = await open(path);
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(START_BYTES), 0, START_BYTES, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
};

/**
 * Yields the lines of the file of a private part. One that is encrypted needs the file of an `identity`, as `age-keygen` writes it. Throws AgeError
 * where it cannot be decrypted.
 */
export async function* privateLinesIn(path: string, identity: string | undefined): AsyncGenerator<string> {
  if (!isAgeFile(await startOf(path))) yield* linesIn(createReadStream(path));
  else if (identity === undefined) throw new AgeError(`${path} is encrypted: name the file of its identity`);
  else yield* linesIn(await decryptedBy(await readFile(identity, 'utf8'), createReadStream(path)));
}
