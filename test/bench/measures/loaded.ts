import type { Load, Loaded } from '../load.ts';
import { type Peer, start } from '../processes.ts';
import type { Usage } from '../usage.ts';

export type Generator = Peer<Load, Loaded>;

/** Starts the load generator. */
export const startGenerator = (): Promise<Generator> => start<unknown, Load, Loaded>('load.ts');

/** A server in a process of its own. `asked`: what it has to do before it returns its usage. */
export interface Server {
  readonly port: number;
  readonly usage: () => Promise<Usage>;
  /** Resolves once everything that follows from the requests is done. */
  readonly settled: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** Names of the figures of a server under load: requests a second by the clock and by its processor time. */
export const FIGURES = ['byClock', 'byThread', 'byProcess'] as const;
export type Figure = (typeof FIGURES)[number];

/** The figures of one round, and how long each answer to the probe took, in milliseconds. */
export interface Round {
  readonly figures: Readonly<Record<Figure, number>>;
  readonly probedMs: readonly number[];
}

/** Puts a load on a server; its processor time ends when everything has followed. */
export const underLoad = async (server: Server, generator: Generator, load: Omit<Load, 'port'>): Promise<Round> => {
  const before = await server.usage();
  const { sent, perSecond, probedMs } = await generator.ask({ ...load, port: server.port });
  await server.settled();
  const after = await server.usage();
  const perUs = (us: number): number => (sent * 1_000_000) / us;
  return {
    figures: {
      byClock: perSecond,
      byThread: perUs(after.threadUs - before.threadUs),
      byProcess: perUs(after.processUs - before.processUs),
    },
    probedMs,
  };
};

/** Starts a server of `servers/` whose first message has its port, and which answers each message with its usage. */
export const startBare = async <Ready extends { readonly port: number }>(
  file: string,
  ...args: readonly string[]
): Promise<Server & { readonly ready: Ready }> => {
  const { ready, ask, stop } = await start<Ready, object, Usage>(file, ...args);
  return { ready, port: ready.port, usage: () => ask({}), settled: async () => undefined, stop };
};

/** Starts the server of `npm start` in an existing data folder. */
export const startWhole = async (data: string): Promise<Server> => {
  const { ready, ask, stop } = await start<{ readonly port: number }, { readonly settle: boolean }, Usage>(
    'servers/whole.ts',
    data,
  );
  return {
    port: ready.port,
    usage: () => ask({ settle: false }),
    settled: async () => void (await ask({ settle: true })),
    stop,
  };
};
