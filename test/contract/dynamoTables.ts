import {
  type AttributeValue,
  CreateTableCommand,
  type CreateTableCommandInput,
  type DynamoDBClient,
  GetItemCommand,
  type KeySchemaElement,
  PutItemCommand,
  type PutItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import { dynamoClient } from '../../functions/platform/store/dynamo/calls.ts';
import { openDynamoSideStore, openRegisterTable } from '../../functions/platform/store/dynamo/dynamoSideStore.ts';
import { openDynamoStore } from '../../functions/platform/store/dynamo/dynamoStore.ts';
import { dynamoRecordMacs } from '../../functions/platform/store/dynamo/renewMacs.ts';
import { CHANGE_INDEX, TABLE_KEYS, TIME_INDEX } from '../../functions/platform/store/dynamo/tables.ts';
import type { RecordGuard } from '../../functions/platform/store/sideStore.ts';
import type { Dynoxide } from '../support/dynoxide.ts';
import { forgedMacs, macColumns, testGuard, testMacs } from '../support/macs.ts';
import type { SideStoreUnderTest } from './sideContract.ts';
import type { StoreUnderTest, Tampering } from './underTest.ts';

export const COMMITS = 'commits';
export const SIDE = 'side';
export const REGISTER = 'register';

/** For the clients of engines, which accept any credentials. */
export const LOCAL = { region: 'us-west-2', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } };

export const clientAt = (endpoint: string): DynamoDBClient => dynamoClient({ endpoint, ...LOCAL });

type Index = Readonly<Record<'name' | 'pk' | 'sk', string>>;

/** `type`: of the sort key. An index has numbers for keys, and holds keys only. */
const table = (name: string, type: 'N' | 'S', index?: Index) => {
  const numbers = index === undefined ? [] : [index.pk, index.sk];
  const keysOf = (pk: string, sk: string): KeySchemaElement[] => [
    { AttributeName: pk, KeyType: 'HASH' },
    { AttributeName: sk, KeyType: 'RANGE' },
  ];
  return {
    TableName: name,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [
      { AttributeName: TABLE_KEYS.pk, AttributeType: 'S' },
      { AttributeName: TABLE_KEYS.sk, AttributeType: type },
      ...numbers.map((number) => ({ AttributeName: number, AttributeType: 'N' as const })),
    ],
    KeySchema: keysOf(TABLE_KEYS.pk, TABLE_KEYS.sk),
    ...(index !== undefined && {
      GlobalSecondaryIndexes: [
        { IndexName: index.name, KeySchema: keysOf(index.pk, index.sk), Projection: { ProjectionType: 'KEYS_ONLY' as const } },
      ],
    }),
  } satisfies CreateTableCommandInput;
};

interface TableNames {
  readonly commits: string;
  readonly side: string;
  readonly register: string;
}

const NAMES: TableNames = { commits: COMMITS, side: SIDE, register: REGISTER };

/** Returns the definitions of a gate's tables, which a test compares with those of the stacks. Stream records of commits are nudges. */
export const tablesOf = ({ commits, side, register }: TableNames) => {
  const StreamSpecification = { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' } as const;
  return [
    { ...table(commits, 'N', TIME_INDEX), StreamSpecification },
    table(side, 'S'),
    table(register, 'S', CHANGE_INDEX),
  ] as const;
};

export const createTables = async (client: DynamoDBClient, names: TableNames = NAMES): Promise<void> => {
  await Promise.all(tablesOf(names).map((table) => client.send(new CreateTableCommand(table))));
};

export const openTables = (
  client: DynamoDBClient,
  { commits, side, register }: TableNames = NAMES,
  macs = testMacs,
  guard: RecordGuard = testGuard,
) => ({
  store: openDynamoStore({ client, table: commits, now: Date.now, macs }),
  sideStore: openDynamoSideStore({
    client,
    table: side,
    guard,
    register: openRegisterTable({ client, table: register, guard }),
  }),
});

type StartEngine = () => Promise<Dynoxide>;

const tamper = async (
  client: DynamoDBClient,
  stream: string,
  version: number,
  { bytes, state, attachmentBytes, attachments, mac }: Tampering,
) => {
  const key = { pk: { S: stream }, sk: { N: String(version) } };
  const { Item: item } = await client.send(new GetItemCommand({ TableName: COMMITS, Key: key, ConsistentRead: true }));
  const altered: Record<string, AttributeValue> = {
    ...item,
    ...(bytes && { bytes: { B: bytes } }),
    ...(state && { state: { S: state } }),
    ...(attachmentBytes && {
      attachments: { L: (item?.attachments?.L ?? []).map(({ M }) => ({ M: { ...M, bytes: { B: attachmentBytes } } })) },
    }),
  };
  if (attachments)
    altered.attachments = {
      L: attachments.map(({ sha256, mediaType, bytes: raw }) => ({
        M: { sha256: { S: sha256 }, mediaType: { S: mediaType }, bytes: { B: raw } },
      })),
    };
  if (mac === 'none') for (const name of ['mac', 'macKey']) delete altered[name];
  if (mac === 'of a stranger' || mac === 'valid') {
    const row = {
      stream,
      version,
      bytes: altered.bytes?.B ?? new Uint8Array(),
      state: altered.state?.S ?? '',
      stateVersion: Number(altered.stateVersion?.N),
      attachments: (altered.attachments?.L ?? []).map(({ M }) => ({
        sha256: M?.sha256?.S ?? '',
        mediaType: M?.mediaType?.S ?? '',
        bytes: M?.bytes?.B ?? new Uint8Array(),
      })),
    };
    const [macKey, tag] = macColumns(row, mac === 'valid' ? testMacs : forgedMacs);
    Object.assign(altered, { macKey: { S: macKey }, mac: { B: tag } });
  }
  await client.send(new PutItemCommand({ TableName: COMMITS, Item: altered }));
};

/** Makes puts into a stream fail as refused, so that they are not tried again. */
const failAppends = async (client: DynamoDBClient, stream: string): Promise<() => Promise<void>> => {
  client.middlewareStack.add(
    (next) => (sent) => {
      const { Item: item } = sent.input as Partial<PutItemCommandInput>;
      if (item?.pk?.S !== stream) return next(sent);
      throw Object.assign(new Error('fault'), { $metadata: { httpStatusCode: 400 } });
    },
    { step: 'initialize', name: 'fault' },
  );
  return async () => void client.middlewareStack.remove('fault');
};

const opened = async (start: StartEngine) => {
  const engine = await start();
  const clients = [clientAt(engine.endpoint), clientAt(engine.endpoint)] as const;
  await createTables(clients[0]);
  const close = async () => {
    for (const client of clients) client.destroy();
    await engine.stop();
  };
  return { clients, close };
};

export const dynamoStoreOn = (start: StartEngine) => async (): Promise<StoreUnderTest> => {
  const { clients, close } = await opened(start);
  return {
    store: openTables(clients[0]).store,
    other: openTables(clients[1]).store,
    forger: openTables(clients[1], NAMES, forgedMacs).store,
    tamper: (stream, version, changes) => tamper(clients[0], stream, version, changes),
    failAppends: (stream) => failAppends(clients[0], stream),
    close,
  };
};

const rawRecords = (client: DynamoDBClient): SideStoreUnderTest['raw'] => {
  const keyOf = (kind: string, id: string) => ({ pk: { S: kind }, sk: { S: id } });
  return {
    get: async (kind, id) => {
      const { Item: item } = await client.send(
        new GetItemCommand({ TableName: SIDE, Key: keyOf(kind, id), ConsistentRead: true }),
      );
      return item && { value: item.value?.S ?? '', macKey: item.macKey?.S ?? null, mac: item.mac?.B ?? null };
    },
    put: async (kind, id, { value, macKey, mac }) => {
      const macItem: Record<string, AttributeValue> =
        macKey === null || mac === null ? {} : { macKey: { S: macKey }, mac: { B: mac } };
      const item = { ...keyOf(kind, id), value: { S: value }, writer: { S: 'somebody' }, ...macItem };
      await client.send(new PutItemCommand({ TableName: SIDE, Item: item }));
    },
  };
};

export const dynamoSideStoreOn = (start: StartEngine) => async (): Promise<SideStoreUnderTest> => {
  const { clients, close } = await opened(start);
  return {
    sideStore: openDynamoSideStore({ client: clients[0], table: SIDE, guard: testGuard }),
    other: openDynamoSideStore({ client: clients[1], table: SIDE, guard: testGuard }),
    under: (guard) => ({
      ...openDynamoSideStore({ client: clients[1], table: SIDE, guard }),
      ...dynamoRecordMacs(clients[1], SIDE, guard.macs),
    }),
    raw: rawRecords(clients[1]),
    close,
  };
};
