import { type Counting, EVENT, expectCount, load } from './peer.ts';

interface Adapter {
  readonly getSQLiteEventStore: (options: object) => {
    readonly aggregateStream: (stream: string, options: object) => Promise<{ readonly state: number }>;
    readonly appendToStream: (stream: string, events: readonly object[], options: object) => Promise<unknown>;
  };
}

/** Events that are appended at once to fill a stream. */
const AT_ONCE = 10;

/** Emmett on a SQLite file: a row an event, and a command reads all of its stream. */
export const emmett = async (fileName: string): Promise<Counting | undefined> => {
  const adapter = await load('@event-driven-io/emmett-sqlite');
  if (adapter === undefined) return undefined;
  const store = (adapter as Adapter).getSQLiteEventStore({ fileName, schema: { autoMigration: 'CreateOrUpdate' } });
  const append = (stream: string, expected: number, count: number) =>
    store.appendToStream(
      stream,
      Array.from({ length: count }, () => EVENT),
      { expectedStreamVersion: expected === 0 ? 'STREAM_DOES_NOT_EXIST' : BigInt(expected) },
    );
  return {
    fill: async (stream, count) => {
      for (let n = 0; n < count; n += AT_ONCE) await append(stream, n, Math.min(AT_ONCE, count - n));
    },
    command: async (stream, expected) => {
      const { state } = await store.aggregateStream(stream, {
        initialState: () => 0,
        evolve: (count: number) => count + 1,
      });
      expectCount(state, expected);
      await append(stream, expected, 1);
    },
    close: async () => undefined,
  };
};
