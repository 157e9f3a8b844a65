import { type CorruptStore, ifReadable } from './errors.ts';
import { ANY_CHANGED, type Store } from './port.ts';

/**
 * Wraps a store so that nothing is read of it and nothing appended while it is at fault as a whole: reads throw what `fault` returns, so
 * that every answer is `false`. `checked` throws that, too, after an append, which is then not acknowledged.
 */
export const withFault = (store: Store, fault: () => CorruptStore | undefined, checked: () => void = () => undefined): Store => {
  const guarding = async <T>(work: () => Promise<T>): Promise<T> => {
    const found = fault();
    if (found !== undefined) throw found;
    return work();
  };
  const appending = <T>(append: () => Promise<T>): Promise<T> =>
    guarding(async () => {
      const answer = await append();
      checked();
      return answer;
    });
  return {
    ...store,
    head: (stream) => guarding(() => store.head(stream)),
    append: (record) => appending(() => store.append(record)),
    appendInOrder: (records) => appending(() => store.appendInOrder(records)),
    history: (stream, range) => guarding(() => store.history(stream, range)),
    feed: (...page) => guarding(() => store.feed(...page)),
    places: (...page) => guarding(() => store.places(...page)),
    feedEnd: () => guarding(() => store.feedEnd()),
    // What an answer rests on besides its heads: these say "no" by themselves.
    newestAt: () => ifReadable(guarding(() => store.newestAt())),
    changed: (...asked) =>
      ifReadable(
        guarding(() => store.changed(...asked)),
        () => ANY_CHANGED,
      ),
    isUnchangedSince: (moment) => fault() === undefined && store.isUnchangedSince(moment),
  };
};
