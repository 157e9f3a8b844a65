import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { featureStream } from '../../../domain/feature/keys.ts';
import { runConsumers } from '../../../functions/platform/feed/consumers.ts';
import { SILENT_MAILER } from '../../../functions/platform/mail/port.ts';
import { runClock } from '../../../functions/reactions/clock/runClock.ts';
import { notifier } from '../../../functions/reactions/notify/notify.ts';
import { projector } from '../../../functions/register/project.ts';
import { apiApp } from '../../../functions/web/api/app.ts';
import { credentials } from '../../../functions/web/http/credentials.ts';
import { siteApp } from '../../../functions/web/site/app.ts';
import { NO_OUTBOX } from '../../../functions/web/site/deps.ts';
import { clientAt, createTables } from '../../contract/dynamoTables.ts';
import { startDynoxide } from '../../support/dynoxide.ts';
import { portsOnAws } from '../aws/gate.ts';
import { countUnits, type Units } from '../aws/units.ts';
import { fillRegister, forEach, keysOf, PENDING, type Register } from '../register.ts';
import { signedNotice } from '../requests.ts';
import { figure } from '../table.ts';
import { VENDOR } from '../vendor.ts';
import { evaluation } from './overHttp.ts';
import type { Measured, Scale, Table } from './result.ts';

const SIZES = [100, 1_000];
const QUICK_SIZES = [100];
const KEY = new Uint8Array(32);
/** A notice of which only the register and the mails follow. */
const NOTIFIED = `${VENDOR}.f-aws-0`;

const silent = () => undefined;

/** The functions of a city as they start, each with ports of its own. */
const functionsOn = (client: DynamoDBClient) => {
  const [api, site, consumer, clock] = [1, 2, 3, 4].map(() => portsOnAws(client)) as [Ports, Ports, Ports, Ports];
  const apiDeps = { logger: silent, rosterSalt: KEY, checkpoint: silent, health: async () => [] };
  const keys = { linkKey: KEY, textKey: KEY };
  const siteDeps = { keys, logger: silent, checkpoint: silent, vkey: silent, verifier: async () => undefined, outbox: NO_OUTBOX };
  const mailing = { ...consumer, mailer: SILENT_MAILER, linkKey: KEY, itMail: undefined };
  return {
    api: apiApp({ ...apiDeps, ports: api, authenticate: credentials(api) }),
    site: siteApp({ ...siteDeps, ports: site }),
    follow: async (key: string): Promise<void> => {
      // One after the other, as the projector is nudged before the bus.
      for (const each of [projector(consumer), notifier(mailing)]) await runConsumers(consumer, [each]).look(featureStream(key));
    },
    tick: async () => runClock(clock, clock.clock()),
    sweep: async (): Promise<void> => {
      for (const each of [projector(consumer), notifier(mailing)]) await runConsumers(consumer, [each]).sweep();
    },
  };
};
type Ports = ReturnType<typeof portsOnAws>;

/** Counts what a register of so many features costs, line by line. */
const countSize = async (client: DynamoDBClient, take: () => Units, { secret, token }: Register) => {
  const { api, site, follow, tick, sweep } = functionsOn(client);
  const authorization = `Bearer ${token}`;
  const get = (app: typeof api, path: string) => async () => {
    const answer = await app.request(path, { headers: { authorization, accept: 'text/html, application/json' } });
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}`);
    await answer.text();
  };
  let etag = '';
  const bulk = async (): Promise<void> => {
    const headers = { authorization, 'content-type': 'application/json', ...(etag !== '' && { 'if-none-match': etag }) };
    const body = JSON.stringify({ context: { targetingKey: 'unit-7' } });
    const answer = await api.request('/ofrep/v1/evaluate/flags', { method: 'POST', headers, body });
    if (answer.status >= 400) throw new Error(`a bulk answer with ${answer.status}`);
    etag = answer.headers.get('etag') ?? '';
  };
  const one = async (): Promise<void> => {
    const { path, body } = evaluation(token);
    const headers = { authorization, 'content-type': 'application/json' };
    await (await api.request(path, { method: 'POST', headers, body })).text();
  };
  const notice = async (): Promise<void> => {
    const { headers, body } = signedNotice(NOTIFIED, secret, 'msg-aws-0');
    const answer = await api.request('/v1/notices', { method: 'POST', headers, body });
    if (answer.status !== 202) throw new Error(`a notice was answered ${answer.status}: ${await answer.text()}`);
  };
  const lines: readonly (readonly [string, () => Promise<unknown>])[] = [
    ['`/`, the first page of a new process', get(site, '/')],
    ['`/`', get(site, '/')],
    ['`/?status=pending`', get(site, '/?status=pending')],
    ['`/features/{key}`', get(site, `/features/${PENDING}`)],
    ['`/changes/{key}/{n}`', get(site, `/changes/${PENDING}/1`)],
    ['`/v1/features`', get(api, '/v1/features')],
    ['`/v1/features?status=pending`', get(api, '/v1/features?status=pending')],
    ['`/v1/changes?status=pending`', get(api, '/v1/changes?status=pending')],
    ['one OFREP answer', one],
    ['bulk, 200, the first of a new process', bulk],
    ['bulk, 304', bulk],
    ['a notice', notice],
    ['what follows it: the register and 15 mails', () => follow(NOTIFIED)],
    ['a run of the clock without anything due', tick],
    ['a sweep of projector and notifier, minutes after so much was written', sweep],
  ];
  const counted = new Map<string, Units>();
  take();
  for (const [name, run] of lines) {
    // What is found the first time is no part of what every minute costs.
    if (run === tick || run === sweep) {
      await run();
      take();
    }
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
    const ports = portsOnAws(client);
    const register = await fillRegister({ ports }, features);
    const { follow } = functionsOn(client);
    await forEach([VENDOR, ...keysOf(features)], (key) => follow(key));
    return await countSize(client, take, register);
  } finally {
    client.destroy();
    await engine.stop();
  }
};

/** Counts what pages, answers, notices and the clock cost on AWS in DynamoDB's units. Nothing is timed. */
export const aws = async ({ quick, features }: Scale): Promise<Measured> => {
  const sizes = features ?? (quick ? QUICK_SIZES : SIZES);
  const columns: ReadonlyMap<string, Units>[] = [];
  for (const size of sizes) {
    process.stderr.write(`  ${figure(size)} features …\n`);
    columns.push(await measureSize(size));
  }
  const cell = (units: Units | undefined): string =>
    units === undefined ? '—' : `${units.calls}: ${figure(units.reads)} + ${figure(units.writes)}`;
  const table: Table = {
    head: ['calls: read units + write units, at so many features', ...sizes.map(figure)],
    rows: [...(columns[0]?.keys() ?? [])].map((name) => [name, ...columns.map((column) => cell(column.get(name)))]),
  };
  return { results: [], tables: [table] };
};
