import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { GatePorts } from '../../../../functions/gate/ports.ts';
import { directReads, recordTimeZone } from '../../../../functions/gate/rules.ts';
import { skipTo, walkFeed } from '../../../../functions/platform/feed/consumers.ts';
import { StreamQueue } from '../../../../functions/platform/store/submit.ts';
import { NOTIFY } from '../../../../functions/reactions/notify/notify.ts';
import { RELAY } from '../../../../functions/reactions/relay/relay.ts';
import type { FunctionName } from '../../../../infra/aws/constructs/functions.ts';
import { serve } from '../../../bench/processes.ts';
import { ASKED, fillRegister, type Register, VENDOR } from '../../../bench/register.ts';
import { signedNotice } from '../../../bench/requests.ts';
import { figure } from '../../../bench/table.ts';
import { type Dynoxide, startDynoxide } from '../../../support/dynoxide.ts';
import { listened } from '../../../support/listened.ts';
import { CITY_URL, TIME_ZONE } from './city.ts';
import { type GateOnAws, openGateOnAws, openTables } from './gateOnAws.ts';
import { plainEnvironment } from './lambdas.ts';
import type { Part } from './templates.ts';

// For the benchmarks, in a process of its own: what the deployed functions ask of DynamoDB for each kind of request, in a city in
// which so many features are on, once everything that follows from them was done.

/** One vendor in twenty features. */
const FEATURES_A_VENDOR = 20;
/** Beneath the first vendor's root. */
const ANCESTORS = 2;

const CLIENTS = 20;
const POLL_MS = 1_500;
const POLLS = 40;
/** What is believed for a second is read again. */
const A_MOMENT_MS = 1_100;
const AGE_MS = 10_000;
const TRIES = 10;
const ROUNDS_MAX = 60;
/** What was written in the last ten minutes is looked at again each time: an hour later it is not. */
const LATER_MS = 3_600_000;

/** What was asked of DynamoDB, in its units and in requests. */
type Units = Readonly<Record<'reads' | 'writes' | 'requests', number>>;

const FOLLOWING = ['projector', 'sequencer', 'derived', 'webhooks', 'clock', 'notify'] as const satisfies readonly FunctionName[];

/** Fills the tables past the meter, and lets nothing be mailed or published of what was there before. */
const fill = async (engine: string, keys: number) => {
  const { client, store, sideStore } = openTables(engine);
  const ports: GatePorts = {
    store,
    sideStore,
    ...directReads(store),
    countNotice: async () => undefined,
    clock: () => new Date().toISOString(),
    newId: randomUUID,
    queue: new StreamQueue(),
    zone: TIME_ZONE,
    city: { name: 'City', contact: undefined },
    url: CITY_URL,
  };
  await recordTimeZone(ports);
  const vendors = Math.ceil(keys / FEATURES_A_VENDOR);
  const register = await fillRegister(ports, keys - vendors - ANCESTORS, vendors, () => true);
  const walked = await walkFeed(store);
  for (const consumer of [NOTIFY, RELAY]) await skipTo(sideStore, consumer, walked);
  client.destroy();
  return register;
};

/** Does something again where a busy machine did not answer in time. */
const patiently = async <T>(work: () => Promise<T>): Promise<T> => {
  for (let time = 1; ; time += 1) {
    try {
      return await work();
    } catch (error) {
      if (time === TRIES) throw error;
      await sleep(A_MOMENT_MS);
    }
  }
};

/** Runs everything until it finds nothing more to do: until two rounds write no less than the ones before them. */
const settle = async (gate: GateOnAws, { take }: Metered) => {
  let [least, same] = [Number.POSITIVE_INFINITY, 0];
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    take();
    await patiently(async () => {
      await gate.sweep();
      await gate.pump();
    });
    const { writes } = take();
    same = writes < least ? 0 : same + 1;
    least = Math.min(least, writes);
    if (same === 2) return;
  }
  throw new Error('there is always something left to do');
};

const questions = ({ gate, register: { token } }: City) => {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const good = (ask: () => ReturnType<GateOnAws['request']>, ...statuses: readonly number[]) =>
    patiently(async () => {
      const answer = await ask();
      if (!statuses.includes(answer.statusCode)) throw new Error(`${answer.statusCode}: ${answer.body.slice(0, 300)}`);
      return answer;
    });
  return {
    bulk: (agency: string, etag?: string) => {
      const tagged = { ...headers, ...(etag !== undefined && { 'if-none-match': etag }) };
      const body = JSON.stringify({ context: { agency } });
      return good(() => gate.request('POST', '/ofrep/v1/evaluate/flags', body, tagged), etag === undefined ? 200 : 304);
    },
    post: (path: string, body: object) => good(() => gate.request('POST', path, JSON.stringify(body), headers), 200),
    get: (path: string) => good(() => gate.request('GET', path, undefined, headers), 200),
    page: (path: string) => good(() => gate.request('GET', path, undefined, { accept: 'text/html' }), 200),
    notice: ({ headers: signed, body }: ReturnType<typeof signedNotice>) =>
      good(() => gate.request('POST', '/v1/notices', Buffer.from(body).toString(), signed), 202),
  };
};

interface City {
  readonly gate: GateOnAws;
  readonly meter: Metered;
  readonly register: Register;
}

const least = (of: readonly Units[]): Units => [...of].sort((one, other) => one.reads - other.reads)[0] as Units;

/** Returns what a request costs: the least of three, so that what is read every few seconds is not in it. */
const costOf = async ({ take }: Metered, ask: () => Promise<unknown>, beforeEach = () => sleep(A_MOMENT_MS)): Promise<Units> => {
  const costs: Units[] = [];
  for (let time = 0; time < 3; time += 1) {
    await beforeEach();
    take();
    await ask();
    costs.push(take());
  }
  return least(costs);
};

const measureBulk = async (city: City, keptMs: number): Promise<ReadonlyMap<string, Units>> => {
  const { meter } = city;
  const { bulk, get } = questions(city);
  const etag = (await bulk('police')).headers.etag ?? '';
  const anew = () => sleep(keptMs + A_MOMENT_MS);
  const rows = new Map<string, Units>();
  rows.set('a bulk answer, the first in ten seconds', await costOf(meter, () => bulk('police'), anew));
  rows.set('a 304, the first in ten seconds', await costOf(meter, () => bulk('police', etag), anew));
  const withinTenSeconds = async (name: string, ask: () => Promise<unknown>) => {
    await anew();
    await bulk('police');
    rows.set(name, await costOf(meter, ask));
  };
  await withinTenSeconds('a 304 within ten seconds', () => bulk('police', etag));
  await withinTenSeconds('a bulk answer to another agency within ten seconds', () => bulk('fire'));
  await withinTenSeconds('`/v1/flagd.json` within ten seconds', () => get('/v1/flagd.json'));
  const tags = await Promise.all(Array.from({ length: CLIENTS }, async (_, n) => (await bulk(`agency-${n}`)).headers.etag ?? ''));
  await anew();
  meter.take();
  const polls = keptMs === 0 ? CLIENTS / 2 : POLLS;
  for (let poll = 0; poll < polls; poll += 1) {
    await bulk(`agency-${poll % CLIENTS}`, tags[poll % CLIENTS]);
    await sleep(POLL_MS);
  }
  const { reads, writes, requests } = meter.take();
  const each = { reads: reads / polls, writes: writes / polls, requests: requests / polls };
  rows.set(`one of the 304 of ${CLIENTS} agencies, each asked every ${(CLIENTS * POLL_MS) / 1_000} s`, each);
  return rows;
};

const measureRest = async (city: City): Promise<ReadonlyMap<string, Units>> => {
  const { gate, meter } = city;
  const { post, get, page, notice } = questions(city);
  const rows = new Map<string, Units>();
  const measure = async (name: string, ask: () => Promise<unknown>) => void rows.set(name, await costOf(meter, ask));
  await measure('an OFREP answer for one key of three levels', () => post(`/ofrep/v1/evaluate/flags/${ASKED}`, { context: {} }));
  await measure(`\`/v1/gate/${ASKED}\``, () => get(`/v1/gate/${ASKED}`));
  await measure(`\`/v1/features/${ASKED}\``, () => get(`/v1/features/${ASKED}`));
  await measure('`/v1/features`, a page of 100', () => get('/v1/features'));
  await measure('the first page of the site', () => page('/'));
  await measure('the page of a feature', () => page(`/features/${ASKED}`));
  const minute = { reads: 0, writes: 0, requests: 0 };
  for (const name of FOLLOWING) {
    const sweep = () => patiently(() => gate.invoke(name, { task: 'sweep' }));
    const cost = await costOf(meter, sweep, async () => undefined);
    rows.set(`an idle minute of \`${name}\``, cost);
    for (const unit of ['reads', 'writes', 'requests'] as const) minute[unit] += cost[unit];
  }
  rows.set('an idle minute of all', minute);
  const { secrets } = city.register;
  let sent = 0;
  await measure('a notice, and what follows it (stream, log, bus, mails)', async () => {
    sent += 1;
    await notice(signedNotice(`${VENDOR}.n-${sent}`, secrets[VENDOR] ?? '', Date.now() + LATER_MS));
    await gate.pump();
  });
  return rows;
};

serve({}, async ({ keys }: { readonly keys: number }) => {
  const meter = await startMetered();
  let age = `PT${AGE_MS / 1_000}S`;
  const gate = await openGateOnAws(
    (asked) => {
      const variables = { ...asked.variables, ALDERGATE_BULK_MAX_AGE: age };
      return plainEnvironment({ ...asked, variables });
    },
    { started: meter },
  );
  try {
    const city = { gate, meter, register: await fill(meter.direct, keys) };
    gate.lose();
    await settle(gate, meter);
    await gate.restart(LATER_MS);
    await settle(gate, meter);
    const bulk = await measureBulk(city, AGE_MS);
    age = 'PT0S';
    await gate.restart(LATER_MS);
    await questions(city).bulk('police');
    const unkept = await measureBulk(city, 0);
    const rest = await measureRest(city);
    return [...bulk, ...rest].map(([name, { reads, writes, requests }]) => {
      const before = unkept.has(name) ? `${figure(unkept.get(name)?.reads ?? 0)} → ` : '';
      return [name, `${before}${figure(reads)}`, figure(writes), figure(requests)];
    });
  } finally {
    await gate.stop();
  }
});

/** An engine behind a meter. `direct`: its address past the meter. */
export interface Metered extends Dynoxide {
  readonly direct: string;
  /** Returns what was asked since the last call. */
  readonly take: () => Units;
}

const sumOf = <T>(items: readonly T[], of: (item: T) => number): number => items.reduce((sum, each) => sum + of(each), 0);

/** Returns the size of a value as in "DynamoDB item sizes and formats" of the developer guide. */
const bytesOfValue = ({ S, N, B, L, M }: Part): number => {
  if (S !== undefined) return Buffer.byteLength(S);
  if (N !== undefined) return Math.ceil(N.replace(/[-.]/g, '').length / 2) + 1;
  if (B !== undefined) return Buffer.byteLength(B, 'base64');
  if (L !== undefined) return L.reduce((sum: number, each: Part) => sum + 1 + bytesOfValue(each), 3);
  return M === undefined ? 1 : 3 + Object.keys(M).length + bytesOfItem(M);
};
const bytesOfItem = (item: Part) => sumOf(Object.entries(item), ([name, value]) => Buffer.byteLength(name) + bytesOfValue(value));

const READ_BYTES = 4_096;
const WRITE_BYTES = 1_024;
const units = (bytes: number, each: number) => Math.max(1, Math.ceil(bytes / each));
const readUnits = (bytes: number, isConsistent = false) => units(bytes, READ_BYTES) / (isConsistent ? 1 : 2);

const readsOf = (call: Part, { Item: item, Items: items = [], Responses: found }: Part) => {
  const { RequestItems: requests, ConsistentRead: isConsistent } = call;
  if (requests === undefined) return readUnits(item === undefined ? sumOf(items, bytesOfItem) : bytesOfItem(item), isConsistent);
  return sumOf(Object.entries<Part>(requests), ([table, { Keys: keys, ConsistentRead: isConsistent }]) => {
    const there: readonly Part[] = found?.[table] ?? [];
    const missing = (keys.length - there.length) * readUnits(0, isConsistent);
    return missing + sumOf(there, (each) => readUnits(bytesOfItem(each), isConsistent));
  });
};

/** A new item is an entry of the table's index more; one that is replaced, an entry less and one more where the index has what changed. */
const INDEXED: Readonly<Record<string, string>> = { CommitsTable: 'stamp', RegisterTable: 'changedAt' };

const writesOf = ({ TableName: table, Item: item }: Part, before: Part, isDone: boolean) => {
  const own = units(Math.max(bytesOfItem(item ?? {}), bytesOfItem(before ?? {})), WRITE_BYTES);
  return own + (isDone && table in INDEXED ? [before, item].filter((each) => each !== undefined).length : 0);
};

const READS = ['GetItem', 'Query', 'Scan', 'BatchGetItem'];
const WRITES = ['PutItem', 'DeleteItem'];

/**
 * Starts an engine whose requests are counted: in units from the sizes of the items on the wire, since the engines do not agree on
 * them.
 */
export const startMetered = async (): Promise<Metered> => {
  const engine = await startDynoxide('memory');
  const counted = { reads: 0, writes: 0, requests: 0 };
  const send = async (headers: Readonly<Record<string, string>>, body: string) => {
    const response = await fetch(engine.endpoint, { method: 'POST', headers, body });
    return { status: response.status, text: await response.text() };
  };
  /** What stands where a call writes. */
  const before = async (headers: Readonly<Record<string, string>>, call: Part) => {
    const { pk, sk } = call.Key ?? call.Item;
    const get = { ...headers, 'x-amz-target': headers['x-amz-target']?.replace(/\w+$/, 'GetItem') ?? '' };
    const asked = { TableName: call.TableName, Key: { pk, sk }, ConsistentRead: true };
    return JSON.parse((await send(get, JSON.stringify(asked))).text).Item;
  };
  const pass = async (request: IncomingMessage) => {
    const body = Buffer.concat(await request.toArray()).toString();
    const headers = Object.fromEntries(
      ['authorization', 'content-type', 'x-amz-date', 'x-amz-target'].map((name) => [name, String(request.headers[name])]),
    );
    const operation = headers['x-amz-target']?.split('.')[1] ?? '';
    const call = JSON.parse(body);
    const replaced = WRITES.includes(operation) ? await before(headers, call) : undefined;
    const { status, text } = await send(headers, body);
    counted.requests += 1;
    if (WRITES.includes(operation)) counted.writes += writesOf(call, replaced, status === 200);
    else if (READS.includes(operation)) counted.reads += readsOf(call, JSON.parse(text));
    else if (operation !== 'CreateTable') throw new Error(`${operation} is not counted`);
    return { status, text };
  };
  const server = createServer((request, response) => {
    void pass(request).then(
      ({ status, text }) => response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' }).end(text),
      (error: unknown) => response.destroy(error as Error),
    );
  });
  const { url, close } = await listened(server);
  return {
    endpoint: url,
    direct: engine.endpoint,
    take: () => {
      const taken = { ...counted };
      Object.assign(counted, { reads: 0, writes: 0, requests: 0 });
      return taken;
    },
    stop: async () => {
      await close();
      await engine.stop();
    },
  };
};
