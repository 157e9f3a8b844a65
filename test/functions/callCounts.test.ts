import { mkdtempSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { featureStream } from '../../domain/feature/keys.ts';
import { makeLink } from '../../functions/gate/links.ts';
import { runConsumers } from '../../functions/platform/feed/consumers.ts';
import { outboxMailer } from '../../functions/platform/mail/outbox.ts';
import type { Mailer } from '../../functions/platform/mail/port.ts';
import { openDynamoSideStore } from '../../functions/platform/store/dynamo/dynamoSideStore.ts';
import { openDynamoStore } from '../../functions/platform/store/dynamo/dynamoStore.ts';
import type { Store } from '../../functions/platform/store/port.ts';
import type { SideStore } from '../../functions/platform/store/sideStore.ts';
import { openSqliteSideStore } from '../../functions/platform/store/sqlite/sqliteSideStore.ts';
import { openSqliteStore } from '../../functions/platform/store/sqlite/sqliteStore.ts';
import { notifier } from '../../functions/reactions/notify/notify.ts';
import { getRegister, putRegister } from '../../functions/register/docs.ts';
import { emptyRegister } from '../../functions/register/fold.ts';
import { listChanges } from '../../functions/register/listChanges.ts';
import { allFeatures, listFeatures } from '../../functions/register/listFeatures.ts';
import { MemoryIndex } from '../../functions/register/memoryIndex.ts';
import { catchUp, projector } from '../../functions/register/project.ts';
import { openRegister } from '../../functions/register/registerAttributes.ts';
import type { IndexPorts, RegisterIndex } from '../../functions/register/registerIndex.ts';
import { tableIndex } from '../../functions/register/tableIndex.ts';
import { confirmedRows } from '../../functions/register/views/readFeatureJson.ts';
import { createToken } from '../../functions/web/http/tokens.ts';
import { siteApp } from '../../functions/web/site/app.ts';
import { NO_OUTBOX } from '../../functions/web/site/deps.ts';
import { COMMITS, clientAt, createTables, REGISTER, SIDE } from '../contract/dynamoTables.ts';
import { startDynoxide } from '../support/dynoxide.ts';
import { testGuard, testMacs } from '../support/macs.ts';
import { failing, openGate } from './openGate.ts';

/** What a notice, a decision and a page of eight features may cost, each with what follows from it: the register and the mails. */
const MOST = {
  notice: { reads: 83, writes: 23, mails: 15 },
  decision: { reads: 38, writes: 7, mails: 1 },
  page: { reads: 14, writes: 0, mails: 0 },
  byStatus: { reads: 12, writes: 0, mails: 0 },
  open: { reads: 30, writes: 0, mails: 0 },
  clock: { reads: 4, writes: 0, mails: 0 },
  whole: { reads: 5, writes: 0, mails: 0 },
};
type Act = keyof typeof MOST;
const FEW = 10;
const MANY = 1_000;
const SHOWN = 8;
const AN_HOUR_MS = 3_600_000;

const NOTHING = { reads: 0, items: 0, writes: 0, commitSyncs: 0, fileSyncs: 0, mails: 0 };
/**
 * What was done since the last `take`. A read or a write is one call of the adapter: on DynamoDB one request. `items`: what DynamoDB
 * answered with; `commitSyncs`: fsyncs of SQLite; `fileSyncs`: of files, which are the journal of the outbox and its folder.
 */
const counts = { ...NOTHING };
const take = () => {
  const { commitSyncs, fileSyncs, ...taken } = counts;
  // Mails that wait at the same moment share a sync of the journal and one of their records, so the number depends on the disk.
  expect(fileSyncs).toBeLessThanOrEqual(taken.mails + 1);
  expect(commitSyncs).toBeLessThanOrEqual(taken.writes === 0 ? 0 : taken.mails + 4);
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

interface Stores {
  readonly store: Store;
  readonly sideStore: SideStore;
  /** The index that lists are taken from. */
  readonly indexOf: (ports: IndexPorts) => RegisterIndex;
}

interface Found {
  readonly Item?: unknown;
  readonly Items?: readonly unknown[];
  readonly Responses?: Readonly<Record<string, readonly unknown[]>>;
}
const itemsIn = ({ Item, Items = [], Responses = {} }: Found): number =>
  (Item === undefined ? 0 : 1) + Items.length + Object.values(Responses).flat().length;

/**
 * Counts the fsyncs of SQLite and of files, and the requests to DynamoDB. A COMMIT is an fsync while its connection is at
 * `synchronous=FULL`; so is each sync of a file.
 */
const spy = async (): Promise<void> => {
  const relaxed = new Set<DatabaseSync>();
  const { exec } = DatabaseSync.prototype;
  vi.spyOn(DatabaseSync.prototype, 'exec').mockImplementation(function (this: DatabaseSync, sql) {
    if (sql === 'PRAGMA synchronous = NORMAL') relaxed.add(this);
    if (sql === 'PRAGMA synchronous = FULL') relaxed.delete(this);
    if (sql === 'COMMIT' && !relaxed.has(this)) counts.commitSyncs += 1;
    return exec.call(this, sql);
  });
  const file = await open(import.meta.filename, 'r');
  await file.close();
  const files = Object.getPrototypeOf(file) as typeof file;
  const { sync } = files;
  vi.spyOn(files, 'sync').mockImplementation(function (this: typeof file) {
    counts.fileSyncs += 1;
    return sync.call(this);
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
beforeEach(spy);

const sqlite = async (folder: string): Promise<Stores> => {
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

const dynamo = async (): Promise<Stores> => {
  const engine = await startDynoxide('memory');
  const client = clientAt(engine.endpoint);
  onTestFinished(async () => {
    client.destroy();
    await engine.stop();
  });
  await createTables(client);
  const register = openRegister({ client, table: REGISTER, guard: testGuard });
  return {
    store: openDynamoStore({ client, table: COMMITS, now: Date.now, macs: testMacs }),
    sideStore: openDynamoSideStore({ client, table: SIDE, guard: testGuard, register }),
    // As an hour after all was written: what was written in the last ten minutes is listed again each time.
    indexOf: (ports) => tableIndex(ports, { table: register, logger: () => undefined, nowMs: () => Date.now() + AN_HOUR_MS }),
  };
};

const keyOf = (n: number): string => `acme.f${String(n).padStart(4, '0')}`;
/** A gate, and the consumers that keep its register and write its mails, run on a stream when asked to. */
const openCounted = async (openStores: (folder: string) => Promise<Stores>) => {
  const folder = mkdtempSync(join(tmpdir(), 'aldergate-counts-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
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
  const mailing = { ...gate.ports, mailer, linkKey: new Uint8Array(32), itMail: undefined };
  // One after the other: a notifier that is ahead of the projector reads the commits that the read model lacks.
  const consumers = [projector(gate.ports), notifier(mailing)].map((each) => runConsumers(gate.ports, [each]));
  const follow = async (key: string): Promise<void> => {
    for (const each of consumers) await each.look(featureStream(key));
  };
  return { gate, register: indexOf(gate.ports), follow };
};

/** Counts one notice and one decision, with what follows, and what a page, a list, a run of the clock and a search read, among so many other features. */
const costs = async (features: number, openStores: (folder: string) => Promise<Stores>) => {
  const { gate, register, follow } = await openCounted(openStores);
  const ports = { ...gate.ports, register };
  for (let n = 0; n < features; n += 1) {
    // Of the others only the register is made: what counts is how many there are.
    if (n >= FEW) await putRegister(ports.sideStore, { ...emptyRegister(keyOf(n)), version: 1 });
    else {
      await gate.notice({ feature: keyOf(n) });
      await catchUp(ports, keyOf(n));
    }
  }
  // A search, figures and dates look at every feature: in memory, which the process has filled once.
  await allFeatures(ports, { now: ports.clock() });
  Object.assign(counts, NOTHING);
  const { digest } = await gate.notice({ feature: 'acme.new' });
  await follow('acme.new');
  const notice = take();
  await gate.certify('acme.new/1', digest);
  await follow('acme.new');
  const decision = take();
  // An index in memory reads each commit once, whatever is shown afterwards.
  await register.settled();
  take();
  const page = await listFeatures(ports, { prefix: 'acme', limit: SHOWN, now: ports.clock() });
  const shown = await confirmedRows(ports, page?.items ?? [], { context: {}, checkpoint: undefined });
  expect(shown.map(({ key }) => key)).toEqual(Array.from({ length: SHOWN }, (_, n) => keyOf(n)));
  const costOf = async (read: () => Promise<unknown>) => {
    take();
    await read();
    return take();
  };
  const now = ports.clock();
  const counted = {
    notice,
    decision,
    page: take(),
    byStatus: await costOf(() => listFeatures(ports, { status: 'pending', limit: SHOWN, now })),
    open: await costOf(() => listChanges(ports, { status: 'pending', limit: SHOWN, now })),
    clock: await costOf(() => register.due(now, true)),
  };
  await allFeatures(ports, { now });
  return { ...counted, whole: await costOf(() => allFeatures(ports, { now })) } satisfies Record<Act, unknown>;
};

test.each([
  ['SQLite', sqlite],
  ['DynamoDB', dynamo],
] as const)(
  'on %s a notice, a decision, a page, a list, a run of the clock and a search cost the same with 10 and with 1,000 features',
  async (_, openStores) => {
    const few = await costs(FEW, openStores);
    expect(await costs(MANY, openStores)).toEqual(few);
    for (const act of Object.keys(MOST) as Act[])
      for (const what of ['reads', 'writes', 'mails'] as const)
        expect(few[act][what], `${what} of a ${act}`).toBeLessThanOrEqual(MOST[act][what]);
  },
);

/** The reads of a page, at most. Each page is asked for once before. */
const PAGES_MOST = {
  '/': 76,
  '/numbers': 13,
  '/calendar': 8,
  '/feed.atom': 154,
  '/worklist': 70,
  inbox: 293,
  desk: 353,
};
type Page = keyof typeof PAGES_MOST;

/** Registers features like one that the gate has, without their commits: half of them wait, half are on. */
const registerLike = async (sideStore: SideStore, keys: readonly string[]): Promise<void> => {
  const models = await Promise.all([keyOf(0), keyOf(1)].map((key) => getRegister(sideStore, key)));
  for (const [index, key] of keys.entries()) {
    const model = models[index % models.length];
    if (model === undefined) throw new Error('the models are registered');
    await putRegister(sideStore, { ...model, key, state: { ...model.state, key } });
  }
};

/** Counts what pages read that are made of every feature, among so many of them. */
const pageCosts = async (features: number, openStores: (folder: string) => Promise<Stores>) => {
  const { gate, register } = await openCounted(openStores);
  const ports = { ...gate.ports, register };
  for (const key of ['acme', keyOf(0), keyOf(1)]) {
    const { change, digest } = await gate.notice({ feature: key });
    if (key !== keyOf(0)) {
      await gate.certify(change, digest);
      await gate.sign(change, digest);
    }
    await catchUp(ports, key);
  }
  const others = Array.from({ length: features - 2 }, (_, index) => keyOf(index + 2));
  await registerLike(ports.sideStore, others);
  const keys = { linkKey: new Uint8Array(32).fill(1), textKey: new Uint8Array(32).fill(2) };
  const { token } = await createToken(ports, { name: 'it', scopes: ['state:read'] });
  const clerk = { holder: 'clerk', body: 'clerk', seat: 'clerk' };
  const decides = { purpose: 'decide', ...clerk, requirement: 'council', key: keyOf(0), n: 1, revision: 1 } as const;
  const link = await makeLink({ ...ports, linkKey: keys.linkKey }, decides);
  const app = siteApp({
    ports,
    keys,
    logger: () => undefined,
    checkpoint: () => undefined,
    vkey: () => undefined,
    verifier: async () => undefined,
    outbox: NO_OUTBOX,
  });
  const paths = { inbox: `/d/${link}/inbox`, desk: `/d/${link}/desk` };
  const counted = new Map<Page, ReturnType<typeof take>>();
  for (const name of Object.keys(PAGES_MOST) as Page[]) {
    const path = name === 'inbox' || name === 'desk' ? paths[name] : name;
    const get = () => app.request(`${ports.url}${path}`, { headers: { accept: 'text/html', authorization: `Bearer ${token}` } });
    await (await get()).text();
    Object.assign(counts, NOTHING);
    const answer = await get();
    await answer.text();
    expect(answer.status, name).toBe(200);
    counted.set(name, take());
  }
  return counted;
};

test.each([
  ['SQLite', sqlite],
  ['DynamoDB', dynamo],
] as const)('on %s every page made of all features reads the same with 100 and with 1,000 of them', async (_, openStores) => {
  const few = await pageCosts(100, openStores);
  expect(await pageCosts(MANY, openStores)).toEqual(few);
  for (const [page, { reads, writes }] of few) {
    expect(reads, page).toBeLessThanOrEqual(PAGES_MOST[page]);
    expect(writes, page).toBe(0);
  }
});
