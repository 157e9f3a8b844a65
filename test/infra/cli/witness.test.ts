import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SignedCheckpoint } from '../../../domain/log/checkpoint.ts';
import { leafHash } from '../../../domain/log/encoding.ts';
import { formatVerifierKey } from '../../../domain/log/note.ts';
import { consistencyProof } from '../../../domain/log/proof.ts';
import { addCosignatures, formatAddCheckpoint } from '../../../domain/log/witness.ts';
import { openWitness, type WitnessState, witnessCommand, witnessServer } from '../../../infra/cli/commands/witness.ts';
import { openTools } from '../../../infra/cli/tools.ts';
import { runCommand } from '../../../infra/cli/usage.ts';
import { describeForOperator } from '../../../infra/local/errors.ts';
import { logKey, otherLogKey, signedBytes, TestLog, trusted } from '../../domain/log/support/testLog.ts';
import { listened } from '../../support/listened.ts';
import { ROOT } from '../../support/projectFiles.ts';
import { programEnv } from '../local/process.ts';

const SECONDS = 1_793_536_496;

let folder = '';
let url = '';
let stop: () => Promise<void>;
let state: WitnessState;
const errors: unknown[] = [];

const start = async (key = logKey.key) => {
  state = openWitness(folder, 'witness.example');
  const server = witnessServer(
    state,
    [{ ...trusted, keys: [key] }],
    (error) => errors.push(error),
    () => SECONDS,
  );
  ({ url, close: stop } = await listened(server));
};

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'aldergate-witness-'));
  await start();
});
afterEach(async () => {
  await stop();
  rmSync(folder, { recursive: true, force: true });
  expect(errors.splice(0)).toEqual([]);
});

const at = (size: number) => new TestLog().growTo(size);
const request = (from: number, to: number, checkpoint = at(to).checkpoint().bytes) =>
  formatAddCheckpoint({ oldSize: from, proof: from === 0 ? [] : consistencyProof(from, to, at(to).reader()), checkpoint });
const post = async (body: Uint8Array, path = '/add-checkpoint') => {
  const response = await fetch(`${url}${path}`, { method: 'POST', body: new Uint8Array(body) });
  return { status: response.status, type: response.headers.get('content-type'), body: await response.text() };
};

test('200: a cosignature that the log can put under its checkpoint', async () => {
  const { status, body } = await post(request(0, 3));
  expect(status).toBe(200);
  const cosigned = addCosignatures(at(3).checkpoint(), Buffer.from(body), [state.key]);
  const cosignatures = SignedCheckpoint.open(cosigned, trusted).cosignatures([state.key]);
  expect(cosignatures).toEqual([{ key: state.key, time: SECONDS }]);
});

describe('a log of five entries was cosigned', () => {
  beforeEach(async () => {
    expect((await post(request(0, 5))).status).toBe(200);
  });
  // Which status answers which request is in test/domain/log/witness.test.ts.
  test.each<[number, string, () => Uint8Array]>([
    [400, 'a body that is too large', () => Buffer.alloc(300_000, 'a')],
    [422, 'a log that was forked', () => request(5, 7, signedBytes(7, leafHash(Buffer.from('another past'))))],
  ])('%i for %s, and what was cosigned stays', async (status, _what, body) => {
    expect((await post(body())).status).toBe(status);
    expect((await post(request(5, 7))).status).toBe(200);
  });

  test('a conflict of sizes answers with the one that was seen; no other address or method is served', async () => {
    expect(await post(request(4, 7))).toEqual({ status: 409, type: 'text/x.tlog.size', body: '5\n' });
    expect((await post(request(5, 7), '/')).status).toBe(404);
    const response = await fetch(`${url}/add-checkpoint`);
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
  });
});

test('of a hundred requests at once no two histories are cosigned', async () => {
  await post(request(0, 5));
  const bodies = Array.from({ length: 100 }, (_, i) => {
    const size = 6 + (i % 10);
    return i % 2 === 0 ? request(5, size) : request(5, size, signedBytes(size, leafHash(Buffer.from(`fork ${i}`))));
  });
  const answers = await Promise.all(bodies.map((body) => post(body)));
  const statuses = answers.map(({ status }) => status);
  expect(statuses.filter((status) => status === 200).length).toBe(1);
  expect(new Set(statuses)).toEqual(new Set([200, 409, 422]));
  const [size] = (await post(request(4, 16))).body.split('\n');
  expect(Number(size)).toBe(6 + (statuses.indexOf(200) % 10));
});

test('what was cosigned is remembered by the next process, with the same key that only its owner can read', async () => {
  await post(request(0, 5));
  const { key } = state;
  await stop();
  await start();
  expect(state.key).toEqual(key);
  expect(await post(request(0, 4))).toMatchObject({ status: 409, body: '5\n' });
  expect((await post(request(5, 8))).status).toBe(200);
  expect(statSync(join(folder, 'witness.key')).mode & 0o777).toBe(0o600);
});

test('a log whose key leaked is cosigned under the next one alone, from where it was', async () => {
  await post(request(0, 5));
  await stop();
  await start(otherLogKey.key);
  const byNew = signedBytes(8, at(8).checkpoint().root, otherLogKey);
  expect((await post(request(5, 8))).status).toBe(403);
  expect(await post(request(0, 8, byNew))).toMatchObject({ status: 409, body: '5\n' });
  expect((await post(request(5, 8, byNew))).status).toBe(200);
});

const commanded = (...words: readonly string[]) =>
  runCommand(witnessCommand, [...words, '--key', formatVerifierKey(logKey.key)], (options) => openTools(options, {}));

test('a name that can name no key, and a number that is no port, are wrong usage, and nothing is made', async () => {
  const place = join(folder, 'unnamed');
  for (const port of ['65536', 'http']) await expect(commanded(place, '--port', port)).rejects.toThrow(/^--port is a number/);
  await expect(commanded(place, '--name', 'a b')).rejects.toThrow(/^--name: a b cannot name a key/);
  expect(existsSync(place)).toBe(false);
});

test('a key that is broken is named, and another one is not made in its place', async () => {
  const place = join(folder, 'broken');
  mkdirSync(place);
  writeFileSync(join(place, 'witness.key'), '');
  const error = await commanded(place, '--port', '0').catch((thrown: unknown) => thrown);
  expect(describeForOperator(error)).toMatch(/witness\.key holds no key .*: put back its backup$/);
  expect(statSync(join(place, 'witness.key')).size).toBe(0);
});

test('a witness keeps the name that logs know its key by, whatever the machine is called by then', async () => {
  expect(openWitness(folder).key).toEqual(state.key);
  const error = await commanded(folder, '--name', 'other.example').catch((thrown: unknown) => thrown);
  expect(describeForOperator(error)).toContain('is known as witness.example: leave --name out');
});

test('a port that is taken is one line', async () => {
  const error = await commanded(join(folder, 'second'), '--port', new URL(url).port).catch((thrown: unknown) => thrown);
  expect(describeForOperator(error)).toMatch(/address already in use/);
});

test('the command may be asked to end as soon as it says that it listens', async () => {
  const main = join(ROOT, 'infra/cli/main.ts');
  const words = ['witness', join(folder, 'own'), '--key', formatVerifierKey(logKey.key), '--port', '0'];
  const child = spawn(process.execPath, [main, ...words], { env: programEnv(), cwd: folder });
  let said = '';
  while (!said.includes(' listens on port ')) said += String((await once(child.stderr, 'data'))[0]);
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([0, null]);
});
