import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createToken } from '../../../functions/web/http/tokens.ts';
import { type DemoCity, openCity } from '../../../infra/demo/city.ts';
import { request } from '../../../infra/demo/http.ts';
import { cliOn } from './process.ts';

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
});

const asked = (method: string, path: string, json?: object) =>
  request(method, `${city.url}${path}`, { token: admin, ...(json !== undefined && { json }) });
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
  expect(await cliOn(city.installation.settings.data, 'fsck')).toMatchObject({ code: 1 });
  const names = Object.keys(row);
  database.prepare(`INSERT INTO commits (${names}) VALUES (${names.map(() => '?')})`).run(...Object.values(row));
  // The sequencer may have compared the stream meanwhile: it then holds it until it looks again.
  await expect.poll(ask).toBe(401);
});
