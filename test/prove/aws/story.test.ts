import { execFile } from 'node:child_process';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { type actorsOf, certificateOf } from '../../infra/aws/support/actors.ts';
import { firstDecision } from '../../infra/aws/support/firstDecision.ts';
import type { GateOnAws } from '../../infra/aws/support/gateOnAws.ts';
import { plainEnvironment } from '../../infra/aws/support/lambdas.ts';
import { findingsOf, withGateOnAws } from '../../infra/aws/support/opened.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** To the next Monday, in working hours of the city. */
const untilMonday = () => {
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

test('the schemas that a city writes to a file are those that the gate shows', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ['infra/aws/eventSchemas.ts'], { maxBuffer: 2 ** 20 });
  expect(JSON.parse(stdout)).toStrictEqual(JSON.parse((await gate.request('GET', '/events.schema.json')).body));
});

/** Heads read for an answer: that of the only feature that is on, and the revocations. */
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

test('a 304 reads no head within `bulkMaxAge`, each after it, and an answer for one key each time', async () => {
  const asked = () => gate.cloud.asked.filter((each) => each === 'api Query').length;
  const queries = async (ask: () => Promise<unknown>) => {
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

test('what is derived costs some requests a minute and for an entry of the log, as docs/costs.md says', async () => {
  const costsAtMost = async (reads: number, writes: number) => {
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

test('once a week has passed, /readyz names a function that does not run', async () => {
  // No copy is made here: copies have tests of their own.
  const found = async () => (await findingsOf(gate)).filter((each) => !each.startsWith('no-copies'));
  await gate.restart(untilMonday());
  for (const name of ['projector', 'clock', 'sequencer', 'derived'] as const) await gate.invoke(name, { task: 'sweep' });
  await expect.poll(found).toStrictEqual(['consumers-stuck: notify does not run.']);
  await gate.invoke('notify', { task: 'sweep' });
  await expect.poll(found).toStrictEqual([]);
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
  await gate.invoke('sequencer', { task: 'sweep' });
});

test('a function whose bulk answers would be older than the lease does not start', async () => {
  const { bundle, variables: deployed } = gate.deployment.functions.api;
  const variables = { ...deployed, ALDERGATE_BULK_MAX_AGE: 'PT46S' };
  const start = plainEnvironment({ name: 'api', bundle, variables, log: () => undefined });
  await expect(start).rejects.toThrow(/ALDERGATE_BULK_MAX_AGE/);
});

test('a revocation in another function is in a bulk answer at the latest after `bulkMaxAge`', async () => {
  const other = { id: 'other', name: 'Other', publicKey: actors.publicKey };
  expect((await actors.operator('POST', '/v1/vendors', other)).status).toBe(201);
  const { status, json } = await actors.vendor('other');
  expect(status, JSON.stringify(json)).toBe(202);
  await gate.pump();
  const act = { revision: '1', digest: String(json.digest) };
  const voted = await actors.submit(await actors.linkOf('hc'), { ...certificateOf(act.digest), fileNumber: '26-0413' });
  expect(voted.statusCode, voted.body).toBe(303);
  await gate.pump();
  const mayor = await actors.linkOf('hm');
  expect((await actors.submit(mayor, { ...act, decision: 'approve' })).statusCode).toBe(303);
  await gate.pump();
  await setTimeout(AGE_MS);
  expect(await actors.isOnInBulk('other')).toBe(true);
  expect((await actors.submit(`${mayor}/revoke`, { reason: 'Not yet.' })).statusCode).toBe(303);
  await setTimeout(AGE_MS);
  expect(await actors.isOnInBulk('other')).toBe(false);
  await gate.pump();
});
