import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { setRoster } from '../../../functions/gate/rosters.ts';
import { addVendor } from '../../../functions/gate/vendors.ts';
import type { LogEntry } from '../../../functions/platform/logging.ts';
import { listOutbox } from '../../../functions/platform/mail/outbox.ts';
import { ConsumerThread } from '../../../infra/local/consumerThread.ts';
import { openInstallation } from '../../../infra/local/installation.ts';
import { logFolder } from '../../../infra/local/logPlace.ts';
import { readSettings } from '../../../infra/local/settings.ts';
import { rosterFile } from '../../functions/openGate.ts';
import { roster } from '../../support/fixtures/city.ts';
import { searchNotice, settle } from './cityProcess.ts';
import { makePlace, type Place, postNotice, type RunningServer, serve } from './process.ts';

let place: Place;
let server: RunningServer | undefined;
beforeEach(async () => {
  place = await makePlace();
});
afterEach(async () => {
  server?.child.kill('SIGKILL');
  await server?.ended;
  rmSync(place.folder, { recursive: true, force: true });
});

test('consumers that end are named, and started again until they run', async () => {
  const installation = openInstallation(readSettings(place.env, 'no file'));
  const logged: LogEntry[] = [];
  const keys = join(installation.settings.data, 'keys.json');
  const whole = readFileSync(keys);
  writeFileSync(keys, '{}');
  const thread = new ConsumerThread(installation, (entry) => void logged.push(entry));
  try {
    await expect(thread.ready).rejects.toThrow('keys.json');
    await expect(thread.settle()).rejects.toThrow('ended');
    expect(await thread.check()).toMatchObject([{ code: 'consumers-stuck', detail: expect.stringContaining('keys.json') }]);
    expect(logged).toContainEqual(expect.objectContaining({ level: 'error', event: 'consumers ended' }));
    writeFileSync(keys, whole);
    expect(await addVendor(installation.ports, 'acme', 'Acme Cameras')).toMatchObject({ ok: true });
    await expect.poll(() => thread.settle().then(thread.checkpoint, () => undefined), { timeout: 30_000 }).toMatch(/^[1-9]/);
    expect(await thread.check()).toHaveLength(1);
  } finally {
    await thread.stop();
    await installation.close();
  }
});

test('a clock of its own reaches the consumers', async () => {
  const now = '2026-03-02T12:00:00.000Z';
  const installation = openInstallation(readSettings(place.env, 'no file'), () => now);
  const thread = new ConsumerThread(installation, () => undefined);
  try {
    expect(await addVendor(installation.ports, 'acme', 'Acme Cameras')).toMatchObject({ ok: true });
    await thread.settle();
    expect((await installation.ports.store.head('log'))?.at).toBe(now);
  } finally {
    await thread.stop();
    await installation.close();
  }
});

test('no mail leaves before its commit is in the log', async () => {
  const installation = openInstallation(readSettings(place.env, 'no file'));
  const { ports, settings } = installation;
  // A file where the folder of the log should be: nothing can be published.
  writeFileSync(logFolder(settings), '');
  const salt = new Uint8Array(32);
  expect(await setRoster(ports, rosterFile(), salt)).toMatchObject({ ok: true });
  const renamed = rosterFile(roster({ 'district-1': { name: 'Another name' } }));
  expect(await setRoster(ports, renamed, salt)).toMatchObject({ ok: true, waits: true });
  const thread = new ConsumerThread(installation, () => undefined);
  const asked = async () => (await listOutbox(join(settings.data, 'outbox'))).map(({ to }) => to).sort();
  try {
    await thread.settle();
    expect(await asked()).toEqual([]);
    rmSync(logFolder(settings));
    await thread.settle();
    expect(await asked()).toEqual(['clerk@city.example', 'deputy-clerk@city.example']);
  } finally {
    await thread.stop();
    await installation.close();
  }
});

test('killed while mails leave: each leaves after the next start, and a repeat is the same mail', async () => {
  server = await serve(place);
  const { secret } = await settle(place);
  const changes: string[] = [];
  for (let round = 0; round < 2; round += 1) {
    const sent = Array.from({ length: 4 }, (_, n) => `acme.f${round}x${n}`);
    await Promise.all(
      sent.map(async (feature) => {
        expect((await postNotice(place, secret, `msg_${feature}`, searchNotice(feature))).status).toBe(202);
        changes.push(`${feature}/1`);
      }),
    );
    await new Promise((resolve) => setTimeout(resolve, 100 + 200 * round));
    server.child.kill('SIGKILL');
    await server.ended;
    server = await serve(place);
  }
  const clerks = async () =>
    (await listOutbox(join(place.folder, 'data', 'outbox'))).filter(({ to }) => to.includes('hc@')).map(({ change }) => change);
  await expect.poll(async () => new Set(await clerks()), { timeout: 30_000 }).toEqual(new Set(changes));
  // A mail goes out twice only if it was on its way at a kill.
  expect((await clerks()).length).toBeLessThan(2 * changes.length);
}, 240_000);
