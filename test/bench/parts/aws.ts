import { randomUUID } from 'node:crypto';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { featureStream } from '../../../domain/feature/keys.ts';
import { DEFAULT_NOTICE_LIMITS, noticeCounter, usageInSideStore } from '../../../functions/gate/noticeLimits.ts';
import { readRules } from '../../../functions/gate/rules.ts';
import { RELEASED_AT_ONCE } from '../../../functions/platform/feed/consumer.ts';
import { runConsumers } from '../../../functions/platform/feed/consumers.ts';
import { SILENT_MAILER } from '../../../functions/platform/mail/port.ts';
import { openDynamoSideStore } from '../../../functions/platform/store/dynamo/dynamoSideStore.ts';
import { openDynamoStore } from '../../../functions/platform/store/dynamo/dynamoStore.ts';
import { StreamQueue } from '../../../functions/platform/store/queue.ts';
import { runClock } from '../../../functions/reactions/clock/runClock.ts';
import { notifier } from '../../../functions/reactions/notify/notify.ts';
import { getRegister } from '../../../functions/register/documents.ts';
import { projector } from '../../../functions/register/project.ts';
import { openRegister } from '../../../functions/register/registerAttributes.ts';
import { tableIndex } from '../../../functions/register/tableIndex.ts';
import { apiApp } from '../../../functions/web/api/app.ts';
import { credentials } from '../../../functions/web/http/credentials.ts';
import { siteApp } from '../../../functions/web/site/app.ts';
import { NO_OUTBOX } from '../../../functions/web/site/deps.ts';
import { COMMITS, clientAt, createTables, REGISTER, SIDE } from '../../contract/dynamoTables.ts';
import { believed } from '../../support/believed.ts';
import { startDynoxide } from '../../support/dynoxide.ts';
import { testGuard, testMacs } from '../../support/macs.ts';
import { VENDOR } from '../city.ts';
import { fillRegister, forEach, PENDING } from '../register.ts';
import { evaluation, signedNotice } from '../requests.ts';
import { figure, type Measured, type Scale } from '../table.ts';
import { countUnits, type Units } from '../units.ts';

const SIZES = [100, 1_000];
const QUICK_SIZES = [100];
const KEY = new Uint8Array(32);
/** As an hour after all was written: what was written in the last minutes is listed again each time. */
const AN_HOUR_MS = 3_600_000;
/** A notice of which only the register and the mails follow. */
const NOTIFIED = `${VENDOR}.f-aws-0`;

const silent = () => undefined;

/** The ports of a function on AWS as it starts, as `handlers/runtime/ports.ts` wires them, without secrets. */
const portsOnAws = (client: DynamoDBClient) => {
  const guard = testGuard;
  const table = openRegister({ client, table: REGISTER, guard });
  const sideStore = openDynamoSideStore({ client, table: SIDE, guard, register: table });
  const store = believed(openDynamoStore({ client, table: COMMITS, now: Date.now, macs: testMacs }), sideStore);
  const clock = () => new Date().toISOString();
  let rules: ReturnType<typeof readRules> | undefined;
  const feed = { store, sideStore, clock, logger: silent, isReleased: RELEASED_AT_ONCE, wallMs: Date.now };
  return {
    ...feed,
    register: tableIndex(feed, { table, logger: silent, nowMs: () => Date.now() + AN_HOUR_MS }),
    newId: randomUUID,
    queue: new StreamQueue(),
    zone: 'UTC',
    city: { name: 'City', contact: undefined },
    url: 'https://gate.example',
    countNotice: noticeCounter(DEFAULT_NOTICE_LIMITS, usageInSideStore(sideStore), clock),
    // Read at most once a second there, and once here.
    rules: () => {
      rules ??= readRules({ store });
      return rules;
    },
    glance: (keys: readonly string[]) => Promise.all(keys.map(async (key) => (await getRegister(sideStore, key))?.state ?? null)),
  };
};

/** The functions of a city as they start, each with ports of its own. */
const functionsOn = (client: DynamoDBClient) => {
  const [api, site, consumer, clock] = [portsOnAws(client), portsOnAws(client), portsOnAws(client), portsOnAws(client)];
  const apiDeps = { logger: silent, rosterSalt: KEY, checkpoint: silent, health: async () => [] };
  const keys = { linkKey: KEY, textKey: KEY };
  const siteDeps = { keys, logger: silent, checkpoint: silent, vkey: silent, verifier: async () => undefined, outbox: NO_OUTBOX };
  const mailing = { ...consumer, mailer: SILENT_MAILER, linkKey: KEY, itMail: undefined };
  // One after the other, as the projector is nudged before the bus.
  const inTurn = async (work: (running: ReturnType<typeof runConsumers>) => Promise<unknown>): Promise<void> => {
    for (const each of [projector(consumer), notifier(mailing)]) await work(runConsumers(consumer, [each]));
  };
  return {
    api: apiApp({ ...apiDeps, ports: api, authenticate: credentials(api) }),
    site: siteApp({ ...siteDeps, ports: site }),
    follow: (key: string) => inTurn((running) => running.look(featureStream(key))),
    sweep: () => inTurn((running) => running.sweep()),
    tick: async () => runClock(clock, clock.clock()),
  };
};

/** Counts what a register costs, line by line. */
const countAll = async (client: DynamoDBClient, take: () => Units, secret: string, token: string) => {
  const { api, site, follow, tick, sweep } = functionsOn(client);
  const { path, headers, body } = evaluation(token);
  const ask = async (app: typeof api, address: string, init: RequestInit = {}) => {
    const answer = await app.request(address, { headers: { ...headers, accept: 'text/html, application/json' }, ...init });
    if (answer.status >= 400) throw new Error(`${address} answered ${answer.status}: ${await answer.text()}`);
    await answer.text();
    return answer.headers;
  };
  let etag = '';
  const bulk = async (): Promise<void> => {
    const known = etag === '' ? headers : { ...headers, 'if-none-match': etag };
    etag = (await ask(api, '/ofrep/v1/evaluate/flags', { method: 'POST', headers: known, body })).get('etag') ?? '';
  };
  const lines: readonly (readonly [string, () => Promise<unknown>])[] = [
    ['`/`, the first page of a new process', () => ask(site, '/')],
    ['`/`', () => ask(site, '/')],
    ['`/?status=pending`', () => ask(site, '/?status=pending')],
    ['`/features/{key}`', () => ask(site, `/features/${PENDING}`)],
    ['`/changes/{key}/{n}`', () => ask(site, `/changes/${PENDING}/1`)],
    ['`/v1/features`', () => ask(api, '/v1/features')],
    ['`/v1/features?status=pending`', () => ask(api, '/v1/features?status=pending')],
    ['`/v1/changes?status=pending`', () => ask(api, '/v1/changes?status=pending')],
    ['one OFREP answer', () => ask(api, path, { method: 'POST', body })],
    ['bulk, 200, the first of a new process', bulk],
    ['bulk, 304', bulk],
    ['a notice', () => ask(api, '/v1/notices', { method: 'POST', ...signedNotice(NOTIFIED, secret, 'msg-aws-0') })],
    ['what follows it: the register and 15 mails', () => follow(NOTIFIED)],
    ['a run of the clock without anything due', tick],
    ['a sweep of projector and notifier, minutes after so much was written', sweep],
  ];
  const counted = new Map<string, Units>();
  for (const [name, run] of lines) {
    // What is found the first time is no part of what every minute costs.
    if (run === tick || run === sweep) await run();
    take();
    await run();
    counted.set(name, take());
  }
  return counted;
};

const measureSize = async (features: number): Promise<ReadonlyMap<string, Units>> => {
  const engine = await startDynoxide('memory');
  const client = clientAt(engine.endpoint);
  try {
    await createTables(client);
    const take = countUnits(client);
    const { secrets, token, keys } = await fillRegister(portsOnAws(client), { features, vendors: 1 });
    const { follow } = functionsOn(client);
    // Every vendor's root too: what stands below one that is off costs a bulk answer nothing.
    await forEach(keys, (key) => follow(key));
    return await countAll(client, take, secrets[VENDOR] ?? '', token);
  } finally {
    client.destroy();
    await engine.stop();
  }
};

/** Counts what pages, answers, notices and the clock cost on AWS in DynamoDB's units, with every vendor's root on. Nothing is timed. */
export const aws = async ({ quick, features }: Scale): Promise<Measured> => {
  const sizes = features ?? (quick ? QUICK_SIZES : SIZES);
  const columns: ReadonlyMap<string, Units>[] = [];
  for (const size of sizes) {
    process.stderr.write(`  ${figure(size)} features …\n`);
    columns.push(await measureSize(size));
  }
  const cell = (units: Units | undefined): string =>
    units === undefined ? '—' : `${units.calls}: ${figure(units.reads)} + ${figure(units.writes)}`;
  const head = ['calls: read units + write units, at so many features', ...sizes.map(figure)];
  const names = [...(columns[0]?.keys() ?? [])];
  return { tables: [{ head, rows: names.map((name) => [name, ...columns.map((column) => cell(column.get(name)))]) }] };
};
