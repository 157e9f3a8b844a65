import { createHash, hash } from 'node:crypto';

/** Fixed: with a salt of free length, salt ‖ text could be opened as another text. */
export const SALT_BYTES = 32;

/** Returns the SHA-256 of the bytes (text: of its UTF-8) as `sha256:` and 64 lower-case hex digits. */
export const digestOf = (data: string | Uint8Array): string => `sha256:${hash('sha256', data)}`;

/** Returns SHA-256(salt ‖ text), which an event holds in place of an official's text. Throws RangeError on another length of the salt. */
export const commitmentOf = (salt: Uint8Array, text: string): string => {
  if (salt.length !== SALT_BYTES) throw new RangeError(`a salt has ${SALT_BYTES} bytes, not ${salt.length}`);
  return `sha256:${createHash('sha256').update(salt).update(text).digest('hex')}`;
};
