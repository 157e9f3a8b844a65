import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SignedCheckpoint } from '../../../domain/log/checkpoint.ts';
import { formatVerifierKey } from '../../../domain/log/note.ts';
import { formatAddCheckpoint } from '../../../domain/log/witness.ts';
import { actorsOf } from '../../infra/aws/support/actors.ts';
import type { KeyPolicy } from '../../infra/aws/support/cloud/kms.ts';
import { documentedCommands, operatorFolder, runDocumented } from '../../infra/aws/support/documented.ts';
import { firstDecision } from '../../infra/aws/support/firstDecision.ts';
import { type GateOnAws, openGateOnAws } from '../../infra/aws/support/gateOnAws.ts';
import { nameIn } from '../../infra/aws/support/iam.ts';
import { awsEnvironment } from '../../infra/aws/support/lambdas.ts';
import { checkpointBy, logFile, settle, vkeyOf, withGateOnAws } from '../../infra/aws/support/opened.ts';
import { COPY_IDENTITY, resources, templates } from '../../infra/aws/support/templates.ts';
import { folderOfFile } from '../../support/folders.ts';

// A region is lost: a second stage takes over from the newest copy, with the replica of the log's key, by the commands of docs/aws-copies.md.

const REPLICA = 'arn:aws:kms:us-east-1:123456789012:key/mrk-LogKey';

let lost: GateOnAws;
let actors: ReturnType<typeof actorsOf>;
let next: GateOnAws;
let nextActors: ReturnType<typeof actorsOf>;
let key: string;
let newer: string;
const folder = operatorFolder(folderOfFile('lost'));
const at = (name: string) => join(folder, name);

withGateOnAws((opened) => {
  ({ gate: lost, actors } = opened);
});

/** The policy under which the stack `Copy` makes the replica, for the account of these tests. */
const policyOfReplica = () => {
  const [replica] = resources(templates().copy ?? expect.fail('no stack Copy'), 'AWS::KMS::ReplicaKey').values();
  const text = JSON.stringify(replica?.Properties.KeyPolicy, (_, value: unknown) =>
    typeof value === 'object' && value !== null && 'Fn::Join' in value ? nameIn(value) : value,
  );
  return JSON.parse(text.replaceAll('AWS::Partition', 'aws').replaceAll('AWS::AccountId', '123456789012')) as KeyPolicy;
};

beforeAll(async () => {
  const change = { stage: 'city2', logKey: '0', logKeyArn: REPLICA, copyRegion: 'us-east-2' };
  next = await openGateOnAws(undefined, { keys: lost.cloud.keys, change });
  nextActors = actorsOf(next);
  lost.cloud.keys.policies.set(REPLICA, policyOfReplica());
  mkdirSync(at('copy'));
  writeFileSync(at('copies.identity'), COPY_IDENTITY);
});

afterAll(async () => {
  const { denied } = next.cloud;
  await next.stop();
  expect(denied).toStrictEqual([]);
});

const run = async (commands: string, placeholders = {}) => {
  writeFileSync(at('cdk-outputs-city2.json'), readFileSync(next.deployment.outputsFile));
  const env = awsEnvironment(next.cloud.endpointOf('operator'));
  return (await runDocumented({ folder, env, commands, placeholders })).trim();
};

firstDecision(() => ({ gate: lost, actors }));

test('the newest copy is whole, and what came after it is lost', async () => {
  await settle(lost);
  expect(await lost.invoke('copies', { task: 'sweep' })).toBeDefined();
  expect((await actors.vendor('acme.late')).status).toBe(202);
  await settle(lost);
  key = formatVerifierKey(await vkeyOf(lost));
  newer = String(await logFile(lost, 'checkpoint'));
  for (const [place, bytes] of lost.cloud.objects)
    if (place.startsWith('CopyBucket/town/')) writeFileSync(at(`copy/${place.split('/').at(-1)}`), bytes);
  const [, , check = ''] = documentedCommands('sha256sum -c').split('\n');
  expect((await run(check)).match(/: OK$/gm)).toHaveLength(3);
});

test('a witness is asked for what it has seen in the form of c2sp.org/tlog-witness', async () => {
  const [printed = ''] = /\{[^}]*\}/.exec(documentedCommands('add-checkpoint')) ?? [];
  const checkpoint = readFileSync(at('copy/checkpoint'));
  const asked = Buffer.from(formatAddCheckpoint({ oldSize: 0, proof: [], checkpoint })).toString();
  expect(`${await run(printed)}\n`).toBe(asked);
});

const importing = () =>
  documentedCommands('import copy/aldergate.ndjson').replace('cat the-key-that-was-published', `echo ${key}`);

test('with a newer checkpoint the copy is refused, and says that something is missing', async () => {
  writeFileSync(at('newer'), newer);
  const refused = run(importing().replace('--expect copy/checkpoint', '--expect newer'));
  await expect(refused).rejects.toMatchObject({ stderr: expect.stringContaining('does not continue the expected checkpoint') });
});

test('the people and what was decided come back, and the replica signs once its policy lets the second stage', async () => {
  expect(await run(importing())).toMatch(/^imported \d+ commits and \d+ private records$/);
  next.lose();
  await expect(next.invoke('sequencer', { task: 'sweep' })).rejects.toThrow();
  const signers = documentedCommands('"aws:PrincipalArn": "arn:aws:iam::ACCOUNT:role/Aldergate-city2')
    .replaceAll('KEY-ACCOUNT', '123456789012')
    .replaceAll('ACCOUNT', '123456789012');
  writeFileSync(at('signers.json'), signers);
  await run(documentedCommands('second Aldergate-city2-Records'), {
    'NEW-REGION': 'us-east-1',
    'KEY-REGION': 'us-east-1',
    LogKeyReplica: REPLICA,
  });
  await settle(next);
  const pinned = await vkeyOf(next);
  expect(formatVerifierKey(pinned)).toBe(key);
  const sizeOf = (note: string) => SignedCheckpoint.open(Buffer.from(note), { origin: pinned.name, keys: [pinned] }).size;
  const copied = sizeOf(readFileSync(at('copy/checkpoint'), 'utf8'));
  expect((await checkpointBy(next, pinned)).size).toBeGreaterThanOrEqual(copied);
  expect(sizeOf(newer)).toBeGreaterThan(copied);
  nextActors.hasToken(actors.token());
  expect(await nextActors.isOn('acme')).toBe(true);
  expect((await nextActors.operator('GET', '/v1/changes/acme.late/1')).status).toBe(404);
});

test('then the stage that was lost signs with the replica no more', async () => {
  await lost.restart(0, { logKey: '0', logKeyArn: REPLICA });
  expect((await actors.vendor('acme.later')).status).toBe(202);
  await expect(lost.invoke('sequencer', { task: 'sweep' })).rejects.toThrow();
});
