import type { BatchGetItemInput, KeysAndAttributes } from '@aws-sdk/client-dynamodb';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Item, readItems } from '../../../../../functions/platform/store/dynamo/calls.ts';
import { openDynamoSideStore } from '../../../../../functions/platform/store/dynamo/dynamoSideStore.ts';
import { keyOf, openDynamoStore } from '../../../../../functions/platform/store/dynamo/dynamoStore.ts';
import { StoreUnavailable } from '../../../../../functions/platform/store/errors.ts';
import { load } from '../../../../../functions/platform/store/load.ts';
import type { Store } from '../../../../../functions/platform/store/port.ts';
import type { SideStore } from '../../../../../functions/platform/store/sideStore.ts';
import { submit } from '../../../../../functions/platform/store/submit.ts';
import { COMMITS, clientAt, createTables, SIDE } from '../../../../contract/dynamoTables.ts';
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
import { testGuard, testMacs } from '../../../../support/macs.ts';

let engine: Dynoxide;
let proxy: FaultProxy;
/** Behind the proxy; `truth` and `rival` speak to the engine directly. */
let store: Store;
let truth: Store;
let sideStore: SideStore;

beforeAll(async () => {
  engine = await startDynoxide();
  proxy = await startFaultProxy(engine.endpoint);
  await createTables(clientAt(engine.endpoint));
  store = openDynamoStore({ client: clientAt(proxy.endpoint), table: COMMITS, now: Date.now, macs: testMacs });
  truth = openDynamoStore({ client: clientAt(engine.endpoint), table: COMMITS, now: Date.now, macs: testMacs });
  sideStore = openDynamoSideStore({ client: clientAt(proxy.endpoint), table: SIDE, guard: testGuard });
});
afterEach(() => {
  proxy.plan(() => undefined);
  proxy.takeCalls();
});
afterAll(async () => {
  await proxy.close();
  await engine.stop();
});

const entriesOf = async (stream: string): Promise<readonly string[]> => (await load(truth, ledger, stream)).state.entries;
const onFirst =
  (operation: string, fault: Fault, times = 1) =>
  (seen: Seen): Fault | undefined =>
    seen.operation === operation && seen.index < times ? fault : undefined;
const callsMade = (): string[] => proxy.takeCalls().map(({ operation }) => operation);

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

  test('a first conflict costs one more PutItem and no read', async () => {
    const rival = portsOn(truth);
    const stolen: Store = {
      ...store,
      head: async (stream) => {
        const head = await store.head(stream);
        await submit(rival, ledger, enter(stream, ['rival']));
        return head;
      },
    };
    const answer = await submit(portsOn(stolen), ledger, enter('calls/conflict', ['mine']));
    expect(answer).toMatchObject({ ok: true, version: 2, appended: true, state: { entries: ['rival', 'mine'] } });
    expect(callsMade()).toEqual(['Query', 'PutItem', 'PutItem']);
  });
});

describe('faults at the wire', () => {
  for (const operation of ['Query', 'PutItem']) {
    for (const fault of FAULTS) {
      test(`${operation} ${fault}: the command is carried out once`, async () => {
        const stream = `fault/${operation}/${fault}`;
        const ports = portsOn(store);
        await submit(ports, ledger, enter(stream, ['before']));
        proxy.plan(onFirst(operation, fault));
        proxy.takeCalls();
        expect(await submit(ports, ledger, enter(stream, ['mine']))).toMatchObject({ ok: true, version: 2, appended: true });
        // Given up and tried once more, whatever it was; the other call was made once.
        expect(callsMade()).toEqual(operation === 'Query' ? ['Query', 'Query', 'PutItem'] : ['Query', 'PutItem', 'PutItem']);
        expect(await submit(ports, ledger, enter(stream, ['mine']))).toMatchObject({ ok: true, version: 2, replayed: true });
        expect(await entriesOf(stream)).toEqual(['before', 'mine']);
        expect((await truth.history(stream, {})).map(({ commandId }) => commandId)).toEqual(['enter before', 'enter mine']);
      });
    }
  }

  for (const fault of FAULTS.filter((each) => each !== 'slow')) {
    test(`${fault} between two records in order: one put each and one more, and both are stored`, async () => {
      const records = ['receipt', 'feature'].map((kind) => recordAfter(undefined, { stream: `${kind}/between/${fault}` }));
      proxy.plan((seen) => (seen.index === 1 ? fault : undefined));
      expect(await store.appendInOrder(records)).toEqual({ appended: 2, occupant: undefined });
      expect(callsMade()).toEqual(['PutItem', 'PutItem', 'PutItem']);
      for (const { stream } of records) expect(await truth.history(stream, {})).toHaveLength(1);
    });
  }

  test.each(['response-lost', 'failed-but-persisted'] as const)(
    '%s at every try: told as unavailable, and the resent command finds its own commit',
    async (fault) => {
      const stream = `outage/${fault}`;
      proxy.plan(onFirst('PutItem', fault, 99));
      await expect(submit(portsOn(store), ledger, enter(stream, ['mine']))).rejects.toThrow(StoreUnavailable);
      proxy.plan(() => undefined);
      expect(await submit(portsOn(store), ledger, enter(stream, ['mine']))).toMatchObject({
        ok: true,
        version: 1,
        replayed: true,
      });
      expect(await entriesOf(stream)).toEqual(['mine']);
    },
  );

  test.each(['request-lost', 'throttled', 'failed'] as const)(
    '%s at every try: told as unavailable after a bounded number of tries, nothing written',
    async (fault) => {
      const stream = `outage/${fault}`;
      proxy.plan(onFirst('PutItem', fault, 99));
      await expect(submit(portsOn(store), ledger, enter(stream, ['mine']))).rejects.toThrow(StoreUnavailable);
      expect(callsMade()).toEqual(['Query', ...Array.from({ length: 6 }, () => 'PutItem')]);
      expect(await truth.head(stream)).toBeUndefined();
    },
  );

  test('what the service refuses permanently is not tried again', async () => {
    const nowhere = openDynamoStore({ client: clientAt(proxy.endpoint), table: 'no-such-table', now: Date.now, macs: testMacs });
    await expect(nowhere.head('feature/flock')).rejects.toThrow(StoreUnavailable);
    expect(callsMade()).toEqual(['Query']);
  });

  test('many writers while every third call of a kind goes wrong: nothing acknowledged is lost, nothing happens twice', async () => {
    const faults = FAULTS.filter((fault) => fault !== 'slow');
    proxy.plan(({ operation, index }) => (index % 3 === 2 ? faults[(index + operation.length) % faults.length] : undefined));
    const writers = Array.from({ length: 6 }, async (_, writer) => {
      const ports = portsOn(store);
      for (let index = 0; index < 6; index += 1)
        await untilAcknowledged(() => submit(ports, ledger, enter('fault/storm', [`w${writer}-${index}`])));
    });
    await Promise.all(writers);
    const entries = await entriesOf('fault/storm');
    expect(entries).toHaveLength(36);
    expect(new Set(entries).size).toBe(36);
    const versions = (await truth.history('fault/storm', { limit: 1_000 })).map(({ version }) => version);
    expect(versions).toEqual(Array.from({ length: 36 }, (_, index) => index + 1));
  });

  test('the feed comes through the same faults complete', async () => {
    await truth.appendInOrder(Array.from({ length: 80 }, (_, n) => recordAfter(undefined, { stream: `feed/${n}` })));
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
    await truth.appendInOrder(present.map(({ pk }) => recordAfter(undefined, { stream: pk?.S ?? '' })));
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

/** A client that comes again with the same command when told so. */
const untilAcknowledged = async (send: () => Promise<{ readonly ok: boolean }>): Promise<void> => {
  for (;;) {
    try {
      if ((await send()).ok) return;
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
    }
  }
};
