import { randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { CreateTableCommand, DynamoDB, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { accept } from '../../../domain/kernel/decider.ts';
import type { JsonObject } from '../../../domain/kernel/json.ts';
import { openDynamoStore } from '../../../functions/platform/store/dynamo/dynamoStore.ts';
import type { Aggregate } from '../../../functions/platform/store/load.ts';
import { StreamQueue, submit } from '../../../functions/platform/store/submit.ts';
import { COMMITS, clientAt, createTables } from '../../contract/dynamoTables.ts';
import { startDynoxide } from '../../support/dynoxide.ts';
import { testMacs } from '../../support/macs.ts';
import { compare, figure, type Line, type Measured, type Scale, spreadOf, tableOf } from '../table.ts';

const HISTORIES = [10, 1_000, 10_000];
const COMMANDS = 10;
const PACKAGE = join(import.meta.dirname, '../package.json');
const EVENT = { type: 'Counted', data: { text: 'x'.repeat(700) } } as const;

type Append = (stream: string, expected: number, count: number) => Promise<void>;

const expectCount = (found: number, expected: number): void => {
  if (found !== expected) throw new Error(`the stream holds ${found} events, not ${expected}`);
};

/** Counts its events: what is measured is the protocol, not the rules of an aggregate. */
const counter: Aggregate<null, number, JsonObject, never> = {
  decider: { initialState: 0, decide: () => accept<JsonObject>(EVENT), evolve: (count) => count + 1 },
  stateVersion: 1,
  parseEvent: (json) => json,
  parseState: (json) => Number(json),
};

const gateOn = (client: DynamoDBClient): Append => {
  const store = openDynamoStore({ client, table: COMMITS, now: Date.now, macs: testMacs });
  const ports = { store, clock: () => new Date().toISOString(), newId: randomUUID, queue: new StreamQueue() };
  return async (stream, expected, count) => {
    for (let n = 1; n <= count; n += 1) {
      const command = { stream: `counter/${stream}`, commandId: randomUUID(), actor: 'bench', command: () => null };
      const done = await submit(ports, counter, command);
      if (!done.ok) throw new Error('refused');
      expectCount(done.version, expected + n);
    }
  };
};

// biome-ignore lint/suspicious/noExplicitAny: a package that is installed apart, so that its types are not here.
type Equinox = any;

const loadEquinox = async (): Promise<Equinox> => {
  const load = async (name: string): Promise<object> => import(pathToFileURL(createRequire(PACKAGE).resolve(name)).href);
  try {
    return { ...(await load('@equinox-js/core')), ...(await load('@equinox-js/dynamo-store')) };
  } catch {
    return undefined;
  }
};

type Event = typeof EVENT | { readonly type: 'Snapshot'; readonly data: { readonly count: number } };

/** Equinox as it is fastest without a cache: with its state as a snapshot in the tip, which is all that a command reads. */
const equinoxOn = async (kit: Equinox, client: DynamoDBClient, endpoint: string): Promise<Append> => {
  const TableName = 'equinox';
  const keys = [
    { AttributeName: 'p', KeyType: 'HASH', AttributeType: 'S' },
    { AttributeName: 'i', KeyType: 'RANGE', AttributeType: 'N' },
  ] as const;
  await client.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: keys.map(({ AttributeName, KeyType }) => ({ AttributeName, KeyType })),
      AttributeDefinitions: keys.map(({ AttributeName, AttributeType }) => ({ AttributeName, AttributeType })),
    }),
  );
  const { region, credentials } = client.config;
  const context = new kit.DynamoStoreContext({
    client: new kit.DynamoStoreClient(new DynamoDB({ endpoint, region, credentials })),
    tableName: TableName,
    tip: kit.TipOptions.create({}),
    query: kit.QueryOptions.create({}),
  });
  const fold = (count: number, events: readonly Event[]): number =>
    events.reduce((sum, event) => (event.type === 'Snapshot' ? event.data.count : sum + 1), count);
  const isSnapshot = ({ type }: Event): boolean => type === 'Snapshot';
  const snapshot = kit.AccessStrategy.Snapshot(isSnapshot, (count: number): Event => ({ type: 'Snapshot', data: { count } }));
  const codec = kit.Codec.compress(kit.Codec.json());
  const category = kit.DynamoStoreCategory.create(context, 'Counter', codec, fold, 0, kit.CachingStrategy.NoCache(), snapshot);
  return (stream, expected, count) =>
    kit.Decider.forStream(category, stream, undefined).transact((found: number) => {
      expectCount(found, expected);
      return Array.from({ length: count }, () => EVENT);
    });
};

const speedOf = (append: Append, stream: string, length: number) => {
  let count = length;
  return async () => {
    const took: number[] = [];
    for (let n = 0; n < COMMANDS; n += 1) {
      const started = performance.now();
      await append(stream, count, 1);
      took.push(performance.now() - started);
      count += 1;
    }
    return { speed: 1_000 / spreadOf(took).median };
  };
};

/** Measures a command, read and append, on streams of growing histories, against Equinox on the same engine. */
export const peers = async ({ quick }: Scale): Promise<Measured> => {
  const kit = await loadEquinox();
  if (kit === undefined)
    return { tables: [], notes: ['Left out, since Equinox is not installed: `npm ci --prefix test/bench --ignore-scripts`.'] };
  const engine = await startDynoxide('memory');
  const client = clientAt(engine.endpoint);
  try {
    await createTables(client);
    const [gate, equinox] = [gateOn(client), await equinoxOn(kit, client, engine.endpoint)];
    const lines: Line[] = [];
    for (const length of quick ? HISTORIES.slice(0, 2) : HISTORIES) {
      const stream = `history-${length}`;
      // Ten events at once: what an item of Equinox holds.
      for (const append of [gate, equinox]) for (let n = 0; n < length; n += 10) await append(stream, n, 10);
      const { speed } = await compare(quick ? 1 : 5, ['speed'], speedOf(gate, stream, length), speedOf(equinox, stream, length));
      const name = `a command on a history of ${figure(length)} events`;
      lines.push({ name, against: '@equinox-js/dynamo-store, snapshots', unit: 'commands/s', ...speed });
    }
    return { tables: [tableOf(lines)] };
  } finally {
    client.destroy();
    await engine.stop();
  }
};
