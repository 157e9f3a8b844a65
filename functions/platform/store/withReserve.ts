import { SETTINGS_STREAM } from '../../../domain/settings/events.ts';
import { StoreUnavailable } from './errors.ts';
import type { Store, StoredCommit } from './port.ts';
import { commitOf } from './record.ts';
import type { SideKind } from './sideKinds.ts';
import type { SideStore } from './sideStore.ts';

/** The room that is kept for officials' decisions. */
export interface Reserve {
  readonly isBelow: () => boolean;
  readonly makeRoom: () => void;
}

/** An official's act, or the settings, without which nothing can be decided. */
const mayUse = (record: StoredCommit): boolean =>
  commitOf(record).actor.startsWith('holder:') || record.stream === SETTINGS_STREAM;

/**
 * Wraps a store so that it rejects appends (`disk-low`) while only the reserve is left, except officials': a disk that notices have
 * filled must not keep anyone from revoking.
 */
export const withReserve = (store: Store, { isBelow, makeRoom }: Reserve): Store => {
  const checkRoom = (records: readonly StoredCommit[]): void => {
    const other = records.find((record) => !mayUse(record));
    if (other === undefined) makeRoom();
    else if (isBelow()) throw new StoreUnavailable(`${other.stream}: the disk has only its reserve left`, { code: 'disk-low' });
  };
  return {
    ...store,
    append: async (record) => {
      checkRoom([record]);
      return store.append(record);
    },
    appendInOrder: async (records) => {
      checkRoom(records);
      return store.appendInOrder(records);
    },
  };
};

/** Wraps a side store so that what a decision writes beside its commit fits. `isDerived`: the kinds of which no decision writes any. */
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
