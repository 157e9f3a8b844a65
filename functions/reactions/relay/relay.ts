import type { Bus, CloudEvent } from '../../platform/bus/port.ts';
import { type Consumer, Unavailable } from '../../platform/feed/consumer.ts';
import type { Logger } from '../../platform/logging.ts';
import type { DerivedConsumer } from '../../register/derived/followers.ts';
import { cloudEventsOf, derivedCloudEvent, familyOf } from './cloudEvents.ts';

/** A fault in the event itself, where a retry does not help; every other error is temporary. */
const FAULTS = new Set(['MalformedDetail', 'InvalidArgument', 'ValidationException']);

export const RELAY: Pick<Consumer, 'name' | 'wants'> = { name: 'relay', wants: (stream) => familyOf(stream) !== undefined };

const publish = async (bus: Bus, events: readonly CloudEvent[]): Promise<void> => {
  const [failure] = await bus.publish(events);
  if (failure === undefined) return;
  const detail = `${failure.event.id}: ${failure.code} ${failure.message}`;
  throw FAULTS.has(failure.code) ? new Error(detail) : new Unavailable(detail);
};

/** Publishes at least once, in stream order: a commit is done when the bus has accepted all its events. */
export const relay = (bus: Bus): Consumer => ({
  ...RELAY,
  handle: (commit) => publish(bus, cloudEventsOf(commit)),
});

export const derivedRelay = (bus: Bus): DerivedConsumer => ({
  name: RELAY.name,
  handle: (entry) => publish(bus, [derivedCloudEvent(entry)]),
});

/** Logs an error for each case of drift that opens, on which log monitoring can raise an alarm. */
export const driftLines = (logger: Logger): DerivedConsumer => ({
  name: 'drift-lines',
  handle: async ({ event }) => {
    if (event.type !== 'DriftOpened') return;
    const { key, kind, since, source } = event;
    logger({ level: 'error', event: 'drift', key, kind, since, source });
  },
});
