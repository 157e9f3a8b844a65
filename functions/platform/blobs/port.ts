import { messageOf } from '../logging.ts';
import { StoreUnavailable } from '../store/errors.ts';

/** The headers of a blob that never changes, the same on every server. */
export const IMMUTABLE = {
  contentType: 'application/octet-stream',
  cacheControl: 'public, max-age=31536000, immutable',
} as const;

/** A stream that is not read needs no closing. */
export interface OpenBlob {
  readonly bytes: number;
  readonly stream: ReadableStream<Uint8Array>;
}

/**
 * Small files by path, written once and never changed, except the one that names the newest. A write is durable once the call returns, and
 * all or nothing; after a failed one it is unknown whether it took effect. `get` and `open` throw StoreUnavailable where nothing is known.
 */
export interface Blobs {
  get(path: string): Promise<Uint8Array | undefined>;
  /** To be read piece by piece. */
  open(path: string): Promise<OpenBlob | undefined>;
  /** False if a blob exists already, which stays unchanged. */
  putIfAbsent(path: string, bytes: Uint8Array): Promise<boolean>;
  /** Only over exactly `known` (undefined: over nothing); false if the present content differs. */
  replace(path: string, bytes: Uint8Array, known: Uint8Array | undefined): Promise<boolean>;
  /** Removing an absent path is not an error. */
  remove(path: string): Promise<void>;
}

const PATH = /^(?:(?!\.{1,2}(?:\/|$))[\w.-]{1,200})(?:\/(?!\.{1,2}(?:\/|$))[\w.-]{1,200}){0,11}$/;

/** Throws RangeError on a path that one of the adapters cannot hold. */
export const assertBlobPath = (path: string): void => {
  if (!PATH.test(path)) throw new RangeError('not the path of a blob');
};

export const notReached = (path: string, cause: unknown): StoreUnavailable =>
  new StoreUnavailable(`${path}: ${messageOf(cause)}`, { cause });

export const same = (a: Uint8Array | undefined, b: Uint8Array | undefined): boolean =>
  a === undefined || b === undefined ? a === b : Buffer.compare(a, b) === 0;
