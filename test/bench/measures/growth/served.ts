import { setTimeout as sleep } from 'node:timers/promises';
import { signedNotices } from '../../requests.ts';
import { VENDOR } from '../../vendor.ts';
import { type Generator, type Server, startWhole } from '../loaded.ts';
import { evaluation } from '../overHttp.ts';
import { percentile } from '../percentile.ts';
import { pathsIn } from './paths.ts';
import { bulkTimes, pageTimes } from './requests.ts';

/** How long a part takes. */
export interface Spans {
  readonly idleMs: number;
  readonly probedMs: number;
}

/** Credentials, and the generator, of a register that is served. */
interface Clients {
  readonly generator: Generator;
  readonly secret: string;
  readonly token: string;
}

/** Notices beside which answers are timed. */
const NOTICES = 400;
const PROBE_EVERY_MS = 3;

const startUp = async (
  data: string,
): Promise<{ readonly server: Server; readonly listeningMs: number; readonly answeredMs: number }> => {
  const started = performance.now();
  const server = await startWhole(data);
  const listeningMs = performance.now() - started;
  await (await fetch(`http://127.0.0.1:${server.port}/`)).text();
  return { server, listeningMs, answeredMs: performance.now() - started };
};

/** Returns the shares of a core that an idle server takes, in percent. */
const idleShare = async (server: Server, ms: number) => {
  const [before, started] = [await server.usage(), performance.now()];
  await sleep(ms);
  const after = await server.usage();
  const share = (us: number) => us / 10 / (performance.now() - started);
  return { thread: share(after.threadUs - before.threadUs), whole: share(after.processUs - before.processUs) };
};

const answers = async (server: Server, { generator, secret, token }: Clients, { probedMs }: Spans) => {
  const probe = { request: evaluation(token).bytes, everyMs: PROBE_EVERY_MS, status: 200 };
  const load = { port: server.port, clients: 0, requests: [], times: 0, msMax: probedMs, status: 200, probe };
  const idle = (await generator.ask(load)).probedMs;
  const requests = signedNotices(VENDOR, secret, 'growth', NOTICES);
  const under = (await generator.ask({ ...load, clients: 1, requests, times: 1, status: 202 })).probedMs;
  return { p50: percentile(idle, 0.5), p99: percentile(idle, 0.99), p99Under: percentile(under, 0.99) };
};

/** Serves a register as `npm start` does and takes its figures, in the order in which they disturb each other least. */
export const served = async (data: string, clients: Clients, spans: Spans) => {
  const paths = await pathsIn(data);
  const { server, listeningMs, answeredMs } = await startUp(data);
  try {
    await server.settled();
    const started = (await server.usage()).rssBytes;
    const idle = await idleShare(server, spans.idleMs);
    const pages = await pageTimes(server, clients.token, paths);
    const bulk = await bulkTimes(server, clients.token);
    const ofrep = await answers(server, clients, spans);
    const used = (await server.usage()).rssBytes;
    const mb = (bytes: number) => bytes / 1_048_576;
    return { pages, bulk, ofrep, idle, listeningMs, answeredMs, startedMb: mb(started), usedMb: mb(used) };
  } finally {
    await server.stop();
  }
};
