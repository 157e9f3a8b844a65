import { once } from 'node:events';
import { cpSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { addVendor } from '../../../functions/gate/vendors.ts';
import { healthOf, NOT_SET_UP } from '../../../functions/platform/health.ts';
import { Ready } from '../../../functions/web/routes/api/operators.ts';
import { STOP_MS } from '../../../infra/local/consumers.ts';
import { localHealth } from '../../../infra/local/health.ts';
import { DISK_RESERVE_BYTES, diskReserve, openInstallation } from '../../../infra/local/installation.ts';
import { sequencerPorts } from '../../../infra/local/sequencing.ts';
import { DRAIN_MS, type LocalServer, startServer } from '../../../infra/local/server.ts';
import { readSettings } from '../../../infra/local/settings.ts';
import { addVendor as addVendorIn, beginPlace, placeOfFile, placeOfTest, printed, searchNotice } from './cityProcess.ts';
import { cli, cliJson, postNotice, type RunningServer, readyz, serve, serveHere } from './process.ts';

let place = await placeOfFile();
let server: LocalServer | undefined;
let alone: RunningServer | undefined;
let secret: string;
let logged: string[] = [];

const data = (...parts: readonly string[]) => join(place.folder, 'data', ...parts);
const start = async () => {
  logged = [];
  server = await serveHere(place, ({ event }) => void logged.push(event));
};
const ready = async () => (await fetch(`${place.url}/readyz`)).json();
const problems = async () => (await readyz(place.url)).codes;
const notes = async () => {
  const { data: found } = Ready.safeParse(await ready());
  return found?.notes?.map(({ code }) => code).filter((code) => !NOT_SET_UP.includes(code)) ?? [];
};

const end = async () => {
  await server?.close();
  server = undefined;
  alone?.child.kill('SIGKILL');
  await alone?.ended;
};

const restore = () => {
  rmSync(data(), { recursive: true, force: true });
  cpSync(join(place.folder, 'stopped'), data(), { recursive: true });
};

beforeAll(async () => {
  await start();
  ({ secret } = await addVendorIn(place, 'acme'));
  await server?.settle();
  await end();
  cpSync(data(), join(place.folder, 'stopped'), { recursive: true });
});
afterAll(end);

describe('one gate, in turn', () => {
  beforeAll(async () => {
    restore();
    await start();
  });
  afterAll(end);

  test('a gate with nothing wrong is ready, and doctor agrees', async () => {
    expect([await problems(), await notes()]).toEqual([[], []]);
    expect(await cli(place, 'doctor')).toMatchObject(printed(/^ready: /));
    expect(await cliJson(place, 'doctor', '--url', place.url)).toMatchObject({ status: 'ready' });
  });

  test('keys that are not those the log is signed with', async () => {
    const keys = readFileSync(data('keys.json'), 'utf8');
    const foreign = await placeOfTest();
    await beginPlace(foreign);
    cpSync(join(foreign.folder, 'data/keys.json'), data('keys.json'));
    await expect.poll(problems).toEqual(['other-keys']);
    rmSync(data('keys.json'));
    await expect.poll(problems).toEqual(['other-keys']);
    writeFileSync(data('keys.json'), keys);
    await expect.poll(problems).toEqual([]);
  });

  test('a consumer that gave up on a commit is a note: ready, since answers are right, while doctor and the log want a person', async () => {
    const at = '2026-01-01T00:00:00.000Z';
    const letter = { consumer: 'notify', stream: 'feature/acme.search', version: 1, error: 'no', tries: 5, at };
    const installation = openInstallation(readSettings(place.env, 'no file'));
    await installation.ports.sideStore.put('dead-letter', 'notify:feature/acme.search@1', letter);
    await installation.close();
    await expect.poll(notes).toEqual(['consumers-stuck']);
    expect(await ready()).toMatchObject({
      status: 'ready',
      notes: expect.arrayContaining([expect.objectContaining({ since: at, detail: expect.stringContaining('notify') })]),
    });
    const named = printed('aldergate replay', 1);
    for (const words of [[], ['--url', place.url]]) expect(await cli(place, 'doctor', ...words)).toMatchObject(named);
    expect(logged).toContain('not well');
  });

  test('a database that another program holds: not ready, with what to do, and alive', async () => {
    // The gate may be writing just now.
    const other = new DatabaseSync(data('aldergate.db'), { timeout: 60_000 });
    onTestFinished(() => other.close());
    other.exec('BEGIN IMMEDIATE');
    await expect.poll(problems).toContain('store-not-writable');
    expect((await fetch(`${place.url}/healthz`)).status).toBe(200);
    const doctor = await cli(place, 'doctor', '--url', place.url);
    expect(doctor).toMatchObject(printed('no other program holds the databases', 1));
    other.exec('ROLLBACK');
    await expect.poll(problems).toEqual([]);
  });
});

describe('a gate of its own', () => {
  beforeEach(restore);
  afterEach(end);

  /** What is found of an installation whose clock and disk the test sets. */
  const watched = (clock = () => new Date().toISOString(), free?: () => number) => {
    const settings = readSettings(place.env, 'no file');
    const installation = openInstallation(settings, clock, ...(free === undefined ? [] : [diskReserve(settings.data, free)]));
    onTestFinished(() => installation.close());
    const logPorts = sequencerPorts(installation);
    // What is found is kept for a second, so each look is made anew.
    const health = () => localHealth({ installation, logPorts, consumers: [], logger: () => undefined })();
    return { installation, health, codes: async () => (await health()).map(({ code }) => code) };
  };

  test.each(['side.db', 'consumers.db', '.'])('a database that is gone, or the data folder: %s', async (name) => {
    const { codes } = watched();
    renameSync(data(name), join(place.folder, `elsewhere-${name}`));
    expect(await codes()).toContain('file-exchanged');
  });

  test.each(['consumers.db', 'side.db'])('a %s that was emptied or removed beside commits is no new one', async (name) => {
    const file = new DatabaseSync(data(name));
    file.exec('DELETE FROM side');
    file.close();
    if (name === 'side.db') rmSync(data(name));
    for (const { health } of [watched(), watched()])
      expect(await health()).toContainEqual(
        expect.objectContaining({
          code: 'record-altered',
          detail: expect.stringContaining(`Records of ${name} were lost or removed`),
        }),
      );
  });

  test('a database that another writer holds for half a second, as on a slow disk, takes writes', async () => {
    const { codes } = watched();
    const other = new DatabaseSync(data('consumers.db'));
    onTestFinished(() => other.close());
    other.exec('BEGIN IMMEDIATE');
    setTimeout(() => other.exec('ROLLBACK'), 500);
    expect(await codes()).not.toContain('store-not-writable');
  });

  test('a database that has no number left for a row takes no writes', async () => {
    const { codes } = watched();
    const other = new DatabaseSync(data('aldergate.db'));
    other.exec('UPDATE sqlite_sequence SET seq = 9223372036854775807');
    other.close();
    expect(await codes()).toContain('store-not-writable');
  });

  test('a check that cannot open a file is a finding, not a failure of all', async () => {
    const check = async () => [readFileSync(data('a file that cannot be opened'))] as never[];
    const health = healthOf(
      [check],
      () => new Date().toISOString(),
      () => undefined,
    );
    expect(await health()).toMatchObject([{ code: 'store-unreadable' }]);
  });

  test('a clock that is behind what was committed', async () => {
    let now = new Date(Date.now() + 3_600_000).toISOString();
    const { installation, codes } = watched(() => now);
    expect(await addVendor(installation.ports, 'ahead', 'Ahead Cameras')).toMatchObject({ ok: true });
    expect(await codes()).not.toContain('clock-behind');
    now = new Date().toISOString();
    await expect.poll(codes).toContain('clock-behind');
  });

  test('what no consumer has handled for half a minute is noted since its commit', async () => {
    let now = new Date().toISOString();
    const { installation, health } = watched(() => now);
    expect(await addVendor(installation.ports, 'other', 'Other Cameras')).toMatchObject({ ok: true });
    now = new Date(Date.parse(now) + 31_000).toISOString();
    expect(await health()).toMatchObject([{ code: 'consumers-stuck', detail: expect.stringContaining('sequencer') }]);
  });

  test('what was committed before a start is handled first, and is no fault', async () => {
    const settings = readSettings(place.env, 'no file');
    const before = openInstallation(settings);
    expect(await addVendor(before.ports, 'other', 'Other Cameras')).toMatchObject({ ok: true });
    await before.close();
    logged = [];
    const later = () => new Date(Date.now() + 31_000).toISOString();
    server = await startServer(openInstallation(settings, later), ({ event }) => void logged.push(event));
    await server.settle();
    expect(logged).not.toContain('not well');
  });

  test('a disk with less than its reserve', async () => {
    rmSync(data('reserve'));
    let free = DISK_RESERVE_BYTES;
    const { health } = watched(undefined, () => free);
    expect(await health()).toEqual([]);
    free -= 1;
    expect(await health()).toMatchObject([{ code: 'disk-low', detail: expect.stringContaining('63 MB') }]);
  });

  test('SIGTERM ends a gate whose mail server hangs, by limits that add up to less than ten seconds', async () => {
    expect(DRAIN_MS + STOP_MS).toBeLessThan(10_000);
    const silent = createServer(() => undefined).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    onTestFinished(() => void silent.close());
    const smtp = `smtp://127.0.0.1:${(silent.address() as AddressInfo).port}`;
    place = { ...place, env: { ...place.env, ALDERGATE_SMTP_URL: smtp } };
    await beginPlace(place);
    writeFileSync(data('consumers.db'), 'no database, and set aside at a start');
    const connected = once(silent, 'connection');
    alone = await serve(place);
    expect((await postNotice(place, secret, 'msg_2', searchNotice('acme.search'))).status).toBe(202);
    await connected;
    alone.child.kill('SIGTERM');
    // The mail server never answers.
    expect(await alone.ended).toMatchObject({ code: 0, stderr: expect.stringContaining('kept as consumers.db.aside-') });
  });
});
