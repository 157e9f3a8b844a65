import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { expect, onTestFinished, vi } from 'vitest';
import { featureStream } from '../../domain/feature/keys.ts';
import { runConsumers } from '../../functions/platform/feed/consumers.ts';
import { outboxMailer } from '../../functions/platform/mail/localMailers.ts';
import type { Mailer } from '../../functions/platform/mail/port.ts';
import { openDynamoSideStore, openRegisterTable } from '../../functions/platform/store/dynamo/dynamoSideStore.ts';
import { openDynamoStore } from '../../functions/platform/store/dynamo/dynamoStore.ts';
import type { Store } from '../../functions/platform/store/port.ts';
import type { SideStore } from '../../functions/platform/store/sideStore.ts';
import { openSqliteSideStore } from '../../functions/platform/store/sqlite/sqliteSideStore.ts';
import { openSqliteStore } from '../../functions/platform/store/sqlite/sqliteStore.ts';
import { notifier } from '../../functions/reactions/notify/notify.ts';
import { MemoryIndex } from '../../functions/register/memoryIndex.ts';
import type { ProjectorPorts } from '../../functions/register/project.ts';
import { projector } from '../../functions/register/project.ts';
import type { RegisterIndex } from '../../functions/register/rows.ts';
import { tableIndex } from '../../functions/register/tableIndex.ts';
import { COMMITS, clientAt, createTables, REGISTER, SIDE } from '../contract/dynamoTables.ts';
import { startDynoxide } from '../support/dynoxide.ts';
import { folderOfTest } from '../support/folders.ts';
import { testGuard, testMacs } from '../support/macs.ts';
import { failing, openGate } from './openGate.ts';

const AN_HOUR_MS = 3_600_000;

export const NOTHING = { reads: 0, items: 0, writes: 0, commitSyncs: 0, mails: 0 };
/**
 * What was done since the last `take`. A read or a write is one call of the adapter: on DynamoDB one request. `items`: what DynamoDB
 * answered with; `commitSyncs`: fsyncs of SQLite.
 */
export const counts = { ...NOTHING };
export const take = () => {
  const { commitSyncs, ...taken } = counts;
  // Mails that wait at the same moment share a sync of their records, so the number depends on the disk.
  expect(commitSyncs).toBeLessThanOrEqual(taken.writes === 0 ? 0 : taken.mails + 8);
  Object.assign(counts, NOTHING);
  return taken;
};

const READS = ['get', 'list', 'head', 'heads', 'history', 'feed', 'QueryCommand', 'GetItemCommand', 'BatchGetItemCommand'];
const WRITES = ['put', 'putIfAbsent', 'remove', 'append', 'appendInOrder', 'PutItemCommand', 'DeleteItemCommand'];
const count = (call: string): undefined => {
  if (READS.includes(call)) counts.reads += 1;
  if (WRITES.includes(call)) counts.writes += 1;
  return undefined;
};

/** The adapters of one setting, counted. */
export interface Stores {
  readonly store: Store;
  readonly sideStore: SideStore;
  /** The index that lists are taken from. */
  readonly indexOf: (ports: ProjectorPorts) => RegisterIndex;
}

interface Found {
  readonly Item?: unknown;
  readonly Items?: readonly unknown[];
  readonly Responses?: Readonly<Record<string, readonly unknown[]>>;
}
const itemsIn = ({ Item, Items = [], Responses = {} }: Found): number =>
  (Item === undefined ? 0 : 1) + Items.length + Object.values(Responses).flat().length;

/**
 * Counts the fsyncs of SQLite, and the requests to DynamoDB. A COMMIT is an fsync while its connection is at
 * `synchronous=FULL`.
 */
export const countCalls = async (): Promise<void> => {
  const relaxed = new Set<DatabaseSync>();
  const { exec } = DatabaseSync.prototype;
  vi.spyOn(DatabaseSync.prototype, 'exec').mockImplementation(function (this: DatabaseSync, sql) {
    if (sql === 'PRAGMA synchronous = NORMAL') relaxed.add(this);
    if (sql === 'PRAGMA synchronous = FULL') relaxed.delete(this);
    if (sql === 'COMMIT' && !relaxed.has(this)) counts.commitSyncs += 1;
    return exec.call(this, sql);
  });
  const { send } = DynamoDBClient.prototype;
  vi.spyOn(DynamoDBClient.prototype, 'send').mockImplementation(function (this: DynamoDBClient, ...args: unknown[]) {
    count((args[0] as object).constructor.name);
    return (send as (...each: unknown[]) => Promise<Found>).apply(this, args).then((found) => {
      counts.items += itemsIn(found);
      return found;
    }) as never;
  } as never);
};

/** Opens SQLite's. */
export const sqlite = async (folder: string): Promise<Stores> => {
  const store = openSqliteStore(join(folder, 'commits.db'), testMacs);
  const sideStore = openSqliteSideStore(join(folder, 'side.db'), testGuard);
  onTestFinished(async () => {
    await store.close();
    await sideStore.close();
  });
  return {
    store: failing(store, count),
    sideStore: failing(sideStore, count),
    indexOf: (ports) => new MemoryIndex(ports, () => undefined),
  };
};

/** Opens DynamoDB's. */
export const dynamo = async (): Promise<Stores> => {
  const engine = await startDynoxide('memory');
  const client = clientAt(engine.endpoint);
  onTestFinished(async () => {
    client.destroy();
    await engine.stop();
  });
  await createTables(client);
  const register = openRegisterTable({ client, table: REGISTER, guard: testGuard });
  return {
    store: openDynamoStore({ client, table: COMMITS, now: Date.now, macs: testMacs }),
    sideStore: openDynamoSideStore({ client, table: SIDE, guard: testGuard, register }),
    // As an hour after all was written: what was written in the last ten minutes is listed again each time.
    indexOf: (ports) => tableIndex(ports, { table: register, logger: () => undefined, nowMs: () => Date.now() + AN_HOUR_MS }),
  };
};

export const keyOf = (n: number): string => `acme.f${String(n).padStart(4, '0')}`;
/** A gate, and the consumers that keep its register and write its mails, run on a stream when asked to. */
export const openCounted = async (openStores: (folder: string) => Promise<Stores>) => {
  const folder = folderOfTest('counts');
  const { store, sideStore, indexOf } = await openStores(folder);
  const gate = await openGate({ storeOf: () => store, sideStoreOf: () => sideStore, honest: false });
  const outbox = outboxMailer(join(folder, 'outbox'), 'gate@city.example', gate.ports.clock);
  const mailer: Mailer = {
    ...outbox,
    send: async (message) => {
      counts.mails += 1;
      await outbox.send(message);
    },
  };
  const register = indexOf(gate.ports);
  const mailing = { ...gate.ports, register, mailer, linkKey: new Uint8Array(32), itMail: undefined };
  // One after the other: a notifier that is ahead of the projector reads the commits that the read model lacks.
  const consumers = [projector(gate.ports), notifier(mailing)].map((each) => runConsumers(gate.ports, [each]));
  const follow = async (key: string): Promise<void> => {
    for (const each of consumers) await each.look(featureStream(key));
  };
  return { gate, register, follow };
};
