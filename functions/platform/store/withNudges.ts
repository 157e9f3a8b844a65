import type { Store } from './port.ts';

/**
 * Wraps a store to notify of each append, so that local consumers need not wait for their sweep. A nudge is ephemeral and
 * carries nothing a consumer may rely on: it looks up the commits above its own mark.
 */
export const withNudges = (store: Store, notify: (stream: string, version: number) => void): Store => ({
  ...store,
  append: async (record, acknowledged) => {
    const answer = await store.append(record, acknowledged);
    if (answer.outcome === 'appended') {
      // The commit is durable: a listener's error must not turn its acknowledgement into an error.
      try {
        notify(record.stream, record.version);
      } catch {}
    }
    return answer;
  },
});
