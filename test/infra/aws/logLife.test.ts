import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, describe, expect, test } from 'vitest';
import { decodeCommit } from '../../../domain/kernel/commit.ts';
import { parseNote } from '../../../domain/log/note.ts';
import { SignedCheckpoint } from '../../../domain/log/signedCheckpoint.ts';
import { formatVerifierKey, parseVerifierKey, type VerifierKey } from '../../../domain/log/verifierKey.ts';
import { readLogbook } from '../../../functions/gate/logbook.ts';
import { recordVerifierKey } from '../../../functions/handlers/runtime/publicLog.ts';
import { SOLE_WRITER } from '../../../functions/log/sequencer/ports.ts';
import { sequence } from '../../../functions/log/sequencer/sequence.ts';
import { logSigner } from '../../../functions/log/sequencer/signer.ts';
import { readLog } from '../../../functions/log/verify/readLog.ts';
import { folderBlobs } from '../../../functions/platform/blobs/folderBlobs.ts';
import { openDynamoSideStore } from '../../../functions/platform/store/dynamo/dynamoSideStore.ts';
import { openDynamoStore } from '../../../functions/platform/store/dynamo/dynamoStore.ts';
import { StreamQueue } from '../../../functions/platform/store/queue.ts';
import { clientAt } from '../../contract/dynamoTables.ts';
import { testKey } from '../../domain/log/support/keys.ts';
import { acceptAll, PRIVATE_KEY } from '../../functions/log/sequencer/ports.ts';
import { verifiedEntries } from '../../functions/log/sequencer/verifiedEntries.ts';
import { testCommitKey, testGuard, testMacs } from '../../support/macs.ts';
import type { actorsOf } from './support/actors.ts';
import { streamRecord } from './support/events.ts';
import { firstDecision } from './support/firstDecision.ts';
import { type GateOnAws, makeTables } from './support/gateOnAws.ts';
import { SYNTHESIS_MS, withGateOnAws } from './support/opened.ts';

const DAY_MS = 24 * 60 * 60_000;
const NEXT = logSigner(PRIVATE_KEY, 'next.example/log');
const SUCCESSOR = formatVerifierKey(NEXT.key);

let gate: GateOnAws;
let actors: ReturnType<typeof actorsOf>;
const scratch = mkdtempSync(join(tmpdir(), 'aldergate-end-'));

withGateOnAws((opened) => {
  ({ gate, actors } = opened);
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const file = async (path: string): Promise<Uint8Array | undefined> => {
  const { statusCode, body, isBase64Encoded } = await gate.request('GET', `/log/${path}`);
  return statusCode === 200 ? Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8') : undefined;
};
const checkpoint = async (): Promise<Uint8Array> => (await file('checkpoint')) ?? expect.fail('no checkpoint');
const vkey = async (): Promise<VerifierKey> =>
  parseVerifierKey(
    Buffer.from((await file('vkey')) ?? [])
      .toString()
      .trim(),
  );
const signersOf = async (): Promise<readonly number[]> => parseNote(await checkpoint()).signatures.map(({ keyId }) => keyId);
const commitsBy = async (key: VerifierKey) => {
  const commits = [];
  const opened = SignedCheckpoint.open(await checkpoint(), { origin: key.name, keys: [key] });
  for await (const { bytes } of readLog({ get: file }, opened)) commits.push(decodeCommit(bytes));
  return commits;
};
const typesIn = (commits: Awaited<ReturnType<typeof commitsBy>>) =>
  commits.flatMap(({ events }) => events.map(({ type }) => type));

firstDecision(() => ({ gate, actors }));

describe('one more key in the context', () => {
  let first: VerifierKey;
  let second: VerifierKey;

  test(
    'is announced by the first, and both sign',
    async () => {
      await gate.sweep();
      first = await vkey();
      await gate.restart(0, { logKey: 2 });
      await gate.invoke('sequencer', { task: 'sweep' });
      second = await vkey();
      expect(second.id).not.toBe(first.id);
      expect(await signersOf()).toStrictEqual([second.id, first.id]);
      for (const key of [first, second]) expect(typesIn(await commitsBy(key)).at(-1)).toBe('LogKeyAnnounced');
    },
    SYNTHESIS_MS,
  );

  test('another start announces nothing again; after the overlap the second signs alone', async () => {
    const { length } = await commitsBy(second);
    await gate.restart(DAY_MS);
    await gate.invoke('sequencer', { task: 'sweep' });
    expect(await signersOf()).toStrictEqual([second.id, first.id]);
    await gate.restart(31 * DAY_MS);
    await gate.invoke('sequencer', { task: 'sweep' });
    expect(await signersOf()).toStrictEqual([second.id]);
    expect(await commitsBy(second)).toHaveLength(length);
  });
});

test('the key of the MACs is rotated: every row is readable throughout, and no record of the stream is an incident', async () => {
  const [old, fresh] = [testCommitKey.toString('base64'), randomBytes(32).toString('base64')];
  const client = clientAt(gate.engine);
  const key = { pk: { S: 'feature/acme' }, sk: { N: '1' } };
  const itemNow = async () => (await client.send(new GetItemCommand({ TableName: 'CommitsTable', Key: key }))).Item;
  const places = '--commits CommitsTable --side SideTable --register RegisterTable --commit-secret CommitKeySecret'.split(' ');
  await gate.restart(0);
  await gate.pump();
  const before = await itemNow();

  gate.cloud.secrets.set('CommitKeySecret', `${fresh},${old}`);
  await gate.restart(0);
  expect(await gate.operate('archive.ts', 'renew-macs', ...places)).toMatch(/^gave \d+ commits and \d+ records a MAC/);
  const { length: published } = gate.cloud.published;
  const record = streamRecord({ stream: 'feature/acme', version: 1 }, 9_998, 'MODIFY');
  const images = { OldImage: before, NewImage: await itemNow() };
  expect(images.NewImage).not.toStrictEqual(before);
  await gate.invoke('sequencer', { Records: [{ ...record, dynamodb: { ...record.dynamodb, ...images } }] });
  expect(gate.cloud.published).toHaveLength(published);

  gate.cloud.secrets.set('CommitKeySecret', fresh);
  await gate.restart(0);
  expect(await gate.operate('archive.ts', 'check', ...places)).toContain('as this gate wrote them');
  expect(await actors.isOn('acme')).toBe(true);
  expect((await actors.vendor('acme.rotated')).status).toBe(202);
  await gate.pump();
  expect(gate.cloud.published.length).toBeGreaterThan(published);
  gate.cloud.secrets.set('CommitKeySecret', `${old},${fresh}`);
  client.destroy();
});

describe('the end of a log', () => {
  const refused = { status: 409, json: { type: 'urn:aldergate:problem:log-frozen' } };

  test('an operator asks the sequencer for it, with a successor that is a log', async () => {
    await gate.restart(0);
    await gate.pump();
    for (const event of [{ task: 'freeze' }, { task: 'freeze', successor: 'nonsense' }])
      await expect(gate.invoke('sequencer', event)).rejects.toThrow('Error');
    expect(await actors.isOn('acme')).toBe(true);
    const frozen = await gate.invoke('sequencer', { task: 'freeze', successor: `${SUCCESSOR}\n` });
    expect(frozen).toMatchObject({ successor: { origin: 'next.example/log', key: SUCCESSOR } });
    expect(await gate.invoke('sequencer', { task: 'freeze', successor: SUCCESSOR })).toMatchObject(frozen as object);
  });

  test('within a second nothing is on, and every function that takes commands refuses them', async () => {
    await expect.poll(() => actors.isOn('acme')).toBe(false);
    const flag = await actors.operator('POST', '/ofrep/v1/evaluate/flags/acme', { context: {} });
    expect(flag.json).toMatchObject({ value: false, variant: 'blocked' });
    expect(await actors.vendor('acme.more')).toMatchObject(refused);
    expect(await actors.operator('POST', '/v1/vendors', { id: 'zzz', name: 'Z', publicKey: actors.publicKey })).toMatchObject(
      refused,
    );
    const mayor = await actors.linkOf('hm');
    expect((await gate.request('GET', mayor)).statusCode).toBe(200);
    await expect.poll(async () => (await actors.submit(`${mayor}/revoke`, { reason: 'No.' })).statusCode).toBe(409);
    const before = gate.cloud.written.length;
    await gate.sweep();
    expect(gate.cloud.written.slice(before).map(({ stream }) => stream)).toStrictEqual([]);
  });

  test('a minute later the end is the last entry', async () => {
    await gate.restart(61_000);
    await gate.invoke('sequencer', { task: 'sweep' });
    const commits = await commitsBy(await vkey());
    expect(typesIn(commits).at(-1)).toBe('LogFrozen');
    expect(commits).toHaveLength(gate.cloud.written.filter(({ stream }) => stream !== 'log').length);
    expect((await gate.request('GET', '/', undefined, { accept: 'text/html' })).statusCode).toBe(200);
  });

  test('only the successor that was named begins with it', async () => {
    const archive = join(scratch, 'all.ndjson');
    await gate.operate('archive.ts', 'export', archive, '--commits', 'CommitsTable', '--commit-secret', 'CommitKeySecret');
    await makeTables(gate.engine, 'NextCommits', 'NextSide', 'NextRegister');
    const client = clientAt(gate.engine);
    const sideStore = openDynamoSideStore({ client, table: 'NextSide', guard: testGuard });
    const bring = () =>
      gate.operate(
        'archive.ts',
        'import',
        archive,
        '--commits',
        'NextCommits',
        '--commit-secret',
        'CommitKeySecret',
        '--side',
        'NextSide',
        '--register',
        'NextRegister',
      );
    await expect(bring()).rejects.toThrow('has not recorded its key yet');
    await recordVerifierKey(sideStore, formatVerifierKey(await vkey()).replace('gate.example', 'other.example'));
    await expect(bring()).rejects.toThrow();
    await recordVerifierKey(sideStore, SUCCESSOR);
    expect(await bring()).toContain('continues the log of the archive');
    const folder = join(scratch, 'log');
    await sequence({
      ...SOLE_WRITER,
      judge: acceptAll(),
      store: openDynamoStore({ client, table: 'NextCommits', now: Date.now, macs: testMacs }),
      sideStore,
      blobs: folderBlobs(folder),
      signer: NEXT,
      clock: () => new Date().toISOString(),
      newId: () => 'next',
      queue: new StreamQueue(),
      logger: () => undefined,
    });
    const entries = verifiedEntries(folder, NEXT.key);
    expect(entries[0]?.events).toMatchObject([{ type: 'LogContinued', predecessor: { origin: 'gate.example/log' } }]);
    expect(entries).toHaveLength(1 + gate.cloud.written.filter(({ stream }) => stream !== 'log').length);
    client.destroy();
  });

  test('a stage whose keys were lost is named by a new one, before anything is entered', async () => {
    await makeTables(gate.engine, 'FreshCommits', 'FreshSide', 'FreshRegister');
    const client = clientAt(gate.engine);
    const places = ['--commits', 'FreshCommits', '--side', 'FreshSide', '--commit-secret', 'CommitKeySecret'];
    const record = () => gate.operate('keysLost.ts', join(scratch, 'log'), '--key', formatVerifierKey(NEXT.key), ...places);
    await expect(record()).rejects.toThrow('has not recorded its key yet');
    const own = formatVerifierKey(testKey('fresh.example/log', 1, 9).key);
    await recordVerifierKey(openDynamoSideStore({ client, table: 'FreshSide', guard: testGuard }), own);
    expect(await record()).toContain('the keys of next.example/log were lost');
    const store = openDynamoStore({ client, table: 'FreshCommits', now: Date.now, macs: testMacs });
    expect((await readLogbook(store, 'fresh.example/log')).lost).toMatchObject({ lost: { key: formatVerifierKey(NEXT.key) } });
    client.destroy();
  });
});
