import { type DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { Item } from '../../../functions/platform/store/dynamo/calls.ts';
import { openDynamoSideStore, openRegisterTable } from '../../../functions/platform/store/dynamo/dynamoSideStore.ts';
import { CorruptStore } from '../../../functions/platform/store/errors.ts';
import { allFeatures } from '../../../functions/register/lists.ts';
import { storedIndex } from '../../../functions/register/memoryIndex.ts';
import { project } from '../../../functions/register/project.ts';
import { rebuild } from '../../../functions/register/rebuild.ts';
import type { RegisterIndex } from '../../../functions/register/rows.ts';
import { tableIndex } from '../../../functions/register/tableIndex.ts';
import { clientAt, createTables } from '../../contract/dynamoTables.ts';
import { startDynoxide } from '../../support/dynoxide.ts';
import { testGuard } from '../../support/macs.ts';
import { IS_PROOF, runs } from '../../support/proof.ts';
import { failing, type Gate, NOON, openGate } from '../openGate.ts';
import { carryOut, type Op, step, TIMES } from '../randomSteps.ts';
import { saidBy } from './saidBy.ts';

let engine: Awaited<ReturnType<typeof startDynoxide>>;
let client: DynamoDBClient;
beforeAll(async () => {
  engine = await startDynoxide('memory');
  client = clientAt(engine.endpoint);
});
afterAll(async () => {
  client.destroy();
  await engine.stop();
});

const listed = (register: RegisterIndex) => allFeatures({ register }, { now: NOON });

let opened = 0;
/** In tables of its own, as the functions on AWS have it, with the gate's clock. */
const onTable = async ({ ports }: Gate) => {
  opened += 1;
  const [side, register] = [`side${opened}`, `register${opened}`];
  await createTables(client, { commits: `commits${opened}`, side, register });
  const altered: string[] = [];
  const guard = { ...testGuard, altered: ({ id }: { readonly id: string }) => void altered.push(id) };
  const table = openRegisterTable({ client, table: register, guard });
  const onAws = { ...ports, sideStore: openDynamoSideStore({ client, table: side, guard, register: table }) };
  const index = tableIndex(onAws, { table, logger: ports.logger, nowMs: Date.now });
  return { ports: { ...onAws, register: index }, index, table, name: register, altered };
};

test('after whatever happened, and at whatever instant, the copy in memory says what the stored documents say', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: IS_PROOF ? 8 : 4 }), async (steps) => {
      const gate = await openGate({ honest: false });
      const [stored, aws] = [storedIndex(gate.ports), await onTable(gate)];
      for (const each of steps) {
        await carryOut(gate, each);
        for (const ports of [gate.ports, aws.ports]) await project(ports, `feature/${each.key}`);
        for (const now of [TIMES[each.now] ?? NOON, NOON])
          expect(await saidBy(aws.index, now)).toEqual(await saidBy(stored, now));
      }
    }),
    { numRuns: runs(1) },
  );
});

test('a planted document under a key that none has keeps no other from the lists', async () => {
  const gate = await openGate();
  await gate.notice();
  const { ports, index, name } = await onTable(gate);
  await project(ports, 'feature/acme');
  expect(await listed(index)).toHaveLength(1);
  for (const sk of ['.', '.acme', 'no key', 'x'.repeat(1_024)]) {
    const Item = { pk: { S: 'acme' }, sk: { S: sk }, docShard: { N: '0' }, changedAt: { N: String(Date.now() + 60_000) } };
    await client.send(new PutItemCommand({ TableName: name, Item }));
  }
  await gate.notice({ feature: 'acme.next' });
  await project(ports, 'feature/acme.next');
  expect((await listed(index)).map(({ key }) => key)).toEqual(['acme', 'acme.next']);
});

test('documents are listed by key, and a page continues anywhere', async () => {
  const { table } = await onTable(await openGate());
  const keys = ['a', 'a-b', 'a-b.x', 'a.x', 'a.y', 'a0'];
  for (const key of keys.toReversed()) await table.put(key, key);
  const found = async (prefix: string, after: string, limit: number) =>
    (await table.list(prefix, { after, limit })).map(({ id }) => id);
  for (const prefix of ['', 'a', 'a-', 'a.', 'c'])
    for (const after of ['', ...keys, 'a-a', 'z'])
      for (const limit of [1, 9])
        expect(await found(prefix, after, limit), `${prefix} ${after} ${limit}`).toEqual(
          keys.filter((key) => key.startsWith(prefix) && key > after).slice(0, limit),
        );
});

test('what somebody else wrote into the table counts as absent and is reported', async () => {
  const gate = await openGate();
  const { ports, index, table, name, altered } = await onTable(gate);
  for (const feature of ['acme', 'other']) {
    await gate.notice({ feature });
    await project(ports, `feature/${feature}`);
  }
  const Key = { pk: { S: 'other' }, sk: { S: 'other' } };
  const { Item } = await client.send(new GetItemCommand({ TableName: name, Key }));
  const forged = JSON.stringify({ ...((await table.get('other')) as object), title: 'Forged' });
  await client.send(new PutItemCommand({ TableName: name, Item: { ...Item, value: { S: forged } } }));
  expect(await table.get('other')).toBeUndefined();
  expect(new Set(altered)).toEqual(new Set(['other']));
  // What was written lately and is absent is folded again.
  expect((await listed(index)).map(({ title }) => title)).toEqual(Array(2).fill('A new way to search'));
});

test('a rebuild makes the table anew from the commits, and every process reads it again', async () => {
  const gate = await openGate();
  const { ports, index, table } = await onTable(gate);
  await gate.notice({ feature: 'acme' });
  await project(ports, 'feature/acme');
  const stored = (await table.get('acme')) as object;
  await table.put('acme', { ...stored, title: 'Forged' });
  await table.put('ghost', { ...stored, key: 'ghost' });
  expect((await listed(index)).map(({ title }) => title)).toEqual(['Forged', 'A new way to search']);
  expect((await rebuild(ports)).differences).toEqual(['ghost', 'acme']);
  expect((await listed(index)).map(({ key, title }) => [key, title])).toEqual([['acme', 'A new way to search']]);
  expect((await rebuild(ports)).differed).toBe(false);
});

test('a process finds what another one has written since, and reads only that', async () => {
  const gate = await openGate();
  const aws = await onTable(gate);
  const asked: number[] = [];
  const read = (keys: readonly string[]) => {
    asked.push(keys.length);
    return aws.table.read(keys);
  };
  const counted = { ...aws.table, read };
  const index = tableIndex(aws.ports, { table: counted, logger: gate.ports.logger, nowMs: Date.now });
  for (const feature of ['acme', 'other']) {
    await gate.notice({ feature });
    await project(aws.ports, `feature/${feature}`);
  }
  expect((await listed(index)).length).toBe(2);
  expect((await listed(index)).length).toBe(2);
  await gate.notice({ feature: 'acme' });
  await project(aws.ports, 'feature/acme');
  expect((await listed(index)).map(({ newest }) => newest)).toEqual([2, 1]);
  expect(asked).toEqual([0, 0, 1]);
});

test('an index that lags shows a feature as it was, and never an older version again', async () => {
  const gate = await openGate({ honest: false });
  const { ports, index, name } = await onTable(gate);
  const Key = { pk: { S: 'acme' }, sk: { S: 'acme' } };
  const put = (Item: Item) => client.send(new PutItemCommand({ TableName: name, Item }));
  const after = async (...ops: readonly Op[]): Promise<Item> => {
    for (const op of ops) await carryOut(gate, { key: 'acme', op });
    await project(ports, 'feature/acme');
    return (await client.send(new GetItemCommand({ TableName: name, Key }))).Item ?? {};
  };
  const all = async () => (await listed(index)).map(({ evaluation }) => evaluation.variant);
  const pending = await after('notify');
  expect(await all()).toEqual(['pending']);
  const enabled = await after('approve');
  // As the index is before it has the entry, then as it is while it still has the older one beside it.
  await put(Object.fromEntries(Object.entries(enabled).filter(([attribute]) => attribute !== 'docShard')));
  expect(await all()).toEqual(['pending']);
  await put(enabled);
  await put({ ...pending, pk: { S: '#late' } });
  for (let look = 0; look < 2; look += 1) expect(await all()).toEqual(['enabled']);
});

test('what could not be read for a while is listed as it was once it can be, though no commit came', async () => {
  let cannot = false;
  const corrupt = (method: string) => cannot && ['head', 'history'].includes(method) && new CorruptStore('not now');
  const gate = await openGate({ storeOf: (store) => failing(store, corrupt) });
  await gate.approve();
  const { ports, table, index } = await onTable(gate);
  await project(ports, 'feature/acme');
  const clock = vi.spyOn(performance, 'now').mockReturnValue(0);
  const all = async (register: RegisterIndex) => (await listed(register)).map(({ evaluation }) => evaluation.variant);
  expect(await all(index)).toEqual(['enabled']);
  cannot = true;
  await project(ports, 'feature/acme');
  expect(await all(index)).toEqual(['unknown']);
  cannot = false;
  clock.mockReturnValue(60_001);
  const started = tableIndex(ports, { table, logger: ports.logger, nowMs: Date.now });
  for (const register of [index, started]) expect(await all(register)).toEqual(['enabled']);
});
