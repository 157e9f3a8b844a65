import type { Store } from './port.ts';

/**
 * A store that says when it appended something, so that local consumers need not wait for their sweep. A nudge is ephemeral
 * and carries nothing a consumer may rely on: it looks up what lies above its own mark.
 */
export const withNudges = (store: Store, notify: (stream: string, version: number) => void): Store => ({
  ...store,
  append: async (record, acknowledged) => {
    const answer = await store.append(record, acknowledged);
    if (answer.outcome === 'appended') {
      // The commit is durable: whatever a listener does wrong must not turn its acknowledgement into an error.
      try {
        notify(record.stream, record.version);
      } catch {}
    }
    return answer;
  },
});
