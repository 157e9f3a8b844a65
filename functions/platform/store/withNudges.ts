import type { Store, StoredCommit } from './port.ts';

/**
 * Wraps a store to notify of each append, so that local consumers need not wait for their sweep. A nudge is ephemeral and
 * carries nothing a consumer may rely on: it looks up the commits above its own mark.
 */
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
