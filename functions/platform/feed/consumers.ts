import { type Consumed, consume } from './consume.ts';
import type { Consumer, FeedPorts } from './consumer.ts';
import { sweep } from './sweep.ts';

/** The consumers of one process. */
export interface Consumers {
  /** Something was appended to this stream, perhaps. Returns at once. */
  readonly nudge: (stream: string) => void;
  /** Looks for what nudges lost, for every consumer. Rejects when the store cannot be reached; then sweep again later. */
  readonly sweep: () => Promise<void>;
  /** Looks at one stream with one consumer, or with all that want it, now; rejects when the store cannot be reached. */
  readonly look: (stream: string, consumer?: string) => Promise<void>;
  /** Resolves when nothing nudged so far is under way any more, for one consumer or all. Never rejects. */
  readonly settled: (consumer?: string) => Promise<void>;
}

interface Run {
  current: Promise<Consumed>;
  next: Promise<Consumed> | undefined;
}

/**
 * Runs consumers side by side: each (consumer, stream) one run at a time, a second wish joins the run that waits. One stream's
 * trouble holds up no other.
 */
export const runConsumers = (ports: FeedPorts, consumers: readonly Consumer[]): Consumers => {
  const runs = new Map<string, Run>();

  const lookAt = (consumer: Consumer, stream: string): Promise<Consumed> => {
    const place = `${consumer.name}:${stream}`;
    const begin = () => consume(ports, consumer, stream);
    const leave = (run: Run) => {
      if (run.next === undefined) runs.delete(place);
    };
    const running = runs.get(place);
    if (running === undefined) {
      const run: Run = { current: begin(), next: undefined };
      runs.set(place, run);
      return run.current.finally(() => leave(run));
    }
    running.next ??= running.current
      .catch(() => undefined)
      .then(() => {
        running.current = begin();
        running.next = undefined;
        return running.current.finally(() => leave(running));
      });
    return running.next;
  };

  const wanting = (stream: string) => consumers.filter((consumer) => consumer.wants(stream));
  const complain = (consumer: string, stream: string) => (error: unknown) =>
    ports.log({ level: 'error', event: 'nudge failed', consumer, stream, error: String(error) });

  return {
    nudge: (stream) => {
      for (const consumer of wanting(stream)) void lookAt(consumer, stream).catch(complain(consumer.name, stream));
    },
    look: async (stream, name) => {
      const looking = wanting(stream).filter((consumer) => name === undefined || consumer.name === name);
      await Promise.all(looking.map((consumer) => lookAt(consumer, stream)));
    },
    sweep: async () => {
      await Promise.all(consumers.map((consumer) => sweep(ports, consumer, (stream) => lookAt(consumer, stream))));
    },
    settled: async (name) => {
      const mine = [...runs].filter(([place]) => name === undefined || place.startsWith(`${name}:`));
      await Promise.allSettled(mine.map(([, { current, next }]) => next ?? current));
    },
  };
};
