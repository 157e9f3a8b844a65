import { LOG_STREAM } from '../../domain/log/events.ts';
import { logAggregate } from '../gate/aggregates.ts';
import { CorruptStore } from '../platform/store/errors.ts';
import { load } from '../platform/store/load.ts';
import type { Store } from '../platform/store/port.ts';
import { type LogOrder, lackingProblem } from './sequencer/judge.ts';

/**
 * Wraps the store of a process that ends after an answer or two, beside which no sequencer need run: each head is compared with the log
 * when it is asked for, so that nothing is "yes" whose end was removed. `store`: with all commits; `judge`: one that learns the log now.
 */
export const comparedHeads = (store: Store, all: Store, judge: Pick<LogOrder, 'catchUp' | 'endOf'>): Store => {
  let learned: Promise<void> | undefined;
  const learn = async (): Promise<void> => judge.catchUp(all, (await load(all, logAggregate, LOG_STREAM)).version);
  return {
    ...store,
    head: async (stream) => {
      learned ??= learn();
      await learned;
      const head = await store.head(stream);
      const { version, hash } = judge.endOf(stream);
      if (version === 0) return head;
      const problem = hash === null ? 'a commit of the log may not stand' : lackingProblem(head, { version, hash });
      if (problem !== undefined) throw new CorruptStore(`${stream}: ${problem}`);
      return head;
    },
  };
};
