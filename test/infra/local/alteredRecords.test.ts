import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type DemoCity, demoNotice, openCity, request, signMessage } from '../../../infra/demo/city.ts';
import { printed } from './cityProcess.ts';
import { cliOn, readyz } from './process.ts';

const OWN_SECRET = `whsec_${Buffer.alloc(32, 'an attacker').toString('base64')}`;

let city: DemoCity;
let side: DatabaseSync;
let consumers: DatabaseSync;
const data = () => city.installation.settings.data;

beforeAll(async () => {
  city = await openCity(0);
  side = new DatabaseSync(join(data(), 'side.db'), { timeout: 60_000 });
  consumers = new DatabaseSync(join(data(), 'consumers.db'), { timeout: 60_000 });
});
afterAll(async () => {
  side.close();
  consumers.close();
  await city.close();
});

/** Every record as it stands, put back after each test: what was not mailed for a test's sake is mailed then. */
const stored = () => [side, consumers].map((file) => ({ file, rows: file.prepare('SELECT * FROM side').all() }));
let records: ReturnType<typeof stored>;
beforeEach(async () => {
  await city.settle();
  records = stored();
});
afterEach(async () => {
  for (const { file, rows } of records) {
    file.exec('BEGIN IMMEDIATE; DELETE FROM side');
    const insert = file.prepare('INSERT INTO side VALUES (?, ?, ?, ?, ?)');
    for (const { kind, id, value, mac_key, mac } of rows)
      insert.run(...([kind, id, value, mac_key, mac] as [string, string, string, string, Uint8Array]));
    file.exec('COMMIT');
  }
  await expect.poll(readiness).toBe('{"status":"ready"}');
});

const readiness = async () => (await readyz(city.url)).text;

/** How many mails there are to a person, or about something. */
const mails = async (to = 'clerk@', about = '') => {
  const { json } = await request('GET', `${city.url}/dev/outbox.json`);
  const all = json as readonly { readonly to: string; readonly subject: string }[];
  return all.filter((mail) => mail.to.startsWith(to) && mail.subject.includes(about)).length;
};

const alarmed = async (named: string) => {
  await expect.poll(readiness).toContain(named);
  expect(await readiness()).toContain('"record-altered"');
};

const postAs = async (secret: string) =>
  (await request('POST', `${city.url}/v1/notices`, signMessage(city.clock, secret, demoNotice('records-plate-data')))).status;

describe('in the database of a running gate', () => {
  test('a vendor’s secret that was replaced forges no notice', async () => {
    side.prepare("UPDATE side SET value = ? WHERE kind = 'vendor-secret'").run(JSON.stringify({ secret: OWN_SECRET }));
    expect(await postAs(OWN_SECRET)).toBe(401);
    await alarmed('vendor-secret/k_');
    for (const command of ['doctor', 'fsck']) expect(await cliOn(data(), command)).toMatchObject(printed('vendor-secret/k_', 1));
  });

  test('a vendor’s secret that was removed is named', async () => {
    side.exec("DELETE FROM side WHERE kind = 'vendor-secret'");
    await alarmed('The secret of key k_');
  });

  test('an inserted token lets no one in', async () => {
    const id = 'ab'.repeat(32);
    const value = JSON.stringify({ name: 'operator', scopes: ['admin'] });
    side.prepare('INSERT INTO side (kind, id, value) VALUES (?, ?, ?)').run('token', id, value);
    expect((await request('GET', `${city.url}/v1/tokens`, { token: 'ald_'.padEnd(60, 'a') })).status).toBe(401);
    await alarmed('token/');
  });

  test('the clerk and IT are mailed what was altered, once', async () => {
    const mailed = async () => [
      await mails('clerk@', 'not right'),
      await mails('it@', 'not right'),
      await mails('', 'not right'),
    ];
    const [clerk = 0, it = 0, all = 0] = await mailed();
    side.exec("UPDATE side SET mac = zeroblob(32) WHERE kind = 'vendor'");
    await expect.poll(readiness).toContain('record-altered');
    for (const _ of [1, 2]) await city.settle();
    expect(await mailed()).toEqual([clerk + 1, it + 1, all + 2]);
  });

  test('a mail is silenced by no record that says it was sent', async () => {
    const before = await mails();
    await city.post('plate-readers');
    await city.settle();
    const sent = (await mails()) - before;
    expect(sent).toBeGreaterThan(0);
    consumers.exec("DELETE FROM side WHERE kind IN ('mark', 'feed-cursor') AND id LIKE 'notify%'");
    await city.settle();
    expect(await mails()).toBe(before + sent);
    consumers.exec("UPDATE side SET mac = zeroblob(32) WHERE kind = 'sent'");
    consumers.exec("DELETE FROM side WHERE kind IN ('mark', 'feed-cursor') AND id LIKE 'notify%'");
    await city.settle();
    expect(await mails()).toBeGreaterThan(before + sent);
  });
});
