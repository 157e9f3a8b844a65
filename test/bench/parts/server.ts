import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { remoteClient } from '../../../infra/cli/apiClient.ts';
import { requestFor } from '../../../infra/demo/city.ts';
import { type Server, startGenerator, startServer } from '../processes.ts';
import { ASKED, makeRegister, type Register, VENDOR } from '../register.ts';
import { bytesOf, signedNotices } from '../requests.ts';
import { makeFolder } from '../settings.ts';
import { compare, comparison, figure, type Line, type Part, spread, tableOf } from '../table.ts';

/** Makes a register, and starts the server of `npm start` on it and what sends it a load. */
const startWhole = async (features: number, vendors = 1) => {
  const data = join(makeFolder(), 'data');
  const register = await makeRegister(data, features, vendors);
  const gate = await startServer('whole.ts', data);
  await gate.settled();
  return { register, gate, generate: await startGenerator() };
};
type Whole = Awaited<ReturnType<typeof startWhole>>;

const startFloor = (register: Register) =>
  startServer('floor.ts', join(makeFolder(), 'floor.db'), JSON.stringify(register), ASKED);

/** Sixteen vendors, so that the limits of `npm start` refuse no notice of all rounds. */
const VENDORS = 16;
const [SUSTAINED, PROCESSOR] = ['/s until all has followed', '/s of processor'] as const;

/**
 * Measures the server of `npm start` under notices, with all that follows each: 2 mails, the register, the public log. The clock and
 * the processor time of its whole process run until the last mail is out and all is published.
 */
export const server: Part = async (quick) => {
  const { register, gate, generate } = await startWhole(0, VENDORS);
  const floor = await startFloor(register);
  const lines: Line[] = [];
  for (const clients of [1, 32]) {
    const name = `notices, ${clients} client${clients === 1 ? '' : 's'}`;
    const count = (clients === 1 ? 100 : 200) / (quick ? 4 : 1);
    const sustained = async ({ port, usage, settled }: Server, round: number) => {
      const requests = signedNotices(register, `${clients}-${round}`, count);
      const [before, started] = [await usage(), performance.now()];
      await generate({ port, clients, requests, status: 202 });
      const after = await settled();
      const seconds = (performance.now() - started) / 1_000;
      return { [SUSTAINED]: count / seconds, [PROCESSOR]: (count * 1_000_000) / (after.processUs - before.processUs) };
    };
    const { ours, peer } = await compare(
      quick ? 1 : 3,
      (round) => sustained(gate, round),
      (round) => sustained(floor, round),
    );
    for (const unit of [SUSTAINED, PROCESSOR]) {
      const rounds = { ours: ours.map((figures) => figures[unit]), peer: peer.map((figures) => figures[unit]) };
      lines.push({ name, against: 'node:http + HMAC + a row, commits shared', unit, ...rounds });
    }
  }
  return [comparison(lines)];
};

const NOTICES = 20;

/** Measures how soon after its acknowledgement a single notice is proved by a published checkpoint, on the whole server. */
export const publication: Part = async (quick) => {
  const { register, gate, generate } = await startWhole(0);
  const delays: number[] = [];
  for (const [n, notice] of signedNotices(register, 'p', quick ? NOTICES / 4 : NOTICES).entries()) {
    const proof = `http://127.0.0.1:${gate.port}/log/proof/${VENDOR}.n-p-${n}/1`;
    await gate.settled();
    await generate({ port: gate.port, clients: 1, requests: [notice], status: 202 });
    const acknowledged = performance.now();
    while (!(await fetch(proof)).ok) await sleep(2);
    delays.push(performance.now() - acknowledged);
  }
  const head = ['from the acknowledgement of a notice', 'ms', 'at most, aim'];
  return [tableOf(head, [['until a published checkpoint proves it', spread(delays), '1000']])];
};

const CLIENTS = 32;
const REQUESTS = 20_000;
const STREAMS = 1_000;
/** The gate lets a token have so many streams. */
const STREAMS_OF_TOKEN = 200;

/** Returns the path of event streams for a token of its own. */
const pathOfStreams = async ({ gate, register }: Whole, name: string) => {
  const url = `http://127.0.0.1:${gate.port}`;
  const { call } = remoteClient(url, register.token);
  const { token } = await call('POST', '/v1/tokens', { body: { name, scopes: ['state:read'] } });
  const asked = { token, json: {}, headers: { 'aldergate-streams': '1' } };
  const { json } = await requestFor(200, 'POST', `${url}/ofrep/v1/evaluate/flags`, asked);
  const [stream] = (json as { readonly eventStreams: readonly { readonly url: string }[] }).eventStreams;
  return new URL(stream?.url ?? '').pathname;
};

/** Measures what open event streams take, and how long it takes until the last of them has heard of a commit. */
const streams = async (whole: Whole, count: number): Promise<string> => {
  const { register, gate, generate } = whole;
  const before = (await gate.usage()).rssBytes;
  const open: IncomingMessage[] = [];
  for (let [n, path] = [0, '']; n < count; n += 1) {
    if (n % STREAMS_OF_TOKEN === 0) path = await pathOfStreams(whole, `page-${n}`);
    const [response] = await once(get({ port: gate.port, host: '127.0.0.1', path, agent: false }), 'response');
    await once(response, 'data');
    open.push(response);
  }
  const grown = (await gate.usage()).rssBytes - before;
  const heard = Promise.all(open.map((response) => once(response, 'data')));
  const requests = signedNotices(register, 'stream', 1);
  const started = performance.now();
  await generate({ port: gate.port, clients: 1, requests, status: 202 });
  await heard;
  const tookMs = performance.now() - started;
  const memory = [`memory of ${count} open streams, MB`, figure(grown / 2 ** 20)];
  return tableOf(['event streams', 'figure'], [memory, ['from a commit’s request to the last of them, ms', figure(tookMs)]]);
};

/** Measures what asks by status alone, in processor time of the whole process, and what listens. */
export const clients: Part = async (quick) => {
  const whole = await startWhole(100);
  const floor = await startFloor(whole.register);
  const question = bytesOf(`GET /v1/gate/${ASKED}`, { authorization: `Bearer ${whole.register.token}` });
  const requests = Array.from({ length: quick ? REQUESTS / 5 : REQUESTS }, () => question);
  const rate = async ({ port, usage }: Server) => {
    const before = await usage();
    await whole.generate({ port, clients: CLIENTS, requests, status: 200 });
    return (requests.length * 1_000_000) / ((await usage()).processUs - before.processUs);
  };
  const rounds = await compare(
    quick ? 1 : 5,
    () => rate(whole.gate),
    () => rate(floor),
  );
  const name = `/v1/gate/${VENDOR}…, ${CLIENTS} clients`;
  const line = { name, against: 'node:http + the token compared + a table', unit: PROCESSOR, ...rounds };
  return [comparison([line]), await streams(whole, quick ? STREAMS_OF_TOKEN : STREAMS)];
};
