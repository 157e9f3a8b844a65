import type { Bus } from '../../platform/bus/port.ts';
import { type Consumer, Unavailable } from '../../platform/feed/consumer.ts';
import { cloudEventsOf, familyOf } from './cloudEvents.ts';

/** A fault in the event itself, where a retry does not help; every other error is temporary. */
const FAULTS = new Set(['MalformedDetail', 'InvalidArgument', 'ValidationException']);

export const RELAY: Pick<Consumer, 'name' | 'wants'> = { name: 'relay', wants: (stream) => familyOf(stream) !== undefined };

/** At least once, in the order of the stream: a commit is done when the bus has accepted all its events. */
export const relay = (bus: Bus): Consumer => ({
  ...RELAY,
  handle: async (commit) => {
    const [failure] = await bus.publish(cloudEventsOf(commit));
    if (failure === undefined) return;
    const detail = `${failure.event.id}: ${failure.code} ${failure.message}`;
    throw FAULTS.has(failure.code) ? new Error(detail) : new Unavailable(detail);
  },
});
