import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { formatVerifierKey } from '../../../domain/log/verifierKey.ts';
import { logSigner } from '../../../functions/log/sequencer/signer.ts';
import { createToken } from '../../../functions/web/http/tokens.ts';
import { type DemoCity, openCity } from '../../../infra/demo/city.ts';
import { request } from '../../../infra/demo/http.ts';
import { logOrigin } from '../../../infra/local/settings.ts';
import { cli, programEnv } from './process.ts';

const scratch = mkdtempSync(join(tmpdir(), 'aldergate-endings-'));
let city: DemoCity;
let database: DatabaseSync;
let admin: string;
beforeAll(async () => {
  city = await openCity(0);
  city.clock.release();
  database = new DatabaseSync(join(city.installation.settings.data, 'aldergate.db'), { timeout: 60_000 });
  admin = (await createToken(city.installation.ports, { name: 'admin', scopes: ['admin'] })).token;
});
afterAll(async () => {
  database.close();
  await city.close();
  rmSync(scratch, { recursive: true, force: true });
});

/** Runs `work` while the newest row of a stream has another MAC, as one who writes into the database makes it, and puts the row back. */
const failing = async (stream: string, work: () => Promise<void>): Promise<void> => {
  const found = database.prepare('SELECT seq, mac FROM commits WHERE stream = ? ORDER BY version DESC LIMIT 1').get(stream);
  const { seq = 0, mac = null } = found ?? expect.fail(stream);
  database.prepare('UPDATE commits SET mac = zeroblob(32) WHERE seq = ?').run(seq);
  await work();
  database.prepare('UPDATE commits SET mac = ? WHERE seq = ?').run(mac, seq);
};

const asked = (method: string, path: string, json?: object) =>
  request(method, `${city.url}${path}`, { token: admin, ...(json !== undefined && { json }) });
const run = (...args: readonly string[]) => {
  const { data } = city.installation.settings;
  const env = { ...programEnv(), HOME: scratch, ALDERGATE_DATA: data, ALDERGATE_URL: city.url };
  return cli({ folder: scratch, port: 0, url: city.url, env }, ...args);
};
const page = async (url: string): Promise<number> => (await request('GET', url, { headers: { accept: 'text/html' } })).status;
const clerksLink = async (): Promise<string> => {
  await city.settle();
  const { json } = await request('GET', `${city.url}/dev/outbox.json`);
  const mails = json as { readonly to: string; readonly links: readonly string[] }[];
  return mails.findLast(({ to, links }) => to.includes('clerk@') && links.length > 0)?.links[0] ?? expect.fail('no link');
};

test('a token, by the command line, while its row fails: it stays ended once the row is as it was', async () => {
  const { id, token } = await createToken(city.installation.ports, { name: 'leaked', scopes: ['state:read'] });
  const ask = async () => (await request('GET', `${city.url}/v1/features`, { token })).status;
  expect(await ask()).toBe(200);
  await failing(`access/token/${id}`, async () => {
    await expect.poll(ask).toBe(503);
    expect(await run('token', 'revoke', id)).toMatchObject({ code: 0, stdout: expect.stringContaining('is revoked') });
    const listed = expect.stringMatching(new RegExp(`${id}  leaked .*revoked  cannot be read`));
    expect(await run('token', 'list')).toMatchObject({ code: 0, stdout: listed });
  });
  // The row had not entered the log when it failed: the sequencer holds its stream until the next run.
  await city.settle();
  await expect.poll(ask).not.toBe(503);
  expect(await ask()).toBe(401);
});

test('a vendor’s key, its forms, and the links of an official', async () => {
  const key = ((await asked('GET', '/v1/vendors')).json as { items: { keys: { id: string }[] }[] }).items[0]?.keys[0]?.id;
  const { url: form } = (await asked('POST', '/v1/vendors/recordex/forms', {})).json as { url: string };
  await city.post('freeform-search');
  const link = await clerksLink();
  expect([await page(form), await page(link)]).toEqual([200, 200]);
  await failing('vendor/northcam', async () =>
    expect(await asked('DELETE', `/v1/vendors/northcam/keys/${key}`)).toMatchObject({ status: 200, json: { revoked: true } }),
  );
  await failing('vendor/recordex', async () =>
    expect(await asked('DELETE', '/v1/vendors/recordex/forms')).toMatchObject({ status: 200, json: { revoked: 1 } }),
  );
  await failing('roster', async () => {
    const ended = { status: 200, json: { holder: 'clerk', reissued: false } };
    expect(await asked('POST', '/v1/holders/clerk/links', { reissue: true })).toMatchObject(ended);
    expect(await asked('DELETE', '/v1/holders/clerk/passkeys')).toMatchObject({ status: 200, json: { resets: null } });
  });
  expect((await request('POST', `${city.url}/v1/notices`, city.sign('nationwide-lookup'))).status).toBe(401);
  expect(await page(form)).toBe(404);
  expect(await (await fetch(link)).text()).toContain('This link was replaced');

  expect(await asked('POST', '/v1/holders/clerk/links', { reissue: true })).toMatchObject({ json: { reissued: true } });
  const next = await clerksLink();
  expect([next === link, await page(next)]).toEqual([false, 200]);
});

test('a row that ends something and is removed brings nothing back', async () => {
  const { id, token } = await createToken(city.installation.ports, { name: 'ended', scopes: ['state:read'] });
  const ask = async () => (await request('GET', `${city.url}/v1/features`, { token })).status;
  expect(await asked('DELETE', `/v1/tokens/${id}`)).toMatchObject({ status: 200 });
  await expect.poll(ask).toBe(401);
  await city.settle();
  const row =
    database.prepare('SELECT * FROM commits WHERE stream = ? AND version = 2').get(`access/token/${id}`) ?? expect.fail(id);
  database.prepare('DELETE FROM commits WHERE seq = ?').run(row['seq'] ?? 0);
  for (const _ of [1, 2]) expect(await ask()).toBe(503);
  const problems = async () => JSON.stringify((await request('GET', `${city.url}/readyz`)).json);
  await expect.poll(problems).toContain('row-altered');
  expect(await run('fsck')).toMatchObject({ code: 1 });
  const names = Object.keys(row);
  database.prepare(`INSERT INTO commits (${names}) VALUES (${names.map(() => '?')})`).run(...Object.values(row));
  // The sequencer may have compared the stream meanwhile: it then holds it until it looks again.
  await expect.poll(ask).toBe(401);
});

test('all of it is in the public log, which is verified', async () => {
  await city.settle();
  const { secrets, settings, everything } = city.installation;
  const kinds = (await everything.history('ending', {})).map(
    ({ bytes }) => /"kind":"([a-z-]+)"/.exec(Buffer.from(bytes).toString())?.[1],
  );
  expect(kinds).toEqual(['token', 'vendor-key', 'links', 'passkeys']);
  const key = formatVerifierKey(logSigner(secrets.logKey, logOrigin(settings)).key);
  expect(await run('verify', city.url, '--key', key)).toMatchObject({ code: 0, stderr: '' });
  expect(await run('fsck')).toMatchObject({ code: 0 });
});
