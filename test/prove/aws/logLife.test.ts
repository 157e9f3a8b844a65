// On AWS the key of the log and of the MACs changes, and a witness is away.

import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, describe, expect, test } from 'vitest';
import { decodeCommit } from '../../../domain/kernel/commit.ts';
import { formatVerifierKey, parseNote, parseVerifierKey, type VerifierKey } from '../../../domain/log/note.ts';
import { clientAt } from '../../contract/dynamoTables.ts';
import type { actorsOf } from '../../infra/aws/support/actors.ts';
import { streamRecord } from '../../infra/aws/support/events.ts';
import { firstDecision } from '../../infra/aws/support/firstDecision.ts';
import type { GateOnAws } from '../../infra/aws/support/gateOnAws.ts';
import { checkpointBy, entriesBy, findingsOf, logFile, vkeyOf, withGateOnAws } from '../../infra/aws/support/opened.ts';
import { programEnv } from '../../infra/local/process.ts';
import { folderOfFile } from '../../support/folders.ts';
import { testCommitKey } from '../../support/macs.ts';

const DAY_MS = 24 * 60 * 60_000;

let gate: GateOnAws;
let actors: ReturnType<typeof actorsOf>;

withGateOnAws((opened) => {
  ({ gate, actors } = opened);
});

const sequence = () => gate.invoke('sequencer', { task: 'sweep' });
const signersOf = async (): Promise<readonly number[]> => {
  const note = (await logFile(gate, 'checkpoint')) ?? expect.fail('no checkpoint');
  return parseNote(note).signatures.map(({ keyId }) => keyId);
};

firstDecision(() => ({ gate, actors }));

describe('one more key in the context', () => {
  let first: VerifierKey;
  let second: VerifierKey;

  test('is announced by the first, and both sign', async () => {
    await gate.sweep();
    first = await vkeyOf(gate);
    expect(await gate.operate('logKey.ts', '--origin', first.name)).toBe(formatVerifierKey(first));
    await gate.restart(0, { logKey: 2 });
    await sequence();
    second = await vkeyOf(gate);
    expect(second.id).not.toBe(first.id);
    expect(await signersOf()).toStrictEqual([second.id, first.id]);
    for (const key of [first, second]) {
      const last = (await entriesBy(gate, key)).at(-1) ?? expect.fail('no entry');
      expect(decodeCommit(last).events.at(-1)).toMatchObject({ type: 'LogKeyAnnounced' });
    }
  });

  test('another start announces nothing again; after the overlap the second signs alone', async () => {
    const { length } = await entriesBy(gate, second);
    await gate.restart(DAY_MS);
    await sequence();
    expect(await signersOf()).toStrictEqual([second.id, first.id]);
    await gate.restart(31 * DAY_MS);
    await sequence();
    expect(await signersOf()).toStrictEqual([second.id]);
    expect(await entriesBy(gate, second)).toHaveLength(length);
  });
});

describe('a witness whose cosignature the public log waits for', () => {
  const folder = folderOfFile('witness');
  let listening: ChildProcess;
  let witness: VerifierKey;
  let port = 0;

  /** Runs `aldergate witness`, at the same port each time. */
  const startWitness = async (log: VerifierKey) => {
    const words = ['infra/cli/main.ts', 'witness', folder, '--key', formatVerifierKey(log), '--name', 'museum.example'];
    listening = spawn(process.execPath, [...words, '--port', String(port)], { env: programEnv() });
    let said = '';
    while (!said.includes(' listens on port ')) said += String((await once(listening.stderr ?? expect.fail(), 'data'))[0]);
    const [, vkey = '', given] = /witness (\S+) listens on port (\d+)/.exec(said) ?? expect.fail(said);
    [witness, port] = [parseVerifierKey(vkey), Number(given)];
  };
  const stopWitness = async () => {
    if (listening.exitCode === null && listening.kill('SIGTERM')) await once(listening, 'exit');
  };
  const published = (log: VerifierKey) => checkpointBy(gate, log);
  /** What /readyz says of the log: this stage makes no copies, which is another matter. */
  const notes = async () => (await findingsOf(gate)).filter((each) => !each.startsWith('no-copies'));
  afterAll(stopWitness);

  test('cosigns each checkpoint before it is published', async () => {
    const log = await vkeyOf(gate);
    await startWitness(log);
    const witnesses = [{ url: `http://127.0.0.1:${port}/`, vkey: formatVerifierKey(witness) }];
    await gate.restart(0, { logKey: 2, witnesses, witnessQuorum: '1' });
    await sequence();
    const { size } = await published(log);
    expect((await actors.vendor('acme.witnessed')).status).toBe(202);
    await sequence();
    const next = await published(log);
    expect(next.size).toBeGreaterThan(size);
    expect(next.cosignatures([witness])).toHaveLength(1);
  });

  test('while it is away, answers go on, the log stands still, and /readyz and an alarm of the sequencer’s lines name it', async () => {
    const log = await vkeyOf(gate);
    const { size } = await published(log);
    await stopWitness();
    expect((await actors.vendor('acme.unwitnessed')).status).toBe(202);
    await sequence();
    expect((await published(log)).size).toBe(size);
    expect(await actors.isOn('acme')).toBe(true);
    const away = 'witnesses-away: The public log waits for witnesses that did not cosign: museum.example.';
    await expect.poll(notes).toStrictEqual([away]);
    expect(gate.log.join('')).toContain('"event":"checkpoint waits for witnesses"');

    await startWitness(log);
    // It is asked again after a pause.
    await expect
      .poll(async () => {
        await sequence();
        return (await published(log)).size;
      })
      .toBeGreaterThan(size);
    expect((await published(log)).cosignatures([witness])).toHaveLength(1);
    await expect.poll(notes).toStrictEqual([]);
  });
});

test('the key of the MACs is rotated: every row is readable throughout, and no record of the stream is an incident', async () => {
  const [old, fresh] = [testCommitKey.toString('base64'), randomBytes(32).toString('base64')];
  const client = clientAt(gate.engine);
  const key = { pk: { S: 'feature/acme' }, sk: { N: '1' } };
  const itemNow = async () => (await client.send(new GetItemCommand({ TableName: 'CommitsTable', Key: key }))).Item;
  await gate.restart(0);
  await gate.pump();
  const before = await itemNow();

  gate.cloud.secrets.set('CommitKeySecret', `${old},${fresh}`);
  await gate.restart(0);
  gate.cloud.secrets.set('CommitKeySecret', `${fresh},${old}`);
  expect(await gate.operate('archive.ts', 'renew-macs')).toMatch(/^gave \d+ commits and \d+ records a MAC/);
  const { length: published } = gate.cloud.published;
  const record = streamRecord({ stream: 'feature/acme', version: 1 }, 9_998, 'MODIFY');
  const images = { OldImage: before, NewImage: await itemNow() };
  expect(images.NewImage).not.toStrictEqual(before);
  await gate.invoke('sequencer', { Records: [{ ...record, dynamodb: { ...record.dynamodb, ...images } }] });
  expect(gate.cloud.published).toHaveLength(published);
  // A function that was warm since the step before reads what the new key signs.
  expect(await actors.isOn('acme')).toBe(true);

  await gate.restart(0);
  await gate.operate('archive.ts', 'renew-macs');
  gate.cloud.secrets.set('CommitKeySecret', fresh);
  await gate.restart(0);
  expect(await gate.operate('archive.ts', 'check')).toContain('as this gate wrote them');
  expect(await actors.isOn('acme')).toBe(true);
  expect((await actors.vendor('acme.rotated')).status).toBe(202);
  await gate.pump();
  expect(gate.cloud.published.length).toBeGreaterThan(published);
  gate.cloud.secrets.set('CommitKeySecret', `${old},${fresh}`);
  client.destroy();
});
