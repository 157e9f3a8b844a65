import { type DynamoDBClient, GetItemCommand, PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { VARIANTS } from '../../../domain/feature/evaluate.ts';
import { openDynamoSideStore } from '../../../functions/platform/store/dynamo/dynamoSideStore.ts';
import type { Item } from '../../../functions/platform/store/dynamo/item.ts';
import { openRegisterTable } from '../../../functions/platform/store/dynamo/registerTable.ts';
import { allFeatures } from '../../../functions/register/lists.ts';
import { project } from '../../../functions/register/project.ts';
import { rebuild } from '../../../functions/register/rebuild.ts';
import { registerAttributes } from '../../../functions/register/registerAttributes.ts';
import { storedIndex } from '../../../functions/register/storedIndex.ts';
import { tableIndex } from '../../../functions/register/tableIndex.ts';
import { clientAt, createTables } from '../../contract/dynamoTables.ts';
import { startDynoxide } from '../../support/dynoxide.ts';
import { testGuard } from '../../support/macs.ts';
import { type Gate, NOON, openGate } from '../openGate.ts';
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

let opened = 0;
/** Opens the register of a gate in tables of its own, as the functions on AWS have it, with the gate's clock. */
const onTable = async ({ ports }: Gate) => {
  opened += 1;
  const [side, register] = [`side${opened}`, `register${opened}`];
  await createTables(client, { commits: `commits${opened}`, side, register });
  const altered: string[] = [];
  const guard = { ...testGuard, altered: ({ id }: { readonly id: string }) => void altered.push(id) };
  const open = () =>
    openRegisterTable({
      client,
      table: register,
      guard,
      now: Date.now,
      attributesOf: (key, value) => registerAttributes(key, value, ports.clock()),
    });
  const table = open();
  const onAws = { ...ports, sideStore: openDynamoSideStore({ client, table: side, guard, register: table }) };
  const index = tableIndex(onAws, { table, logger: ports.logger, nowMs: Date.now });
  return { ports: { ...onAws, register: index }, index, table, name: register, altered, open };
};

test('after whatever happened, and at whatever instant, the indexes of the table say what the stored documents say', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 12 }), async (steps) => {
      const gate = await openGate({ honest: false });
      const [stored, aws] = [storedIndex(gate.ports), await onTable(gate)];
      for (const each of steps) {
        await carryOut(gate, each);
        for (const ports of [gate.ports, aws.ports]) await project(ports, `feature/${each.key}`);
        for (const now of [TIMES[each.now] ?? NOON, NOON])
          expect(await saidBy(aws.index, now)).toEqual(await saidBy(stored, now));
      }
    }),
    { numRuns: Number(process.env.ALDERGATE_PROPERTY_RUNS ?? 3) },
  );
});

test('keys come in their order, whichever vendors lie between them, and a page continues anywhere', async () => {
  const { table } = await onTable(await openGate());
  const keys = ['a', 'a-b', 'a-b.x', 'a.x', 'a.y', 'a0', 'a0.z', 'b.c'];
  for (const key of keys.toReversed()) await table.put(key, key);
  expect(await table.vendors()).toEqual(['a', 'a-b', 'a0', 'b']);
  const listed = async (prefix: string, after?: string, limit?: number) =>
    (await table.list(prefix, { ...(after !== undefined && { after }), ...(limit !== undefined && { limit }) })).map(
      ({ id }) => id,
    );
  for (const prefix of ['', 'a', 'a-', 'a-b', 'a.', 'a.x', 'a0', 'b', 'c', 'c.'])
    for (const after of [undefined, '', ...keys, 'a-a', 'a.xx', 'z'])
      for (const limit of [undefined, 1, 3])
        expect(await listed(prefix, after, limit), `${prefix} ${after} ${limit}`).toEqual(
          keys.filter((key) => key.startsWith(prefix) && key > (after ?? '')).slice(0, limit),
        );
});

test('what somebody else wrote into the table counts as absent and is reported; an index shows no more than the gate wrote', async () => {
  const gate = await openGate();
  const { ports, index, table, name, altered } = await onTable(gate);
  for (const feature of ['acme', 'other']) {
    await gate.notice({ feature });
    await project(ports, `feature/${feature}`);
  }
  const alter = (key: string, attribute: string, value: string) =>
    client.send(
      new UpdateItemCommand({
        TableName: name,
        Key: { pk: { S: key }, sk: { S: key } },
        UpdateExpression: 'SET #it = :it',
        ExpressionAttributeNames: { '#it': attribute },
        ExpressionAttributeValues: { ':it': { S: value } },
      }),
    );
  await alter('acme', 'statusShard', '0/enabled');
  expect(await index.page({ now: NOON, after: '', limit: 9, status: 'enabled' })).toEqual([]);
  await alter('other', 'value', JSON.stringify({ ...((await table.get('other')) as object), title: 'Forged' }));
  expect(await table.get('other')).toBeUndefined();
  expect(new Set(altered)).toEqual(new Set(['other']));
  // What was written lately and is absent is folded again.
  expect((await allFeatures({ register: index }, { now: NOON })).map(({ title }) => title)).toEqual(
    Array(2).fill('A new way to search'),
  );
});

test('a rebuild makes the table anew from the commits, and every process reads it again', async () => {
  const gate = await openGate();
  const { ports, index, table } = await onTable(gate);
  await gate.notice({ feature: 'acme' });
  await project(ports, 'feature/acme');
  const stored = (await table.get('acme')) as object;
  await table.put('acme', { ...stored, title: 'Forged' });
  await table.put('ghost', { ...stored, key: 'ghost' });
  expect((await allFeatures({ register: index }, { now: NOON })).map(({ title }) => title)).toEqual([
    'Forged',
    'A new way to search',
  ]);
  expect((await rebuild(ports)).differences).toEqual(['ghost', 'acme']);
  expect((await allFeatures({ register: index }, { now: NOON })).map(({ key, title }) => [key, title])).toEqual([
    ['acme', 'A new way to search'],
  ]);
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
  expect((await allFeatures({ register: index }, { now: NOON })).length).toBe(2);
  expect((await allFeatures({ register: index }, { now: NOON })).length).toBe(2);
  await gate.notice({ feature: 'acme' });
  await project(aws.ports, 'feature/acme');
  expect((await allFeatures({ register: index }, { now: NOON })).map(({ newest }) => newest)).toEqual([2, 1]);
  expect(asked).toEqual([0, 0, 1]);
});

test('the clock reads what is due, and what has nothing left to do only once', async () => {
  const gate = await openGate();
  const { ports, index, table } = await onTable(gate);
  for (const feature of ['acme', 'other']) {
    await gate.notice({ feature });
    await project(ports, `feature/${feature}`);
  }
  const [, , later] = TIMES;
  expect(await table.due(NOON)).toEqual([]);
  expect((await index.due(later, true)).map(({ key }) => key)).toEqual(['acme', 'other']);
  await gate.withdraw('acme/1');
  await project(ports, 'feature/acme');
  gate.at(later);
  expect((await index.due(later, true)).map(({ key }) => key)).toEqual(['other']);
  expect(await table.due(later)).toEqual(['other']);
});

test('a document that was written again since it was read keeps what was written', async () => {
  const { table } = await onTable(await openGate());
  await table.put('acme', 1);
  const [read] = await table.read(['acme']);
  await table.put('acme', 2);
  if (read !== undefined) await table.renew(read);
  expect(await table.get('acme')).toBe(2);
});

/** The document of the key `acme` and its entries in the indexes of a table. */
const indexed = (table: string) => {
  const key = { pk: { S: 'acme' }, sk: { S: 'acme' } };
  const item = async (): Promise<Item> => (await client.send(new GetItemCommand({ TableName: table, Key: key }))).Item ?? {};
  const put = (Item: Item) => client.send(new PutItemCommand({ TableName: table, Item }));
  return {
    item,
    put,
    /** Adds the entries that an older version had, as an index shows them that has not yet removed them. Nothing reads the item behind them. */
    keep: (older: Item) => put({ ...older, pk: { S: '#late' } }),
    /** Takes the document out of the indexes, as they are before they have its entries. */
    hide: (newer: Item) => put(Object.fromEntries(Object.entries(newer).filter(([name]) => !name.endsWith('Shard')))),
  };
};

test('an index that lags shows no feature in a status that it does not have, none twice, and what it lacks once it has the entry', async () => {
  const gate = await openGate({ honest: false });
  const { ports, index, name } = await onTable(gate);
  const { item, put, keep, hide } = indexed(name);
  const after = async (...ops: readonly Op[]): Promise<Item> => {
    for (const op of ops) await carryOut(gate, { key: 'acme', op });
    await project(ports, 'feature/acme');
    return item();
  };
  await gate.notice({ feature: 'other' });
  await project(ports, 'feature/other');
  const pending = await after('notify');
  const audience = await after('audience');
  // In the copy in memory.
  const all = async () =>
    (await allFeatures({ register: index }, { now: NOON })).map(({ key, evaluation }) => `${key} ${evaluation.variant}`);
  expect(await all()).toEqual(['acme audience', 'other pending']);
  const enabled = await after('notify', 'approve');

  const byStatus = async () => {
    const pages = VARIANTS.map((status) => index.page({ now: NOON, after: '', limit: 9, status }));
    return (await Promise.all(pages)).flatMap((rows, at) => rows.map(({ key }) => `${key} ${VARIANTS[at]}`)).toSorted();
  };
  const open = async (): Promise<readonly string[]> => {
    const keys = [];
    for await (const { key } of index.documents({ after: '', open: true })) keys.push(key);
    return keys;
  };
  const seen = [];
  for (const older of [audience, pending])
    for (const late of [true, false]) {
      await keep(older);
      await (late ? hide(enabled) : put(enabled));
      seen.push({ byStatus: await byStatus(), all: await all() });
      expect(await open()).toEqual(['other']);
    }
  const both = ['acme enabled', 'other pending'];
  expect(seen).toEqual([
    // Found by the older entry, whose status may become this one; not yet new in the copy in memory.
    { byStatus: both, all: ['acme audience', 'other pending'] },
    { byStatus: both, all: both },
    // In no list by status for the moment, and never back to an older version in memory.
    { byStatus: ['other pending'], all: both },
    { byStatus: both, all: both },
  ]);
  const [, , later] = TIMES;
  expect((await index.due(later, true)).map(({ key }) => key)).toEqual(['other']);
});
