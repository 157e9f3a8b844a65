import { execFileSync } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import * as z from 'zod';
import { HELD_BYTES } from '../../../infra/local/installation.ts';
import { searchNotice, settle } from './cityProcess.ts';
import { makePlace, type Place, type RunningServer, serve } from './process.ts';

const PIECE = new Uint8Array(262_144);
const NotReady = z.object({ problems: z.array(z.object({ code: z.string() })).default([]) });

let place: Place | undefined;
let server: RunningServer | undefined;
const mounted: string[] = [];

/** Mounts a disk of its own for a folder. Only root can; elsewhere `withReserve.test.ts` has the rule alone. */
const mount = (folder: string, megabytes: number): boolean => {
  try {
    mkdirSync(folder, { recursive: true });
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder], { stdio: 'ignore' });
    mounted.push(folder);
    return true;
  } catch {
    return false;
  }
};
const canMount = ((): boolean => {
  const probe = mkdtempSync(join(tmpdir(), 'aldergate-mount-'));
  const can = mount(probe, 1);
  for (const folder of mounted.splice(0)) execFileSync('umount', [folder]);
  rmSync(probe, { recursive: true, force: true });
  return can;
})();

const fill = (folder: string): string => {
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
  for (const folder of mounted.splice(0)) execFileSync('umount', [folder]);
  if (place !== undefined) rmSync(place.folder, { recursive: true, force: true });
});

test.runIf(canMount)('on a full disk officials decide and revoke, nothing else is taken, and later all goes on', async () => {
  place = await makePlace();
  const data = join(place.folder, 'data');
  mount(data, 128);
  server = await serve(place);
  const city = await settle(place);
  const approved = await city.hold(searchNotice('acme'));
  await city.approve(approved);
  const waiting = await city.hold(searchNotice('acme.lpr'));
  const [mayor, clerk] = [await city.linkOf('hm', approved), await city.linkOf('hc', waiting)];
  expect(await city.answer('acme')).toMatchObject({ value: true });
  expect(statSync(join(data, 'reserve')).size).toBe(HELD_BYTES);
  await expect.poll(async () => (await fetch(`${place?.url}/readyz`)).status).toBe(200);

  const filler = fill(data);
  const refused = await city.notify(searchNotice('acme.other'));
  expect({ status: refused.status, retry: refused.headers.get('retry-after') }).toEqual({ status: 503, retry: '60' });
  expect(await refused.json()).toMatchObject({ type: 'urn:aldergate:problem:disk-low', status: 503 });
  const intake = { notice: searchNotice('acme.told'), channel: 'telephone', heardAt: '2026-01-01' };
  expect((await city.api('POST', '/v1/intake', intake)).status).toBe(503);
  const seen = { vendor: 'acme', source: 'console', observedAt: new Date().toISOString(), features: { acme: true } };
  expect((await city.api('POST', '/v1/observations', seen)).status).toBe(503);
  // What is found is kept for a second.
  const problems = async () =>
    NotReady.parse(await (await fetch(`${place?.url}/readyz`)).json()).problems.map(({ code }) => code);
  await expect.poll(problems).toEqual(['disk-low']);
  expect((await city.submit(clerk, city.certificate(waiting))).status).toBe(303);
  expect((await city.submit(`${mayor}/revoke`, { reason: 'The vendor shares what it must not share.' })).status).toBe(303);
  expect(await city.answer('acme')).toMatchObject({ value: false, variant: 'revoked' });
  expect((await fetch(`${place.url}/features/acme`, { headers: { accept: 'text/html' } })).status).toBe(200);

  server.child.kill('SIGKILL');
  await server.ended;
  server = await serve(place);
  expect(await city.answer('acme')).toMatchObject({ value: false, variant: 'revoked' });

  rmSync(filler);
  await expect.poll(() => existsSync(join(data, 'reserve'))).toBe(true);
  expect((await city.notify(searchNotice('acme.other'))).status).toBe(202);
  await city.linkOf('hm', waiting);
  await expect.poll(async () => (await fetch(`${place?.url}/readyz`)).status).toBe(200);
});
