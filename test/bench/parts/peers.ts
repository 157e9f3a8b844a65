import { randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { CreateTableCommand, DynamoDB, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { accept } from '../../../domain/kernel/decider.ts';
import type { JsonObject } from '../../../domain/kernel/json.ts';
import { openDynamoStore } from '../../../functions/platform/store/dynamo/dynamoStore.ts';
import type { Aggregate } from '../../../functions/platform/store/load.ts';
import { StreamQueue, submit } from '../../../functions/platform/store/submit.ts';
import { COMMITS, clientAt, createTables } from '../../contract/dynamoTables.ts';
import { startDynoxide } from '../../support/dynoxide.ts';
import { testMacs } from '../../support/macs.ts';
import { compare, comparison, figure, type Line, type Part, quantile } from '../table.ts';

const COMMANDS = 10;
/** What an item of Equinox holds. */
const AT_ONCE = 10;
const EVENT = { type: 'Counted', data: { text: 'x'.repeat(700) } } as const;

/** Appends so many events to a stream, by commands that read it first and find as many as expected. */
type Append = (stream: string, expected: number, count: number) => Promise<void>;

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
      if (!done.ok || done.version !== expected + n) throw new Error(`not the event ${expected + n} of ${stream}`);
    }
  };
};

// biome-ignore lint/suspicious/noExplicitAny: a package that is installed apart, so that its types are not here.
type Equinox = any;

const loadEquinox = () => {
  const load = createRequire(join(import.meta.dirname, '../package.json'));
  try {
    return { ...load('@equinox-js/core'), ...load('@equinox-js/dynamo-store') };
  } catch {
    return undefined;
  }
};

type Event = typeof EVENT | { readonly type: 'Snapshot'; readonly data: { readonly count: number } };

/** Equinox as it is fastest without a cache: with its state as a snapshot in the tip, which is all that a command reads. */
const equinoxOn = async (kit: Equinox, client: DynamoDBClient, endpoint: string): Promise<Append> => {
  const tableName = 'equinox';
  const [p, i] = [{ AttributeName: 'p' }, { AttributeName: 'i' }];
  const table = new CreateTableCommand({
    TableName: tableName,
    BillingMode: 'PAY_PER_REQUEST',
    KeySchema: [p, i].map((key, index) => ({ ...key, KeyType: index === 0 ? 'HASH' : 'RANGE' })),
    AttributeDefinitions: [p, i].map((key, index) => ({ ...key, AttributeType: index === 0 ? 'S' : 'N' })),
  });
  await client.send(table);
  const { region, credentials } = client.config;
  const context = new kit.DynamoStoreContext({
    client: new kit.DynamoStoreClient(new DynamoDB({ endpoint, region, credentials })),
    tableName,
    tip: kit.TipOptions.create({}),
    query: kit.QueryOptions.create({}),
  });
  const fold = (count: number, events: readonly Event[]) =>
    events.reduce((sum, event) => (event.type === 'Snapshot' ? event.data.count : sum + 1), count);
  const isSnapshot = ({ type }: Event) => type === 'Snapshot';
  const snapshot = kit.AccessStrategy.Snapshot(isSnapshot, (count: number): Event => ({ type: 'Snapshot', data: { count } }));
  const codec = kit.Codec.compress(kit.Codec.json());
  const category = kit.DynamoStoreCategory.create(context, 'Counter', codec, fold, 0, kit.CachingStrategy.NoCache(), snapshot);
  return (stream, expected, count) =>
    kit.Decider.forStream(category, stream, undefined).transact((found: number) => {
      if (found !== expected) throw new Error(`${stream} holds ${found} events, not ${expected}`);
      return Array.from({ length: count }, () => EVENT);
    });
};

/** Makes a history of that length, and returns what measures commands on it. */
const speedOn = async (append: Append, length: number) => {
  const stream = `history-${length}`;
  let count = 0;
  for (; count < length; count += AT_ONCE) await append(stream, count, AT_ONCE);
  return async () => {
    const took: number[] = [];
    for (let n = 0; n < COMMANDS; n += 1) {
      const started = performance.now();
      await append(stream, count, 1);
      took.push(performance.now() - started);
      count += 1;
    }
    return 1_000 / quantile(took, 0.5);
  };
};

/** Measures a command, read and append, on streams of growing histories, against Equinox on the same engine. */
export const peers: Part = async (quick) => {
  const kit = loadEquinox();
  if (kit === undefined) return ['Left out, since Equinox is not installed: `npm ci --prefix test/bench --ignore-scripts`.'];
  const engine = await startDynoxide('memory');
  const client = clientAt(engine.endpoint);
  await createTables(client);
  const [gate, equinox] = [gateOn(client), await equinoxOn(kit, client, engine.endpoint)];
  const lines: Line[] = [];
  for (const length of quick ? [10, 1_000] : [10, 1_000, 10_000]) {
    const rounds = await compare(quick ? 1 : 5, await speedOn(gate, length), await speedOn(equinox, length));
    const name = `a command on a history of ${figure(length)} events`;
    lines.push({ name, against: '@equinox-js/dynamo-store, snapshots', unit: 'commands/s', ...rounds });
  }
  client.destroy();
  await engine.stop();
  return [comparison(lines)];
};
