import { createServer } from 'node:http';
import { setImmediate } from 'node:timers/promises';
import { type BatchGetItemInput, type KeysAndAttributes, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Item, readItems, retrying } from '../../../../../functions/platform/store/dynamo/calls.ts';
import { keyOf } from '../../../../../functions/platform/store/dynamo/dynamoStore.ts';
import { StoreUnavailable } from '../../../../../functions/platform/store/errors.ts';
import { load } from '../../../../../functions/platform/store/load.ts';
import type { Store } from '../../../../../functions/platform/store/port.ts';
import type { SideStore } from '../../../../../functions/platform/store/sideStore.ts';
import { submit } from '../../../../../functions/platform/store/submit.ts';
import { COMMITS, clientAt, createTables, openTables, REGISTER, SIDE } from '../../../../contract/dynamoTables.ts';
import {
  FAULTS,
  type Fault,
  type FaultProxy,
  faultsOf,
  type Seen,
  startFaultProxy,
  UNPROCESSED,
} from '../../../../contract/faultProxy.ts';
import { enter, ledger, portsOn, readFeed, recordAfter } from '../../../../contract/underTest.ts';
import { type Dynoxide, startDynoxide } from '../../../../support/dynoxide.ts';
import { listened } from '../../../../support/listened.ts';

let engine: Dynoxide;
let proxy: FaultProxy;
/** The store behind the proxy; `truth` and `rival` call the engine directly. */
let store: Store;
let truth: Store;
let sideStore: SideStore;

beforeAll(async () => {
  engine = await startDynoxide();
  proxy = await startFaultProxy(engine.endpoint);
  await createTables(clientAt(engine.endpoint));
  ({ store, sideStore } = openTables(clientAt(proxy.endpoint)));
  truth = openTables(clientAt(engine.endpoint)).store;
});
afterEach(() => {
  proxy.plan(() => undefined);
  proxy.takeCalls();
});
afterAll(async () => {
  await proxy.close();
  await engine.stop();
});

const entriesOf = async (stream: string) => (await load(truth, ledger, stream)).state.entries;
const onFirst =
  (operation: string, fault: Fault, times = 1) =>
  (seen: Seen) =>
    seen.operation === operation && seen.index < times ? fault : undefined;
const callsMade = () => proxy.takeCalls().map(({ operation }) => operation);

describe('calls of a command', () => {
  test('one Query and one PutItem, on a new stream and on an old one', async () => {
    const ports = portsOn(store);
    for (const entry of ['a', 'b', 'c']) {
      await submit(ports, ledger, enter('calls/plain', [entry]));
      expect(callsMade()).toEqual(['Query', 'PutItem']);
    }
    await submit(ports, ledger, enter('calls/plain', ['c']));
    await submit(ports, ledger, enter('calls/plain', ['a']));
    await submit(ports, ledger, enter('calls/plain', ['forbidden']));
    expect(callsMade()).toEqual(['Query', 'Query', 'Query']);
  });
});

test('of many calls at once no more are under way than there are connections', async () => {
  let [underWay, most] = [0, 0];
  const call = async () => {
    underWay += 1;
    most = Math.max(most, underWay);
    await setImmediate();
    underWay -= 1;
  };
  await Promise.all(Array.from({ length: 1_000 }, () => retrying(call)));
  expect(most).toBe(50);
});

test('an answer that takes its time is read to its end, as one of 16 MB on a slow line', async () => {
  let asked = 0;
  const body = JSON.stringify({ Items: [] });
  const { url, close } = await listened(
    createServer((_, response) => {
      asked += 1;
      response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0', 'content-length': body.length });
      for (const [index, part] of [...body].entries()) setTimeout(() => response.write(part), 200 * (index + 1));
      setTimeout(() => response.end(), 200 * (body.length + 1));
    }),
  );
  const client = clientAt(url);
  // Again where this machine was silent itself for longer than a client waits.
  const read = async () => {
    asked = 0;
    return [await openTables(client).store.head('slow'), asked];
  };
  await expect.poll(read).toEqual([undefined, 1]);
  client.destroy();
  await close();
});

describe('faults at the wire', () => {
  const mine = (stream: string) => submit(portsOn(store), ledger, enter(stream, ['mine']));

  test.each(['Query', 'PutItem'].flatMap((operation) => FAULTS.map((fault) => [operation, fault] as const)))(
    '%s %s: the command is carried out once',
    async (operation, fault) => {
      const stream = `fault/${operation}/${fault}`;
      await submit(portsOn(store), ledger, enter(stream, ['before']));
      proxy.plan(onFirst(operation, fault));
      proxy.takeCalls();
      expect(await mine(stream)).toMatchObject({ ok: true, version: 2, appended: true });
      // Given up and tried once more, whatever it was; the other call was made once.
      expect(callsMade()).toEqual(operation === 'Query' ? ['Query', 'Query', 'PutItem'] : ['Query', 'PutItem', 'PutItem']);
      expect(await mine(stream)).toMatchObject({ ok: true, version: 2, appended: false });
      expect(await entriesOf(stream)).toEqual(['before', 'mine']);
    },
  );

  test.each(FAULTS.filter((each) => each !== 'slow'))(
    '%s between two records in order: one put each and one more, and both are stored',
    async (fault) => {
      const records = ['receipt', 'feature'].map((kind) => recordAfter(undefined, { stream: `${kind}/between/${fault}` }));
      proxy.plan((seen) => (seen.index === 1 ? fault : undefined));
      expect(await store.append(records)).toEqual({ appended: 2, occupant: undefined });
      expect(callsMade()).toEqual(['PutItem', 'PutItem', 'PutItem']);
      for (const { stream } of records) expect(await truth.history(stream, {})).toHaveLength(1);
    },
  );

  test.each([
    ['response-lost', true],
    ['failed-but-persisted', true],
    ['request-lost', false],
    ['throttled', false],
    ['failed', false],
  ] as const)('%s at every try: unavailable after a bounded number of tries; it was written: %s', async (fault, isWritten) => {
    const stream = `outage/${fault}`;
    proxy.plan(onFirst('PutItem', fault, 99));
    await expect(mine(stream)).rejects.toThrow(StoreUnavailable);
    expect(callsMade()).toEqual(['Query', ...Array.from({ length: 6 }, () => 'PutItem')]);
    proxy.plan(() => undefined);
    expect(await truth.history(stream, {})).toHaveLength(isWritten ? 1 : 0);
    // The resent command finds its own commit.
    expect(await mine(stream)).toMatchObject({ ok: true, version: 1, appended: !isWritten });
    expect(await entriesOf(stream)).toEqual(['mine']);
  });

  test('what the service refuses permanently is not tried again', async () => {
    const names = { commits: 'no-such-table', side: SIDE, register: REGISTER };
    await expect(openTables(clientAt(proxy.endpoint), names).store.head('feature/flock')).rejects.toThrow(StoreUnavailable);
    expect(callsMade()).toEqual(['Query']);
  });

  test('the feed comes through the same faults complete', async () => {
    await truth.append(Array.from({ length: 80 }, (_, n) => recordAfter(undefined, { stream: `feed/${n}` })));
    const everyPlace = (await readFeed(truth, undefined, 50)).items.map(({ stream, version }) => `${stream}@${version}`);
    const met = new Set<string>();
    proxy.plan((seen) => {
      const all = seen.operation === 'BatchGetItem' ? [...faultsOf(seen), ...UNPROCESSED] : faultsOf(seen);
      const faults = all.filter((fault) => fault !== 'slow');
      const fault = seen.index % 2 ? faults[((seen.index - 1) / 2) % faults.length] : undefined;
      if (fault !== undefined) met.add(`${seen.operation} ${fault}`);
      return fault;
    });
    const { items } = await readFeed(store, undefined, 5);
    expect(items.map(({ stream, version }) => `${stream}@${version}`)).toEqual(everyPlace);
    expect([...met]).toEqual(expect.arrayContaining(['BatchGetItem half-unprocessed', 'BatchGetItem all-unprocessed']));
  });
});

describe('reads of many items', () => {
  const places = (count: number, name: string) => Array.from({ length: count }, (_, n) => keyOf(`${name}/${n}`, 1));
  /** Reads through the proxy, and records what was asked. */
  const reader = () => {
    const asked: KeysAndAttributes[] = [];
    const client = clientAt(proxy.endpoint);
    client.middlewareStack.add(
      (next) => (sent) => {
        const { RequestItems: items } = sent.input as BatchGetItemInput;
        asked.push(...Object.values(items ?? {}));
        return next(sent);
      },
      { step: 'initialize', name: 'asked' },
    );
    return { asked, read: (keys: readonly Item[]) => readItems({ client, table: COMMITS }, keys) };
  };

  test('keys that come back unprocessed, some many times: no item is lost, none comes twice, all are strongly consistent', async () => {
    const present = places(130, 'batch/present');
    await truth.append(present.map(({ pk }) => recordAfter(undefined, { stream: pk?.S ?? '' })));
    const { asked, read } = reader();
    const faults = new Map<number, Fault>([[3, 'all-unprocessed']]);
    proxy.plan(({ index }) => (index < 9 ? (faults.get(index) ?? 'half-unprocessed') : undefined));
    const items = await read([...places(120, 'batch/absent'), ...present]);
    const streamsOf = (found: readonly Item[]) => found.map(({ pk }) => pk?.S ?? '').toSorted();
    expect(streamsOf(items)).toEqual(streamsOf(present));
    expect(asked.map(({ Keys: keys }) => keys?.length)).toEqual([100, 100, 100, 100, 100, 50, 25, 13, 7, 4]);
    expect(new Set(asked.map(({ ConsistentRead: isStrong }) => isStrong))).toEqual(new Set([true]));
  });

  test('a part without an item is progress, not throttling', async () => {
    const { asked, read } = reader();
    proxy.plan(({ index }) => (index < 6 ? 'half-unprocessed' : undefined));
    expect(await read(places(64, 'batch/absent'))).toEqual([]);
    expect(asked.map(({ Keys: keys }) => keys?.length)).toEqual([64, 32, 16, 8, 4, 2, 1]);
  });

  test('when nothing more is processed: told as unavailable after a bounded number of tries', async () => {
    const { asked, read } = reader();
    proxy.plan(({ index }) => (index === 0 ? 'half-unprocessed' : 'all-unprocessed'));
    await expect(read(places(10, 'batch/absent'))).rejects.toThrow(StoreUnavailable);
    expect(asked.map(({ Keys: keys }) => keys?.length)).toEqual([10, 5, 5, 5, 5, 5, 5]);
  });
});

describe('faults of the side store', () => {
  test.each(FAULTS)('putIfAbsent %s: whoever wrote is told so', async (fault) => {
    proxy.plan(onFirst('PutItem', fault));
    expect(await sideStore.putIfAbsent('lease', fault, 'mine')).toBe(true);
    expect(await sideStore.putIfAbsent('lease', fault, 'second')).toBe(false);
    expect(await sideStore.get('lease', fault)).toBe('mine');
  });
});

test.each([
  ['that no program can hold', ['90071992547409930001', '90071992547409930002']],
  ['with fractions', ['1.5', '1.25', '1.125']],
  ['below one', ['-1', '0']],
])('planted rows under numbers %s are named, and the feed and a list of places go on behind them', async (what, numbers) => {
  const client = clientAt(engine.endpoint);
  const TableName = `planted-${numbers.length}-${what.length}`;
  const names = { commits: TableName, side: `${TableName}-side`, register: `${TableName}-register` };
  await createTables(client, names);
  const planted = openTables(client, names).store;
  await planted.append([recordAfter(undefined, { stream: 'honest' })]);
  const streams = ['0', '3'];
  // Instants that no program holds either, after those of honest rows and closer together than it can tell.
  for (const [index, sk] of numbers.entries())
    for (const shard of streams) {
      const stamp = `${Date.now() + 60_000}.00000000000000000${index + 1}`;
      const Item = { pk: { S: shard }, sk: { N: sk }, timeShard: { N: shard }, stamp: { N: stamp } };
      await client.send(new PutItemCommand({ TableName, Item }));
    }
  for (const limit of [1, 3, 100]) {
    const [found, unreadable, places]: [string[], string[], string[]] = [[], [], []];
    for (const read of [
      async (cursor: string | undefined) => {
        const { items, ...page } = await planted.feed(cursor, limit, ({ stream }) => unreadable.push(stream));
        found.push(...items.map(({ stream }) => stream));
        return page;
      },
      async (cursor: string | undefined) => {
        const page = await planted.places(cursor, limit);
        places.push(...page.places.map(({ stream }) => stream));
        return page;
      },
    ])
      for (let page = await read(undefined); !page.done; ) page = await read(page.next);
    const all = streams.flatMap((shard) => numbers.map(() => shard));
    expect(found).toEqual(['honest']);
    expect(unreadable.toSorted()).toEqual(all);
    expect(places.toSorted()).toEqual([...all, 'honest']);
  }
  await expect(planted.head('0')).rejects.toThrow(/^0@.* is without/);
  client.destroy();
});
