import { expect, onTestFinished, test } from 'vitest';
import { isWeeklyOff } from '../../../../functions/reactions/notify/weekly.ts';
import { ORIGIN, openCity } from './support/city.ts';

const form = { 'content-type': 'application/x-www-form-urlencoded' };

const story = async () => {
  const city = await openCity();
  onTestFinished(() => city.close());
  const { sideStore } = city.deps.ports;
  const target = { purpose: 'weekly', holder: 'hm', body: 'mayor', seat: 'mayor' } as const;
  const path = await city.linkTo(target);
  const send = (body: string, headers: Record<string, string> = {}, to = path) =>
    city.app.request(`${ORIGIN}${to}`, { method: 'POST', body, headers: { ...form, ...headers } });
  const off = () => isWeeklyOff(sideStore, 'hm');
  return { city, path, send, off };
};

test('looking changes nothing; the button switches it off, and on again', async () => {
  const { city, path, send, off } = await story();
  const page = await city.page(path);
  expect(page).toContain('Stop this mail');
  expect(await off()).toBe(false);
  const sent = await send('weekly=off', { origin: ORIGIN });
  expect([sent.status, sent.headers.get('location')]).toStrictEqual([303, path]);
  expect(await off()).toBe(true);
  expect(await city.page(path)).toContain('Send it to me again');
  await send('weekly=on', { origin: ORIGIN });
  expect(await off()).toBe(false);
});

test('a program for mail switches it off in one request without an origin (RFC 8058), and cannot switch it on', async () => {
  const { send, off } = await story();
  expect((await send('List-Unsubscribe=One-Click')).status).toBe(204);
  expect(await off()).toBe(true);
  expect((await send('weekly=on')).status).toBe(403);
  expect(await off()).toBe(true);
});

test.each([
  ['another word', 'weekly=maybe', 422],
  ['nothing', '', 422],
  ['something unknown', 'weekly=off&x=1', 422],
])('%s is refused and changes nothing', async (_, body, status) => {
  const { send, off } = await story();
  expect((await send(body, { origin: ORIGIN })).status).toBe(status);
  expect(await off()).toBe(false);
});

test('an unknown link opens nothing, and this one opens nothing else', async () => {
  const { city, path, send } = await story();
  expect((await send('weekly=off', { origin: ORIGIN }, `/m/${'a'.repeat(43)}`)).status).toBe(404);
  const token = path.slice('/m/'.length);
  for (const other of [`/d/${token}`, `/d/${token}/inbox`, `/d/${token}/desk`])
    expect((await city.get(other)).status, other).toBe(404);
  const decide = await city.link('mayor', 'mayor', await city.notify());
  expect((await city.get(decide.replace('/d/', '/m/'))).status).toBe(404);
});
