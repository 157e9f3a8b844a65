import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { ORIGIN_SECRET_HEADER } from '../../../../functions/handlers/runtime/secrets.ts';
import { APPS } from '../../../../functions/web/routes/table.ts';
import { ORIGIN_SECRET, type Reply, requestEvent } from '../support/events.ts';
import { coldStart } from './coldStart.ts';
import { type Lane, type Lanes, openLanes } from './lanes.ts';

// The API's own address answers everyone. What comes there did not pass the firewall.

let lanes: Lanes;
let lane: Lane;

beforeAll(async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  lanes = await openLanes();
  lane = await lanes.open();
  // The function of the log does not start before it was signed once.
  await (await coldStart('sequencer', lanes.proxy, lane))({ task: 'sweep' }, { awsRequestId: 'first' });
});
// The SDK asks twice when its clock and that of an answer are minutes apart.
beforeEach(() => void vi.setSystemTime(vi.getRealSystemTime()));
afterAll(async () => {
  await lanes.close();
  vi.useRealTimers();
});

/** Records which parts of an object are read, below `name`. */
const watched = <T extends object>(object: T, read: Set<string>, name = ''): T =>
  new Proxy(object, {
    get: (target, key) => {
      const value = Reflect.get(target, key) as unknown;
      read.add(`${name}${String(key)}`);
      return typeof value === 'object' && value !== null ? watched(value, read, `${name}${String(key)}.`) : value;
    },
    ownKeys: (target) => {
      read.add(`${name}*`);
      return Reflect.ownKeys(target);
    },
  });

const request = (secret: string | undefined) => {
  const { headers, ...event } = requestEvent('POST', '/v1/notices?x=1', 'not base64 ~', { authorization: 'Bearer x' });
  const { [ORIGIN_SECRET_HEADER]: _, ...others } = headers;
  return {
    ...event,
    isBase64Encoded: true,
    headers: secret === undefined ? others : { ...others, [ORIGIN_SECRET_HEADER]: secret },
  };
};

const callsOf = (): readonly string[] =>
  lanes.proxy.takeCalls(lane.name).map(({ service, operation }) => `${service} ${operation}`);
/** The current value and the previous one. */
const ONE_READ = ['SecretsManager GetSecretValue', 'SecretsManager GetSecretValue'];

const answers = new Set<string>();

test.each(APPS)('%s refuses it unread: no table, no body, and one read of the secret in ten seconds at most', async (name) => {
  const handler = await coldStart(name, lanes.proxy, lane);
  callsOf();
  const read = new Set<string>();
  const ask = async (secret: string | undefined): Promise<void> => {
    const answer = await handler(watched(request(secret), read), { awsRequestId: 'r' });
    answers.add(JSON.stringify(answer));
  };
  for (let asked = 0; asked < 50; asked += 1) await ask(undefined);
  for (let asked = 0; asked < 50; asked += 1) await ask(`a guess ${asked}`);
  expect(callsOf()).toEqual([]);
  for (let second = 0; second < 30; second += 1) {
    vi.setSystemTime(Date.now() + 1_000);
    await Promise.all([ask(`${ORIGIN_SECRET}x`), ask(`guess ${second}`), ask(''), ask(undefined)]);
    await ask(ORIGIN_SECRET.slice(1));
  }
  expect(callsOf()).toEqual([ONE_READ, ONE_READ, ONE_READ].flat());
  expect([...read].sort()).toEqual(['headers', `headers.${ORIGIN_SECRET_HEADER}`]);
  expect(answers.size).toBe(1);
  expect([...answers].map((answer) => JSON.parse(answer) as Reply)).toMatchObject([{ statusCode: 403 }]);
  const through = (await handler(requestEvent('GET', '/healthz', undefined, {}), { awsRequestId: 'r' })) as Reply;
  expect(through.statusCode).not.toBe(403);
});
