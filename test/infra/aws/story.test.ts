import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import { GetItemCommand, PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { formatVerifierKey } from '../../../domain/log/note.ts';
import { openDynamoSideStore, openRegisterTable } from '../../../functions/platform/store/dynamo/dynamoSideStore.ts';
import { openDynamoStore } from '../../../functions/platform/store/dynamo/dynamoStore.ts';
import { rebuild } from '../../../functions/register/rebuild.ts';
import { clientAt } from '../../contract/dynamoTables.ts';
import { testKey } from '../../domain/log/support/testLog.ts';
import { roll } from '../../functions/web/site/support/city.ts';
import { testGuard, testMacs } from '../../support/macs.ts';
import { type actorsOf, today } from './support/actors.ts';
import { TIME_ZONE } from './support/deployment.ts';
import { matches } from './support/eventPattern.ts';
import { busEvent, streamRecord } from './support/events.ts';
import { firstDecision } from './support/firstDecision.ts';
import { type GateOnAws, makeTables } from './support/gateOnAws.ts';
import { plainEnvironment } from './support/lambdas.ts';
import { withGateOnAws } from './support/opened.ts';
import { readersPattern, startReader } from './support/reader.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** To the next Monday, in working hours of the city. */
const untilMonday = (): number => {
  const now = new Date();
  const today = Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate());
  return today + (8 - (now.getUTCDay() || 7)) * DAY_MS + 18 * HOUR_MS - now.getTime();
};

let gate: GateOnAws;
let actors: ReturnType<typeof actorsOf>;

withGateOnAws((opened) => {
  ({ gate, actors } = opened);
});

firstDecision(() => ({ gate, actors }));

test('every event on the bus fits the schema that a city writes to a file', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ['infra/aws/eventSchemas.ts'], { maxBuffer: 2 ** 20 });
  const schemas = JSON.parse(stdout);
  expect(schemas).toStrictEqual(JSON.parse((await gate.request('GET', '/events.schema.json')).body));
  const fits = new Ajv2020({ strict: false, validateFormats: false }).compile(schemas);
  const types = gate.cloud.published.map(({ DetailType: type, Detail: detail }) => {
    const event = JSON.parse(detail);
    expect(fits(event), `${detail} ${JSON.stringify(fits.errors)}`).toBe(true);
    expect(event.type).toBe(type);
    return type;
  });
  expect(types).toContain('aldergate.derived.AnswerChanged.v1');
});

describe('the program of another account, from docs/deploy.md', () => {
  const heard = () => gate.cloud.published.map(busEvent).filter((event) => matches(readersPattern(), event));

  test('hears of each answer that changed and of nothing else, and leaves on what the gate says is on', async () => {
    expect(new Set(heard().map((event) => event['detail-type']))).toStrictEqual(new Set(['aldergate.derived.AnswerChanged.v1']));
    const reader = await startReader(gate, actors.token());
    for (const event of heard()) await reader.handler(event);
    expect(reader.off).toStrictEqual([]);
    await reader.stop();
  });
});

test('clients hold a "yes" for as long as the deployment says, and have no stream to listen to', async () => {
  const { json } = await actors.operator('POST', '/ofrep/v1/evaluate/flags/acme', { context: {} });
  expect(json).toMatchObject({ value: true, metadata: { leaseSeconds: 45 } });
  const bulk = await actors.operator('POST', '/ofrep/v1/evaluate/flags', { context: {} });
  expect(bulk.json).not.toHaveProperty('eventStreams');
});

/** That of the one feature that is on, and the revocations. */
const HEADS = 2;
const AGE_MS = 2_000;
/** A token and the list of held streams are read again. */
const A_MOMENT_MS = 1_100;

const bulk = (ifNoneMatch?: string) =>
  gate.request('POST', '/ofrep/v1/evaluate/flags', '{}', {
    authorization: `Bearer ${actors.token()}`,
    'content-type': 'application/json',
    ...(ifNoneMatch !== undefined && { 'if-none-match': ifNoneMatch }),
  });

const isOnInBulk = async (key: string): Promise<boolean | undefined> => {
  const { flags } = JSON.parse((await bulk()).body) as { flags: { key: string; value: boolean }[] };
  return flags.find((flag) => flag.key === key)?.value;
};

test('a 304 reads no head within `bulkMaxAge`, each after it, and an answer for one key each time', async () => {
  const asked = () => gate.cloud.asked.filter((each) => each === 'api Query').length;
  const queries = async (ask: () => Promise<unknown>): Promise<number> => {
    await setTimeout(A_MOMENT_MS);
    const before = asked();
    await ask();
    return asked() - before;
  };
  const { etag = '' } = (await bulk()).headers;
  const is304 = async () => expect((await bulk(etag)).statusCode).toBe(304);
  await setTimeout(AGE_MS);
  const first = await queries(is304);
  const kept = await queries(is304);
  // The token, what is held, and what is new in the register's four shards.
  expect({ first, kept }).toEqual({ first: 6 + HEADS, kept: 6 });
  const one = () => actors.isOn('acme');
  expect([await queries(one), await queries(one)]).toEqual([2 + HEADS, 2 + HEADS]);
});

test('what is seen on at the vendor, and was never announced, is a case of drift: on the bus, a line for the alarm, on the page', async () => {
  const derived = () =>
    gate.cloud.published
      .map(({ Detail: detail }) => JSON.parse(detail))
      .filter(({ type, subject }) => type.startsWith('aldergate.derived.') && subject === 'acme.ghost');
  const report = (on: boolean) =>
    actors.operator('POST', '/v1/observations', {
      vendor: 'acme',
      source: 'city-it',
      observedAt: new Date().toISOString(),
      features: { 'acme.ghost': on },
    });
  expect((await report(true)).status).toBe(200);
  await gate.pump();
  const opened = derived().filter(({ type }) => type.endsWith('.DriftOpened.v1'));
  expect(opened, gate.log.slice(-5).join('')).toMatchObject([
    { data: { key: 'acme.ghost', kind: 'never-announced', source: 'city-it', seen: { on: true } } },
  ]);
  expect(gate.log.join('')).toMatch(/derived: .*"level":"error","event":"drift","key":"acme.ghost","kind":"never-announced"/);
  expect((await gate.request('GET', '/feed.atom', undefined, { accept: 'text/html' })).body).toContain(
    `/features/acme.ghost/on-without-permission/${opened[0].time}/opened`,
  );
  expect((await report(false)).status).toBe(200);
  await gate.pump();
  // What was sent is not sent again.
  await gate.sweep();
  await gate.pump();
  expect(derived().flatMap(({ type }) => /(?:Answer|Drift)\w+/.exec(type)?.[0] ?? [])).toStrictEqual([
    'DriftOpened',
    'DriftClosed',
  ]);
});

test('what is derived costs some requests a minute and for an entry of the log, as docs/costs.md says', async () => {
  const costsAtMost = async (reads: number, writes: number): Promise<void> => {
    const before = gate.cloud.asked.length;
    await gate.invoke('derived', { task: 'sweep' });
    const operations = gate.cloud.asked.slice(before).filter((each) => each.startsWith('derived '));
    const written = operations.filter((each) => / (?:Put|Delete)Item$/.test(each)).length;
    expect(operations.length - written).toBeLessThanOrEqual(reads);
    expect(written).toBeLessThanOrEqual(writes);
  };
  await gate.invoke('derived', { task: 'sweep' });
  await costsAtMost(19, 4);
  const report = { vendor: 'acme', source: 'counted', observedAt: new Date().toISOString(), features: { 'acme.counted': true } };
  expect((await actors.operator('POST', '/v1/observations', report)).status).toBe(200);
  await gate.invoke('sequencer', { task: 'sweep' });
  gate.lose();
  await costsAtMost(36, 20);
  await costsAtMost(19, 4);
});

test('by an order a raw notice is withheld at its address in the log, on the page and in the data, and shown again', async () => {
  const order = { authority: 'Records Act', fileNumber: '26-7' };
  const change = async () => (await actors.operator('GET', '/v1/changes/acme/1')).json;
  const { digest } = await change();
  const ordered = async (action: string, reason?: string): Promise<void> => {
    const body = { change: 1, commitment: digest, ...order, ...(reason && { reason }) };
    expect((await actors.operator('POST', `/v1/features/acme/redactions/${action}`, body)).status).toBe(200);
    await gate.pump();
    await gate.sweep();
  };
  const file = () => gate.request('GET', `/log/notice/${String(digest).slice('sha256:'.length)}`);
  const page = async () =>
    (await gate.request('GET', '/changes/acme/1', undefined, { accept: 'text/html' })).body.replaceAll(/<[^>]+>/g, '');
  const shown = 'Withheld from the public by Records Act, file 26-7';

  expect((await file()).statusCode).toBe(200);
  await ordered('withhold', 'court-order');
  expect(await file()).toMatchObject({ statusCode: 451, body: expect.stringContaining('Records Act, file 26-7') });
  expect(await page()).toContain(shown);
  expect((await change()).notice.redacted).toMatchObject({ reason: 'court-order', ...order });
  await ordered('disclose');
  expect((await file()).statusCode).toBe(200);
  expect(await page()).not.toContain(shown);
});

describe('nudges that do not arrive as they should', () => {
  test('lost ones are healed by the sweep: register, bus and mail', async () => {
    const mailed = gate.cloud.mails.length;
    expect((await actors.vendor('acme.lpr')).status).toBe(202);
    gate.lose();
    await gate.sweep();
    gate.lose();
    await gate.sweep();
    expect((await actors.operator('GET', '/v1/features?prefix=acme.lpr')).json.items).toMatchObject([
      { key: 'acme.lpr', enabled: false },
    ]);
    expect(gate.cloud.published.filter(({ Detail: detail }) => detail.includes('"acme.lpr"'))).not.toHaveLength(0);
    expect(gate.cloud.mails.length).toBeGreaterThan(mailed);
  });

  test('doubled and out of order, they change nothing', async () => {
    const before = [gate.cloud.mails.length, gate.cloud.published.length, gate.cloud.written.length];
    const records = gate.cloud.written.map((each, index) => streamRecord(each, index));
    const answers = await gate.deliver([...records, ...records].reverse());
    expect(answers).toStrictEqual([{ batchItemFailures: [] }, { batchItemFailures: [] }]);
    await gate.sweep();
    expect([gate.cloud.mails.length, gate.cloud.published.length, gate.cloud.written.length]).toStrictEqual(before);
  });

  test('and the read model equals a rebuild from the commits', async () => {
    const client = clientAt(gate.engine);
    const ports = {
      store: openDynamoStore({ client, table: 'CommitsTable', now: Date.now, macs: testMacs }),
      sideStore: openDynamoSideStore({
        client,
        table: 'SideTable',
        guard: testGuard,
        register: openRegisterTable({ client, table: 'RegisterTable', guard: testGuard }),
      }),
    };
    expect(await rebuild(ports)).toMatchObject({ features: 2, changes: 2, differed: false, unreadable: [] });
    client.destroy();
  });
});

describe('what goes wrong', () => {
  test('a record other than INSERT is an incident on the bus, once the bus takes it', async () => {
    const record = streamRecord({ stream: 'feature/acme', version: 1 }, 9_999, 'MODIFY');
    gate.cloud.failing.entries = 1;
    expect(await gate.deliver([record])).toStrictEqual([{ batchItemFailures: [{ itemIdentifier: '10999' }] }]);
    expect(gate.cloud.published.at(-1)?.DetailType).not.toContain('Tampered');
    expect(await gate.deliver([record])).toStrictEqual([{ batchItemFailures: [] }]);
    const { DetailType: type, Detail: detail } = gate.cloud.published.at(-1) ?? { DetailType: '', Detail: '{}' };
    expect(type).toBe('aldergate.StoreTampered.v1');
    expect(JSON.parse(detail)).toMatchObject({
      id: 'tampered-record-9999',
      data: { stream: 'feature/acme', version: 1, change: 'MODIFY' },
    });
    gate.lose();
  });

  test('no log line holds a token, a link or an address of mail', () => {
    const log = gate.log.join('');
    expect(log).toContain('store tampered');
    expect(log).toContain('"requestId"');
    expect(log).not.toMatch(/ald_[0-9a-f]|\/d\/[A-Za-z0-9_-]{43}|@city\.example/);
  });

  test('a function that asks for more than its own is refused', async () => {
    const client = clientAt(gate.cloud.endpointOf('projector'));
    const sideStore = openDynamoSideStore({ client, table: 'SideTable', guard: testGuard });
    await expect(sideStore.get('directory', 'hm')).rejects.toThrow('AccessDenied');
    await expect(sideStore.put('link', 'x', {})).rejects.toThrow('AccessDenied');
    expect(gate.cloud.denied.splice(0)).toStrictEqual([
      'projector: dynamodb:GetItem on SideTable directory',
      'projector: dynamodb:PutItem on SideTable link',
    ]);
    client.destroy();
  });
});

describe('what is wrong with the gate is named by /readyz', () => {
  const Named = z.array(z.object({ code: z.string(), detail: z.string() })).default([]);
  const found = async (): Promise<readonly string[]> => {
    const { body } = await gate.request('GET', '/readyz');
    const { problems, notes } = z.object({ problems: Named, notes: Named }).parse(JSON.parse(body));
    // No copy is made here: copies have tests of their own.
    const named = [...problems, ...notes].filter(({ code }) => code !== 'no-copies');
    return named.map(({ code, detail }) => `${code}: ${detail}`);
  };
  const expectFound = (...problems: readonly string[]) => expect.poll(found).toStrictEqual(problems);

  test('a consumer that gave up on a commit, until that is replayed', async () => {
    const client = clientAt(gate.engine);
    const sideStore = openDynamoSideStore({ client, table: 'SideTable', guard: testGuard });
    await gate.sweep();
    await expectFound();
    const letter = {
      consumer: 'notify',
      stream: 'feature/acme',
      version: 1,
      error: 'no',
      tries: 5,
      at: '2026-01-01T00:00:00.000Z',
    };
    await sideStore.put('dead-letter', 'notify:feature/acme@1', letter);
    await gate.sweep();
    await expectFound('consumers-stuck: notify gave up on version 1 of feature/acme.');
    expect(await gate.invoke('clock', { task: 'replay' })).toStrictEqual({ handled: 0, failed: [] });
    await sideStore.remove('dead-letter', 'notify:feature/acme@1');
    await gate.sweep();
    await expectFound();
    client.destroy();
  });

  test('a published log that other keys signed, which is left as it is', async () => {
    const place = [...gate.cloud.objects.keys()].find((name) => name.endsWith('log/checkpoint')) ?? '';
    const own = gate.cloud.objects.get(place) ?? Buffer.alloc(0);
    const foreign = Buffer.from(own.toString().replace(/^(— \S+ )(\S{6})/m, '$1AAAAAA'));
    gate.cloud.objects.set(place, foreign);
    await expect(gate.invoke('sequencer', { task: 'sweep' })).rejects.toThrow();
    await expectFound('other-keys: The published checkpoint is not signed by the keys of this gate.');
    expect(gate.cloud.objects.get(place)).toStrictEqual(foreign);
    gate.cloud.objects.set(place, own);
    await gate.sweep();
    await expectFound();
  });

  test('a function that does not run', async () => {
    await gate.restart(untilMonday());
    for (const name of ['projector', 'clock', 'sequencer', 'derived'] as const) await gate.invoke(name, { task: 'sweep' });
    await expectFound('consumers-stuck: notify does not run.');
    await gate.invoke('notify', { task: 'sweep' });
    await expectFound();
  });

  test('the mails of the calendar leave with the runs of each quarter of an hour, however late those start', async () => {
    const run = async (minute: number): Promise<readonly string[]> => {
      const { length: before } = gate.cloud.mails;
      const scheduled = new Date(Math.floor(Date.now() / HOUR_MS) * HOUR_MS + minute * 60_000).toISOString();
      await gate.invoke('notify', { task: 'sweep', scheduled });
      return gate.cloud.mails.slice(before).map(({ raw }) => /^Subject: .*$/m.exec(raw.toString())?.[0] ?? '');
    };
    expect(await run(14)).toStrictEqual([]);
    expect(await run(15)).toContainEqual(expect.stringContaining('week'));
    expect(await run(15)).toStrictEqual([]);
    await gate.restart(0);
  });
});

test('an archive of one table is another table, byte for byte, if a checkpoint of its key vouches for it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'aldergate-archive-'));
  const [first, second, seen] = [join(folder, 'first.ndjson'), join(folder, 'second.ndjson'), join(folder, 'seen')];
  const logFile = async (name: string) => (await gate.request('GET', `/log/${name}`)).body;
  writeFileSync(seen, await logFile('checkpoint'));
  const key = (await logFile('vkey')).trim();
  await makeTables(gate.engine, 'OtherCommits', 'OtherSide', 'OtherRegister');
  await gate.operate('archive.ts', 'export', first);
  const others = { CommitsTable: 'OtherCommits', SideTable: 'OtherSide', RegisterTable: 'OtherRegister' };
  const [stack, outputs] = Object.entries(gate.deployment.outputs).find(([name]) => name.endsWith('-Records')) ?? [];
  const file = join(folder, 'cdk-outputs.json');
  writeFileSync(file, JSON.stringify({ [String(stack)]: { ...outputs, ...others } }));
  const tables = ['--outputs', file];
  const stranger = formatVerifierKey(testKey('gate.example/log', 1, 9).key);
  const importing = (vkey: string) => gate.operate('archive.ts', 'import', first, ...tables, '--expect', seen, '--old-key', vkey);
  await expect(importing(stranger)).rejects.toThrow();
  const imported = await importing(key);
  expect(imported).toContain(`imported ${gate.cloud.written.filter(({ stream }) => stream !== 'log').length} commits`);
  await gate.operate('archive.ts', 'export', second, '--commits', 'OtherCommits');
  expect(readFileSync(second, 'utf8')).toBe(readFileSync(first, 'utf8'));

  // A row that somebody changed is not exported; the archive of before stays as it was.
  const client = clientAt(gate.engine);
  const Key = { pk: { S: 'feature/acme' }, sk: { N: '1' } };
  const { Item: honest } = await client.send(new GetItemCommand({ TableName: 'CommitsTable', Key }));
  const garbled = { ...honest, ...Key, bytes: { B: Buffer.from('{"') }, attachments: { L: [] } };
  await client.send(new PutItemCommand({ TableName: 'CommitsTable', Item: garbled }));
  await expect(gate.operate('archive.ts', 'export', first)).rejects.toThrow();
  expect(readFileSync(second, 'utf8')).toBe(readFileSync(first, 'utf8'));
  await client.send(new PutItemCommand({ TableName: 'CommitsTable', Item: { ...honest, ...Key } }));
  client.destroy();
  rmSync(folder, { recursive: true });
});

test('a row that somebody changed: a revocation is taken by link, and holds once the row is as it was', async () => {
  const client = clientAt(gate.engine);
  const [newest] =
    (
      await client.send(
        new QueryCommand({
          TableName: 'CommitsTable',
          KeyConditionExpression: 'pk = :pk',
          ExpressionAttributeValues: { ':pk': { S: 'feature/acme' } },
          ScanIndexForward: false,
          Limit: 1,
        }),
      )
    ).Items ?? [];
  if (newest === undefined) throw new Error('nothing there');
  expect(await actors.isOn('acme')).toBe(true);
  expect(await isOnInBulk('acme')).toBe(true);
  await client.send(new PutItemCommand({ TableName: 'CommitsTable', Item: { ...newest, bytes: { B: Buffer.from('{"') } } }));
  expect(await actors.isOn('acme')).toBe(false);
  // What the same function finds unreadable ends what it kept.
  expect(await isOnInBulk('acme')).toBe(false);
  const mayor = await actors.linkOf('hm');
  const { statusCode } = await actors.submit(`${mayor}/revoke`, { reason: 'Not like this.' });
  expect(statusCode, gate.log.slice(-5).join('')).toBe(303);
  expect((await gate.request('GET', mayor, undefined, { accept: 'text/html' })).body).toContain('You switched it off on');
  await gate.pump();
  await gate.sweep();
  const types = () => gate.cloud.published.map(({ DetailType: type }) => type);
  expect(types()).toContain('aldergate.revocation.RevocationRecorded.v1');

  await client.send(new PutItemCommand({ TableName: 'CommitsTable', Item: newest }));
  expect(await actors.isOn('acme')).toBe(false);
  await gate.sweep();
  await gate.pump();
  expect((await actors.operator('GET', '/v1/features/acme')).json).toMatchObject({ enabled: false, status: 'revoked' });
  expect(types().filter((type) => type === 'aldergate.feature.ApprovalRevoked.v1')).toHaveLength(1);
  client.destroy();
});

test('the program of another account then switches it off', async () => {
  const last = gate.cloud.published.map(busEvent).findLast((event) => matches(readersPattern(), event));
  expect(last).toMatchObject({ detail: { subject: 'acme', data: { onFor: 'none', variant: 'revoked' } } });
  const reader = await startReader(gate, actors.token());
  await reader.handler(last);
  expect(reader.off).toStrictEqual(['acme']);
  await reader.stop();
});

test('a function whose bulk answers would be older than the lease does not start', async () => {
  const { bundle, variables } = gate.deployment.functions.api;
  const start = plainEnvironment({
    name: 'api',
    bundle,
    variables: { ...variables, ALDERGATE_BULK_MAX_AGE: 'PT46S' },
    log: () => undefined,
  });
  await expect(start).rejects.toThrow(/ALDERGATE_BULK_MAX_AGE/);
});

test('a revocation in another function is in a bulk answer at the latest after `bulkMaxAge`', async () => {
  expect((await actors.operator('POST', '/v1/vendors', { id: 'other', name: 'Other', publicKey: actors.publicKey })).status).toBe(
    201,
  );
  const { status, json } = await actors.vendor('other');
  expect(status, JSON.stringify(json)).toBe(202);
  await gate.pump();
  const act = { revision: '1', digest: String(json.digest) };
  const meeting = { purpose: 'adopt', fileNumber: '26-0413', meetingDate: today(TIME_ZONE), ...roll(3) };
  const voted = await actors.submit(await actors.linkOf('hc'), { ...act, ...meeting });
  expect(voted.statusCode, voted.body).toBe(303);
  await gate.pump();
  const mayor = await actors.linkOf('hm');
  expect((await actors.submit(mayor, { ...act, decision: 'approve' })).statusCode).toBe(303);
  await gate.pump();
  await setTimeout(AGE_MS);
  expect(await isOnInBulk('other')).toBe(true);
  expect((await actors.submit(`${mayor}/revoke`, { reason: 'Not yet.' })).statusCode).toBe(303);
  await setTimeout(AGE_MS);
  expect(await isOnInBulk('other')).toBe(false);
  await gate.pump();
});
