import { ReadableStream } from 'node:stream/web';

/** Thrown for a recipient, an identity or an encrypted file that cannot be used; the message says why. */
export class AgeError extends Error {
  override readonly name = 'AgeError';
}

/** What every file of age begins with (age-encryption.org/v1). */
const AGE_MAGIC = 'age-encryption.org/v1\n';

export const isAgeFile = (start: Uint8Array): boolean => Buffer.from(start).toString('latin1').startsWith(AGE_MAGIC);

/** Loaded when it is used: it is a tenth of a second. */
const library = () => import('age-encryption');

const because = (what: string, error: unknown): AgeError =>
  new AgeError(`${what}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });

async function* encoded(text: AsyncIterable<string>): AsyncGenerator<Uint8Array> {
  for await (const part of text) yield Buffer.from(part);
}

async function* failingAs(what: string, bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* bytes;
  } catch (error) {
    throw error instanceof AgeError ? error : because(what, error);
  }
}

/**
 * Encrypts text to an age recipient (`age1…`) as it is read, in parts of 64 KiB. Throws {@link AgeError}, before anything is read, for what is
 * no recipient.
 */
export const encryptedTo = async (recipient: string, text: AsyncIterable<string>): Promise<AsyncIterable<Uint8Array>> => {
  const { Encrypter } = await library();
  const encrypter = new Encrypter();
  try {
    encrypter.addRecipient(recipient);
  } catch (error) {
    throw because('not a recipient of age, which begins with age1', error);
  }
  return encrypter.encrypt(ReadableStream.from(encoded(text)));
};

/** Yields the identities in a file as `age-keygen` writes it: one a line, beside empty lines and comments. */
const identitiesIn = (file: string): readonly string[] =>
  file
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));

/**
 * Decrypts a file of age as it is read. `identities`: the text of an identity file. Throws {@link AgeError} at once if no identity fits, and while
 * it is read where the file was changed or cut off: what was yielded before is authentic.
 */
export const decryptedBy = async (identities: string, bytes: AsyncIterable<Uint8Array>): Promise<AsyncIterable<Uint8Array>> => {
  const { Decrypter } = await library();
  const decrypter = new Decrypter();
  const found = identitiesIn(identities);
  if (found.length === 0) throw new AgeError('the identity file holds no identity');
  try {
    for (const identity of found) decrypter.addIdentity(identity);
  } catch (error) {
    throw because('the identity file is not as age-keygen writes it', error);
  }
  try {
    return failingAs('cannot be decrypted', await decrypter.decrypt(ReadableStream.from(bytes)));
  } catch (error) {
    throw because('cannot be decrypted', error);
  }
};
