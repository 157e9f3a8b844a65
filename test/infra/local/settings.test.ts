import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { setRoster } from '../../../functions/gate/rosters.ts';
import { addVendor } from '../../../functions/gate/vendors.ts';
import { sequence } from '../../../functions/log/sequencer/sequence.ts';
import { CorruptStore, StoreUnavailable } from '../../../functions/platform/store/errors.ts';
import { openSqliteSideStore } from '../../../functions/platform/store/sqlite/sqliteSideStore.ts';
import { adoptPolicy } from '../../../functions/reactions/adoption/policies.ts';
import { openTools } from '../../../infra/cli/tools.ts';
import { demoPolicy, demoRoster } from '../../../infra/demo/city.ts';
import { lockFolder, lockForCommand } from '../../../infra/local/databases.ts';
import { BadSettings, CommandRefused, describeForOperator, FolderInUse } from '../../../infra/local/errors.ts';
import { setUpCheck } from '../../../infra/local/health.ts';
import { openInstallation } from '../../../infra/local/installation.ts';
import { keepLogName, sequencerPorts } from '../../../infra/local/sequencing.ts';
import { startServer } from '../../../infra/local/server.ts';
import { readSettings, recordRunningServer, withServerSettings } from '../../../infra/local/settings.ts';
import { folderOfTest } from '../../support/folders.ts';
import { testGuard } from '../../support/macs.ts';
import { placeOfFile, searchNotice, writeIn } from './cityProcess.ts';
import { cli } from './process.ts';

const NO_FILE = 'no-such-file.json';
const read = (env: Record<string, string>) => readSettings(env, NO_FILE);

test('the defaults are those of docs/operations.md', () => {
  const rows = readFileSync('docs/operations.md', 'utf8').matchAll(/^\| ((?:`[A-Z_]+`(?:, )?)+) \| ([^|]+) \|/gm);
  const cells = [...rows].flatMap(([, names = '', values = '']) => {
    const defaults = values.split(', ');
    return names.split(', ').map((name, index) => [name, defaults[index] ?? ''] as const);
  });
  const set = cells.filter(([, value]) => /^`[^`]+`$/.test(value));
  const documented = Object.fromEntries(set.map((cell) => cell.map((each) => each.slice(1, -1)))) as Record<string, string>;
  const { PORT, HOST } = documented;
  expect(documented).toMatchObject({ ALDERGATE_URL: 'http://HOST:PORT', ALDERGATE_WITNESS_QUORUM: '0' });
  expect(read({ ...documented, ALDERGATE_URL: `http://${HOST}:${PORT}` })).toStrictEqual(read({}));
});

test('the city, its contact and the address of its IT are settings; without them the city is called City and has no contact', () => {
  expect(read({})).toMatchObject({ city: { name: 'City', contact: undefined }, itMail: undefined });
  const [name, contact, itMail] = ['City of Northfield', 'City clerk, 555-0100', 'it@city.example'];
  const named = { ALDERGATE_CITY: ` ${name} `, ALDERGATE_CONTACT: contact, ALDERGATE_IT_MAIL: itMail };
  expect(read(named)).toMatchObject({ city: { name, contact }, itMail });
});

const NO_SENDER = 'ALDERGATE_MAIL_FROM (mailFrom) is not a mail address, bare or as in';
const NO_LOG = 'ALDERGATE_LOG_ORIGIN (logOrigin) cannot name a log: a name has neither';
const meant = (name: string, nearest: string) => [{ [name]: 'x' }, `${name} is no setting; did you mean ${nearest}?`] as const;

test.each<readonly [Record<string, string>, string | RegExp]>([
  [{ ALDERGATE_CITY: 'x'.repeat(101) }, /\bcity\b/],
  [{ ALDERGATE_CITY: 'North\nfield' }, /\bcity\b/],
  [{ ALDERGATE_CONTACT: 'clerk\u202Egro.elpmaxe' }, /\bcontact\b/],
  [{ ALDERGATE_IT_MAIL: 'it' }, /\bitMail\b/],
  [{ ALDERGATE_LOG_ORIGIN: 'a b' }, NO_LOG],
  [{ ALDERGATE_LOG_ORIGIN: 'a+b' }, NO_LOG],
  [{ ALDERGATE_URL: 'gate.city.example' }, 'ALDERGATE_URL (url) is not an address such as https://city.example'],
  [{ ALDERGATE_MAIL_FROM: 'a@b.example\r\nBcc: c@d.example' }, 'must be one line'],
  ...['gate', 'gate at city.example', 'The Gate <gate>', 'The Gate <gate@city.example> x'].map(
    (from) => [{ ALDERGATE_MAIL_FROM: from }, NO_SENDER] as const,
  ),
  ...['PORT', 'ALDERGATE_NOTICES_PER_HOUR', 'ALDERGATE_LEASE_SECONDS', 'ALDERGATE_WITNESS_QUORUM'].flatMap((name) =>
    ['0x10', '1e1', 'ten', '7.5', '+8'].map((value) => [{ [name]: value }, 'is not a whole number'] as const),
  ),
  [{ PORT: '0' }, 'PORT (port) is 0, which is any port: then set url'],
  meant('ALDERGATE_CITTY', 'ALDERGATE_CITY'),
  meant('ALDERGATE_SMTP_ULR', 'ALDERGATE_SMTP_URL'),
  meant('ALDERGATE_PORT', 'PORT'),
  meant('ALDERGATE_TIMEZONE', 'ALDERGATE_TIME_ZONE'),
])('%j cannot be used, and the message names the setting', (env, why) => {
  expect(() => read(env)).toThrow(BadSettings);
  expect(() => read(env)).toThrow(why);
});

test('a blank number is not set, and variables of other programs are left alone', () => {
  expect(read({ PORT: ' ', ALDERGATE_WITNESS_QUORUM: ' ' })).toStrictEqual(read({}));
  expect(read({ ALDERGATE_PROPERTY_RUNS: '3', ALDERGATE_KILLS: '4', OTHER_CITY: 'x' })).toStrictEqual(read({}));
});

test.each([
  [{ ALDERGATE_URL: 'https://a+b.city.gov' }, 'ALDERGATE_URL (url)'],
  [{ HOST: 'a+b' }, 'HOST (host)'],
  [{ HOST: 'a b' }, 'HOST (host)'],
])('%j names no log either, unless it has a name of its own', (env, named) => {
  expect(() => read(env)).toThrow(new BadSettings(`the settings cannot be used: ${named} is not a host that can name the log`));
  expect(read({ ALDERGATE_URL: 'https://gate.city.gov', ...env, ALDERGATE_LOG_ORIGIN: 'gate' }).logOrigin).toBe('gate');
});

test('a fault is named as it was set: by its variable, or by its field of the file', () => {
  const path = join(folderOfTest('settings'), 'own.json');
  const url = { smtpUrl: 'https://mail.city.gov', witnesses: [{ url: 'nowhere' }] };
  writeFileSync(path, JSON.stringify({ ...url, colour: 'red' }));
  for (const fault of [`smtpUrl in ${path} is`, `witnesses/0/url in ${path} is`, `colour in ${path} is not a field of this`])
    expect(() => readSettings({}, path)).toThrow(fault);
  expect(() => readSettings({ ALDERGATE_SMTP_URL: 'x', ALDERGATE_WITNESS_QUORUM: '-1' }, path)).toThrow(
    /ALDERGATE_SMTP_URL \(smtpUrl\) is not an address such as smtps:.*ALDERGATE_WITNESS_QUORUM \(witnessQuorum\) is below 0/,
  );
});

test('what is no number in the file is not taken for 0, which would be no limit', () => {
  const path = join(folderOfTest('settings'), 'own.json');
  for (const value of [null, false, true, '', [], [5], 0.5]) {
    writeFileSync(path, JSON.stringify({ noticesPerHour: value }));
    expect(() => readSettings({}, path), JSON.stringify(value)).toThrow(`noticesPerHour in ${path} is not a whole number`);
  }
  writeFileSync(path, JSON.stringify({ noticesPerHour: '7', noticeBytesPerDay: 0 }));
  expect(readSettings({}, path).noticeLimits).toStrictEqual({ perHour: 7, bytesPerDay: 0 });
});

test('an address is as browsers send it with a form', () =>
  expect(read({ ALDERGATE_URL: 'https://Gate.City.Example:443/' }).url).toBe('https://gate.city.example'));

test.each([
  [{}, '"City" <aldergate@127.0.0.1>'],
  [{ ALDERGATE_CITY: 'The "Old" Town' }, '"The \\"Old\\" Town" <aldergate@127.0.0.1>'],
  [{ ALDERGATE_CITY: 'Northfield', ALDERGATE_MAIL_FROM: 'gate@city.example' }, '"Northfield" <gate@city.example>'],
  [{ ALDERGATE_CITY: 'Northfield', ALDERGATE_MAIL_FROM: 'The Gate <gate@city.example>' }, 'The Gate <gate@city.example>'],
])('with %j mail is sent by %s', (env, from) => {
  expect(read(env).mailFrom).toBe(from);
});

test('a data folder that cannot be made or written is named, as an outage that the operator can mend', () => {
  const open = () => openInstallation(read({ ALDERGATE_DATA: `${import.meta.filename}/data` }));
  expect(open).toThrow(StoreUnavailable);
  expect(open).toThrow(/^the data folder cannot be written: .*settings\.test\.ts/);
});

test('a folder or a pipe in place of the file, and a file that is no JSON, is named with the fault', () => {
  const folder = folderOfTest('settings');
  const pipe = join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  for (const place of [folder, pipe]) expect(() => readSettings({}, place)).toThrow(`${place} cannot be read: `);
  const path = join(folder, 'aldergate.config.json');
  writeFileSync(path, '{"city": "A", "city": "B"}');
  expect(() => readSettings({}, path)).toThrow(`${path}: /city`);
});

const opened = async (env: Readonly<Record<string, string>>) => {
  const data = folderOfTest('set-up');
  const installation = openInstallation(readSettings({ ALDERGATE_DATA: data, ...env }, join(data, 'none')));
  onTestFinished(installation.close);
  return installation;
};

test('what keeps officials from using a gate that answers rightly is named', async () => {
  const installation = await opened({});
  const unset = [{ code: 'no-mail-server' }, { code: 'loopback-url' }];
  const without = (what: string) => ({ code: 'no-rules', detail: `No ${what} is in force.` });
  expect(await setUpCheck(installation)()).toMatchObject([...unset, without('roster and no policy')]);
  await setRoster(installation.ports, demoRoster(), installation.secrets.rosterSalt);
  const examples = { code: 'example-address', detail: expect.stringContaining('the addresses of 16 officials') };
  expect(await setUpCheck(installation)()).toMatchObject([...unset, without('policy'), examples]);
  const settled = await opened({ ALDERGATE_URL: 'https://gate.city.gov', ALDERGATE_SMTP_URL: 'smtp://127.0.0.1:1' });
  expect(await setUpCheck(settled)()).toEqual([{ code: 'no-rules', detail: 'No roster and no policy is in force.' }]);
  await setRoster(settled.ports, demoRoster(), settled.secrets.rosterSalt);
  expect(await adoptPolicy(settled.ports, demoPolicy())).toMatchObject({ ok: true });
  expect(await setUpCheck(settled)()).toMatchObject([examples]);
});

test('commands without the settings of a running server have its address and its mail server, while it runs', async () => {
  const { settings, secrets } = await opened({ ALDERGATE_SMTP_URL: 'smtp://own.city.gov', ALDERGATE_IT_MAIL: 'own@city.gov' });
  const smtpUrl = 'smtps://gate:secret@mail.city.gov';
  const ofServer = { url: 'https://gate.city.gov', smtpUrl, mailFrom: 'City <gate@city.gov>', itMail: 'it@city.gov' };
  const forget = recordRunningServer({ ...settings, ...ofServer }, secrets);
  expect(withServerSettings(settings, secrets)).toEqual({ ...settings, ...ofServer });
  const path = join(settings.data, 'running');
  expect(statSync(path).mode & 0o777).toBe(0o600);
  writeFileSync(path, readFileSync(path, 'utf8').replace('mail.city.gov', 'mail.else.gov'));
  expect(withServerSettings(settings, secrets)).toBe(settings);
  forget();
  expect(withServerSettings(settings, secrets)).toBe(settings);
  const forgetNone = recordRunningServer({ ...settings, smtpUrl: undefined, itMail: undefined }, secrets);
  expect(withServerSettings(settings, secrets)).toMatchObject({ smtpUrl: undefined, itMail: undefined });
  forgetNone();
  // Of a server that was killed as it wrote, and of somebody else.
  for (const text of ['', 'https://gate.city.gov', JSON.stringify(ofServer), '{"settings":"']) {
    writeFileSync(path, text);
    expect(withServerSettings(settings, secrets), text).toBe(settings);
  }
});

const PAGE_BYTES = 4096;

const thrownBy = async (work: () => unknown) => {
  try {
    return await work();
  } catch (error) {
    return error;
  }
};

test('a database of which all but the first page is damaged is named by its file, with what to do', async () => {
  const path = join(folderOfTest('line'), 'consumers.db');
  await openSqliteSideStore(path, testGuard).close();
  const whole = readFileSync(path);
  writeFileSync(path, whole.fill(0xff, PAGE_BYTES));
  const store = openSqliteSideStore(path, testGuard);
  onTestFinished(store.close);
  const error = await thrownBy(() => store.list('mark'));
  expect(describeForOperator(error)).toMatch(/^consumers\.db, list: .*malformed\. `aldergate doctor` states what to do$/);
});

test('a lock that cannot be used is not taken for another server', async () => {
  const path = join(folderOfTest('line'), 'server.lock');
  writeFileSync(path, 'garbage that is no such file\n'.repeat(400));
  const error = await thrownBy(() => lockFolder(path));
  expect(error).toBeInstanceOf(CorruptStore);
  rmSync(path);
  const { release } = lockFolder(path);
  onTestFinished(release);
  expect(describeForOperator(await thrownBy(() => lockFolder(path)))).toBe(
    `another server is running on this folder (${path} is held)`,
  );
});

test('commands work on a folder together; one that replaces keys or ends the folder works alone', () => {
  const data = folderOfTest('commands');
  const lock = (alone: boolean) => lockForCommand(data, alone, 0);
  const [first, second] = [lock(false), lock(false)];
  expect(() => lock(true)).toThrow(FolderInUse);
  first.release();
  expect(() => lock(true)).toThrow('another command works on this folder');
  second.release();
  const alone = lock(true);
  for (const other of [true, false]) expect(() => lock(other)).toThrow(FolderInUse);
  alone.release();
  lock(false).release();
});

test('a command holds that lock from before it reads the keys until it has closed the folder', async () => {
  const data = folderOfTest('commands');
  const tools = openTools({}, { ALDERGATE_DATA: data }, true);
  tools.local();
  expect(() => lockForCommand(data, true, 0)).toThrow(FolderInUse);
  await tools.close();
  lockForCommand(data, true, 0).release();
});

test('a request of a command that fails by the databases is no answer, and no line of a log, but their own error', async () => {
  const tools = openTools({}, { ALDERGATE_DATA: folderOfTest('commands') }, true);
  const { call } = tools.apiClient();
  expect(await call('GET', '/v1/tokens')).toMatchObject({ items: [] });
  await tools.local().close();
  await expect(call('GET', '/v1/tokens')).rejects.toThrow(StoreUnavailable);
  await tools.close();
});

const OWNER =
  /^log\/checkpoint: (?:permission denied|not permitted)\. The user that runs this has no right to it: all of the data folder .+$/;

test.each([
  [
    'EROFS',
    "read-only file system, mkdir 'data'",
    /^data: read-only file system\. It is mounted read-only: by the unit, .+ or by the system/,
  ],
  ['EACCES', "permission denied, open 'log/checkpoint'", OWNER],
  ['EPERM', "not permitted, open 'log/checkpoint'", OWNER],
  ['ENOSPC', 'no space left on device, write', /^no space left on device\. Make room on that disk/],
  [
    'EMFILE',
    "too many open files, open 'log/checkpoint'",
    /^log\/checkpoint: too many open files\. Raise the limit of open files/,
  ],
  ['EEXIST', "file already exists, mkdir 'data'", /^data: it is a file, not a folder$/],
  ['EEXIST', "file already exists, link 'new' -> 'there'", /^new: file already exists$/],
  ['EISDIR', "illegal operation on a directory, open 'data'", /^data: it is a folder$/],
  ['ENOTDIR', "not a directory, lstat 'file/x'", /^file\/x: a part of this path is a file$/],
])('%s is one line, with what to do', (code, message, line) =>
  expect(describeForOperator(Object.assign(new Error(`${code}: ${message}`), { code }))).toMatch(line),
);

test.each([
  [
    'of a file that was given',
    new CommandRefused("seen.csv cannot be read: EACCES: permission denied, open 'seen.csv'"),
    /^seen.csv cannot be read: permission denied$/,
  ],
  [
    'of an address',
    new BadSettings('cannot listen on PORT 80: listen EACCES: permission denied ::'),
    /PORT 80: permission denied ::$/,
  ],
  ['of a name', new CommandRefused('gate: getaddrinfo ENOTFOUND gate.example'), /^gate: no address is known of gate.example$/],
  ['of a database', new StoreUnavailable('data/aldergate.db: disk I/O error'), /disk I\/O error\. Make room/],
  ['of a lock', new StoreUnavailable('side.db, commit: database is locked'), /is locked\. Another program holds it/],
  ['of a reserve', new StoreUnavailable('log: the disk has only its reserve left'), /reserve left\. Make room/],
])('a line %s says nothing of the owner of the data folder', (_, error, line) =>
  expect(describeForOperator(error)).toMatch(line),
);

test('what SQLite cannot open has one line with each reason, also when another thread threw it', () => {
  const error = Object.assign(new Error('data/side.db: unable to open database file'), { name: 'StoreUnavailable' });
  expect(describeForOperator(error)).toMatch(/database file\. .*must belong to.* another file.* too many are open.* too long$/);
});

test('a defect has no line', () => expect(describeForOperator(new TypeError('x is undefined'))).toBeUndefined());

const place = await placeOfFile();

const opening = (env: NodeJS.ProcessEnv) => openInstallation(readSettings({ ...place.env, ...env }, 'no file'));

test('a gate keeps the name that its log has with the first notice, whatever its address is then; another one is refused', async () => {
  const first = opening({ ALDERGATE_URL: 'https://gate.city.gov' });
  await addVendor(first.ports, 'acme', 'Acme Cameras');
  const notice = writeIn(place, 'notice.json', searchNotice('acme'));
  const entered = await cli(place, 'notice', notice, '--channel', 'letter', '--heard-at', '2026-03-01T09:00:00Z');
  expect(entered).toMatchObject({ code: 0 });
  await sequence(sequencerPorts(await keepLogName(first)));
  await first.close();
  const other = opening({ ALDERGATE_LOG_ORIGIN: 'wrong.city.gov/log' });
  await expect(startServer(other)).rejects.toThrow(
    /named wrong\.city\.gov\/log, .*published as gate\.city\.gov\/log.* Set ALDERGATE_LOG_ORIGIN .* to gate\.city\.gov\/log, or leave it out/,
  );
  await other.close();
  // The files may be lost, and the name is not.
  rmSync(join(place.folder, 'data/log'), { recursive: true });
  const moved = opening({ ALDERGATE_URL: 'https://other.city.gov' });
  const named = await keepLogName(moved);
  expect(named.settings.logOrigin).toBe('gate.city.gov/log');
  await sequence(sequencerPorts(named));
  await moved.close();
  expect(await cli(place, 'fsck')).toMatchObject({ code: 0 });
});
