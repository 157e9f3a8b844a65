import { afterEach, beforeEach, expect, test } from 'vitest';
import type { SoftwareKey } from '../../../support/authenticator.ts';
import { certificate, decision, ORIGIN } from '../site/support/city.ts';
import { MEETINGS } from '../site/support/policies.ts';
import { commitsIn, eventsIn, type PasskeyCity, passkeyCity } from './world.ts';

// The clerk names the meeting for a second vote: a decision, by passkey where one is asked for.

const MEETING = '2026-04-15';
let city: PasskeyCity;
let clerk: string;
let key: SoftwareKey;

beforeEach(async () => {
  city = await passkeyCity('when-enrolled', { policy: MEETINGS });
  const change = await city.notify();
  clerk = await city.link('clerk', 'council', change);
  key = await city.enrol(clerk);
  expect((await city.decide(clerk, certificate(change), key)).status).toBe(303);
  const veto = await city.send(await city.link('mayor', 'mayor', change), decision(change, { decision: 'refuse' }));
  expect(veto.status).toBe(303);
});
afterEach(() => city.close());

const named = async () => (await eventsIn(city)).filter(({ type }) => type === 'MeetingNamed');

test('is named in two steps, with the signature in the record; the page before it shows the day and decides nothing', async () => {
  const asked = await city.send(`${clerk}/meeting`, { meetingDate: MEETING });
  const page = await asked.clone().text();
  expect(page).toContain('April 15, 2026');
  expect(page).toContain('data-passkey');
  expect(await named()).toEqual([]);
  const form = await city.formOf(asked);
  expect((await city.send(form.action, city.answer(form, key))).status).toBe(303);
  expect(await named()).toMatchObject([{ meetingDate: MEETING, assertion: { credential: key.id, gate: ORIGIN } }]);
  const before = await commitsIn(city);
  expect((await city.send(form.action, city.answer(form, key))).status).toBe(303);
  expect(await commitsIn(city)).toBe(before);
});

test('from the step with the passkey the day can be changed', async () => {
  const asked = { ...(await city.ask(`${clerk}/meeting`, { meetingDate: MEETING })).fields };
  const { decision: naming = '', revision = '', digest = '' } = asked;
  const again = await city.send(clerk, { decision: naming, revision, digest, meetingDate: MEETING, edit: 'yes' });
  expect(await again.text()).toContain(`name="meetingDate" value="${MEETING}"`);
  expect(await named()).toEqual([]);
});

test('the signature of one day names no other', async () => {
  const form = await city.ask(`${clerk}/meeting`, { meetingDate: MEETING });
  const other = { ...city.answer(form, key), meetingDate: '2026-04-16' };
  expect((await city.send(form.action, other)).status).toBe(409);
  expect(await named()).toEqual([]);
});

test('a program that sends no passkey learns that one is needed', async () => {
  const answer = await city.post(`${clerk}/meeting`, { meetingDate: MEETING });
  expect(answer.status).toBe(409);
  expect(await answer.json()).toMatchObject({ type: expect.stringContaining('passkey-required') });
});

test('a form from elsewhere, one with a field too many and one without a day are refused, each by its field', async () => {
  const link = `${clerk}/meeting`;
  const elsewhere = await city.post(link, { meetingDate: MEETING }, { origin: 'https://other.example' });
  expect(elsewhere.status).toBe(403);
  expect(await elsewhere.json()).toMatchObject({ detail: expect.stringContaining(ORIGIN) });
  for (const field of ['decision', 'comment', 'fileNumber']) {
    const answer = await city.post(link, { meetingDate: MEETING, [field]: 'x' });
    expect(answer.status, field).toBe(422);
    expect(await answer.json()).toMatchObject({ errors: [{ pointer: `/${field}` }] });
  }
  for (const meetingDate of ['', 'soon', '2026-02-30']) {
    const answer = await city.post(link, { meetingDate });
    expect(answer.status, meetingDate).toBe(422);
    expect(await answer.json()).toMatchObject({ errors: [{ pointer: '/meetingDate' }] });
  }
  expect(await named()).toEqual([]);
});
