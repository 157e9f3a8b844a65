import { spawnSync } from 'node:child_process';
import fs, {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { beforeAll, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { readRosters } from '../../../functions/gate/aggregates.ts';
import { listOutbox } from '../../../functions/platform/mail/localMailers.ts';
import { freePort, request } from '../../../infra/demo/city.ts';
import { backUp, restore } from '../../../infra/local/backup.ts';
import { openInstallation } from '../../../infra/local/installation.ts';
import { askForRestored, assertImported } from '../../../infra/local/restored.ts';
import { checkHistory, runSequencer } from '../../../infra/local/sequencing.ts';
import { startServer } from '../../../infra/local/server.ts';
import { refused } from './cityProcess.ts';
import { cliOn, makePlace, programEnv, serve as serveProcess } from './process.ts';
import { changeDatabase, copiesOfRevokedCity, copyFolder, unheard, witnessOf } from './revokedCity.ts';

const city = copiesOfRevokedCity();
const { older, newer, now, settings, scratch, file } = city;
const checkpoint = (data: string) => readFileSync(join(data, 'log', 'checkpoint'));
const noteIn = (data: string) => checkpoint(data).toString();
let [folder, backup] = ['', ''];
const isMarked = () => existsSync(join(folder, 'restored'));

beforeEach(({ task }) => {
  [folder, backup] = [city.folder(), join(scratch, `${task.id}-backup`)];
  copyFolder(made, backup);
});

const at = (data: string) => ({ ...settings, data });

const made = join(scratch, 'made');
let shown: readonly number[] = [];
/** A backup of the city before the revocation, made while a server runs on its folder. */
beforeAll(async () => {
  const live = join(scratch, 'live');
  copyFolder(older, live);
  const installation = openInstallation({ ...at(live), port: await freePort() }, now);
  const server = await startServer(installation, () => undefined);
  try {
    await backUp(at(live), made, (...counts) => {
      shown = counts;
    });
  } finally {
    await server.close();
  }
});

test('a backup of a running gate is whole, its own, and the same log', async () => {
  expect(readdirSync(made).toSorted()).toEqual(['aldergate.db', 'consumers.db', 'keys.json', 'log', 'restored', 'side.db']);
  for (const name of ['aldergate.db', 'side.db', 'keys.json']) expect(statSync(join(made, name)).mode & 0o077).toBe(0);
  expect(existsSync(`${made}.part`)).toBe(false);
  const [, size] = noteIn(made).split('\n');
  expect(shown).toEqual([Number(size), Number(size)]);
  await expect(backUp(at(older), made)).rejects.toThrow('exists already');
});

test('put back by hand or restored, nothing is on until two persons of two bodies confirm that nothing newer is missing', async () => {
  copyFolder(backup, folder);
  expect(await cliOn(folder, 'status', 'northcam')).toMatchObject({ code: 1 });
  expect(await cliOn(folder, 'export', `${folder}.export`)).toMatchObject(refused('Until then'));
  const gate = await city.serve();
  await gate.settle();
  const confirm = async (name: string) => {
    const mails = await listOutbox(join(folder, 'outbox'));
    const mail = mails.findLast(({ to, subject }) => to.includes(name) && /nothing newer is missing/.test(subject));
    const asked = { body: new URLSearchParams({ decision: 'confirm' }), headers: { origin: gate.url } };
    const { status } = await request('POST', mail?.links[0] ?? '', asked);
    await gate.settle();
    return status;
  };
  expect(await gate.isOn('northcam')).toBe(false);
  expect(await gate.problems()).toMatchObject({ codes: ['restored'], text: expect.stringContaining('put back from a copy') });
  const page = async (path = '/') => {
    const { text } = await request('GET', `${gate.url}${path}`, { headers: { accept: 'text/html' }, token: city.token });
    return text.replaceAll(/(?:<[^>]*>|\s)+/g, ' ');
  };
  expect(await page()).toContain('0 on 0 waiting 9 off');
  const ofFeatures = ['/vendors/northcam', '/features/northcam', '/changes/northcam/1'];
  const told = ['/', '/calendar', ...ofFeatures, '/rules', '/on-without-permission', '/worklist'];
  for (const path of told) expect(await page(path), path).toMatch(/[Tt]his site was put back from a copy/);
  expect(await confirm('district-1@')).toBe(303);
  expect(await confirm('district-2@')).toBe(303);
  expect([await gate.isOn('northcam'), isMarked()]).toEqual([false, true]);
  expect(await confirm('mayor@')).toBe(303);
  await expect.poll(() => gate.isOn('northcam')).toBe(true);
  await expect.poll(gate.problems).toMatchObject({ codes: [] });
  await expect.poll(() => page()).toContain('3 on 1 waiting 5 off');
  for (const path of told) expect(await page(path), path).not.toContain('put back from a copy');
});

test('who can confirm is asked anew once they can answer no more, and not once nothing is held back', async () => {
  await restore(at(folder), backup, undefined);
  let days = 0;
  const clock = () => new Date(Date.parse(now()) + days * 86_400_000).toISOString();
  const installation = openInstallation({ ...at(folder), port: await freePort() }, clock);
  const server = await startServer(installation, () => undefined);
  onTestFinished(() => server.close());
  const asked = async () => {
    await server.settle();
    return (await listOutbox(join(folder, 'outbox'))).filter(({ subject }) => /nothing newer is missing/.test(subject)).length;
  };
  const first = await asked();
  expect(first).toBeGreaterThan(0);
  days = 15;
  await expect.poll(asked).toBe(2 * first);
  installation.restored.end();
  await askForRestored(installation, true);
  expect((await readRosters(installation.ports)).proposal).toBe(null);
});

test('a checkpoint that the copy continues shows that it is not too old; one that is newer ends the restoring', async () => {
  await expect(restore(at(folder), backup, checkpoint(newer))).rejects.toThrow('there is a newer one');
  expect(() => assertImported(folder)).toThrow('did not end');
  const told = vi.fn();
  await restore(at(folder), backup, checkpoint(older), told);
  expect(told).toHaveBeenCalled();
  expect(isMarked()).toBe(false);
  await expect(restore(at(folder), backup, checkpoint(older))).rejects.toThrow('is not empty');
});

test('a row of the databases that were moved away is believed no more: what a backup restored has another key', async () => {
  await restore(at(folder), backup, checkpoint(older));
  const gate = await city.serve();
  expect(await gate.isOn('northcam')).toBe(true);
  changeDatabase(
    file('aldergate.db'),
    `ATTACH '${backup}/aldergate.db' AS lost;
     UPDATE commits SET mac = (SELECT mac FROM lost.commits AS other WHERE other.stream = commits.stream AND other.version = commits.version)
       WHERE stream = 'feature/northcam'`,
  );
  expect(await gate.isOn('northcam')).toBe(false);
  await expect.poll(async () => (await gate.problems()).text).toContain('was not written by this gate');
});

test.each([
  ['that has seen just this log shows that nothing newer is missing', true],
  ['that has seen nothing of it shows nothing', false],
])('a witness %s', async (_, hasSeen) => {
  await restore(at(folder), backup, undefined);
  expect(isMarked()).toBe(true);
  await city.beside(checkHistory, await witnessOf(backup, hasSeen));
  expect(isMarked()).toBe(!hasSeen);
});

test('a witness that has cosigned what was signed since the restoring does not show that nothing newer is missing', async () => {
  await restore(at(folder), backup, undefined);
  const witnesses = await witnessOf(backup, false);
  await city.beside(async (installation) => {
    await askForRestored(installation, true);
    const { sweep, stop } = runSequencer(installation, () => undefined, unheard);
    await expect.poll(() => sweep().then(() => noteIn(folder))).toContain('— witness.example ');
    await stop();
  }, witnesses);
  await city.beside(checkHistory, witnesses);
  expect(isMarked()).toBe(true);
});

const TOO_LONG = `/tmp/${'long'.repeat(80)}`;
const PLACES = {
  '/proc/backup': '/proc/backup.part: no such file or directory',
  '/proc/some/backup': '/proc/some: no such file or directory',
  '/dev/null/backup': '/dev/null: it is a file, not a folder',
  [TOO_LONG]: `${TOO_LONG}.part: name too long`,
};
test('a place where no folder can be made is one line', () => {
  copyFolder(older, folder);
  const imported = (name: string, file: string) =>
    `import { ${name} } from '${new URL(`../../../infra/local/${file}.ts`, import.meta.url).href}';`;
  const program = `
    ${imported('backUp', 'backup')} ${imported('describeForOperator', 'errors')} ${imported('readSettings', 'settings')}
    for (const place of ${JSON.stringify(Object.keys(PLACES))})
      await backUp(readSettings(process.env, 'none'), place).catch((error) => console.log(describeForOperator(error)));
  `;
  const env = { ...programEnv(), ALDERGATE_DATA: folder };
  // A process of its own, which can be ended: mkdir of node:fs repeats itself below /proc.
  const run = spawnSync(process.execPath, ['--input-type=module', '-e', program], { env, timeout: 60_000, encoding: 'utf8' });
  const lines = run.stdout.trim().split('\n');
  expect(lines, run.stderr).toEqual(Object.values(PLACES));
});

test('the log that was put back is shown to no witness, which would then have seen just that', async () => {
  await restore(at(folder), backup, undefined);
  await city.beside(
    async (installation) => {
      const sequencing = runSequencer(installation, () => undefined, unheard);
      expect(await sequencing.sweep()).toBe(true);
      await sequencing.stop();
    },
    await witnessOf(backup, false),
  );
  expect(noteIn(folder)).not.toContain('— witness.example ');
});

test.each(['keys.json', 'consumers.db'])(
  'without %s, as it may lie elsewhere, is refused before anything is written',
  async (name) => {
    rmSync(join(backup, name));
    await expect(restore(at(folder), backup, undefined)).rejects.toThrow(/not a whole backup, with consumers.*, keys\.json$/);
    expect(existsSync(folder)).toBe(false);
  },
);

test('killed in the middle neither leaves anything that looks whole, and both may be run again', async () => {
  for (const path of [`${backup}.part`, folder]) {
    mkdirSync(path);
    for (const name of ['keys.json', 'aldergate.db']) cpSync(join(backup, name), join(path, name));
    writeFileSync(join(path, 'importing'), '');
  }
  await expect(restore(at(`${folder}-other`), `${backup}.part`, undefined)).rejects.toThrow('not a whole backup');
  await expect(restore(at(folder), `${backup}-none`, undefined)).rejects.toThrow('there is no ');
  // A folder that cannot be looked into is not taken for one without an installation.
  const unseen = join(scratch, 'y'.repeat(300));
  await expect(backUp(at(unseen), `${folder}-copy`)).rejects.toThrow('ENAMETOOLONG');
  await expect(restore(at(folder), unseen, undefined)).rejects.toThrow('ENAMETOOLONG');
  expect(() => assertImported(folder)).toThrow('did not end');
  await expect(backUp(at(folder), `${folder}-half`)).rejects.toThrow('did not end');
  await restore(at(folder), backup, undefined);
  expect(() => assertImported(folder)).not.toThrow();
  rmSync(backup, { recursive: true });
  await backUp(at(folder), backup);
  expect(existsSync(`${backup}.part`)).toBe(false);
});

test('killed at its very beginning or end, both may be run again', async () => {
  const live = join(scratch, 'own');
  copyFolder(older, live);
  mkdirSync(`${folder}-copy.part`);
  await backUp(at(live), `${folder}-copy`);
  // At its very end.
  renameSync(`${folder}-copy`, `${folder}-copy.part`);
  await backUp(at(live), `${folder}-copy`);
  renameSync(`${folder}-copy`, `${folder}-other.part`);
  rmSync(`${folder}-other.part/restored`);
  await expect(backUp(at(live), `${folder}-other`)).rejects.toThrow('is in the way');
  mkdirSync(folder);
  for (const name of ['server.lock', 'server.lock-journal']) writeFileSync(join(folder, name), '');
  await restore(at(folder), backup, undefined);
  expect(() => assertImported(folder)).not.toThrow();
});

test('nothing is written into the data folder, or restored from there, under whatever name', async () => {
  copyFolder(older, folder);
  symlinkSync(folder, `${folder}-link`);
  const files = () =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => !/-(?:wal|shm)$|^command\.lock$/.test(name));
  const before = new Set(files());
  for (const place of [join(folder, 'copy'), join(folder, 'log/a/b'), join(`${folder}-link`, 'copy')])
    await expect(backUp(at(folder), place), place).rejects.toThrow('is in the data folder');
  await expect(restore(at(folder), folder, undefined)).rejects.toThrow('is in the data folder');
  expect(await cliOn(folder, 'export', file('keys.json'))).toMatchObject(refused('is in the data folder'));
  expect(await cliOn(folder, 'proof', 'northcam/1', '--out', file('aldergate.db'))).toMatchObject(
    refused('is in the data folder'),
  );
  expect(new Set(files())).toEqual(before);
  await backUp(at(folder), `${folder}..copy`);
});

test('killed before it has written its keys and all of its rows: a start says that, and not that something is lost or damaged', async () => {
  const place = await makePlace();
  const data = join(place.folder, 'data');
  mkdirSync(data);
  writeFileSync(join(data, 'aldergate.db'), readFileSync(join(backup, 'aldergate.db')).subarray(0, 20_000));
  writeFileSync(join(data, 'importing'), '');
  const { ended } = await serveProcess(place);
  expect(await ended).toEqual({ stdout: '', ...refused('did not end') });
  rmSync(place.folder, { recursive: true });
});

test.each(['log/tile/0/000.p', 'aldergate.db', 'keys.json'])('a backup whose %s is damaged is not put back', async (name) => {
  const [, size = ''] = noteIn(backup).split('\n');
  const path = name.endsWith('.p') ? join(backup, name, size) : join(backup, name);
  const bytes = readFileSync(path);
  const place = name === 'aldergate.db' ? bytes.indexOf('ChangeApproved') : Math.floor(bytes.length / 2);
  bytes[place] = (bytes[place] ?? 0) ^ 1;
  writeFileSync(path, bytes);
  await expect(restore(at(folder), backup, undefined)).rejects.toThrow();
  expect(() => assertImported(folder)).toThrow('did not end');
});

test('a backup has the files themselves of what is linked into the data folder, and nothing beside them', async () => {
  copyFolder(older, folder);
  for (const name of ['keys.json', 'log', 'side.db']) {
    renameSync(join(folder, name), `${folder}-${name}`);
    symlinkSync(`${folder}-${name}`, join(folder, name));
  }
  // The city ran when it was copied: the newest rows lie beside the file.
  renameSync(join(folder, 'side.db-wal'), `${folder}-side.db-wal`);
  symlinkSync('/', join(folder, 'log/root'));
  await backUp(at(folder), `${folder}-copy`);
  const kind = (name: string) => lstatSync(join(`${folder}-copy`, name), { throwIfNoEntry: false });
  const isFile = ['keys.json', 'side.db'].map((name) => kind(name)?.isFile());
  expect([...isFile, kind('log')?.isDirectory(), kind('log/root')]).toEqual([true, true, true, undefined]);
});

test('a file of the log that has its name only once it is written disturbs no backup, nor does one that is gone meanwhile', async () => {
  copyFolder(older, folder);
  const [gone, draft] = ['gone', 'draft'].map((name) => join(realpathSync(folder), `log/.${name}.new`)) as [string, string];
  for (const path of [gone, draft]) writeFileSync(path, '');
  const look = fs.lstatSync;
  vi.spyOn(fs, 'lstatSync').mockImplementation(((path: string, options: fs.StatSyncOptions) => {
    if (path === gone && existsSync(gone)) unlinkSync(gone);
    return look(path, options);
  }) as typeof fs.lstatSync);
  syncBuiltinESMExports();
  onTestFinished(() => {
    vi.restoreAllMocks();
    syncBuiltinESMExports();
  });
  await backUp(at(folder), `${folder}-copy`);
  expect([existsSync(gone), readdirSync(`${folder}-copy/log`).filter((name) => name.endsWith('.new'))]).toEqual([false, []]);
});
