import type { Store } from '../../../../../functions/platform/store/port.ts';
import type { Side } from '../../../../../functions/platform/store/side.ts';

/** Counts what is written, to show that looking writes nothing. */
export const counted = (store: Store, side: Side) => {
  const writes = { commits: 0, side: 0 };
  const noting =
    <A extends unknown[], R>(which: keyof typeof writes, work: (...args: A) => R) =>
    (...args: A): R => {
      writes[which] += 1;
      return work(...args);
    };
  const watched = {
    store: { ...bind(store), append: noting('commits', store.append.bind(store)) } as Store,
    side: {
      ...bind(side),
      put: noting('side', side.put.bind(side)),
      putIfAbsent: noting('side', side.putIfAbsent.bind(side)),
      remove: noting('side', side.remove.bind(side)),
    } as Side,
  };
  return { writes, ...watched };
};

const bind = (target: Store | Side): object =>
  Object.fromEntries(
    [...Object.keys(target), ...Object.getOwnPropertyNames(Object.getPrototypeOf(target) as object)]
      .filter((name) => name !== 'constructor')
      .flatMap((name) => {
        const member = (target as unknown as Record<string, unknown>)[name];
        return typeof member === 'function' ? [[name, member.bind(target)]] : [];
      }),
  );
