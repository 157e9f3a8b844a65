import type { Attachment, Store } from '../../../functions/platform/store/port.ts';

/** The changes that an intruder can make to a stored commit behind the adapter's back. */
export interface Tampering {
  readonly bytes?: Uint8Array;
  readonly state?: string;
  readonly attachmentBytes?: Uint8Array;
  /** Other attachments, each with the digest of its bytes. */
  readonly attachments?: readonly Attachment[];
  /** The MAC of the changed row: the one it had (the default), none, one under a foreign key, or a valid one. */
  readonly mac?: 'as it was' | 'none' | 'of a stranger' | 'valid';
}

/** A store under test: opened twice, and with a way around it. */
export interface StoreUnderTest {
  readonly store: Store;
  /** The store of another process on the same data. */
  readonly other: Store;
  /** The store of an attacker who knows everything except the key. */
  readonly forger: Store;
  readonly tamper: (stream: string, version: number, changes: Tampering) => Promise<void>;
  /** Makes every append to a stream fail before it is stored, until the returned function is called. */
  readonly failAppends: (stream: string) => Promise<() => Promise<void>>;
  readonly close: () => Promise<void>;
}

/** Returns a value that must be defined; throws if it is not. */
export const must = <T>(value: T | undefined): T => {
  if (value === undefined) throw new Error('nothing there');
  return value;
};
