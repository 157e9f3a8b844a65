import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SignedCheckpoint } from '../../../domain/log/signedCheckpoint.ts';
import { parseVerifierKey } from '../../../domain/log/verifierKey.ts';
import type { CloudEvent } from '../../../functions/bus/port.ts';
import { rebuild } from '../../../functions/projector/rebuild.ts';
import { openDynamoSide } from '../../../functions/store/dynamo/dynamoSide.ts';
import { openDynamoStore } from '../../../functions/store/dynamo/dynamoStore.ts';
import { readLog } from '../../../functions/verify/readLog.ts';
import { clientAt } from '../../contract/dynamoTables.ts';
import { ROSTER, roll } from '../../functions/site/support/city.ts';
import { actorsOf, now, POLICY } from './support/actors.ts';
import { streamRecord } from './support/events.ts';
import { type GateOnAws, makeTables, openGateOnAws } from './support/gateOnAws.ts';

/** Eight bundles, on a machine that may have other things to do. */
const SYNTHESIS_MS = 300_000;

let gate: GateOnAws;
let actors: ReturnType<typeof actorsOf>;

const isOn = async (key: string): Promise<boolean> => {
  const { status, json } = await actors.operator('POST', `/ofrep/v1/evaluate/flags/${key}`, { context: {} });
  expect(status).toBe(200);
  return json.value;
};

beforeAll(async () => {
  gate = await openGateOnAws();
  actors = actorsOf(gate);
}, SYNTHESIS_MS);
afterAll(async () => {
  // What a policy forgot shows here, whichever test needed it.
  expect(gate.cloud.denied).toStrictEqual([]);
  await gate.stop();
});

describe('from an empty account to the first decision', () => {
  test('the first token, the roster and a vendor', async () => {
    expect((await gate.request('GET', '/readyz')).statusCode, gate.log.join('')).toBe(200);
    actors.hasToken(await gate.operate('firstToken.ts', '--table', 'SideTable'));
    expect((await actors.operator('PUT', '/v1/roster', ROSTER)).status).toBe(200);
    expect((await actors.operator('POST', '/v1/vendors', { id: 'acme', name: 'Acme', publicKey: actors.publicKey })).status).toBe(
      201,
    );
  });

  test('a notice from before any policy is held, and bound by the clock once there is one', async () => {
    expect(await actors.vendor('acme')).toMatchObject({
      status: 202,
      json: { change: 'acme/1', status: 'pending', requirements: [] },
    });
    await gate.pump();
    expect(gate.cloud.mails).toHaveLength(0);
    expect((await actors.operator('POST', '/v1/policy', { policy: POLICY })).status).toBe(200);
    await gate.pump();
    await gate.invoke('clock', { task: 'sweep' });
    await gate.pump();
    const { json } = await actors.operator('GET', '/v1/changes/acme/1');
    expect(json.requirements).toMatchObject([
      { id: 'council', status: 'open' },
      { id: 'mayor', status: 'waiting' },
    ]);
    expect(await isOn('acme')).toBe(false);
  });

  test('the clerk certifies by link, then the mayor is written to and signs, and it is on', async () => {
    const { json: change } = await actors.operator('GET', '/v1/changes/acme/1');
    const act = { revision: '1', digest: String(change.digest) };
    const clerk = await actors.linkOf('hc');
    expect((await gate.request('GET', clerk)).statusCode).toBe(200);
    const meeting = { purpose: 'adopt', fileNumber: '26-0412', meetingDate: now().slice(0, 10), ...roll(3) };
    expect((await actors.submit(clerk, { ...act, ...meeting })).statusCode).toBe(303);
    await gate.pump();
    expect(await isOn('acme')).toBe(false);
    const mayor = await actors.linkOf('hm');
    expect((await actors.submit(mayor, { ...act, decision: 'approve', comment: 'Yes.' })).statusCode).toBe(303);
    expect(await isOn('acme')).toBe(true);
    await gate.pump();
    const receipt = await gate.request('GET', mayor);
    expect(receipt.body).toContain(act.digest);
    expect(gate.cloud.mails.every(({ configuration }) => configuration === 'MailConfiguration')).toBe(true);
  });

  test('the register shows it, to the public and to IT', async () => {
    const page = await gate.request('GET', '/', undefined, { accept: 'text/html' });
    expect(page).toMatchObject({ statusCode: 200, headers: { 'content-type': expect.stringContaining('text/html') } });
    expect(page.body).toContain('acme');
    expect((await actors.operator('GET', '/v1/features')).json.items).toMatchObject([{ key: 'acme', enabled: true }]);
  });

  test('the bus heard every event once, in the order of its stream', () => {
    const events = gate.cloud.published.map(({ Detail: detail }) => JSON.parse(detail) as CloudEvent);
    expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
    const acme = events.filter(({ type, subject }) => type.startsWith('aldergate.feature.') && subject === 'acme');
    const sequence = acme.map(({ sequence: version }) => version);
    expect(sequence).toStrictEqual([...sequence].sort((a, b) => a - b));
    expect(acme.map(({ type }) => type)).toContain('aldergate.feature.ChangeApproved.v1');
  });

  test('the public log holds every commit, and a stranger can tell', async () => {
    const file = async (path: string): Promise<Uint8Array | undefined> => {
      const { statusCode, body, isBase64Encoded } = await gate.request('GET', `/log/${path}`);
      return statusCode === 200 ? Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8') : undefined;
    };
    const vkey = Buffer.from((await file('vkey')) ?? [])
      .toString()
      .trim();
    expect(vkey).toMatch(/^gate\.example\/log\+/);
    const key = parseVerifierKey(vkey);
    const checkpoint = SignedCheckpoint.open((await file('checkpoint')) ?? new Uint8Array(), { origin: key.name, keys: [key] });
    const entries: number[] = [];
    for await (const { index } of readLog({ get: file }, checkpoint)) entries.push(index);
    const written = gate.cloud.written.filter(({ stream }) => stream !== 'log');
    expect(entries).toHaveLength(written.length);
    expect((await gate.request('GET', '/log/proof/acme/1')).statusCode).toBe(200);
    // An environment looks every few seconds what is published.
    const named = async () => Number((await actors.operator('GET', '/v1/features/acme')).json.checkpoint);
    await expect.poll(named, { timeout: 20_000 }).toBeGreaterThan(0);
  });

  test('a GET that has a body is answered as any other', async () => {
    expect((await gate.request('GET', '/healthz', 'what for')).statusCode).toBe(200);
  });
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

  test('doubled and turned about, they change nothing', async () => {
    const before = [gate.cloud.mails.length, gate.cloud.published.length, gate.cloud.written.length];
    const records = gate.cloud.written.map((each, index) => streamRecord(each, index));
    const answers = await gate.deliver([...records, ...records].reverse());
    expect(answers).toStrictEqual([{ batchItemFailures: [] }, { batchItemFailures: [] }]);
    await gate.sweep();
    expect([gate.cloud.mails.length, gate.cloud.published.length, gate.cloud.written.length]).toStrictEqual(before);
  });

  test('and the read model is what the commits say', async () => {
    const client = clientAt(gate.engine);
    const ports = {
      store: openDynamoStore({ client, table: 'CommitsTable', now: Date.now }),
      side: openDynamoSide({ client, table: 'SideTable' }),
    };
    expect(await rebuild(ports)).toMatchObject({ features: 2, changes: 2, differed: false, unreadable: [] });
    client.destroy();
  });
});

describe('what goes wrong', () => {
  test('a record that is no INSERT is an incident on the bus, once the bus takes it', async () => {
    const record = streamRecord({ stream: 'feature/acme', version: 1 }, 9_999, 'MODIFY');
    gate.cloud.failing.entries = 5;
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
    const side = openDynamoSide({ client, table: 'SideTable' });
    await expect(side.get('directory', 'hm')).rejects.toThrow('AccessDenied');
    await expect(side.put('link', 'x', {})).rejects.toThrow('AccessDenied');
    expect(gate.cloud.denied.splice(0)).toStrictEqual([
      'projector: dynamodb:GetItem on SideTable directory',
      'projector: dynamodb:PutItem on SideTable link',
    ]);
    client.destroy();
  });
});

test('an archive of one table is another table, byte for byte', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'aldergate-archive-'));
  const [first, second] = [join(folder, 'first.ndjson'), join(folder, 'second.ndjson')];
  await makeTables(gate.engine, 'OtherCommits', 'OtherSide');
  await gate.operate('archive.ts', 'export', first, '--commits', 'CommitsTable');
  await gate.operate('archive.ts', 'import', first, '--commits', 'OtherCommits', '--side', 'OtherSide');
  await gate.operate('archive.ts', 'export', second, '--commits', 'OtherCommits');
  const linesOf = (file: string) => readFileSync(file, 'utf8').trim().split('\n').slice(0, -1).sort();
  expect(linesOf(second)).toStrictEqual(linesOf(first));
  expect(linesOf(first)).toHaveLength(gate.cloud.written.length + 1);
  rmSync(folder, { recursive: true });
});

test('the size of each bundle', () => {
  for (const [name, { bytes }] of Object.entries(gate.deployment.functions)) {
    console.log(`bundle ${name}: ${Math.round(bytes / 1024)} KiB`);
    expect(bytes).toBeGreaterThan(100_000);
  }
});
