import { createServer } from 'node:net';

export const HOST = '127.0.0.1';

// Below the ports that systems give to connections on their own (from 32768 on Linux): what is free now still is when a server starts.
const [FIRST, COUNT] = [20_000, 12_000];
/** Keeps apart what processes that were started one after the other choose at the same time. */
let chosen = process.pid * 97;

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, HOST, () => probe.close(() => resolve(true)));
  });

/** Resolves with the preferred port of this machine if it is free, else with another one. Throws if none is. */
export const freePort = async (preferred?: number): Promise<number> => {
  if (preferred !== undefined && (await isFree(preferred))) return preferred;
  for (let tries = 0; tries < COUNT; tries += 1) {
    chosen += 1;
    const port = FIRST + (chosen % COUNT);
    if (await isFree(port)) return port;
  }
  throw new Error('there is no free port');
};
