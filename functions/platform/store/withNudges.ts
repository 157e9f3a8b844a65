import type { Store, StoredCommit } from './port.ts';

/** Wraps a store to notify of each append. A nudge carries nothing that a consumer may rely on. */
export const withNudges = (store: Store, notify: (stream: string, version: number) => void): Store => {
  const appended = ({ stream, version }: StoredCommit): void => {
    // The commit is durable: a listener's error must not turn its acknowledgement into an error.
    try {
      notify(stream, version);
    } catch {}
  };
  return {
    ...store,
    append: async (record) => {
      const answer = await store.append(record);
      if (answer.outcome === 'appended') appended(record);
      return answer;
    },
    appendInOrder: async (records) => {
      const answer = await store.appendInOrder(records);
      for (const record of records.slice(0, answer.appended)) appended(record);
      return answer;
    },
  };
};
