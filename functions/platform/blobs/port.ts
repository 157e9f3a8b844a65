/** How a blob that never changes is served, whichever server does it. */
export const IMMUTABLE = {
  contentType: 'application/octet-stream',
  cacheControl: 'public, max-age=31536000, immutable',
} as const;

/** A blob that is read piece by piece. Nothing has to be closed when the stream is not read. */
export interface OpenBlob {
  readonly bytes: number;
  readonly stream: ReadableStream<Uint8Array>;
}

/**
 * Small files by path, such as the tiles of the public log: written once and never changed, but for the one that names the newest.
 * Paths are segments of `[a-zA-Z0-9._-]` joined by `/`. What is written is durable once the call returns, whole or not at all.
 * Failures throw; whether a failed write happened is not known.
 */
export interface Blobs {
  get(path: string): Promise<Uint8Array | undefined>;
  /** Opens a blob to be read piece by piece, so that a large one is never whole in memory where the adapter can avoid it. */
  open(path: string): Promise<OpenBlob | undefined>;
  /** True when this call wrote it; false when there is one already, which is left as it is. */
  putIfAbsent(path: string, bytes: Uint8Array): Promise<boolean>;
  /** Writes only over exactly `known` (undefined: over nothing); false when something else stands there. */
  replace(path: string, bytes: Uint8Array, known: Uint8Array | undefined): Promise<boolean>;
  /** Removes what is at the path and below it; removing what is not there is no error. */
  remove(path: string): Promise<void>;
}

const PATH = /^(?:(?!\.{1,2}(?:\/|$))[\w.-]{1,200})(?:\/(?!\.{1,2}(?:\/|$))[\w.-]{1,200}){0,11}$/;

/** Throws on a path that one of the adapters could not hold: a programmer's error. */
export const assertBlobPath = (path: string): void => {
  if (!PATH.test(path)) throw new RangeError('not the path of a blob');
};
