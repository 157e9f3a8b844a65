import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { formatVerifierKey } from '../../../domain/log/note.ts';
import { siteApp } from '../../../functions/web/site/app.ts';
import { sequencerPorts } from '../../../infra/local/sequencing.ts';
import { logFolder } from '../../../infra/local/settings.ts';
import { buildVerifier } from '../../../infra/verify/build.ts';
import { VERIFIER_FILE } from '../../../infra/verify/file.ts';
import { openCity as openSite } from '../../functions/web/site/support/city.ts';
import { folderOfFile } from '../../support/folders.ts';
import { ROOT } from '../../support/projectFiles.ts';
import { refused } from '../local/cityProcess.ts';
import { type PlayedCity, playedCity } from '../local/revokedCity.ts';

const run = promisify(execFile);
const NODE = ['/usr/bin/node', '/usr/local/bin/node'].find((path) => existsSync(path)) ?? process.execPath;

const scratch = folderOfFile('verifier');
const file = join(scratch, 'aldergate-verify.mjs');
let bytes: Uint8Array;
let city: PlayedCity;
let vkey: string;

const sha256 = (content: string | Uint8Array) => createHash('sha256').update(content).digest('hex');
const verify = (where: string, ...more: readonly string[]) =>
  run(NODE, [file, where, '--key', vkey, '--state', join(scratch, 'seen.json'), ...more], { cwd: scratch });

beforeAll(async () => {
  bytes = await buildVerifier();
  writeFileSync(file, bytes);
  city = await playedCity();
  vkey = formatVerifierKey(sequencerPorts(city.installation).signer.key);
});
afterAll(async () => {
  await city?.close();
});

test('one file that imports nothing but Node’s own modules', () => {
  const imports =
    Buffer.from(bytes)
      .toString()
      .match(/^import\b.*?from "[^"]+";$/gm) ?? [];
  expect(imports.length).toBeGreaterThan(0);
  for (const each of imports) expect(each).toContain(' from "node:');
});

test('a checkout elsewhere makes the same bytes, and the command prints their SHA-256', async () => {
  const elsewhere = join(scratch, 'checkout');
  for (const folder of ['domain', 'functions', 'infra']) cpSync(join(ROOT, folder), join(elsewhere, folder), { recursive: true });
  cpSync(join(ROOT, 'package.json'), join(elsewhere, 'package.json'));
  symlinkSync(join(ROOT, 'node_modules'), join(elsewhere, 'node_modules'));
  const { stdout } = await run(process.execPath, ['infra/verify/build.ts'], { cwd: elsewhere });
  expect(stdout).toBe(`${sha256(bytes)}  ${VERIFIER_FILE}\n`);
  expect(Buffer.compare(readFileSync(join(elsewhere, VERIFIER_FILE)), bytes)).toBe(0);
});

test('away from any checkout it verifies a running gate and a folder', async () => {
  expect((await verify(city.url)).stdout).toMatch(/^verified .*\n[\s\S]*^ON {2}northcam/m);
  const { stdout } = await verify(logFolder(city.installation.settings), '--json');
  expect(JSON.parse(stdout)).toMatchObject({ features: expect.arrayContaining([expect.objectContaining({ enabled: true })]) });
});

test('asked nothing it says how it is used, and fails', async () => {
  const usage = expect.stringContaining('verify URL|FOLDER --key VKEY');
  await expect(run(NODE, [file], { cwd: scratch })).rejects.toMatchObject({ code: 2, stdout: usage });
  expect(await run(NODE, [file, '--help'], { cwd: scratch })).toMatchObject({ stdout: usage });
});

test('a flipped byte in one entry is refused', async () => {
  const folder = join(scratch, 'tampered');
  cpSync(logFolder(city.installation.settings), folder, { recursive: true });
  const { size } = JSON.parse((await verify(folder, '--json')).stdout) as { size: number };
  const entries = join(folder, `tile/entries/000.p/${size}`);
  const changed = readFileSync(entries);
  changed[100] = (changed[100] ?? 0) ^ 1;
  writeFileSync(entries, changed);
  await expect(verify(folder)).rejects.toMatchObject(refused('does not verify'));
});

test('a gate serves it, built from its own sources, and its page shows the SHA-256', async () => {
  const response = await fetch(`${city.url}/aldergate-verify.mjs`);
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/javascript; charset=utf-8']);
  expect(Buffer.compare(Buffer.from(await response.arrayBuffer()), bytes)).toBe(0);
  expect(await (await fetch(`${city.url}/check`, { headers: { accept: 'text/html' } })).text()).toContain(sha256(bytes));
});

test('where esbuild is not installed a gate serves the file that was built before, or none', async () => {
  const checkout = join(scratch, 'production');
  for (const folder of ['functions/web/site', 'infra/verify'])
    cpSync(join(ROOT, folder), join(checkout, folder), { recursive: true });
  cpSync(join(ROOT, 'package.json'), join(checkout, 'package.json'));
  const show = `const { servedVerifier } = await import('./infra/verify/served.ts'); console.log((await servedVerifier()())?.sha256)`;
  const served = async () => (await run(process.execPath, ['--input-type=module', '-e', show], { cwd: checkout })).stdout.trim();
  expect(await served()).toBe('undefined');
  mkdirSync(dirname(join(checkout, VERIFIER_FILE)), { recursive: true });
  writeFileSync(join(checkout, VERIFIER_FILE), 'built before');
  expect(await served()).toBe(sha256('built before'));
});

test('a site without it answers 404', async () => {
  const { deps, close } = await openSite();
  onTestFinished(close);
  expect((await siteApp(deps).request('/aldergate-verify.mjs')).status).toBe(404);
});
