import { beforeEach, expect, test } from 'vitest';
import type { Received } from '../../../../functions/gate/intake.ts';
import { BALLOTS, certificate, cityForEach, decision, ROSTER } from './support/city.ts';

let change: Received;
const city = cityForEach({ policy: BALLOTS });
beforeEach(async () => {
  change = await city.notify();
});

const ballot = async (who: 'h1' | 'h2' | 'h3' | 'h4', fields: Record<string, string> = {}) =>
  city.post(await city.link(who, 'council', change), decision(change, fields));

test('three members and the mayor: on; no tally shows before', async () => {
  await ballot('h1');
  await ballot('h2', { decision: 'refuse' });
  const other = await city.page(await city.link('h4', 'council', change));
  const open = await city.page('/changes/acme/1');
  expect(open).toContain('has answered');
  expect(open).not.toContain('answered: ');
  expect(other).not.toContain('answered: ');
  expect(await (await city.get('/changes/acme/1?format=json')).json()).not.toHaveProperty('requirements.0.yes');
  await ballot('h3');
  await ballot('h4');
  expect(await city.page('/changes/acme/1')).toContain('answered: no');
  expect((await city.sign(change)).status).toBe(303);
  expect(await city.status()).toBe('enabled');
});

test('a member is shown the form until the seat has answered', async () => {
  const link = await city.link('h1', 'council', change);
  expect(await city.page(link)).toContain('name="decision"');
  await ballot('h1');
  expect(await city.page(link)).not.toContain('name="decision"');
});

test('one answer a seat: the same again is the same, another is refused', async () => {
  expect((await ballot('h1')).status).toBe(303);
  expect((await ballot('h1')).status).toBe(303);
  expect((await ballot('h1', { decision: 'refuse' })).status).toBe(409);
});

test('a member reads in their own language, and in the one they ask for', async () => {
  const link = await city.link('h3', 'council', change);
  expect(await city.page(link)).toContain('<html lang="es"');
  expect(await city.page(`${link}?lang=en`)).toContain('<html lang="en"');
});

test('a member cannot certify, and a form of the wrong kind names the fields', async () => {
  const answer = await city.post(await city.link('h1', 'council', change), certificate(change));
  expect(answer.status).toBe(422);
  const problem = (await answer.json()) as { errors: { pointer: string }[] };
  expect(problem.errors.map(({ pointer }) => pointer)).toContain('/purpose');
});

test('an officer whose term has ended reads and decides nothing', async () => {
  const link = await city.link('h1', 'council', change);
  const holders = ROSTER.holders.map((each) => (each.id === 'h1' ? { ...each, to: '2026-03-02' } : each));
  await city.replaceHolders(holders, 'clerk', 'mayor');
  expect((await city.post(link, decision(change))).status).toBe(409);
  expect(await city.page(link)).toContain('You do not hold this seat today');
});
