import { type DynamoDBClient, PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dynamoRecordMacs, renewMacs } from '../../functions/platform/store/dynamo/renewMacs.ts';
import { type MacKeys, macsUnder } from '../../functions/platform/store/mac.ts';
import type { StoredCommit, UnreadableRow } from '../../functions/platform/store/port.ts';
import { type Dynoxide, startDynoxide } from '../support/dynoxide.ts';
import { forgedMacs } from '../support/macs.ts';
import { COMMITS, clientAt, createTables, openTables, SIDE } from './dynamoTables.ts';
import { recordAfter } from './underTest.ts';

// The rotation of the key of the MACs on DynamoDB, interrupted before and after each of its calls.

/** Items of a page here, so that the tables have several. */
const PAGE = 2;
const STREAMS = ['feature/acme', 'vendor/acme'];
const VERSIONS = 2;
const RECORDS = ['one', 'two', 'three'];
/** Readable by nobody, before and after. */
const FORGED = 'feature/forged';

let engine: Dynoxide;
let client: DynamoDBClient;
beforeAll(async () => {
  engine = await startDynoxide('memory');
  client = clientAt(engine.endpoint);
  await createTables(client);
});
afterAll(async () => {
  client.destroy();
  await engine.stop();
});

const keyOf = (generation: number): Uint8Array => Buffer.alloc(32, `generation ${generation} `);

const storesUnder = (keys: MacKeys) =>
  openTables(client, undefined, macsUnder(keys, 'commits'), {
    macs: macsUnder(keys, 'records'),
    altered: ({ id }) => expect.fail(`${id} is altered`),
  });

class Killed extends Error {
  readonly $metadata = { httpStatusCode: 400 };
}

/** Returns a client that ends at its nth call, as a process that is killed before or after it; `calls` counts them. */
const endingAt = (nth: number, when: 'before' | 'after') => {
  let calls = 0;
  const send = async (command: Parameters<DynamoDBClient['send']>[0], options: object): Promise<unknown> => {
    if (command instanceof ScanCommand) command.input.Limit = PAGE;
    calls += 1;
    if (calls > nth || (calls === nth && when === 'before')) throw new Killed('the process was killed');
    const answer = await client.send(command as ScanCommand, options);
    if (calls === nth) throw new Killed('the process was killed');
    return answer;
  };
  return { client: { send } as unknown as DynamoDBClient, calls: () => calls };
};

const renewAll = async (by: DynamoDBClient, keys: MacKeys) =>
  (await renewMacs(by, COMMITS, macsUnder(keys, 'commits'))) +
  (await dynamoRecordMacs(by, SIDE, macsUnder(keys, 'records')).renewMacs());

/** Every commit and record can be read under these keys, and the forged row cannot. */
const expectReadable = async (keys: MacKeys) => {
  const { store, sideStore } = storesUnder(keys);
  const unreadable: UnreadableRow[] = [];
  const { items } = await store.feed(undefined, 100, (row) => unreadable.push(row));
  expect(items).toHaveLength(STREAMS.length * VERSIONS);
  expect(unreadable).toMatchObject([{ stream: FORGED, version: 1 }]);
  for (const id of RECORDS) expect(await sideStore.get('mark', id)).toStrictEqual({ id });
};

test('overtaken by another run it counts what it replaced; interrupted at any of its calls, every row stays readable, and the next run completes it', async () => {
  const { store, sideStore } = storesUnder([keyOf(0)]);
  for (const stream of STREAMS) {
    let last: StoredCommit | undefined;
    for (let version = 1; version <= VERSIONS; version += 1) {
      last = recordAfter(last, { stream });
      await store.append([last]);
    }
  }
  for (const id of RECORDS) await sideStore.put('mark', id, { id });
  await openTables(client, undefined, forgedMacs).store.append([recordAfter(undefined, { stream: FORGED })]);
  const rows = STREAMS.length * VERSIONS + RECORDS.length;

  const whole = endingAt(Number.POSITIVE_INFINITY, 'after');
  expect(await renewAll(whole.client, [keyOf(1), keyOf(0)])).toBe(rows);
  const calls = whole.calls();
  // A write for each row, a page of the scan for each two.
  expect(calls).toBeGreaterThan(rows + 4);

  let generation = 2;
  let other: Promise<number> | undefined;
  const overtaken = async (command: Parameters<DynamoDBClient['send']>[0]): Promise<unknown> => {
    if (command instanceof PutItemCommand) other ??= renewAll(client, [keyOf(2), keyOf(1)]);
    await other;
    return client.send(command as ScanCommand);
  };
  expect(await renewAll({ send: overtaken } as unknown as DynamoDBClient, [keyOf(2), keyOf(1)])).toBe(0);
  expect(await other).toBe(rows);

  for (let nth = 1; nth <= calls; nth += 1)
    for (const when of ['before', 'after'] as const) {
      const both: MacKeys = [keyOf(generation + 1), keyOf(generation)];
      generation += 1;
      await expect(renewAll(endingAt(nth, when).client, both), `${when} call ${nth}`).rejects.toThrow('DynamoDB: Error');
      await expectReadable(both);
      await renewAll(client, both);
      await expectReadable([keyOf(generation)]);
    }
  expect(await renewAll(client, [keyOf(generation), keyOf(0)])).toBe(0);
});
