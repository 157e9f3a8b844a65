import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { formatVerifierKey } from '../../../domain/log/verifierKey.ts';
import { evaluateKey } from '../../../functions/gate/heads.ts';
import { LogEnded } from '../../../functions/gate/logbook.ts';
import { addVendor } from '../../../functions/gate/vendors.ts';
import { sequence } from '../../../functions/log/sequencer/sequence.ts';
import { openInstallation } from '../../../infra/local/installation.ts';
import { sequencerPorts } from '../../../infra/local/sequencing.ts';
import { readSettings } from '../../../infra/local/settings.ts';
import { cli, type Ended, programEnv } from '../local/process.ts';

const scratch = mkdtempSync(join(tmpdir(), 'aldergate-freeze-'));
const data = (name: string): string => join(scratch, name);
const environment = (name: string) => ({
  ...programEnv(),
  HOME: scratch,
  ALDERGATE_DATA: data(name),
  ALDERGATE_LOG_ORIGIN: `${name}.example/log`,
  PORT: '0',
});
const run = (name: string, ...words: string[]): Promise<Ended> =>
  cli({ folder: data(name), port: 0, url: 'http://127.0.0.1:1', env: environment(name) }, ...words);

/** What the folder says when it is opened again in this process. */
const within = async <T>(name: string, work: (installation: ReturnType<typeof openInstallation>) => Promise<T>): Promise<T> => {
  const installation = openInstallation(readSettings(environment(name), join(scratch, 'none')));
  try {
    return await work(installation);
  } finally {
    await installation.close();
  }
};
const ports = (installation: ReturnType<typeof openInstallation>) => sequencerPorts(installation, () => undefined);
const vkeyOf = (name: string): Promise<string> =>
  within(name, async (installation) => formatVerifierKey(ports(installation).signer.key));
const verify = async (name: string, ...more: string[]): Promise<Ended> =>
  run(name, 'verify', data(name), '--key', await vkeyOf(name), '--state', join(scratch, 'seen.json'), ...more);

const [OLD, NEW, OTHER] = ['old', 'new', 'other'];
const archive = join(scratch, 'all.ndjson');

beforeAll(async () => {
  for (const name of [OLD, NEW, OTHER]) mkdirSync(data(name));
  await run(OLD, 'vendor', 'add', 'acme', '--name', 'Acme');
  await run(OLD, 'vendor', 'add', 'bravo', '--name', 'Bravo');
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

test('freeze: the last entry names the successor, and after it nothing is written and nothing is on', async () => {
  expect((await run(OLD, 'log', 'freeze', '--successor', await vkeyOf(OLD))).code).toBe(1);
  const frozen = await run(OLD, 'log', 'freeze', '--successor', await vkeyOf(NEW), '--json');
  expect(JSON.parse(frozen.stdout)).toMatchObject({ size: 3, successor: { origin: 'new.example/log' } });
  expect((await run(OLD, 'log', 'freeze', '--successor', await vkeyOf(NEW), '--json')).stdout).toBe(frozen.stdout);
  expect((await run(OLD, 'log', 'freeze', '--successor', await vkeyOf(OTHER))).stderr).toContain('was frozen');
  expect((await run(OLD, 'log', 'rotate-key')).stderr).toContain('was frozen');
  const refused = await run(OLD, 'vendor', 'add', 'charlie', '--name', 'Charlie');
  expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('goes on at new.example/log')]);
  await within(OLD, async (installation) => {
    await expect(addVendor(installation.ports, 'charlie', 'Charlie')).rejects.toThrow(LogEnded);
    expect(await evaluateKey(installation.ports, 'acme', {})).toMatchObject({
      enabled: false,
      variant: 'blocked',
      because: expect.stringContaining('ended'),
    });
    expect(await evaluateKey(installation.ports, 'acme', {}, '2020-01-01T00:00:00.000Z')).toMatchObject({ variant: 'unknown' });
    expect((await sequence(ports(installation)))?.size).toBe(3);
  });
});

test('verify: a log that ended verifies, and names its successor', async () => {
  const { code, stdout } = await verify(OLD);
  expect(code).toBe(0);
  expect(stdout).toContain(`it goes on at new.example/log: ${await vkeyOf(NEW)}`);
});

test('import: only the named successor begins with it', async () => {
  expect((await run(OLD, 'export', archive, '--private')).code).toBe(0);
  const other = await run(OTHER, 'import', archive);
  expect([other.code, other.stderr]).toEqual([1, expect.stringContaining('which is not this one')]);
  const damaged = `${archive}.damaged`;
  const lines = readFileSync(archive, 'utf8').split('\n');
  const cut = lines.findIndex((line) => line.includes('vendor/'));
  writeFileSync(damaged, lines.toSpliced(cut, 1).join('\n'));
  const refused = await run(NEW, 'import', damaged);
  expect([refused.code, refused.stderr]).toEqual([1, expect.stringMatching(/line \d+:/)]);
  const before = await vkeyOf(NEW);
  expect(await run(NEW, 'import', archive, '--private')).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('goes on where that of the archive ended'),
  });
  expect(await vkeyOf(NEW)).toBe(before);
  expect((await run(NEW, 'vendor', 'add', 'charlie', '--name', 'Charlie')).code).toBe(0);
  await within(NEW, (installation) => sequence(ports(installation)));
  expect(await run(NEW, 'fsck')).toMatchObject({ code: 0 });
});

test('verify follows the chain both ways and counts what was carried over', async () => {
  const forth = await verify(OLD, '--successor', data(NEW), '--json');
  expect(JSON.parse(forth.stdout)).toMatchObject({ size: 3, followed: [{ as: 'successor', size: 5, carried: 3 }] });
  const back = await verify(NEW, '--predecessor', data(OLD));
  expect(back.stdout).toContain('goes on where old.example/log ended, at 3 commits');
  expect(back.stdout).toContain('all 3 of them stand in this log');
});

test('a successor that is another log is refused', async () => {
  await within(OTHER, (installation) => sequence(ports(installation)));
  const { code, stderr } = await verify(OLD, '--successor', data(OTHER));
  expect([code, stderr]).toEqual([1, expect.stringContaining('does not verify')]);
});
