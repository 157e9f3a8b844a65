import { beforeEach, describe, expect, test } from 'vitest';
import type { Received } from '../../../../functions/gate/intake.ts';
import { resolveLink } from '../../../../functions/gate/links.ts';
import { recordBounces } from '../../../../functions/reactions/notify/bounces.ts';
import { expectIn } from '../../../support/texts.ts';
import { certificate, cityForEach, POLICY, ROSTER, RULE } from './support/city.ts';

const NOTICE_OF_A_WEEK = { ...POLICY, rules: [{ ...RULE, notice: 'P7D' }] };

let change: Received;
let clerk: string;
const city = cityForEach({ policy: NOTICE_OF_A_WEEK });
beforeEach(async () => {
  change = await city.notify();
  clerk = await city.toClerk(change);
});

const page = (path: string) => city.page(path);
const agendaOf = () => city.ports.sideStore.get('agenda', 'council');
const opens = (link: string) => resolveLink({ ...city.ports, linkKey: city.deps.keys.linkKey }, link.slice('/d/'.length));

describe('what waits', () => {
  test('with until when, the earliest meeting that counts, and a link to each', async () => {
    const desk = await page(`${clerk}/desk`);
    expectIn(
      desk,
      'A vote counts if the meeting is on March 10, 2026 or later.',
      'Until Monday, June 1, 2026',
      `href="${clerk}"`,
    );
    expect(desk).toMatch(/<input type="checkbox" name="change" value="acme\/1">/);
    expect(desk).toContain('formaction="/packet"');
  });

  test('page and inbox name the day of the first meeting, and the form is there all that day', async () => {
    const paths = [clerk, `${clerk}/inbox`];
    for (const path of paths) await city.says(path, 'an be decided from March 10, 2026.');
    city.passDays(6.7);
    for (const path of paths) await city.omits(path, 'an be decided from');
    await city.shows(clerk, 'name="meetingDate"');
  });

  test('a second vote after a refusal is certified by itself', async () => {
    city.passDays(8);
    await city.post(clerk, certificate(change, { meetingDate: '2026-03-10' }));
    await city.refuse(change);
    const desk = await page(`${clerk}/desk`);
    expect(desk).toContain('Second vote after a refusal');
    // The vote must follow the refusal.
    await city.shows(clerk, 'A vote counts if the meeting is on March 11, 2026 or later.');
    expect(desk).not.toContain('A vote counts if');
    expect(desk).not.toContain('type="checkbox" name="change"');
  });

  test('is for clerks alone', async () => {
    const mayor = await city.toMayor(change);
    expect((await city.get(`${clerk}/desk/consent?body=council&change=acme/1`)).status).toBe(200);
    for (const path of [mayor, `/d/${'A'.repeat(43)}`]) expect((await city.get(`${path}/desk`)).status).toBe(404);
  });

  test('a change this clerk does not certify is reported', async () => {
    expect(await page(`${clerk}/desk/consent?body=board&change=acme/1`)).toContain('These cannot be certified here');
    expect(await page(`${clerk}/desk/consent?body=council&change=%3Cscript%3E`)).not.toContain('<script');
  });
});

test('without a tick each button of the desk asks for one', async () => {
  const none = [
    city.get(`${clerk}/desk/consent?body=council`),
    city.get('/packet?body=council'),
    city.post(`${clerk}/desk/agenda`, { body: 'council' }, { accept: 'text/html' }),
  ];
  const pages = (await Promise.all(none)).map((answer) => answer.text());
  for (const shown of await Promise.all(pages)) expect(shown).toContain('Tick at least one change on the desk first.');
});

test('a clerk has an agenda mailed to the body that votes, once a day; no one else does', async () => {
  const send = (link: string, over: Record<string, string> = {}) =>
    city.post(`${link}/desk/agenda`, { body: 'council', change: 'acme/1', ...over });
  expect(await page(`${clerk}/desk`)).toContain(`formmethod="post" formaction="${clerk}/desk/agenda"`);
  expect((await send(await city.toMayor(change))).status).toBe(404);
  expect(await agendaOf()).toBeUndefined();
  const done = await send(clerk);
  expect(done.status).toBe(303);
  expect(await page(done.headers.get('location') ?? '')).toContain(
    'Today’s agenda goes by mail to everyone who sits in the City Council',
  );
  const first = await agendaOf();
  expect(first).toMatchObject({ changes: ['acme/1'] });
  const again = async (over?: Record<string, string>) => page((await send(clerk, over)).headers.get('location') ?? '');
  expect(await again()).toContain('Today’s agenda goes by mail');
  const other = await city.notify({ feature: 'acme.other' });
  expect(await again({ change: other.change })).toContain('Not sent: today’s agenda for the City Council went out before');
  expect(await agendaOf()).toEqual(first);
  city.passDays(1);
  await send(clerk);
  expect(await agendaOf()).not.toEqual(first);
});

describe('links of a lost phone', () => {
  const send = (link: string, holder: string, over: Record<string, string> = {}) =>
    city.post(`${link}/desk/links`, { holder, generation: '1', action: 'reissue', ...over });

  test('a clerk cuts off those of a member it certifies for, and its own; not the mayor’s', async () => {
    const member = await city.link('h1', 'council', change);
    const mayor = await city.toMayor(change);
    const offered = [...(await page(`${clerk}/desk`)).matchAll(/name="holder" value="(\w+)"/g)].map(([, holder]) => holder);
    expect(new Set(offered)).toEqual(new Set(['h1', 'h2', 'h3', 'h4', 'hc']));
    await city.says(`${clerk}/desk`, 'Council member, District 1 City Council, district-1');
    // No scanner that presses buttons cuts off any.
    expect((await page(`${clerk}/desk`)).match(/type="checkbox" required/g)).toHaveLength(offered.length);
    const done = await send(clerk, 'h1');
    expect(done.status).toBe(303);
    expect(await page(done.headers.get('location') ?? '')).toContain(
      'The links of Council member, District 1 no longer work. New ones',
    );
    expect(await opens(member)).toBeUndefined();
    // The old form does not cut off the new links, and does not say so.
    const old = await send(clerk, 'h1', { action: 'revoke' });
    expect(await page(old.headers.get('location') ?? '')).toContain('no longer work. New ones');
    for (const [by, holder, status] of [
      [clerk, 'hm', 409],
      [mayor, 'h1', 404],
    ] as const)
      expect((await send(by, holder)).status).toBe(status);
    expect(await opens(mayor)).toMatchObject({ holder: 'hm' });
    expect((await send(clerk, 'hc', { action: 'revoke' })).status).toBe(303);
    await city.shows(clerk, 'This link was replaced');
    expect((await city.get(`${clerk}/desk`)).status).toBe(404);
  });

  test('returned mail is shown until the person has another address', async () => {
    const { sideStore, clock } = city.ports;
    const told = 'The last mail to Council member, District 1 came back.';
    await sideStore.put('directory', 'h1', { email: 'h1@city.example', language: 'en' });
    expect(await page(`${clerk}/desk`)).not.toContain(told);
    const detail = { eventType: 'Reject', mail: { destination: ['h1@city.example'] }, reject: { reason: 'no such user' } };
    await recordBounces({ sideStore, clock, logger: () => undefined }, { source: 'aws.ses', detail });
    expect(await page(`${clerk}/desk`)).toContain(told);
    await sideStore.put('directory', 'h1', { email: 'new@city.example', language: 'en' });
    expect(await page(`${clerk}/desk`)).not.toContain(told);
  });
});

test('an acting mayor for a week is shown on each day', async () => {
  const others = ROSTER.holders.filter(({ id }) => id !== 'hm');
  const mayor = ROSTER.holders.find(({ id }) => id === 'hm');
  const week = { from: '2026-03-10', to: '2026-03-16' };
  const holders = [
    ...others,
    { ...mayor, to: '2026-03-09' },
    { ...mayor, id: 'ha', name: 'The Acting Mayor', email: 'ha@city.example', ...week },
    { ...mayor, from: '2026-03-17' },
  ];
  await city.putForward(holders);
  expect(await page('/rules')).toContain('A new list of officials was proposed');
  await city.replaceHolders(holders, 'clerk', 'h1');
  await city.says('/rules?on=2026-03-12', 'Mayor The Acting Mayor from March 10, 2026 to March 16, 2026');
  await city.says('/rules?on=2026-03-17', 'Mayor The Mayor from March 17, 2026');
  expect((await city.get('/rules?on=nonsense')).status).toBe(400);
});
