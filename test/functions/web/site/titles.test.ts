import { beforeEach, expect, test } from 'vitest';
import type { Received } from '../../../../functions/gate/intake.ts';
import { certificate, cityForEach } from './support/city.ts';

let change: Received;
let clerk: string;
let mayor: string;

const city = cityForEach();
beforeEach(async () => {
  change = await city.notify();
  clerk = await city.link('clerk', 'council', change);
  mayor = await city.link('mayor', 'mayor', change);
});

test('each page about a change has a title of its own, which begins with what it asks', async () => {
  const titles = async (...paths: readonly string[]) =>
    Promise.all(paths.map(async (path) => /<title>(.*?) · /.exec(await city.page(path))?.[1]));
  const before = ['Change 1: FreeForm search for vehicles', 'What did the City Council decide about “FreeForm search…'];
  expect(await titles('/changes/acme/1', clerk)).toEqual(before);
  await city.post(clerk, certificate(change));
  const after = [
    'FreeForm search for vehicles',
    'Receipt: FreeForm search for vehicles',
    'Switch on “FreeForm search for vehicles”?',
  ];
  expect(await titles('/features/acme', clerk, mayor)).toEqual(after);
});

test('a form that could not be read leads back to its own page, a link that does not work to the register', async () => {
  const page = { accept: 'text/html' };
  const long = await city.post(clerk, { comment: 'x'.repeat(140_000) }, page);
  expect([long.status, await long.text()]).toEqual([
    413,
    expect.stringContaining(`<a href="${clerk}">Back to the page of this link`),
  ]);
  const dead = await (await city.post('/d/nothing', {}, page)).text();
  expect(dead).toContain('<p><a href="/">Register</a></p>');
});
