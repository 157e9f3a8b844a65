import type { Logger } from '../../platform/logging.ts';
import type { DerivedConsumer } from '../../register/derived/followers.ts';

/** Logs an error for each case of drift that opens: what watches the gate's log raises an alarm. */
export const driftLines = (logger: Logger): DerivedConsumer => ({
  name: 'drift-lines',
  handle: async ({ event }) => {
    if (event.type !== 'DriftOpened') return;
    const { key, kind, since, source } = event;
    logger({ level: 'error', event: 'drift', key, kind, since, source });
  },
});
