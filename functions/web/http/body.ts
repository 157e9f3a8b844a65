import { refused } from './refused.ts';

/** A request with a body, such as a Request of the fetch standard. */
interface WithBody {
  readonly headers: { get(name: string): string | null };
  readonly body: ReadableStream<Uint8Array> | null;
  /** Reads the whole body at once; present on requests that came over HTTP, where a body ends at its declared length. */
  arrayBuffer?(): Promise<ArrayBuffer>;
}

const brokeOff = (): never => {
  throw refused('invalid-request', { detail: 'the body broke off' });
};

const EMPTY = new Uint8Array(0);

/**
 * Returns the exact bytes of a body. Throws Refused: 413 above `bytesMax`, unread if the declared length is above it; what arrives is
 * counted whatever was declared, so that neither a chunked body nor a false length passes. 415 for a compressed body, since signatures
 * cover the bytes that were sent.
 */
export const readBody = async (request: WithBody, bytesMax: number): Promise<Uint8Array> => {
  const encoding = request.headers.get('content-encoding');
  if (encoding !== null && encoding.trim().toLowerCase() !== 'identity')
    throw refused('unsupported-media-type', { detail: 'send the body uncompressed' });
  const tooLarge = () => refused('too-large', { detail: `at most ${bytesMax} bytes are taken here` });
  const declared = Number(request.headers.get('content-length') ?? Number.NaN);
  if (declared > bytesMax) throw tooLarge();
  if (declared >= 0 && request.arrayBuffer !== undefined) {
    // Making a stream of a request costs the adapter of node:http more than everything else here.
    const bytes = new Uint8Array(await request.arrayBuffer().catch(brokeOff));
    if (bytes.length > bytesMax) throw tooLarge();
    return bytes;
  }
  if (request.body === null) return EMPTY;
  const chunks: Uint8Array[] = [];
  let length = 0;
  const reader = request.body.getReader();
  for (;;) {
    const { done, value } = await reader.read().catch(brokeOff);
    if (done) break;
    length += value.length;
    if (length > bytesMax) {
      await reader.cancel().catch(() => undefined);
      throw tooLarge();
    }
    chunks.push(value);
  }
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, length);
};

/** Returns the media type without its parameters, in lower case; empty if none was sent. */
export const mediaTypeOf = (header: string | null): string => (header ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';

const UTF8 = /^utf-?8$/i;

/** Reports whether the header names JSON in UTF-8, its only encoding (RFC 8259, section 8.1). */
export const isJson = (header: string | null): boolean => {
  if (header === 'application/json') return true;
  if (mediaTypeOf(header) !== 'application/json') return false;
  const charset = /;\s*charset\s*=\s*"?([^";]*)"?/i.exec(header ?? '')?.[1];
  return charset === undefined || UTF8.test(charset.trim());
};

/** Throws Refused (415) for a body of another media type than `expected`. */
export const requireMediaType = (
  header: string | null,
  expected: 'application/json' | 'application/x-www-form-urlencoded',
): void => {
  const fits = expected === 'application/json' ? isJson(header) : mediaTypeOf(header) === expected;
  if (!fits) throw refused('unsupported-media-type', { detail: `send ${expected}`, headers: { accept: expected } });
};
