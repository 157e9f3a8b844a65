import { randomBytes } from 'node:crypto';
import {
  type AttributeValue,
  BatchWriteItemCommand,
  DeleteItemCommand,
  DeleteTableCommand,
  DynamoDBClient,
  ScanCommand,
} from '@aws-sdk/client-dynamodb';
import { expect } from 'vitest';
import { markCompared } from '../../../../functions/log/sequencer/logIndex.ts';
import type { CloudEvent } from '../../../../functions/platform/bus/port.ts';
import { RELEASED_AT_ONCE } from '../../../../functions/platform/feed/consumer.ts';
import { FUNCTIONS, type FunctionName } from '../../../../infra/aws/constructs/functions.ts';
import { createTables, LOCAL, openTables } from '../../../contract/dynamoTables.ts';
import { startFaultProxy } from '../../../contract/faultProxy.ts';
import { startDynoxide } from '../../../support/dynoxide.ts';
import { forgedGuard, forgedMacs, testCommitKey } from '../../../support/macs.ts';
import { CITY_URL } from '../support/city.ts';
import { LANE, openCloud } from '../support/cloud.ts';
import { ORIGIN_SECRET } from '../support/events.ts';
import { nameIn } from '../support/iam.ts';
import { type Part, statementsOf, templates, variablesOf } from '../support/templates.ts';

type Items = readonly Record<string, AttributeValue>[];

export interface Snapshot {
  readonly commits: Items;
  readonly sideStore: Items;
  readonly register: Items;
}

interface Named {
  readonly name: string;
}

/** DynamoDB's limit on items in one BatchWriteItem. */
const BATCH = 25;

/** The time zone of every city here. Its date differs from that of UTC for six or seven hours of each day. */
export const TIME_ZONE = 'America/Denver';

/** The keys of every city here. They are shared, so that the links of a snapshot open in its copies. */
export const KEYS = { link: randomBytes(32), text: randomBytes(32), roster: randomBytes(32), commit: testCommitKey } as const;

const SECRETS = {
  LinkKeySecret: KEYS.link.toString('base64'),
  TextKeySecret: KEYS.text.toString('base64'),
  RosterSaltSecret: KEYS.roster.toString('base64'),
  CommitKeySecret: KEYS.commit.toString('base64'),
  OriginSecret: ORIGIN_SECRET,
};

/** Each thing of a lane is called by the lane's name and the name that it has in the template. */
const environmentOf = (lane: string, of: FunctionName): Readonly<Record<string, string>> => ({
  ...Object.fromEntries(
    Object.entries<Part>(variablesOf(templates().gate, of)).map(([name, value]) => [
      name,
      typeof value === 'string' ? value : `${lane}${nameIn(value)}`,
    ]),
  ),
  ALDERGATE_URL: CITY_URL,
  ALDERGATE_TIME_ZONE: TIME_ZONE,
});

const tablesOf = (lane: string) => ({
  commits: `${lane}CommitsTable`,
  side: `${lane}SideTable`,
  register: `${lane}RegisterTable`,
});

/**
 * Starts an engine, a cloud in front of it and a proxy in front of that. A lane is a city of its own in this AWS, which many share. The
 * names of its tables, bus, bucket and secrets begin with its own name, so that the proxy can attribute each call and hundreds of cases
 * run side by side. Every function has its deployed permissions; closing fails if one asked for more.
 */
export const openLanes = async () => {
  const engine = await startDynoxide('memory');
  const { gate } = templates();
  const functions = Object.fromEntries(Object.keys(FUNCTIONS).map((name) => [name, { statements: statementsOf(gate, name) }]));
  const cloud = await openCloud(engine.endpoint, () => ({ functions, deniedOnCommits: [] }));
  const proxy = await startFaultProxy(new URL(cloud.endpointOf('')).origin, (text) => LANE.exec(text)?.[0] ?? '');
  // Not as the functions have it: while hundreds of cases run, this process may be too busy to connect within their second.
  const requestHandler = { connectionTimeout: 60_000 };
  const client = new DynamoDBClient({ endpoint: engine.endpoint, ...LOCAL, requestHandler });
  let opened = 0;

  const fill = async (table: string, items: Items) => {
    for (let from = 0; from < items.length; from += BATCH) {
      const requests = items.slice(from, from + BATCH).map((Item) => ({ PutRequest: { Item } }));
      await client.send(new BatchWriteItemCommand({ RequestItems: { [table]: requests } }));
    }
  };
  const scan = async (TableName: string): Promise<Items> =>
    (await client.send(new ScanCommand({ TableName, ConsistentRead: true }))).Items ?? [];

  const open = async (from?: Snapshot) => {
    opened += 1;
    const name = `case-${opened}-`;
    const tables = tablesOf(name);
    await createTables(client, tables);
    if (from !== undefined)
      await Promise.all([
        fill(tables.commits, from.commits),
        fill(tables.side, from.sideStore),
        fill(tables.register, from.register),
      ]);
    for (const [secret, text] of Object.entries(SECRETS)) cloud.secrets.set(`${name}${secret}`, text);
    const truth = openTables(client, tables);
    // As the sequencer, which runs each minute, has left it.
    await markCompared(truth.sideStore, new Date().toISOString());
    return {
      name,
      environmentOf: (of: FunctionName) => environmentOf(name, of),
      /** Whether a call without a fault took longer than its client waits, after which what was done may be done again. */
      gaveUp: () => proxy.gaveUp(name),
      /** The same tables, written with the MACs of a stranger's key. */
      stranger: openTables(client, tables, forgedMacs, forgedGuard),
      /** Ports that bypass the proxy, and with it all faults. */
      truth: {
        ...truth,
        isReleased: RELEASED_AT_ONCE,
        clock: () => new Date().toISOString(),
        logger: () => undefined,
        wallMs: Date.now,
      },
      heard: (): readonly CloudEvent[] =>
        cloud.published.filter((entry) => entry.EventBusName === `${name}EventsBus`).map((entry) => JSON.parse(entry.Detail)),
      mails: () => cloud.mails.filter(({ configuration }) => configuration === `${name}MailConfiguration`),
      file: (path: string): Uint8Array | undefined => cloud.objects.get(`${name}PublicLogBucket/log/${path}`),
      drop: async () => {
        for (const TableName of Object.values(tables)) await client.send(new DeleteTableCommand({ TableName }));
      },
    };
  };
  return {
    proxy,
    open,
    /** Removes a commit, and returns what puts it back. */
    remove: async ({ name }: Named, stream: string, version: number) => {
      const { commits: table } = tablesOf(name);
      const Key = { pk: { S: stream }, sk: { N: String(version) } };
      const { Attributes: item } = await client.send(new DeleteItemCommand({ TableName: table, Key, ReturnValues: 'ALL_OLD' }));
      if (item === undefined) throw new Error(`there is no ${stream}@${version}`);
      return () => fill(table, [item]);
    },
    overwrite: ({ name }: Named, table: 'commits' | 'register', item: Items[number]) => fill(tablesOf(name)[table], [item]),
    rotateLinks: ({ name }: Named, key: Buffer) => void cloud.secrets.set(`${name}LinkKeySecret`, key.toString('base64')),
    replaceFile: ({ name }: Named, path: string, text: string) =>
      void cloud.objects.set(`${name}PublicLogBucket/log/${path}`, Buffer.from(text)),
    snapshot: async ({ name }: Named): Promise<Snapshot> => {
      const { commits, side, register } = tablesOf(name);
      return { commits: await scan(commits), sideStore: await scan(side), register: await scan(register) };
    },
    close: async () => {
      client.destroy();
      await proxy.close();
      await cloud.close();
      await engine.stop();
      expect(cloud.denied).toStrictEqual([]);
    },
  };
};
export type Lanes = Awaited<ReturnType<typeof openLanes>>;
export type Lane = Awaited<ReturnType<Lanes['open']>>;
