import { execFileSync } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readdirSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { backUp } from '../../../infra/local/backup.ts';
import { describeForOperator } from '../../../infra/local/errors.ts';
import { HELD_BYTES, openInstallation } from '../../../infra/local/installation.ts';
import type { LocalServer } from '../../../infra/local/server.ts';
import { readSettings } from '../../../infra/local/settings.ts';
import { placeOfTest, refused, searchNotice, servedPlace, settle } from './cityProcess.ts';
import { cli, type RunningServer, readyz, serve, serveHere } from './process.ts';

const PIECE = new Uint8Array(262_144);

let server: RunningServer | undefined;
let again: LocalServer | undefined;
const mounted: string[] = [];

/** Mounts a disk of its own for a folder. Only root can; elsewhere `wrappers.test.ts` has the rule alone. */
const mount = (folder: string, megabytes: number) => {
  try {
    mkdirSync(folder, { recursive: true });
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder], { stdio: 'ignore' });
    mounted.push(folder);
    return true;
  } catch {
    return false;
  }
};
const canMount = (() => {
  const probe = mkdtempSync(join(tmpdir(), 'aldergate-mount-'));
  const can = mount(probe, 1);
  for (const folder of mounted.splice(0)) execFileSync('umount', [folder]);
  rmSync(probe, { recursive: true, force: true });
  return can;
})();

const fill = (folder: string) => {
  const path = join(folder, 'filler');
  const file = openSync(path, 'w');
  try {
    for (let piece = PIECE; piece.length > 0; ) {
      try {
        writeSync(file, piece);
      } catch {
        piece = piece.subarray(0, Math.floor(piece.length / 2));
      }
    }
  } finally {
    closeSync(file);
  }
  return path;
};

afterEach(async () => {
  server?.child.kill('SIGKILL');
  await server?.ended;
  await again?.close();
  again = undefined;
  for (const folder of mounted.splice(0)) execFileSync('umount', [folder]);
});

test.runIf(canMount)('on a full disk officials decide and revoke, nothing else is taken, and later all goes on', async () => {
  const full = await placeOfTest();
  const data = join(full.folder, 'data');
  mount(data, 128);
  server = await serve(full);
  const city = await settle(full);
  const approved = await city.hold(searchNotice('acme'));
  await city.approve(approved);
  const waiting = await city.hold(searchNotice('acme.lpr'));
  const [mayor, clerk] = [await city.linkOf('hm', approved), await city.linkOf('hc', waiting)];
  expect(await city.answer('acme')).toMatchObject({ value: true });
  expect(statSync(join(data, 'reserve')).size).toBe(HELD_BYTES);
  const problems = async () => (await readyz(full.url)).codes;
  await expect.poll(problems).toEqual([]);

  const filler = fill(data);
  const refused = await city.notify(searchNotice('acme.other'));
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '60']);
  expect(await refused.json()).toMatchObject({ type: 'urn:aldergate:problem:disk-low', status: 503 });
  const intake = { notice: searchNotice('acme.told'), channel: 'telephone', heardAt: '2026-01-01' };
  expect((await city.api('POST', '/v1/intake', intake)).status).toBe(503);
  const seen = { vendor: 'acme', source: 'console', observedAt: new Date().toISOString(), features: { acme: true } };
  expect((await city.api('POST', '/v1/observations', seen)).status).toBe(503);
  // What is found is kept for a second.
  await expect.poll(problems).toEqual(['disk-low']);
  expect((await city.submit(clerk, city.certificate(waiting))).status).toBe(303);
  expect((await city.submit(`${mayor}/revoke`, { reason: 'The vendor shares what it must not share.' })).status).toBe(303);
  expect(await city.answer('acme')).toMatchObject({ value: false, variant: 'revoked' });
  expect((await fetch(`${full.url}/features/acme`, { headers: { accept: 'text/html' } })).status).toBe(200);

  server.child.kill('SIGKILL');
  await server.ended;
  again = await serveHere(full);
  expect(await city.answer('acme')).toMatchObject({ value: false, variant: 'revoked' });

  rmSync(filler);
  await expect.poll(() => existsSync(join(data, 'reserve'))).toBe(true);
  expect((await city.notify(searchNotice('acme.other'))).status).toBe(202);
  await city.linkOf('hm', waiting);
  await expect.poll(problems).toEqual([]);
});

test.runIf(canMount)(
  'a gate starts on a full disk in the room that it holds, and a command leaves no empty file there',
  async () => {
    const full = await placeOfTest();
    const data = join(full.folder, 'data');
    mount(data, 64);
    const { disk, close } = openInstallation(readSettings(full.env, 'no file'));
    await close();
    disk.hold();
    fill(data);
    expect(statSync(join(data, 'reserve')).size).toBe(HELD_BYTES);
    expect(await cli({ ...full, folder: data }, 'init')).toMatchObject(refused('Make room'));
    expect(readdirSync(data).filter((name) => name.includes('.json'))).toEqual(['keys.json']);
    again = await serveHere(full);
    await expect.poll(async () => (await readyz(full.url)).codes).toEqual(['disk-low']);
  },
);

test.runIf(canMount)('on a disk that is read-only the gate and a backup say just that', async () => {
  const place = await placeOfTest();
  const data = join(place.folder, 'data');
  mount(data, 64);
  const settings = readSettings(place.env, 'no file');
  await openInstallation(settings).close();
  execFileSync('mount', ['-o', 'remount,ro', data]);
  expect(describeForOperator(await serveHere(place).catch((error: unknown) => error))).toContain('It is mounted read-only');
  await expect(backUp(settings, join(place.folder, 'copy'))).rejects.toThrow('EROFS');
});

test('a running gate limits a vendor and a form as its settings say, and officials go on', async () => {
  const place = await servedPlace({ ALDERGATE_NOTICES_PER_HOUR: '2', ALDERGATE_NOTICE_BYTES_PER_DAY: '100000' });
  const city = await settle(place);
  const held = await city.hold(searchNotice('acme'));
  await city.hold(searchNotice('acme.lpr'));
  const refused = await city.notify(searchNotice('acme.other'));
  expect(refused.status).toBe(429);
  expect(refused.headers.get('ratelimit-policy')).toBe(
    '"notices";q=2;w=3600, "notice-bytes";q=100000;w=86400;qu="content-bytes"',
  );
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(3_000);
  expect(await refused.json()).toMatchObject({ type: 'urn:aldergate:problem:too-many-notices' });

  const { url } = (await (await city.api('POST', '/v1/vendors/acme/forms', {})).json()) as { url: string };
  const form = (n: number) => {
    const notice = { feature: `acme.form-${n}`, kind: 'update', title: 'Sent through the form', summary: 'Says what it does.' };
    return city.submit(url, { nonce: `00000000-0000-4000-8000-00000000000${n}`, ...notice });
  };
  for (const n of [1, 2]) expect((await form(n)).status).toBe(303);
  const over = await form(3);
  expect([over.status, over.headers.get('ratelimit')]).toEqual([429, expect.stringMatching(/^"notices";r=0;/)]);

  await city.approve(held);
  expect(await city.answer('acme')).toMatchObject({ value: true });
});
