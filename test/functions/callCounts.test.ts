import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { featureStream } from '../../domain/feature/keys.ts';
import { makeLink } from '../../functions/gate/links.ts';
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
import { getChange, getRegister, putChange, putRegister } from '../../functions/register/documents.ts';
import { allFeatures, dueFeatures, listChanges, listFeatures } from '../../functions/register/lists.ts';
import { MemoryIndex } from '../../functions/register/memoryIndex.ts';
import { catchUp, emptyRegister, type ProjectorPorts, projector } from '../../functions/register/project.ts';
import type { RegisterIndex } from '../../functions/register/rows.ts';
import { tableIndex } from '../../functions/register/tableIndex.ts';
import { confirmedRows } from '../../functions/register/views/featureJson.ts';
import { createToken } from '../../functions/web/http/tokens.ts';
import { siteApp } from '../../functions/web/site/app.ts';
import { NO_OUTBOX } from '../../functions/web/site/deps.ts';
import { COMMITS, clientAt, createTables, REGISTER, SIDE } from '../contract/dynamoTables.ts';
import { startDynoxide } from '../support/dynoxide.ts';
import { folderOfTest } from '../support/folders.ts';
import { testGuard, testMacs } from '../support/macs.ts';
import { IS_PROOF } from '../support/proof.ts';
import { failing, openGate } from './openGate.ts';

const AN_HOUR_MS = 3_600_000;

const NOTHING = { reads: 0, items: 0, writes: 0, commitSyncs: 0, mails: 0 };
/**
 * What was done since the last `take`. A read or a write is one call of the adapter: on DynamoDB one request. `items`: what DynamoDB
 * answered with; `commitSyncs`: fsyncs of SQLite.
 */
const counts = { ...NOTHING };
const take = () => {
  const { commitSyncs, ...taken } = counts;
  // Mails that wait at the same moment share a sync of their records, so the number depends on the disk.
  expect(commitSyncs).toBeLessThanOrEqual(taken.writes === 0 ? 0 : taken.mails + 8);
  Object.assign(counts, NOTHING);
  return taken;
};

const READS = ['get', 'list', 'head', 'heads', 'history', 'feed', 'QueryCommand', 'GetItemCommand', 'BatchGetItemCommand'];
const WRITES = ['put', 'putIfAbsent', 'remove', 'append', 'PutItemCommand', 'DeleteItemCommand'];
const count = (call: string) => {
  if (READS.includes(call)) counts.reads += 1;
  if (WRITES.includes(call)) counts.writes += 1;
  return undefined;
};

interface Stores {
  readonly store: Store;
  readonly sideStore: SideStore;
  readonly indexOf: (ports: ProjectorPorts) => RegisterIndex;
}

interface Found {
  readonly Item?: unknown;
  readonly Items?: readonly unknown[];
  readonly Responses?: Readonly<Record<string, readonly unknown[]>>;
}
const itemsIn = ({ Item, Items = [], Responses = {} }: Found) =>
  (Item === undefined ? 0 : 1) + Items.length + Object.values(Responses).flat().length;

/** Counts the fsyncs of SQLite, each COMMIT of a connection that is at `synchronous=FULL`, and the requests to DynamoDB. */
const countCalls = async () => {
  const { exec } = DatabaseSync.prototype;
  vi.spyOn(DatabaseSync.prototype, 'exec').mockImplementation(function (this: DatabaseSync, sql) {
    if (sql === 'COMMIT') counts.commitSyncs += 1;
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
  const register = openRegisterTable({ client, table: REGISTER, guard: testGuard });
  return {
    store: openDynamoStore({ client, table: COMMITS, now: Date.now, macs: testMacs }),
    sideStore: openDynamoSideStore({ client, table: SIDE, guard: testGuard, register }),
    // As an hour after all was written: what was written in the last ten minutes is listed again each time.
    indexOf: (ports) => tableIndex(ports, { table: register, logger: () => undefined, nowMs: () => Date.now() + AN_HOUR_MS }),
  };
};

const keyOf = (n: number) => `acme.f${String(n).padStart(4, '0')}`;
/** A gate, and the consumers that keep its register and write its mails, run on a stream when asked to. */
const openCounted = async (openStores: (folder: string) => Promise<Stores>) => {
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
  const follow = async (key: string) => {
    for (const each of consumers) await each.look(featureStream(key));
  };
  return { gate, register, follow };
};

beforeEach(countCalls);

/** What a notice, a decision and a page of eight features may cost, each with what follows from it: the register and the mails. */
const MOST = {
  notice: { reads: 39, writes: 10, mails: 2 },
  decision: { reads: 34, writes: 7, mails: 1 },
  // On DynamoDB five of the reads of every list ask what was written since the index in memory was brought up to date.
  page: { reads: 15, writes: 0, mails: 0 },
  open: { reads: 15, writes: 0, mails: 0 },
  clock: { reads: 5, writes: 0, mails: 0 },
};
type Act = keyof typeof MOST;
const FEW = 10;
const MANY = 110;
const SHOWN = 8;

/**
 * Counts one notice and one decision, with what follows, and what a page, a list and a run of the clock read, among so many other
 * features.
 */
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
  await allFeatures(ports, { now: ports.clock() });
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
  return {
    notice,
    decision,
    page: take(),
    open: await costOf(() => listChanges(ports, { status: 'pending', limit: SHOWN, now })),
    clock: await costOf(() => dueFeatures(ports, now, true)),
  } satisfies Record<Act, unknown>;
};

test.each([
  ['SQLite', sqlite],
  ['DynamoDB', dynamo],
] as const)(
  'on %s a notice, a decision, a page, a list and a run of the clock cost the same with 10 and with 110 features',
  async (engine, openStores) => {
    const few = await costs(FEW, openStores);
    expect(await costs(MANY, openStores)).toEqual(few);
    for (const act of Object.keys(MOST) as Act[])
      for (const what of ['reads', 'writes', 'mails'] as const)
        expect(few[act][what], `${what} of a ${act}`).toBeLessThanOrEqual(MOST[act][what]);
    if (engine !== 'SQLite') return;
    const page = readFileSync(new URL('../../docs/benchmarks.md', import.meta.url), 'utf8');
    for (const [name, { reads, writes, mails }] of [
      ['a notice', few.notice],
      ['a certification', few.decision],
      ['a page of eight features', few.page],
    ] as const)
      expect(page).toContain(`| ${name} | ${reads} | ${writes} | ${mails} |`);
  },
);

const [FEW_SHOWN, MANY_SHOWN] = [60, 130];

const PAGES_MOST = {
  '/': 76,
  '/numbers': 13,
  '/?q=update': 76,
  '/?status=pending': 76,
  '/?vendor=acme': 76,
  // With two lists of tasks: those that are urgent, and those of the days to come.
  '/calendar': 11,
  '/calendar.ics': 11,
  '/feed.atom': 155,
  '/worklist': 70,
  inbox: 65,
  desk: 82,
};
type Page = keyof typeof PAGES_MOST;

/** Registers features and a change of each, like those that the gate has, without their commits: half of them wait, half are on. */
const registerLike = async (sideStore: SideStore, keys: readonly string[]) => {
  const models = await Promise.all(
    [keyOf(0), keyOf(1)].map(async (key) => ({
      register: await getRegister(sideStore, key),
      change: await getChange(sideStore, key, 1),
    })),
  );
  for (const [index, key] of keys.entries()) {
    const { register, change } = models[index % models.length] ?? {};
    if (register === undefined || change === undefined) throw new Error('the models are registered');
    await putRegister(sideStore, { ...register, key, state: { ...register.state, key } });
    await putChange(sideStore, { ...change, view: { ...change.view, key } });
  }
};

/** Returns what counts the reads of the pages that are made of every feature, among so many of them: of more each time. */
const openPages = async (openStores: (folder: string) => Promise<Stores>) => {
  const { gate, register } = await openCounted(openStores);
  const ports = { ...gate.ports, register };
  for (const key of ['acme', keyOf(0), keyOf(1)]) {
    const change = await gate.notice({ feature: key });
    if (key !== keyOf(0)) await gate.decide(change);
    await catchUp(ports, key);
  }
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
  let registered = 2;
  return async (features: number) => {
    const others = Array.from({ length: features - registered }, (_, index) => keyOf(index + registered));
    await registerLike(ports.sideStore, others);
    registered = features;
    const counted = new Map<Page, ReturnType<typeof take>>();
    const get = (path: string) =>
      app.request(`${ports.url}${path}`, { headers: { accept: 'text/html', authorization: `Bearer ${token}` } });
    // Fills the index in memory.
    await (await get('/')).text();
    for (const name of Object.keys(PAGES_MOST) as Page[]) {
      const path = name === 'inbox' || name === 'desk' ? paths[name] : name;
      Object.assign(counts, NOTHING);
      const answer = await get(path);
      await answer.text();
      expect(answer.status, name).toBe(200);
      counted.set(name, take());
    }
    return counted;
  };
};

test.each([['SQLite', sqlite], ...(IS_PROOF ? [['DynamoDB', dynamo] as const] : [])] as const)(
  'on %s a page made of all features reads what it shows, however many there are',
  async (_, openStores) => {
    // What is kept for a second is kept throughout, however slow the machine is.
    vi.spyOn(performance, 'now').mockReturnValue(performance.now());
    vi.spyOn(Date, 'now').mockReturnValue(Date.now());
    const costsAmong = await openPages(openStores);
    const few = await costsAmong(FEW_SHOWN);
    for (const [page, { reads, writes }] of few) {
      expect(reads, page).toBeLessThanOrEqual(PAGES_MOST[page]);
      expect(writes, page).toBe(0);
    }
    // What was once read of a feature is kept, so each page is asked for twice.
    const again = await costsAmong(FEW_SHOWN);
    await costsAmong(MANY_SHOWN);
    expect(await costsAmong(MANY_SHOWN)).toEqual(again);
  },
);
