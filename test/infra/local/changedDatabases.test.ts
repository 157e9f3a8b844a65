import { copyFileSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { expect, onTestFinished, test } from 'vitest';
import { evaluateKey } from '../../../functions/gate/heads.ts';
import { orderRedaction } from '../../../functions/gate/redactions.ts';
import { endToken } from '../../../functions/gate/tokens.ts';
import { sequence } from '../../../functions/log/sequencer/sequence.ts';
import { CorruptStore } from '../../../functions/platform/store/errors.ts';
import { tokenId } from '../../../functions/web/http/tokens.ts';
import { freePort, request } from '../../../infra/demo/city.ts';
import { setAsideDamaged } from '../../../infra/local/databases.ts';
import { sequencerPorts } from '../../../infra/local/sequencing.ts';
import { printed } from './cityProcess.ts';
import { cliOn, programEnv, serve as serveProcess } from './process.ts';
import { answerAt, changeDatabase, copiesOfRevokedCity, copyFolder } from './revokedCity.ts';

const DATABASES = ['aldergate.db', 'side.db', 'consumers.db'];
const { older, newer, token, settings, scratch, folder, file, serve, beside } = await copiesOfRevokedCity();

const elsewhere = (name: string, sql: string) => changeDatabase(file(name), sql);
const run = (...args: readonly string[]) => cliOn(folder(), ...args);

const NEWEST =
  "stream = 'feature/northcam.lpr' AND version = (SELECT max(version) FROM commits WHERE stream = 'feature/northcam.lpr')";

const shown = async (url: string) =>
  ((await request('GET', `${url}/features/northcam?format=json&agency=police`)).json as { enabled?: unknown } | null)?.enabled;

test('a trigger in a database while the gate runs: no answer is yes, nothing is taken, and it is named until it is gone', async () => {
  copyFolder(older, folder());
  const { url, isOn, problems, installation } = await serve();
  expect([await isOn(), await shown(url)]).toEqual([true, true]);
  for (const name of DATABASES) {
    const table = name === 'aldergate.db' ? 'commits' : 'side';
    elsewhere(name, `CREATE TRIGGER y AFTER INSERT ON ${table} BEGIN SELECT 1; END`);
    await expect.poll(() => isOn(), { message: name }).toBe(false);
    expect(await shown(url)).not.toBe(true);
    await expect
      .poll(problems)
      .toMatchObject({ status: 503, codes: ['schema-changed'], text: expect.stringContaining('trigger y') });
    await expect(installation.ports.store.head('feature/northcam')).rejects.toMatchObject({ code: 'schema-changed' });
    if (name === 'aldergate.db') {
      for (const args of [
        ['token', 'create', '--name', 'x', '--scope', 'state:read'],
        ['status', 'northcam', '--agency', 'police'],
        ['fsck'],
      ])
        expect(await run(...args), args.join(' ')).toMatchObject({ code: 1 });
      expect(await run('doctor')).toMatchObject(printed(/schema-changed.*trigger y.*sqlite3/s, 1));
    }
    elsewhere(name, 'DROP TRIGGER y');
    await expect.poll(() => isOn(), { message: name }).toBe(true);
    await expect.poll(async () => (await problems()).codes).not.toContain('schema-changed');
  }
});

test('a trigger that was there before the start: the gate answers no in so many words, says why, and trusts nothing before the next start', async () => {
  copyFolder(older, folder());
  elsewhere('aldergate.db', 'CREATE TRIGGER y AFTER INSERT ON commits BEGIN SELECT 1; END');
  const { url, isOn, problems } = await serve();
  expect([await isOn(), await shown(url)]).not.toContain(true);
  expect(await problems()).toMatchObject({ status: 503, codes: ['schema-changed'] });
  elsewhere('aldergate.db', 'DROP TRIGGER y');
  expect(await isOn()).toBe(false);
});

const exchange = (name: string) => {
  copyFileSync(file(name), file('copy'));
  renameSync(file('copy'), file(name));
};

const removeFile = (name: string) => rmSync(file(name));

test.each([...DATABASES.map((name) => [name, exchange] as const), ['aldergate.db-wal', removeFile]] as const)(
  'another file, or none, at the path of a database while the gate runs: every answer is no, nothing is acknowledged (%s)',
  async (name, change) => {
    copyFolder(older, folder());
    const { url, isOn, problems, installation } = await serve();
    expect(await isOn()).toBe(true);
    const { everything } = installation;
    const head = (await everything.head('policy')) ?? expect.fail('no policy');
    change(name);
    const named = { code: 'file-exchanged', message: expect.stringContaining(name) };
    // Not even before the next look: an append looks at every file.
    await expect(everything.append(head)).rejects.toMatchObject(named);
    await expect.poll(() => isOn()).toBe(false);
    expect(await shown(url)).toBe(false);
    await expect.poll(problems).toMatchObject({ status: 503, codes: ['file-exchanged'], text: expect.stringContaining(name) });
    await expect(everything.head('feature/northcam')).rejects.toMatchObject(named);
  },
);

test('a commit that was removed while the gate was stopped, the one that switched a feature off: never on again, not for an instant', async () => {
  copyFolder(newer, folder());
  elsewhere('aldergate.db', `DELETE FROM commits WHERE ${NEWEST}`);
  const status = await run('status', 'northcam.lpr', '--agency', 'police');
  expect(status).toMatchObject({ code: 1 });
  const { isOn, problems } = await serve();
  for (let asked = 0; asked < 50; asked += 1) expect(await isOn('northcam.lpr')).toBe(false);
  expect(await isOn()).toBe(true);
  expect((await problems()).codes).toContain('log-conflict');
});

test('settings that were removed are not written anew in the place of those that the log has', async () => {
  copyFolder(older, folder());
  elsewhere('aldergate.db', "DELETE FROM commits WHERE stream = 'settings'");
  const { problems, installation } = await serve();
  await expect.poll(async () => (await problems()).codes).toContain('log-conflict');
  const { places } = await installation.everything.places(undefined, 1_000);
  expect(places.filter(({ stream }) => stream === 'settings')).toEqual([]);
});

test('a revocation removed while the gate was stopped, with the commit of the log that names it: nothing is on, and it is said', async () => {
  copyFolder(older, folder());
  const stream = 'feature/northcam.lpr.hotlist-alerts';
  elsewhere(
    'aldergate.db',
    `DELETE FROM commits WHERE stream = 'log' AND instr(bytes, CAST('"from":4,"stream":"${stream}"' AS BLOB)) > 0;
     DELETE FROM commits WHERE stream = '${stream}' AND version = 4`,
  );
  rmSync(file('log/judged'));
  expect(await run('status', 'northcam.lpr.hotlist-alerts', '--agency', 'police')).toMatchObject({ code: 1 });
  expect(await run('doctor')).toMatchObject(printed(/store-unreadable.*log@\d+ is missing/s, 1));
  const { isOn, problems } = await serve();
  expect([await isOn('northcam.lpr.hotlist-alerts'), await isOn()]).toEqual([false, false]);
  expect((await problems()).codes).toContain('not-compared');
});

test.each([false, true])(
  'a commit that is removed after a start, before anybody asked: missed at once, and named, with a damaged log: %s',
  async (isDamaged) => {
    copyFolder(newer, folder());
    if (isDamaged) {
      rmSync(file('log/judged'));
      elsewhere('aldergate.db', "UPDATE commits SET mac = zeroblob(32) WHERE stream LIKE 'receipt/%'");
    }
    const { isOn, problems } = await serve();
    elsewhere('aldergate.db', `DELETE FROM commits WHERE ${NEWEST}`);
    expect(await isOn('northcam.lpr')).toBe(false);
    expect(await isOn()).toBe(true);
    await expect.poll(async () => (await problems()).codes).toContain('row-altered');
  },
);

test('an order that withholds a notice, removed while the gate was stopped: the bytes are not public again', async () => {
  copyFolder(newer, folder());
  const sha256 = await beside(async (installation) => {
    const { ports } = installation;
    const { change, revision, digest } = await evaluateKey(ports, 'northcam', { agencies: ['police'] });
    const place = { key: 'northcam', change, revision, commitment: digest ?? '' };
    const basis = { by: 'token:operator', authority: 'Records Act', fileNumber: '26-7', reason: 'confidential' } as const;
    const order = { ...place, ...basis, action: 'withhold', everywhere: true } as const;
    expect(await orderRedaction(ports, order)).toMatchObject({ ok: true });
    await sequence(sequencerPorts(installation));
    return digest?.replace('sha256:', '');
  });
  elsewhere('aldergate.db', `DELETE FROM commits WHERE stream = 'redaction/${sha256}'`);
  const { url, problems } = await serve();
  await expect.poll(async () => (await problems()).codes).toContain('log-conflict');
  for (const path of [`/log/notice/${sha256}`, '/log/record/northcam']) expect((await fetch(url + path)).status, path).toBe(503);
});

test('a start waits for the comparison with the log, and is believed only then; a doubt is named, and no answer is yes', async () => {
  copyFolder(older, folder());
  const doubts = new Set<unknown>();
  let looking: NodeJS.Timeout | undefined;
  const { url, isOn, problems, installation } = await serve({}, ({ ledger }) => {
    looking = setInterval(() => doubts.add(ledger.doubt?.code), 1);
  });
  clearInterval(looking);
  expect([...doubts]).toContain('not-compared');
  await expect.poll(() => installation.ledger.doubt).toBeUndefined();
  expect(await isOn()).toBe(true);
  installation.ledger.doubt = new CorruptStore('not yet', { code: 'not-compared' });
  expect(await isOn()).toBe(false);
  expect(await shown(url)).not.toBe(true);
  await expect.poll(problems).toMatchObject({ status: 503, codes: ['not-compared'] });
});

test.each(['aldergate.db', 'side.db'])('%s of another format is named with what to do, before its keys are', async (name) => {
  copyFolder(older, folder());
  elsewhere(name, 'PRAGMA user_version = 3');
  rmSync(file('keys.json'));
  for (const args of [['doctor'], ['fsck']]) {
    const { code, stdout, stderr } = await run(...args);
    expect([code, stdout + stderr]).toEqual([
      1,
      expect.stringMatching(new RegExp(`${name} is of format 3, .*use the version that wrote it`)),
    ]);
    expect(stderr).not.toContain('    at ');
  }
});

const PAGE = 4_096;
const DAMAGES: Readonly<Record<string, (path: string) => void>> = {
  'of another format': () => elsewhere('consumers.db', 'PRAGMA user_version = 3'),
  'that is no database': (path) => {
    // Else its pages are read from the file of what was written last.
    elsewhere('consumers.db', 'PRAGMA wal_checkpoint(TRUNCATE)');
    copyFileSync(file('keys.json'), path);
  },
  'with damaged pages': (path) => {
    elsewhere('consumers.db', 'PRAGMA wal_checkpoint(TRUNCATE)');
    const bytes = readFileSync(path);
    for (let at = 2 * PAGE; at < bytes.length; at += 2 * PAGE) bytes.fill(0xff, at, at + PAGE);
    writeFileSync(path, bytes);
  },
};
test.each(Object.entries(DAMAGES))('a consumers.db %s is set aside', async (_, damage) => {
  copyFolder(older, folder());
  damage(file('consumers.db'));
  expect(setAsideDamaged(folder())).toContain('It is kept as consumers.db.aside-');
  expect(existsSync(file('consumers.db'))).toBe(false);
});

test.each(['aldergate.db', 'side.db'])('doctor names a page of %s that no answer needs and that cannot be read', async (name) => {
  copyFolder(older, folder());
  elsewhere(name, 'PRAGMA wal_checkpoint(TRUNCATE)');
  const bytes = readFileSync(file(name));
  writeFileSync(file(name), bytes.fill(0xff, bytes.length - PAGE));
  expect(await run('doctor')).toMatchObject(printed(`${name} is damaged`, 1));
});

test('a start that cannot read the commits says so, and not that the keys are others', async () => {
  copyFolder(older, folder());
  elsewhere('aldergate.db', 'PRAGMA wal_checkpoint(TRUNCATE)');
  writeFileSync(file('aldergate.db'), readFileSync(file('aldergate.db')).fill(0xff, PAGE));
  rmSync(file('log'), { recursive: true });
  await expect(serve()).rejects.toThrow(/^aldergate\.db, \w+: database disk image is malformed$/);
});

test('at a start a damaged consumers.db is made again, which is said', async () => {
  copyFolder(older, folder());
  DAMAGES['with damaged pages']?.(file('consumers.db'));
  const port = await freePort();
  const own = { PORT: String(port), ALDERGATE_DATA: folder(), ALDERGATE_TIME_ZONE: settings.timeZone };
  const env = { ...programEnv(), HOME: scratch, ...own };
  const server = await serveProcess({ folder: scratch, port, url: '', env });
  onTestFinished(() => void server.child.kill('SIGKILL'));
  await expect.poll(() => answerAt(`http://127.0.0.1:${port}`, token, 'northcam')).toBe(true);
  const [kept] = readdirSync(folder()).filter((name) => name.startsWith('consumers.db.aside-'));
  expect(existsSync(file(kept ?? 'none'))).toBe(true);
  const note = expect.objectContaining({ code: 'consumers-remade', detail: expect.stringContaining(kept ?? '') });
  await expect
    .poll(async () => await (await fetch(`http://127.0.0.1:${port}/readyz`)).json())
    .toMatchObject({ status: 'ready', notes: expect.arrayContaining([note]) });
  expect(await run('doctor')).toMatchObject(printed('consumers-remade', 1));
  server.child.kill('SIGTERM');
  expect((await server.ended).stderr).toContain('consumers.db');
});

const PAGES = [
  '/?format=json',
  '/on-without-permission?format=json',
  '/calendar.ics',
  '/log/proof/northcam/2',
  '/log/record/northcam',
];
const shownAt = (url: string) => Promise.all(PAGES.map(async (path) => (await fetch(url + path)).text()));

test('records that are removed, or put back to an earlier value, while the gate was stopped: what follows from the log is shown again, and it is said until `rebuild`', async () => {
  copyFolder(newer, folder());
  const first = await serve();
  await first.settle();
  const before = await shownAt(first.url);
  await first.close();
  const was = new DatabaseSync(`${older}/consumers.db`, { readOnly: true });
  const mark = was.prepare("SELECT value, mac FROM side WHERE kind = 'derived-mark'").get() ?? {};
  was.close();
  const now = new DatabaseSync(file('consumers.db'));
  now.exec("DELETE FROM side WHERE kind IN ('derived-figures', 'derived-task', 'derived-case', 'register', 'log-place')");
  now
    .prepare("UPDATE side SET value = ?, mac = ? WHERE kind = 'derived-mark'")
    .run(...(Object.values(mark) as [string, Uint8Array]));
  now.close();
  const named = /record-altered.*Records of consumers\.db were lost/s;
  expect(await run('doctor')).toMatchObject(printed(named, 1));
  const { url, problems } = await serve({ url: first.url });
  await expect.poll(problems).toMatchObject({ status: 503, codes: ['record-altered'], text: expect.stringMatching(named) });
  await expect.poll(() => shownAt(url), { timeout: 10_000 }).toEqual(before);
  expect(await run('rebuild')).toMatchObject(printed(/consumers\.db/, 1));
  await expect.poll(async () => (await problems()).codes).toEqual([]);
  expect(await run('rebuild')).toMatchObject({ code: 0 });
});

test('a commit of a command that is removed once it is in the log, before the gate has read it: missed at once', async () => {
  copyFolder(older, folder());
  const { url, settle } = await serve();
  await beside(({ ports }) => endToken(ports, tokenId(token)));
  await settle();
  elsewhere('aldergate.db', `DELETE FROM commits WHERE stream = 'access/token/${tokenId(token)}' AND version = 2`);
  expect(await request('GET', `${url}/v1/features`, { token })).toMatchObject({ status: 503 });
});
