import { get, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { VENDOR } from '../city.ts';
import { type Server, startServer } from '../processes.ts';
import { ASKED, makeRegister, type Register } from '../register.ts';
import { signedNotices } from '../requests.ts';
import { makeFolder } from '../settings.ts';
import { compare, figure, type Measured, type Scale, type Table, tableOf } from '../table.ts';
import { type Generator, startGenerator } from './server.ts';

const FLOOR = 'node:http + the token compared + a table';
const CLIENTS = 32;
const REQUESTS = 20_000;
const STREAMS = 1_000;
/** The gate lets a token have so many streams. */
const STREAMS_OF_TOKEN = 200;
const MB = 1_048_576;

const question = (token: string): Uint8Array =>
  Buffer.from(`GET /v1/gate/${ASKED} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer ${token}\r\n\r\n`);

/** Returns questions answered in a second of processor time, of the whole process. */
const asked = (side: Server, generator: Generator, request: Uint8Array, count: number) => async () => {
  const before = await side.usage();
  const requests = Array.from({ length: count }, () => request);
  await generator.ask({ port: side.port, clients: CLIENTS, requests, status: 200 });
  return { rate: (count * 1_000_000) / ((await side.usage()).processUs - before.processUs) };
};

const tokenFor = async (port: number, { token }: Register, n: number): Promise<string> => {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const body = JSON.stringify({ name: `page-${n}`, scopes: ['state:read'] });
  const answer = await fetch(`http://127.0.0.1:${port}/v1/tokens`, { method: 'POST', headers, body });
  return ((await answer.json()) as { token: string }).token;
};

const streamFor = async (port: number, token: string): Promise<string> => {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'aldergate-streams': '1' };
  const answer = await fetch(`http://127.0.0.1:${port}/ofrep/v1/evaluate/flags`, { method: 'POST', headers, body: '{}' });
  const { eventStreams } = (await answer.json()) as { eventStreams: { url: string }[] };
  return new URL(eventStreams[0]?.url ?? '').pathname;
};

/** Open streams, and how many events each has had. */
const listen = async (port: number, paths: readonly string[]) => {
  const events = new Map<IncomingMessage, number>();
  for (const path of paths) {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      get({ port, host: '127.0.0.1', path, agent: false }, resolve).on('error', reject);
    });
    events.set(response, 0);
    response.on('data', (chunk: Buffer) =>
      events.set(response, (events.get(response) ?? 0) + String(chunk).split('data: ').length - 1),
    );
  }
  const all = async (count: number): Promise<void> => {
    while ([...events.values()].some((each) => each < count)) await sleep(5);
  };
  return { all, events, close: () => [...events.keys()].forEach((response) => void response.destroy()) };
};

const streams = async (gate: Server, generator: Generator, register: Register, count: number): Promise<Table> => {
  const tokens = await Promise.all(
    Array.from({ length: Math.ceil(count / STREAMS_OF_TOKEN) }, (_, n) => tokenFor(gate.port, register, n)),
  );
  const addresses = await Promise.all(tokens.map((token) => streamFor(gate.port, token)));
  const before = (await gate.usage()).rssBytes;
  const paths = Array.from({ length: count }, (_, n) => addresses[Math.floor(n / STREAMS_OF_TOKEN)] ?? '');
  const open = await listen(gate.port, paths);
  await open.all(1);
  const grown = (await gate.usage()).rssBytes - before;
  const least = Math.min(...open.events.values());
  const [notice] = signedNotices(register.secrets, 'stream', 1);
  const started = performance.now();
  await generator.ask({ port: gate.port, clients: 1, requests: [notice?.bytes ?? new Uint8Array()], status: 202 });
  await open.all(least + 1);
  const tookMs = performance.now() - started;
  open.close();
  return {
    head: ['event streams', 'figure'],
    rows: [
      [`memory of ${count} open streams, MB`, figure(grown / MB)],
      ['from a commit’s request to the last of them, ms', figure(tookMs)],
    ],
  };
};

/** Measures what asks by status alone, and what listens. */
export const clients = async ({ quick }: Scale): Promise<Measured> => {
  const path = makeFolder();
  const data = join(path, 'data');
  const register = await makeRegister(data, { features: 100, vendors: 1 });
  const gate = await startServer('whole.ts', data);
  const floor = await startServer('statusFloor.ts', register.token, ASKED);
  const generator = await startGenerator();
  try {
    await gate.settled();
    const count = quick ? REQUESTS / 5 : REQUESTS;
    const side = (server: Server) => asked(server, generator, question(register.token), count);
    const { rate } = await compare(quick ? 1 : 5, ['rate'], side(gate), side(floor));
    const line = { name: `/v1/gate/${VENDOR}…, ${CLIENTS} clients`, against: FLOOR, unit: '/s of processor', ...rate };
    return { tables: [tableOf([line]), await streams(gate, generator, register, quick ? 200 : STREAMS)] };
  } finally {
    await generator.stop();
    await floor.stop();
    await gate.stop();
  }
};
