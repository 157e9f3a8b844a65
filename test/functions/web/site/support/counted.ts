import type { Store } from '../../../../../functions/platform/store/port.ts';
import type { SideStore } from '../../../../../functions/platform/store/sideStore.ts';

/** Counts what is written, to show that looking writes nothing. */
export const counted = (store: Store, sideStore: SideStore) => {
  const writes = { commits: 0, sideStore: 0 };
  const noting =
    <A extends unknown[], R>(which: keyof typeof writes, work: (...args: A) => R) =>
    (...args: A): R => {
      writes[which] += 1;
      return work(...args);
    };
  const watched = {
    store: {
      ...bind(store),
      append: noting('commits', store.append.bind(store)),
      appendInOrder: noting('commits', store.appendInOrder.bind(store)),
    } as Store,
    sideStore: {
      ...bind(sideStore),
      put: noting('sideStore', sideStore.put.bind(sideStore)),
      putIfAbsent: noting('sideStore', sideStore.putIfAbsent.bind(sideStore)),
      remove: noting('sideStore', sideStore.remove.bind(sideStore)),
    } as SideStore,
  };
  return { writes, ...watched };
};

const bind = (target: Store | SideStore): object =>
  Object.fromEntries(
    [...Object.keys(target), ...Object.getOwnPropertyNames(Object.getPrototypeOf(target) as object)]
      .filter((name) => name !== 'constructor')
      .flatMap((name) => {
        const member = (target as unknown as Record<string, unknown>)[name];
        return typeof member === 'function' ? [[name, member.bind(target)]] : [];
      }),
  );
