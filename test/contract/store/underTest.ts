import type { Store } from '../../../functions/platform/store/port.ts';

/** What of a stored commit an intruder may change behind the adapter's back. */
export interface Tampering {
  readonly bytes?: Uint8Array;
  readonly state?: string;
  readonly attachmentBytes?: Uint8Array;
  /** Whose MAC the row then bears: that of the row before (the default), none, a stranger's, or a valid one. */
  readonly mac?: 'as it was' | 'none' | 'of a stranger' | 'valid';
}

/** A store as the contract takes it: opened twice, and with a way round it. */
export interface StoreUnderTest {
  readonly store: Store;
  /** Another process's store on the same data. */
  readonly other: Store;
  /** The store of somebody who knows everything but the key. */
  readonly forger: Store;
  readonly tamper: (stream: string, version: number, changes: Tampering) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** What has to be there. */
export const must = <T>(value: T | undefined): T => {
  if (value === undefined) throw new Error('nothing there');
  return value;
};
