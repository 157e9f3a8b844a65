import {
  type AttributeValue,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  type PutItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import { openDynamoSideStore } from '../../functions/platform/store/dynamo/dynamoSideStore.ts';
import { openDynamoStore } from '../../functions/platform/store/dynamo/dynamoStore.ts';
import { dynamoRecordMacs } from '../../functions/platform/store/dynamo/renewMacs.ts';
import type { Dynoxide } from '../support/dynoxide.ts';
import { forgedMacs, macColumns, testGuard, testMacs } from '../support/macs.ts';
import { COMMITS, clientAt, createTables, SIDE } from './dynamoTables.ts';
import type { SideStoreUnderTest } from './sideContract.ts';
import type { StoreUnderTest, Tampering } from './store/underTest.ts';

/** Starts an engine of DynamoDB. */
export type StartEngine = () => Promise<Dynoxide>;

const tamper = async (
  client: DynamoDBClient,
  stream: string,
  version: number,
  { bytes, state, attachmentBytes, attachments, mac }: Tampering,
): Promise<void> => {
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
  const close = async (): Promise<void> => {
    for (const client of clients) client.destroy();
    await engine.stop();
  };
  return { clients, close };
};

/** Returns the store of commits on an engine, for its contract. */
export const dynamoStoreOn = (start: StartEngine) => async (): Promise<StoreUnderTest> => {
  const { clients, close } = await opened(start);
  return {
    store: openDynamoStore({ client: clients[0], table: COMMITS, now: Date.now, macs: testMacs }),
    other: openDynamoStore({ client: clients[1], table: COMMITS, now: Date.now, macs: testMacs }),
    forger: openDynamoStore({ client: clients[1], table: COMMITS, now: Date.now, macs: forgedMacs }),
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
      const macItem = macKey === null || mac === null ? {} : { macKey: { S: macKey }, mac: { B: mac } };
      const item = { ...keyOf(kind, id), value: { S: value }, writer: { S: 'somebody' }, ...macItem };
      await client.send(new PutItemCommand({ TableName: SIDE, Item: item }));
    },
  };
};

/** Returns the side store on an engine, for its contract. */
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
