import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, type SQLOutputValue } from 'node:sqlite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as z from 'zod';
import { formatVerifierKey } from '../../../domain/log/note.ts';
import { evaluateKey } from '../../../functions/gate/heads.ts';
import { orderRedaction } from '../../../functions/gate/redactions.ts';
import { isInLog } from '../../../functions/log/sequencer/logIndex.ts';
import { logSigner } from '../../../functions/log/sequencer/ports.ts';
import { commitOf } from '../../../functions/platform/store/record.ts';
import { createToken } from '../../../functions/web/http/tokens.ts';
import { type DemoCity, openCity, request } from '../../../infra/demo/city.ts';
import { mailedLink, play, story } from '../../../infra/demo/story.ts';
import { type Installation, openInstallation } from '../../../infra/local/installation.ts';
import { logOrigin } from '../../../infra/local/settings.ts';
import { folderOfFile } from '../../support/folders.ts';
import { printed } from './cityProcess.ts';
import { cliOn, readyz } from './process.ts';
import { answerAt } from './revokedCity.ts';

const DAY = 10;
const scratch = folderOfFile('way-out');
type Row = Readonly<Record<string, SQLOutputValue>>;

let city: DemoCity;
let database: DatabaseSync;
let links: Readonly<Record<'contract' | 'readers', string>>;
beforeAll(async () => {
  city = await openCity(DAY);
  for (const step of story.filter(({ day }) => day <= DAY)) await play(city, step);
  database = new DatabaseSync(join(city.installation.settings.data, 'aldergate.db'), { timeout: 60_000 });
  links = { contract: await mailedLink(city, 'mayor', 'northcam/1'), readers: await mailedLink(city, 'mayor', 'northcam.lpr/1') };
});
afterAll(async () => {
  database.close();
  await city.close();
});

const isOn = (key: string) => answerAt(city.url, city.itToken, key);

const headOf = (stream: string): Row =>
  database.prepare('SELECT * FROM commits WHERE stream = ? ORDER BY version DESC LIMIT 1').get(stream) ?? expect.fail(stream);
/** The ways in which a row fails: somebody wrote into it, or the disk did. */
const unsign = ({ seq = 0 }: Row): unknown => database.prepare('UPDATE commits SET mac = zeroblob(32) WHERE seq = ?').run(seq);
const garble = ({ seq = 0 }: Row): unknown =>
  database.prepare(`UPDATE commits SET bytes = CAST('{"' AS BLOB) WHERE seq = ?`).run(seq);
const putBack = ({ bytes = '', mac = '', seq = 0 }: Row): unknown =>
  database.prepare('UPDATE commits SET bytes = ?, mac = ? WHERE seq = ?').run(bytes, mac, seq);

const plant = ({ stream = '', version = 0, bytes = '', state = '', state_version: shape = 0 }: Row) =>
  Number(
    database
      .prepare('INSERT INTO commits (stream, version, bytes, state, state_version) VALUES (?, ?, ?, ?, ?)')
      .run(stream, Number(version) + 1, bytes, state, shape).lastInsertRowid,
  );

const readiness = async () => (await readyz(city.url)).text;
const page = (url: string) => request('GET', url, { headers: { accept: 'text/html' } });
const shows = async (url: string, text: string) =>
  expect(await page(url)).toMatchObject({ status: 200, text: expect.stringContaining(text) });
const fsck = () => cliOn(city.installation.settings.data, 'fsck');
const revoke = async (link: string, reason: string) => {
  const headers = { 'content-type': 'application/x-www-form-urlencoded', origin: city.url };
  return (await request('POST', `${link}/revoke`, { body: new URLSearchParams({ reason }).toString(), headers })).status;
};

const redactReason = async (action: 'withhold' | 'disclose') => {
  const { ports, everything } = city.installation;
  const [recorded] = await everything.history('revocation', {});
  const { reason } = z.object({ reason: z.string() }).parse(recorded && commitOf(recorded).events[0]);
  const place = { key: 'northcam.lpr', change: 1, revision: null };
  const order = { ...place, commitment: reason, authority: 'Records Act', fileNumber: '26-9', by: 'token:operator' };
  const withheld = { everywhere: false, reason: 'personal-data' } as const;
  return orderRedaction(ports, action === 'withhold' ? { ...order, action, ...withheld } : { ...order, action });
};

const published = async (stream: string) => {
  await city.settle();
  const { secrets, settings, everything, ports } = city.installation;
  const key = formatVerifierKey(logSigner(secrets.logKey, logOrigin(settings)).key);
  expect(await cliOn(settings.data, 'verify', join(settings.data, 'log'), '--key', key)).toMatchObject({ code: 0, stderr: '' });
  const types: string[] = [];
  for (const commit of await everything.history(stream, {}))
    if (await isInLog(ports.sideStore)(commit))
      types.push(...commitOf(commit).events.flatMap(({ type }) => (typeof type === 'string' ? [type] : [])));
  return types;
};

test('a row of the feature: a revocation is taken, public, and holds once the row is as it was', async () => {
  const row = headOf('feature/northcam.lpr');
  expect(await isOn('northcam.lpr')).toBe(true);
  unsign(row);
  expect(await isOn('northcam.lpr')).toBe(false);
  await shows(links.readers, 'The feature is off now. You can still switch it off');
  expect(await revoke(links.readers, 'Not like this.')).toBe(303);
  await shows(links.readers, 'You switched it off on');
  expect(await revoke(links.readers, 'Not like this.')).toBe(303);
  expect(await published('revocation')).toEqual(['RevocationRecorded']);
  // Its reason can be withheld while its feature cannot be read, and is still withheld once it can be.
  expect(await redactReason('withhold')).toMatchObject({ ok: true, redaction: { stream: 'revocation', version: 1, change: 1 } });

  putBack(row);
  expect(await isOn('northcam.lpr')).toBe(false);
  expect((await published('feature/northcam.lpr')).at(-1)).toBe('ApprovalRevoked');
  expect(await isOn('northcam.lpr')).toBe(false);
  expect((await page(links.readers)).text).toContain('Not like this.');
  const withheld = (await page(`${city.url}/changes/northcam.lpr/1`)).text;
  expect(withheld).toContain('Withheld from the public by');
  expect(withheld).not.toContain('Not like this.');
  expect(await redactReason('disclose')).toMatchObject({ ok: true, redaction: { status: 'disclosed' } });
  await shows(links.readers, 'Not like this.');
  expect(await fsck()).toMatchObject({ code: 0 });
});

const standingIn = async ({ ports }: Pick<Installation, 'ports'>, key: string) => {
  const [{ enabled, variant }, head] = [
    await evaluateKey(ports, key, { agencies: ['police'] }),
    await ports.store.head(`feature/${key}`),
  ];
  return { enabled, variant, last: head && commitOf(head).events.at(-1)?.type };
};

test('every list of officials, then a row of the feature: a revocation by link, and an export of what the log has once they are back', async () => {
  const { settings } = city.installation;
  await city.post('contract-renewal', { effectiveAt: city.clock.dayAt(20), endsAt: city.clock.dateAt(400) });
  await city.settle();
  const [roster, renewal] = [headOf('roster'), headOf('feature/northcam')];
  expect(roster.version).toBe(1);
  garble(roster);
  expect(await isOn('northcam')).toBe(true);
  // What the page says of it is what is answered.
  await shows(links.contract, 'The feature is on now. You can still switch it off');
  expect(await revoke(links.contract, 'Nor like that.')).toBe(303);
  expect(await isOn('northcam')).toBe(false);
  garble(renewal);
  const planted = plant(headOf('vendor/recordex'));

  const [archive, data] = [join(scratch, 'archive.ndjson'), join(scratch, 'data')];
  for (const args of [[], ['--logged']])
    expect(await cliOn(settings.data, 'export', archive, ...args)).toMatchObject({ code: 1, stdout: '' });
  await expect.poll(readiness).toMatch(/judge-failed.*vendor\/recordex/);
  for (const row of [roster, renewal]) putBack(row);
  expect(await isOn('northcam')).toBe(false);
  expect((await published('feature/northcam')).at(-1)).toBe('ApprovalRevoked');
  expect(await fsck()).toMatchObject(printed('vendor/recordex@2', 1));

  const named = expect.stringMatching(/^aldergate: not exported: the log lacks commits of 1 streams \(vendor\/recordex@2\)/);
  expect(await cliOn(settings.data, 'export', archive)).toMatchObject({ code: 1, stdout: '', stderr: named });
  expect(existsSync(archive)).toBe(false);
  expect(await cliOn(settings.data, 'export', archive, '--logged')).toMatchObject(
    printed(/^exported to .*\nkeys, .*\nleft out, .*: vendor\/recordex@2\n$/),
  );
  expect(await cliOn(data, 'import', archive)).toMatchObject({ code: 0 });
  expect(await cliOn(data, 'fsck')).toMatchObject({ code: 0 });
  const other = openInstallation({ ...settings, data }, city.clock.now);
  expect(await standingIn(other, 'northcam')).toEqual({ enabled: false, variant: 'revoked', last: 'ApprovalRevoked' });
  await other.close();
  database.exec(`DELETE FROM commits WHERE seq = ${planted}`);
  // The sequencer releases a stream that it held when it next looks.
  await city.settle();
  expect(await fsck()).toMatchObject({ code: 0 });
});

test('a row that ends something and is removed brings nothing back', async () => {
  const { token: admin } = await createToken(city.installation.ports, { name: 'admin', scopes: ['admin'], person: null });
  const { id, token } = await createToken(city.installation.ports, { name: 'ended', scopes: ['state:read'] });
  const ask = async () => (await request('GET', `${city.url}/v1/features`, { token })).status;
  expect(await request('DELETE', `${city.url}/v1/tokens/${id}`, { token: admin })).toMatchObject({ status: 200 });
  await expect.poll(ask).toBe(401);
  await city.settle();
  const row =
    database.prepare('SELECT * FROM commits WHERE stream = ? AND version = 2').get(`access/token/${id}`) ?? expect.fail(id);
  database.prepare('DELETE FROM commits WHERE seq = ?').run(row['seq'] ?? 0);
  for (const _ of [1, 2]) expect(await ask()).toBe(503);
  await expect.poll(readiness).toContain('row-altered');
  expect(await fsck()).toMatchObject({ code: 1 });
  const names = Object.keys(row);
  database.prepare(`INSERT INTO commits (${names}) VALUES (${names.map(() => '?')})`).run(...Object.values(row));
  // The sequencer may have compared the stream meanwhile: it then holds it until it looks again.
  await expect.poll(ask).toBe(401);
});
