import {
  type EventBridgeClient,
  PutEventsCommand,
  type PutEventsRequestEntry,
  type PutEventsResultEntry,
} from '@aws-sdk/client-eventbridge';
import { backoff } from '../store/backoff.ts';
import type { Bus, CloudEvent, Unpublished } from './port.ts';
import { envelopeOf } from './port.ts';

/** Limits of one PutEvents request. */
const ENTRIES_MAX = 10;
const BYTES_MAX = 256 * 1024;
/** PutEvents counts this many bytes for a time, whatever its text. */
const TIME_BYTES = 14;
const TRIES_MAX = 5;
const JITTER = { baseMs: 50, capMs: 2_000 };

interface Queued {
  readonly event: CloudEvent;
  readonly entry: PutEventsRequestEntry;
  readonly bytes: number;
  readonly tries: number;
}

const queued = (event: CloudEvent, bus: string): Queued => {
  const { source, 'detail-type': type, time, detail } = envelopeOf(event);
  const text = JSON.stringify(detail);
  const entry = { EventBusName: bus, Source: source, DetailType: type, Time: new Date(time), Detail: text };
  const bytes = TIME_BYTES + [source, type, text].reduce((sum, part) => sum + Buffer.byteLength(part), 0);
  return { event, entry, bytes, tries: 0 };
};

/**
 * The queue of events to send, one line per subject. The first of a line is sent before the others, so that later events never
 * overtake a failed one.
 */
class Lines {
  readonly unpublished: Unpublished[] = [];
  readonly #lines = new Map<string, Queued[]>();

  constructor(events: readonly Queued[]) {
    for (const each of events) {
      const { subject } = each.event;
      this.#lines.set(subject, [...(this.#lines.get(subject) ?? []), each]);
    }
    for (const [subject, line] of this.#lines)
      if (line.some(({ bytes }) => bytes > BYTES_MAX)) this.#giveUp(subject, 'TooLarge', `an event is above ${BYTES_MAX} bytes`);
  }

  /** Returns the next request; empty when nothing is left. */
  nextBatch(): readonly Queued[] {
    const batch: Queued[] = [];
    let bytes = 0;
    for (const [first] of this.#lines.values()) {
      if (first === undefined || batch.length === ENTRIES_MAX || bytes + first.bytes > BYTES_MAX) continue;
      batch.push(first);
      bytes += first.bytes;
    }
    return batch;
  }

  /** Processes the answer for one event. Returns the number of tries so far, 0 once the event is accepted. */
  answer({ event: { subject }, tries }: Queued, { ErrorCode: code, ErrorMessage: message = '' }: PutEventsResultEntry): number {
    const [first, ...rest] = this.#lines.get(subject) ?? [];
    if (first === undefined) return 0;
    if (code === undefined) {
      this.#put(subject, rest);
      return 0;
    }
    if (tries + 1 >= TRIES_MAX) this.#giveUp(subject, code, message);
    else this.#put(subject, [{ ...first, tries: tries + 1 }, ...rest]);
    return tries + 1;
  }

  #put(subject: string, line: Queued[]): void {
    if (line.length === 0) this.#lines.delete(subject);
    else this.#lines.set(subject, line);
  }

  #giveUp(subject: string, code: string, message: string): void {
    for (const { event } of this.#lines.get(subject) ?? []) this.unpublished.push({ event, code, message });
    this.#lines.delete(subject);
  }
}

const send = async (client: EventBridgeClient, batch: readonly Queued[]): Promise<readonly PutEventsResultEntry[]> => {
  try {
    const { Entries = [] } = await client.send(new PutEventsCommand({ Entries: batch.map(({ entry }) => entry) }));
    // An answer that does not cover every entry proves nothing about any of them.
    return Entries.length === batch.length ? Entries : batch.map(() => ({ ErrorCode: 'IncompleteAnswer' }));
  } catch (error) {
    const { name, message } = error instanceof Error ? error : { name: 'thrown', message: String(error) };
    return batch.map(() => ({ ErrorCode: name, ErrorMessage: message }));
  }
};

/**
 * Publishes to EventBridge. Retries a failed event alone, up to five tries in all, including one whose acceptance is unknown.
 * `bus`: its name or ARN. The client should not retry by itself (`maxAttempts: 1`).
 */
export const eventBridgeBus = (client: EventBridgeClient, bus: string): Bus => ({
  publish: async (events) => {
    const lines = new Lines(events.map((event) => queued(event, bus)));
    for (let batch = lines.nextBatch(); batch.length > 0; batch = lines.nextBatch()) {
      const results = await send(client, batch);
      const tries = batch.map((each, index) => lines.answer(each, results[index] ?? {}));
      const most = Math.max(...tries);
      if (most > 0) await backoff(most, JITTER);
    }
    return lines.unpublished;
  },
});
