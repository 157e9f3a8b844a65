import { copyFileSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { evaluateKey } from '../../../functions/gate/heads.ts';
import { orderRedaction } from '../../../functions/gate/redactions.ts';
import { endToken } from '../../../functions/gate/tokens.ts';
import { sequence } from '../../../functions/log/sequencer/sequence.ts';
import { CorruptStore } from '../../../functions/platform/store/errors.ts';
import { createToken } from '../../../functions/web/http/tokens.ts';
import { request } from '../../../infra/demo/city.ts';
import { setAsideDamaged } from '../../../infra/local/databases.ts';
import { sequencerPorts } from '../../../infra/local/sequencing.ts';
import { forgery } from '../../contract/forgery.ts';
import { printed } from './cityProcess.ts';
import { cliOn } from './process.ts';
import { changeDatabase, copiesOfRevokedCity, copyFolder } from './revokedCity.ts';

const DATABASES = ['aldergate.db', 'side.db', 'consumers.db'];
const { older, newer, folder, file, serve, beside } = copiesOfRevokedCity();

const elsewhere = (name: string, sql: string) => changeDatabase(file(name), sql);
const run = (...args: readonly string[]) => cliOn(folder(), ...args);

const exchange = (name: string) => {
  copyFileSync(file(name), file('copy'));
  renameSync(file('copy'), file(name));
};

const NEWEST =
  "stream = 'feature/northcam.lpr' AND version = (SELECT max(version) FROM commits WHERE stream = 'feature/northcam.lpr')";

const shown = async (url: string) =>
  ((await request('GET', `${url}/features/northcam?format=json&agency=police`)).json as { enabled?: unknown } | null)?.enabled;

test('a trigger in a database, or another file at its path, while the gate runs: no answer is yes, nothing is taken, and it is named', async () => {
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
  exchange('side.db');
  await expect.poll(() => isOn()).toBe(false);
  expect(await shown(url)).toBe(false);
  await expect.poll(problems).toMatchObject({ status: 503, codes: ['file-exchanged'], text: expect.stringContaining('side.db') });
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

const removeFile = (name: string) => rmSync(file(name));

test.each([...DATABASES.map((name) => [name, exchange] as const), ['aldergate.db-wal', removeFile]] as const)(
  'another file, or none, at the path of %s while it is open: nothing is acknowledged or read',
  async (name, change) => {
    copyFolder(older, folder());
    await beside(async ({ everything }) => {
      const head = (await everything.head('policy')) ?? expect.fail('no policy');
      change(name);
      const named = { code: 'file-exchanged', message: expect.stringContaining(name) };
      // Not even before the next look: an append looks at every file.
      await expect(everything.append([head])).rejects.toMatchObject(named);
      await expect(everything.head('feature/northcam')).rejects.toMatchObject(named);
    });
  },
);

test('commits that were removed while the gate was stopped: what one switched off is never on again, not for an instant; settings are not written anew; what an order withholds is not public', async () => {
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
  elsewhere('aldergate.db', `DELETE FROM commits WHERE ${NEWEST} OR stream IN ('settings', 'redaction/${sha256}')`);
  expect(await run('status', 'northcam.lpr', '--agency', 'police')).toMatchObject({ code: 1 });
  const { url, isOn, problems, installation } = await serve();
  for (let asked = 0; asked < 50; asked += 1) expect(await isOn('northcam.lpr')).toBe(false);
  expect(await isOn()).toBe(true);
  await expect.poll(async () => (await problems()).codes).toContain('log-conflict');
  const { places } = await installation.everything.places(undefined, 1_000);
  expect(places.filter(({ stream }) => stream === 'settings')).toEqual([]);
  for (const path of [`/log/notice/${sha256}`, '/log/record/northcam']) expect((await fetch(url + path)).status, path).toBe(503);
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

test('a commit that is removed after a start, before anybody asked, is missed at once and named, also with a damaged log', async () => {
  copyFolder(newer, folder());
  rmSync(file('log/judged'));
  elsewhere('aldergate.db', "UPDATE commits SET mac = zeroblob(32) WHERE stream LIKE 'receipt/%'");
  const { isOn, problems } = await serve();
  elsewhere('aldergate.db', `DELETE FROM commits WHERE ${NEWEST}`);
  expect(await isOn('northcam.lpr')).toBe(false);
  expect(await isOn()).toBe(true);
  await expect.poll(async () => (await problems()).codes).toContain('row-altered');
});

test('a commit that a copy made by hand wrote in the place of the one that switched off, while the gate runs: the answer stays no, and it is named', async () => {
  copyFolder(older, folder());
  await beside(async ({ everything }) => {
    const head = (await everything.head('feature/northcam.lpr')) ?? expect.fail('no feature');
    await everything.append([forgery(head, [{ type: 'Other' }])]);
  });
  renameSync(folder(), file('../lost'));
  copyFolder(newer, folder());
  const { isOn, problems } = await serve();
  expect(await isOn('northcam.lpr')).toBe(false);
  elsewhere(
    'aldergate.db',
    `ATTACH '${file('../lost/aldergate.db')}' AS lost; UPDATE commits SET (bytes, state, mac) =
       (SELECT bytes, state, mac FROM lost.commits AS other WHERE other.stream = commits.stream AND other.version = commits.version)
     WHERE ${NEWEST}`,
  );
  expect(await isOn('northcam.lpr')).toBe(false);
  await expect.poll(async () => (await problems()).text).toContain('in the log is another commit');
});

test('a start waits for the comparison with the log, and is believed only then; what is removed later is missed, a doubt named, and no answer is yes', async () => {
  copyFolder(newer, folder());
  const doubts = new Set<unknown>();
  let looking: NodeJS.Timeout | undefined;
  const { url, isOn, problems, installation, settle } = await serve({}, ({ ledger }) => {
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
  installation.ledger.doubt = undefined;
  // A command's, which is in the log before the gate has read it.
  const { id, token: ended } = await beside(async ({ ports }) => {
    const made = await createToken(ports, { name: 'ended', scopes: ['state:read'] });
    await endToken(ports, made.id);
    return made;
  });
  await settle();
  elsewhere('aldergate.db', `DELETE FROM commits WHERE stream = 'access/token/${id}' AND version = 2`);
  expect(await request('GET', `${url}/v1/features`, { token: ended })).toMatchObject({ status: 503 });
  elsewhere('aldergate.db', `DELETE FROM commits WHERE ${NEWEST}`);
  expect([await isOn('northcam.lpr'), await isOn()]).toEqual([false, true]);
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

const TABLE_LEAF = 13;

/** Damages the last page of a database that holds rows: a later one may be free, and then no reader needs it. */
const damageLastRows = (name: string) => {
  elsewhere(name, 'PRAGMA wal_checkpoint(TRUNCATE)');
  const bytes = readFileSync(file(name));
  let at = bytes.length - PAGE;
  while (bytes[at] !== TABLE_LEAF) at -= PAGE;
  writeFileSync(file(name), bytes.fill(0xff, at, at + PAGE));
};

test.each(['aldergate.db', 'side.db'])('doctor names a page of %s that no answer needs and that cannot be read', async (name) => {
  copyFolder(older, folder());
  damageLastRows(name);
  expect(await run('doctor')).toMatchObject(printed(`${name} is damaged`, 1));
});

test('records that no seal can bind any more, since a page of them is damaged, are named while answers go on', async () => {
  copyFolder(older, folder());
  damageLastRows('side.db');
  const { isOn, problems } = await serve();
  await expect.poll(async () => (await problems()).text).toContain('Records of side.db');
  expect(await isOn()).toBe(true);
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
  expect(setAsideDamaged(folder())).toBeDefined();
  const { url, isOn } = await serve();
  expect(await isOn()).toBe(true);
  const [kept] = readdirSync(folder()).filter((name) => name.startsWith('consumers.db.aside-'));
  const note = expect.objectContaining({ code: 'consumers-remade', detail: expect.stringContaining(kept ?? 'none') });
  await expect
    .poll(async () => await (await fetch(`${url}/readyz`)).json())
    .toMatchObject({ status: 'ready', notes: expect.arrayContaining([note]) });
  expect(await run('doctor')).toMatchObject(printed('consumers-remade', 1));
});

const LOST = ['derived-figures', 'derived-task', 'derived-case', 'register', 'log-place'];
const recordsIn = (data: string) => {
  const database = new DatabaseSync(`${data}/consumers.db`, { readOnly: true });
  const kinds = LOST.map((kind) => `'${kind}'`).join();
  const rows = database.prepare(`SELECT kind, id, value FROM side WHERE kind IN (${kinds}) ORDER BY kind, id`).all();
  const mark = database.prepare("SELECT value, mac FROM side WHERE kind = 'derived-mark'").get() ?? {};
  database.close();
  const records = rows.map(({ value, ...named }) => ({ ...named, value: JSON.parse(String(value)) as unknown }));
  return { kinds, records, mark: Object.values(mark) as [string, Uint8Array] };
};

test('records that are removed, or put back to an earlier value, while the gate was stopped: what follows from the log is made again, and it is said until `rebuild`', async () => {
  copyFolder(newer, folder());
  const { kinds, records: before } = recordsIn(newer);
  const now = new DatabaseSync(file('consumers.db'));
  now.exec(`DELETE FROM side WHERE kind IN (${kinds})`);
  now.prepare("UPDATE side SET value = ?, mac = ? WHERE kind = 'derived-mark'").run(...recordsIn(older).mark);
  now.close();
  const named = /record-altered.*Records of consumers\.db were lost/s;
  expect(await run('doctor')).toMatchObject(printed(named, 1));
  const { problems } = await serve();
  await expect.poll(problems).toMatchObject({ status: 503, codes: ['record-altered'], text: expect.stringMatching(named) });
  await expect.poll(() => recordsIn(folder()).records, { timeout: 10_000 }).toEqual(before);
  expect(before.length).toBeGreaterThan(50);
  expect(await run('rebuild')).toMatchObject(printed(/consumers\.db/, 1));
  await expect.poll(async () => (await problems()).codes).toEqual([]);
  expect(await run('rebuild')).toMatchObject(printed('the server makes anew what is derived from the log'));
});
