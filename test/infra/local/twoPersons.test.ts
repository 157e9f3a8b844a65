import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import * as z from 'zod';
import { readKeyRecord } from '../../../functions/register/derived/records.ts';
import { createToken } from '../../../functions/web/http/tokens.ts';
import { demoRoster, openCity, request } from '../../../infra/demo/city.ts';
import { certifyVote } from '../../../infra/demo/story.ts';

// Who holds a seat and where links go changes by two named persons of two bodies, each by an own link; the operator is none of them.

const OLD = 'mayor@city.example';
const NEW = 'new-mayor@city.example';
const PUPPET = 'puppet@city.example';
const CLERK = 'clerk@city.example';
const MEMBER = 'district-1@council.example';
const CONFIRM = { decision: 'confirm' };
const ASKED = /Confirm a change of the list|Someone refused what was proposed|Your links were replaced/;

const Mails = z.array(z.object({ to: z.string(), subject: z.string(), links: z.array(z.string()) }));
const { bodies, holders } = demoRoster() as unknown as { readonly bodies: object; readonly holders: readonly { id: string }[] };

/** The demo's city, as its officials, its operator and the public use it: over HTTP. The caller closes it. */
const runningCity = async () => {
  const city = await openCity(60);
  const { token } = await createToken(city.installation.ports, { name: 'test', scopes: ['admin'], person: null });
  const html = { headers: { accept: 'text/html' } };
  const admin = async (method: string, path: string, json?: object) => {
    const answer = await request(method, `${city.url}${path}`, { token, ...(json !== undefined && { json }) });
    await city.settle();
    return answer;
  };
  const mailsTo = async (address: string) =>
    Mails.parse((await request('GET', `${city.url}/dev/outbox.json`)).json).filter(({ to }) => to.includes(address));
  const linkOf = async (address: string) =>
    (await mailsTo(address)).findLast(({ subject }) => ASKED.test(subject))?.links[0] ?? expect.fail(`no link for ${address}`);
  const submit = async (link: string, fields: Readonly<Record<string, string>>) => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded', origin: city.url };
    const answer = await request('POST', link, { body: new URLSearchParams(fields).toString(), headers });
    await city.settle();
    return answer;
  };
  const waiting = async () => (await admin('GET', '/v1/roster')).json;
  const atDay = async (day: number) => {
    city.clock.toDay(day);
    await city.settle();
  };
  return {
    city,
    atDay,
    admin,
    mailsTo,
    linkOf,
    submit,
    waiting,
    page: async (path: string) => (await request('GET', path.startsWith('http') ? path : `${city.url}${path}`, html)).text,
    withMayor: (edit: object) => {
      const filed = holders.map((holder) => (holder.id === 'mayor' ? { ...holder, ...edit } : holder));
      return admin('PUT', '/v1/roster', { bodies, holders: filed });
    },
    confirmed: async (...addresses: readonly string[]) => {
      for (const address of addresses) await submit(await linkOf(address), CONFIRM);
      return waiting();
    },
  };
};

describe('one city, in turn', () => {
  let running: Awaited<ReturnType<typeof runningCity>>;
  beforeAll(async () => {
    running = await runningCity();
    return () => running.city.close();
  });

  test('a refusal is public, mailed to the others with its reason for them alone, can be withheld, and stops nothing', async () => {
    const { admin, linkOf, submit, waiting, page, withMayor, confirmed } = running;
    await withMayor({ email: NEW });
    const mayors = await linkOf(OLD);
    const refusal = { decision: 'refuse', reason: 'This is not my address.' };
    expect(await submit(mayors, refusal)).toMatchObject({ status: 303 });
    const refusals = [{ holder: 'mayor', reason: expect.stringMatching(/^sha256:/) }];
    const { waits } = (await waiting()) as { readonly waits: { readonly refusals: readonly { readonly reason: string }[] } };
    expect(waits).toMatchObject({ refusals });
    for (const path of ['/rules', '/rules?format=json'])
      expect(await page(path)).not.toMatch(/@(city|council)\.example|my address/);
    expect((await page('/rules')).replaceAll(/<[^>]+>/g, '')).toContain('Refused by The Mayor');
    expect(await page(await linkOf(MEMBER))).toContain('This is not my address.');
    const order = { commitment: waits.refusals[0]?.reason, authority: 'Records Act', fileNumber: '26-9' };
    const withheld = await admin('POST', '/v1/roster/redactions/withhold', { ...order, reason: 'personal-data' });
    expect(withheld).toMatchObject({ status: 200, json: { what: 'text', stream: 'roster', key: null, change: null } });
    expect(await admin('POST', '/v1/roster/redactions/disclose', order)).toMatchObject({ status: 200 });
    expect(await confirmed(MEMBER)).toMatchObject({ number: 1 });
    expect(await confirmed(CLERK)).toMatchObject({ number: 2 });
    // The address moved with it, and with the address every older link ended.
    expect(await submit(mayors, refusal)).toMatchObject({ status: 404 });
  });

  test('another mayor by the operator and the clerk alone is none, by two links as little; with the present mayor it is', async () => {
    const { admin, mailsTo, linkOf, submit, page, withMayor, confirmed } = running;
    expect(await withMayor({ id: 'puppet', name: 'Puppet', email: PUPPET })).toMatchObject({ status: 200 });
    const first = await linkOf(CLERK);
    expect(await admin('POST', '/v1/holders/clerk/links', { reissue: true })).toMatchObject({ status: 200 });
    await submit(first, CONFIRM);
    expect(await confirmed(CLERK, CLERK)).toMatchObject({ number: 2, waits: { confirmations: [{ holder: 'clerk' }] } });
    expect(await mailsTo(PUPPET)).toEqual([]);
    expect(await page(await linkOf(NEW))).toContain('Puppet');
    expect(await confirmed(NEW)).toMatchObject({ number: 3, waits: null });
  });
});

test('who voted and is acting mayor by time alone is not asked to sign, and answers change', async () => {
  const { city, admin, mailsTo, confirmed, atDay } = await runningCity();
  onTestFinished(() => city.close());
  const { clock, installation } = city;
  await city.post('contract', { effectiveAt: clock.dayAt(1), endsAt: clock.dateAt(400) });
  await city.settle();
  await atDay(8);
  await certifyVote(city, 'northcam/1', { yes: 9, fileNumber: '26-0001' });
  const [from, to] = [clock.dayAt(9), clock.dayAt(12)];
  const [member, mayor] = ['member-district-1', 'mayor'].map((id) => holders.find((each) => each.id === id) ?? expect.fail(id));
  const acting = { ...member, body: 'mayor', seat: 'mayor', from, to, acting: true };
  const filed = [...holders.filter(({ id }) => id !== 'mayor'), { ...mayor, to: from }, acting, { ...mayor, from: to }];
  expect(await admin('PUT', '/v1/roster', { bodies, holders: filed })).toMatchObject({ status: 200 });
  // The mayor's body changes; the clerk and the auditor confirm.
  expect(await confirmed(CLERK, 'auditor@city.example')).toMatchObject({ number: 2 });

  await atDay(9.4);
  expect((await mailsTo(MEMBER)).filter(({ subject }) => /sign or refuse/.test(subject))).toEqual([]);
  const answer = async () => (await readKeyRecord(installation.ports.sideStore, 'northcam'))?.answer?.variant;
  expect(await answer()).toBe('pending');
  // Nobody does anything: the mayor's time to sign ends.
  await atDay(50);
  expect(await answer()).not.toBe('pending');
});
