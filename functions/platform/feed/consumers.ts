import { JoinedRuns } from '../joinedRuns.ts';
import { type Consumed, consume } from './consume.ts';
import type { Consumer, FeedPorts } from './consumer.ts';
import { sweep } from './sweep.ts';

/** The consumers of one process. */
export interface Consumers {
  readonly nudge: (stream: string) => void;
  /** Finds commits whose nudges were lost. Rejects if the store cannot be reached; then sweep again later. */
  readonly sweep: () => Promise<void>;
  /** Runs one consumer over one stream now, or all that want it. Rejects if the store cannot be reached. */
  readonly look: (stream: string, consumer?: string) => Promise<void>;
  /** Resolves when all work nudged so far has ended, for one consumer or all. Never rejects. */
  readonly settled: (consumer?: string) => Promise<void>;
}

/** Runs consumers concurrently, one run at a time per consumer and stream. Trouble in one stream delays no other. */
export const runConsumers = (ports: FeedPorts, consumers: readonly Consumer[]): Consumers => {
  const runs = new JoinedRuns<Consumed>();
  const lookAt = (consumer: Consumer, stream: string): Promise<Consumed> =>
    runs.run(`${consumer.name}:${stream}`, () => consume(ports, consumer, stream));
  const wanting = (stream: string) => consumers.filter((consumer) => consumer.wants(stream));
  const complain = (consumer: string, stream: string) => (error: unknown) =>
    ports.logger({ level: 'error', event: 'nudge failed', consumer, stream, error: String(error) });

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
    settled: (name) => runs.settled(name === undefined ? '' : `${name}:`),
  };
};
