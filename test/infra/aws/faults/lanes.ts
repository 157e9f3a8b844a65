import { randomBytes } from 'node:crypto';
import {
  type AttributeValue,
  BatchWriteItemCommand,
  DeleteItemCommand,
  DeleteTableCommand,
  DynamoDBClient,
  ScanCommand,
} from '@aws-sdk/client-dynamodb';
import type { CloudEvent } from '../../../../functions/platform/bus/port.ts';
import type { FeedPorts } from '../../../../functions/platform/feed/consumer.ts';
import { RELEASED_AT_ONCE } from '../../../../functions/platform/feed/consumer.ts';
import { openDynamoSideStore, openRegisterTable } from '../../../../functions/platform/store/dynamo/dynamoSideStore.ts';
import { openDynamoStore } from '../../../../functions/platform/store/dynamo/dynamoStore.ts';
import type { Macs } from '../../../../functions/platform/store/mac.ts';
import type { RecordGuard } from '../../../../functions/platform/store/sideStore.ts';
import { createTables } from '../../../contract/dynamoTables.ts';
import { type FaultProxy, startFaultProxy } from '../../../contract/faultProxy.ts';
import { startDynoxide } from '../../../support/dynoxide.ts';
import { forgedGuard, forgedMacs, testCommitKey, testGuard, testMacs } from '../../../support/macs.ts';
import type { SentMail } from '../support/cloud/mail.ts';
import { openCloud } from '../support/cloud.ts';
import { CITY_URL } from '../support/deployment.ts';
import { ORIGIN_SECRET } from '../support/events.ts';

/**
 * A city of its own in an AWS that many share. The names of its tables, bus, bucket and secrets begin with its own name, so that
 * the proxy can attribute each call and hundreds of cases run side by side.
 */
export interface Lane {
  readonly name: string;
  /** Ports that bypass the proxy, and with it all faults. */
  readonly truth: FeedPorts;
  /** The same tables, written with the MACs of a stranger's key. */
  readonly stranger: Pick<FeedPorts, 'store' | 'sideStore'>;
  readonly environment: Readonly<Record<string, string>>;
  /** Whether a call without a fault took longer than its client waits, after which what was done may be done again. */
  readonly gaveUp: () => boolean;
  readonly heard: () => readonly CloudEvent[];
  readonly mails: () => readonly SentMail[];
  readonly file: (path: string) => Uint8Array | undefined;
  readonly drop: () => Promise<void>;
}

type Items = readonly Record<string, AttributeValue>[];

export interface Snapshot {
  readonly commits: Items;
  readonly sideStore: Items;
  readonly register: Items;
}

export interface Lanes {
  readonly proxy: FaultProxy;
  readonly open: (from?: Snapshot) => Promise<Lane>;
  readonly snapshot: (lane: Lane) => Promise<Snapshot>;
  readonly remove: (lane: Lane, stream: string, version: number) => Promise<() => Promise<void>>;
  readonly overwrite: (lane: Lane, table: 'commits' | 'register', item: Items[number]) => Promise<void>;
  readonly forget: (lane: Lane, path: string) => void;
  readonly close: () => Promise<void>;
}

const LANE = /case-\d+-/;
/** DynamoDB's limit on items in one BatchWriteItem. */
const BATCH = 25;

/** The time zone of every city here. Its date differs from that of UTC for six or seven hours of each day. */
export const TIME_ZONE = 'America/Denver';

/** The keys of every city here. They are shared, so that the links of a snapshot open in its copies. */
export const KEYS = {
  log: randomBytes(32),
  link: randomBytes(32),
  text: randomBytes(32),
  roster: randomBytes(32),
  commit: testCommitKey,
} as const;

const environmentOf = (name: string): Readonly<Record<string, string>> => ({
  ALDERGATE_COMMITS_TABLE: `${name}commits`,
  ALDERGATE_SIDE_TABLE: `${name}side`,
  ALDERGATE_REGISTER_TABLE: `${name}register`,
  ALDERGATE_BUS: `${name}bus`,
  ALDERGATE_LOG_BUCKET: `${name}log`,
  ALDERGATE_MAIL_FROM: 'gate@city.example',
  ALDERGATE_MAIL_CONFIGURATION: `${name}mail`,
  ALDERGATE_LOG_KEY: `${name}log`,
  ALDERGATE_LINK_SECRET: `${name}link`,
  ALDERGATE_TEXT_SECRET: `${name}text`,
  ALDERGATE_ROSTER_SECRET: `${name}roster`,
  ALDERGATE_ORIGIN_SECRET: `${name}origin`,
  ALDERGATE_COMMIT_SECRET: `${name}commit`,
  ALDERGATE_URL: CITY_URL,
  ALDERGATE_TIME_ZONE: TIME_ZONE,
});

/** Starts an engine, a cloud in front of it and a proxy in front of that. */
export const openLanes = async (): Promise<Lanes> => {
  const engine = await startDynoxide('memory');
  const cloud = await openCloud(engine.endpoint, () => ({ functions: {}, deniedOnCommits: [] }));
  const proxy = await startFaultProxy(
    ({ service }) => (service === 'DynamoDB' ? engine.endpoint : cloud.endpointOf('operator')),
    (text) => LANE.exec(text)?.[0] ?? '',
  );
  // Not as the functions have it: while hundreds of cases run, this process may be too busy to connect within their second.
  const client = new DynamoDBClient({
    endpoint: engine.endpoint,
    region: 'us-west-2',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    requestHandler: { connectionTimeout: 60_000 },
  });
  let opened = 0;

  const fill = async (table: string, items: Items): Promise<void> => {
    for (let from = 0; from < items.length; from += BATCH) {
      const requests = items.slice(from, from + BATCH).map((Item) => ({ PutRequest: { Item } }));
      await client.send(new BatchWriteItemCommand({ RequestItems: { [table]: requests } }));
    }
  };
  const scan = async (TableName: string): Promise<Items> =>
    (await client.send(new ScanCommand({ TableName, ConsistentRead: true }))).Items ?? [];

  const open = async (from?: Snapshot): Promise<Lane> => {
    opened += 1;
    const name = `case-${opened}-`;
    const [commits, sideStore, register] = [`${name}commits`, `${name}side`, `${name}register`];
    await createTables(client, { commits, side: sideStore, register });
    if (from !== undefined)
      await Promise.all([fill(commits, from.commits), fill(sideStore, from.sideStore), fill(register, from.register)]);
    cloud.secrets.set(`${name}origin`, ORIGIN_SECRET);
    for (const [key, bytes] of Object.entries(KEYS)) cloud.secrets.set(`${name}${key}`, bytes.toString('base64'));
    const tablesUnder = (macs: Macs, guard: RecordGuard): Lane['stranger'] => ({
      store: openDynamoStore({ client, table: commits, now: Date.now, macs }),
      sideStore: openDynamoSideStore({
        client,
        table: sideStore,
        guard,
        register: openRegisterTable({ client, table: register, guard }),
      }),
    });
    return {
      name,
      environment: environmentOf(name),
      gaveUp: () => proxy.gaveUp(name),
      stranger: tablesUnder(forgedMacs, forgedGuard),
      truth: {
        ...tablesUnder(testMacs, testGuard),
        isReleased: RELEASED_AT_ONCE,
        clock: () => new Date().toISOString(),
        logger: () => undefined,
        wallMs: Date.now,
      },
      heard: () =>
        cloud.published
          .filter(({ EventBusName: bus }) => bus === `${name}bus`)
          .map(({ Detail: detail }) => JSON.parse(detail) as CloudEvent),
      mails: () => cloud.mails.filter(({ configuration }) => configuration === `${name}mail`),
      file: (path) => cloud.objects.get(`${name}log/log/${path}`),
      drop: async () => {
        for (const TableName of [commits, sideStore, register]) await client.send(new DeleteTableCommand({ TableName }));
      },
    };
  };
  return {
    proxy,
    open,
    remove: async ({ name }, stream, version) => {
      const table = `${name}commits`;
      const Key = { pk: { S: stream }, sk: { N: String(version) } };
      const { Attributes: item } = await client.send(new DeleteItemCommand({ TableName: table, Key, ReturnValues: 'ALL_OLD' }));
      if (item === undefined) throw new Error(`there is no ${stream}@${version}`);
      return () => fill(table, [item]);
    },
    overwrite: ({ name }, table, item) => fill(`${name}${table}`, [item]),
    forget: ({ name }, path) => void cloud.objects.delete(`${name}log/${path}`),
    snapshot: async ({ name }) => ({
      commits: await scan(`${name}commits`),
      sideStore: await scan(`${name}side`),
      register: await scan(`${name}register`),
    }),
    close: async () => {
      client.destroy();
      await proxy.close();
      await cloud.close();
      await engine.stop();
    },
  };
};
