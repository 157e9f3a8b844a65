import { type EventBridgeClient, PutEventsCommand, type PutEventsResultEntry } from '@aws-sdk/client-eventbridge';
import type { Bus, CloudEvent, Unpublished } from './port.ts';

/** An event is little larger than the largest commit (60 KiB), so this many stay below the 256 KB of one request. */
const ENTRIES_MAX = 4;

const send = async (
  client: EventBridgeClient,
  bus: string,
  batch: readonly CloudEvent[],
): Promise<readonly PutEventsResultEntry[]> => {
  try {
    const entries = batch.map((event) => ({
      EventBusName: bus,
      Source: event.source,
      DetailType: event.type,
      Time: new Date(event.time),
      Detail: JSON.stringify(event),
    }));
    const { Entries: results = [] } = await client.send(new PutEventsCommand({ Entries: entries }));
    // An answer that does not cover every entry is not evidence for any.
    return results.length === batch.length ? results : batch.map(() => ({ ErrorCode: 'IncompleteAnswer' }));
  } catch (error) {
    const { name, message } = error instanceof Error ? error : { name: 'thrown', message: String(error) };
    return batch.map(() => ({ ErrorCode: name, ErrorMessage: message }));
  }
};

/** Sends at most one event of a subject in a request, so that none overtakes a refused one; the caller tries again. */
export const eventBridgeBus = (client: EventBridgeClient, bus: string): Bus => ({
  publish: async (events) => {
    const unpublished: Unpublished[] = [];
    for (let waiting = events; waiting.length > 0; ) {
      const batch = waiting
        .filter((event) => event === waiting.find(({ subject }) => subject === event.subject))
        .slice(0, ENTRIES_MAX);
      waiting = waiting.filter((event) => !batch.includes(event));
      const results = await send(client, bus, batch);
      for (const [index, first] of batch.entries()) {
        const { ErrorCode: code, ErrorMessage: message = '' } = results[index] ?? {};
        if (code === undefined) continue;
        const refused = [first, ...waiting.filter(({ subject }) => subject === first.subject)];
        unpublished.push(...refused.map((event) => ({ event, code, message })));
        waiting = waiting.filter((event) => !refused.includes(event));
      }
    }
    return unpublished;
  },
});
