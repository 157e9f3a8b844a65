import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { openDynamoSideStore } from '../../../../../functions/platform/store/dynamo/dynamoSideStore.ts';
import { openDynamoStore } from '../../../../../functions/platform/store/dynamo/dynamoStore.ts';
import { StoreUnavailable } from '../../../../../functions/platform/store/errors.ts';
import { load } from '../../../../../functions/platform/store/load.ts';
import type { Store } from '../../../../../functions/platform/store/port.ts';
import type { SideStore } from '../../../../../functions/platform/store/sideStore.ts';
import { submit } from '../../../../../functions/platform/store/submit.ts';
import { COMMITS, clientAt, createTables, SIDE } from '../../../../contract/dynamoTables.ts';
import { FAULTS, type Fault, type FaultProxy, type Seen, startFaultProxy } from '../../../../contract/faultProxy.ts';
import { enter, ledger, portsOn } from '../../../../contract/ledger.ts';
import { readFeed } from '../../../../contract/readFeed.ts';
import { recordAfter } from '../../../../contract/records.ts';
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
    const everyPlace = (await readFeed(truth, undefined, 50)).items.map(({ stream, version }) => `${stream}@${version}`);
    const faults = FAULTS.filter((fault) => fault !== 'slow' && fault !== 'failed-but-persisted');
    proxy.plan(({ index }) => (index % 2 ? faults[((index - 1) / 2) % faults.length] : undefined));
    const { items } = await readFeed(store, undefined, 5);
    expect(items.map(({ stream, version }) => `${stream}@${version}`)).toEqual(everyPlace);
  });
});

describe('faults of the side store', () => {
  test.each(FAULTS)('putIfAbsent %s: whoever wrote is told so', async (fault) => {
    proxy.plan(onFirst('PutItem', fault));
    expect(await sideStore.putIfAbsent('fault', fault, 'mine')).toBe(true);
    expect(await sideStore.putIfAbsent('fault', fault, 'second')).toBe(false);
    expect(await sideStore.get('fault', fault)).toBe('mine');
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
