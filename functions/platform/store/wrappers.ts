import { SETTINGS_STREAM } from '../../../domain/settings/events.ts';
import { StoreUnavailable } from './errors.ts';
import type { Store, StoredCommit } from './port.ts';
import { commitOf } from './record.ts';
import type { SideKind, SideStore } from './sideStore.ts';

/** Notifies of each append. A nudge is a hint on which no consumer may rely. */
export const withNudges = (store: Store, notify: (stream: string, version: number) => void): Store => {
  const appended = ({ stream, version }: StoredCommit): void => {
    // The commit is durable: a listener's error must not turn its acknowledgement into an error.
    try {
      notify(stream, version);
    } catch {}
  };
  return {
    ...store,
    append: async (records) => {
      const answer = await store.append(records);
      for (const record of records.slice(0, answer.appended)) appended(record);
      return answer;
    },
  };
};

/** Disk space reserved for officials' decisions. */
interface Reserve {
  readonly isBelow: () => boolean;
  readonly makeRoom: () => void;
}

/** Reports whether a record may use the reserve: an official's act, or the settings, without which nothing can be decided. */
const mayUse = (record: StoredCommit): boolean =>
  commitOf(record).actor.startsWith('holder:') || record.stream === SETTINGS_STREAM;

/**
 * Rejects appends (`disk-low`) except officials' while only the reserve is left: a disk filled by notices must not prevent a
 * revocation.
 */
export const withReserve = (store: Store, { isBelow, makeRoom }: Reserve): Store => {
  const checkRoom = (records: readonly StoredCommit[]): void => {
    const other = records.find((record) => !mayUse(record));
    if (other === undefined) makeRoom();
    else if (isBelow()) throw new StoreUnavailable(`${other.stream}: the disk has only its reserve left`, { code: 'disk-low' });
  };
  return {
    ...store,
    append: async (records) => {
      checkRoom(records);
      return store.append(records);
    },
  };
};

/** Makes room for what a decision writes beside its commit. `isDerived`: the kinds of which no decision writes any. */
export const withRoom = (sideStore: SideStore, { makeRoom }: Reserve, isDerived: (kind: SideKind) => boolean): SideStore => ({
  ...sideStore,
  put: async (kind, id, value) => {
    if (!isDerived(kind)) makeRoom();
    await sideStore.put(kind, id, value);
  },
  putIfAbsent: async (kind, id, value) => {
    if (!isDerived(kind)) makeRoom();
    return sideStore.putIfAbsent(kind, id, value);
  },
});
