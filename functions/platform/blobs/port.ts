import { messageOf } from '../logging.ts';
import { StoreUnavailable } from '../store/errors.ts';

/** The headers of a blob that never changes, the same on every server. */
export const IMMUTABLE = {
  contentType: 'application/octet-stream',
  cacheControl: 'public, max-age=31536000, immutable',
} as const;

/** An unread stream needs no closing. */
export interface OpenBlob {
  readonly bytes: number;
  readonly stream: ReadableStream<Uint8Array>;
}

/**
 * Small files by path, written once and never changed, except the one that names the newest. A write is atomic, and durable once the call
 * returns; whether a failed write took effect is unknown. `get` and `open` throw StoreUnavailable if they cannot tell.
 */
export interface Blobs {
  get(path: string): Promise<Uint8Array | undefined>;
  /** Opens a blob for reading piece by piece. */
  open(path: string): Promise<OpenBlob | undefined>;
  /** False if a blob exists already, which stays unchanged. */
  putIfAbsent(path: string, bytes: Uint8Array): Promise<boolean>;
  /** Replaces exactly `known` (undefined: nothing); false if the present content differs. */
  replace(path: string, bytes: Uint8Array, known: Uint8Array | undefined): Promise<boolean>;
  /** Removing an absent path is not an error. */
  remove(path: string): Promise<void>;
}

const PATH = /^(?:(?!\.{1,2}(?:\/|$))[\w.-]{1,200})(?:\/(?!\.{1,2}(?:\/|$))[\w.-]{1,200}){0,11}$/;

/** Throws RangeError on a path that any of the adapters cannot store. */
export const assertBlobPath = (path: string): void => {
  if (!PATH.test(path)) throw new RangeError('not the path of a blob');
};

export const notReached = (path: string, cause: unknown): StoreUnavailable =>
  new StoreUnavailable(`${path}: ${messageOf(cause)}`, { cause });

export const same = (a: Uint8Array | undefined, b: Uint8Array | undefined): boolean =>
  a === undefined || b === undefined ? a === b : Buffer.compare(a, b) === 0;
