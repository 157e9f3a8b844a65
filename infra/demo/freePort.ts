import { createServer } from 'node:net';

export const HOST = '127.0.0.1';

/**
 * Ports below those that systems give to connections on their own (from 32768 on Linux, from 49152 elsewhere): one of these that is free now
 * is still free when a server is started on it.
 */
const FIRST = 20_000;
const COUNT = 12_000;
/** Keeps apart what processes that were started one after the other choose at the same time. */
const APART = 97;

let chosen = 0;
const next = (): number => {
  chosen += 1;
  return FIRST + ((process.pid * APART + chosen) % COUNT);
};

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, HOST, () => probe.close(() => resolve(true)));
  });

/** Resolves with the preferred port of this machine if it is free, else with another one. Throws if none is. */
export const freePort = async (preferred = next()): Promise<number> => {
  let port = preferred;
  for (let tries = 0; tries < COUNT; tries += 1) {
    if (await isFree(port)) return port;
    port = next();
  }
  throw new Error('there is no free port');
};
