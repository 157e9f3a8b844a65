import { beforeEach, expect, test } from 'vitest';
import type { Received } from '../../../../functions/gate/intake.ts';
import { certificate, cityForEach, roll } from './support/city.ts';

let change: Received;
let clerk: string;

const city = cityForEach();
beforeEach(async () => {
  change = await city.notify();
  clerk = await city.link('clerk', 'council', change);
  await city.post(clerk, certificate(change, { mover: 'district-2', 'vote.district-1': 'yes' }));
});

const correct = (fields: Record<string, string>) => city.post(clerk, certificate(change, { purpose: 'correct', ...fields }));

test('a record is not corrected without saying why', async () => {
  const before = city.writes.commits;
  const refused = await correct({ ...roll(4) });
  expect(refused.status).toBe(422);
  expect(await refused.json()).toMatchObject({
    errors: [{ pointer: '/comment', detail: 'Give the reason for the correction.' }],
  });
  expect((await correct({ ...roll(4), comment: ' \n ' })).status).toBe(422);
  expect(city.writes.commits).toBe(before);
});

test('a reason stands in the history and on the receipt, in public too', async () => {
  expect((await correct({ ...roll(4), comment: 'At Large said yes.' })).status).toBe(303);
  for (const path of [clerk, `/changes/${change.change}`]) {
    const page = await city.page(path);
    expect(page).toContain('Reason for the correction');
    expect(page).toContain('At Large said yes.');
  }
});

test('the form begins with what was recorded', async () => {
  const page = await city.page(clerk);
  expect(page).toMatch(/name="fileNumber" value="26-0412"/);
  expect(page).toMatch(/name="vote\.at-large" value="no" checked/);
  expect(page).toMatch(/name="mover"[\s\S]*?<option value="district-2" selected>/);
});

test('a correction sent twice is one, and setting the record back is another', async () => {
  const wrong = { ...roll(4), comment: 'Read again.' };
  const right = { ...roll(3), comment: 'Read again.' };
  for (const fields of [wrong, right, wrong]) {
    const before = city.writes.commits;
    expect((await correct(fields)).status).toBe(303);
    expect(city.writes.commits).toBe(before + 1);
    expect((await correct(fields)).status).toBe(303);
    expect(city.writes.commits).toBe(before + 1);
  }
  const told = await (await city.get(`/changes/${change.change}?format=json`)).json();
  expect(told).toMatchObject({ requirements: [{ id: 'council', yes: 4 }, {}, {}] });
});

test('a correction that no longer carries the approval ends it at once', async () => {
  await city.sign(change);
  expect(await city.status()).toBe('enabled');
  expect((await correct({ ...roll(1), comment: 'Two names were misread.' })).status).toBe(303);
  expect(await city.status()).toBe('revoked');
});
