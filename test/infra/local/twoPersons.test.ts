import { expect, test } from 'vitest';
import { demoRoster, request } from '../../../infra/demo/city.ts';
import { signChange } from '../../../infra/demo/story.ts';
import { type RunningCity, withTheMayor } from './runningCity.ts';

// Who holds a seat and where links go changes by two named persons of two bodies, each by an own link; the operator is none of them.

const OLD = 'mayor@city.example';
const NEW = 'new-mayor@city.example';
const CLERK = 'clerk@city.example';
const MEMBER = 'district-1@council.example';
const CONFIRM = { decision: 'confirm' };
const ASKED = /Confirm a change of the list|Someone refused what was proposed/;

interface Entry {
  readonly id: string;
  readonly email: string;
  readonly [field: string]: unknown;
}
const { bodies, holders } = demoRoster() as unknown as { readonly bodies: object; readonly holders: readonly Entry[] };
const put = (city: RunningCity, filed: readonly object[]) => city.admin('PUT', '/v1/roster', { bodies, holders: filed });
const withMayor = (city: RunningCity, edit: object) =>
  put(
    city,
    holders.map((holder) => (holder.id === 'mayor' ? { ...holder, ...edit } : holder)),
  );

interface Waiting {
  readonly number: number;
  readonly waits: { readonly refusals: readonly { readonly holder: string; readonly reason: string }[] } | null;
}
const waiting = async (city: RunningCity) => (await city.admin('GET', '/v1/roster')).json as Waiting;
const confirmed = async (city: RunningCity, ...addresses: readonly string[]): Promise<Waiting> => {
  for (const address of addresses) await city.submit(await city.linkIn(address, ASKED), CONFIRM);
  return waiting(city);
};

test('another mayor by the operator and the clerk alone is none, by two links as little; with the present mayor it is', async () => {
  const city = await withTheMayor();
  expect(await withMayor(city, { id: 'puppet', name: 'Puppet', email: NEW })).toMatchObject({ status: 200 });
  const first = await city.linkIn(CLERK, ASKED);
  expect(await city.admin('POST', '/v1/holders/clerk/links', { reissue: true })).toMatchObject({ status: 200 });
  await city.submit(first, CONFIRM);
  expect(await confirmed(city, CLERK, CLERK)).toMatchObject({ number: 1, waits: { confirmations: [{ holder: 'clerk' }] } });
  expect(await city.mailsTo(NEW)).toEqual([]);
  expect(await city.page(await city.linkIn(OLD, ASKED))).toContain('Puppet');
  expect(await confirmed(city, OLD)).toMatchObject({ number: 2, waits: null });
});

test('a refusal is public, mailed to the others with its reason for them alone, can be withheld, and stops nothing', async () => {
  const city = await withTheMayor();
  await withMayor(city, { email: NEW });
  const mayors = await city.linkIn(OLD, ASKED);
  expect(await city.submit(mayors, { decision: 'approve' })).toMatchObject({ status: 422 });
  const refusal = { decision: 'refuse', reason: 'This is not my address.' };
  for (let times = 0; times < 2; times += 1) expect(await city.submit(mayors, refusal)).toMatchObject({ status: 303 });
  const { waits } = await waiting(city);
  expect(waits?.refusals).toMatchObject([{ holder: 'mayor' }]);
  expect((await city.page('/rules')).replaceAll(/<[^>]+>/g, '')).toContain('Refused by The Mayor');
  for (const shown of [await city.page('/rules'), JSON.stringify(await city.json('/rules?format=json'))])
    expect(shown).not.toMatch(/@(city|council)\.example/);
  expect(await city.page('/rules')).not.toContain('This is not my address.');

  const second = await city.linkIn(MEMBER, /Someone refused what was proposed/);
  expect(await city.page(second)).toContain('This is not my address.');
  const order = { commitment: waits?.refusals[0]?.reason, authority: 'Records Act', fileNumber: '26-9' };
  const withheld = await city.admin('POST', '/v1/roster/redactions/withhold', { ...order, reason: 'personal-data' });
  expect(withheld).toMatchObject({ status: 200, json: { what: 'text', stream: 'roster', key: null, change: null } });
  expect(await city.admin('POST', '/v1/roster/redactions/disclose', order)).toMatchObject({ status: 200 });

  expect(await confirmed(city, MEMBER)).toMatchObject({ number: 1 });
  expect(await confirmed(city, CLERK)).toMatchObject({ number: 2 });
  // The address moved with it, and with the address every older link ended.
  expect(await city.submit(mayors, refusal)).toMatchObject({ status: 404 });
});

test('an acting mayor has a stated end, and is mailed on day one what they cannot sign because they voted on it', async () => {
  const city = await withTheMayor();
  const [from, to] = [city.clock.dayAt(9), city.clock.dayAt(12)];
  const member = holders.find(({ id }) => id === 'member-district-1');
  const mayor = holders.find(({ id }) => id === 'mayor');
  const acting = { ...member, body: 'mayor', seat: 'mayor', from, acting: true };
  const rest = holders.filter(({ id }) => id !== 'mayor');
  const filed = (stated: object) =>
    put(city, [...rest, { ...mayor, to: from }, { ...acting, ...stated }, { ...mayor, from: to }]);
  expect(JSON.stringify((await filed({})).json)).toContain('an acting holder has a stated end');
  expect(await filed({ to })).toMatchObject({ status: 200 });
  // The mayor's body changes; the clerk and the auditor confirm.
  expect(await confirmed(city, CLERK, 'auditor@city.example')).toMatchObject({ number: 2 });

  const mailed = async (to = MEMBER) =>
    (await city.mailsTo(to)).filter(({ subject }) => /changes that you cannot decide/.test(subject));
  expect(await mailed()).toEqual([]);
  // Who has long been in office does not begin to act because the roster is a new one.
  const { json } = await city.admin('POST', '/v1/tokens', { name: 'intake', scopes: ['notice'], person: 'auditor' });
  const notice = {
    feature: 'recordex',
    kind: 'contract',
    title: 'Records',
    summary: 'Heard of.',
    endsAt: city.clock.dateAt(400),
  };
  const heard = { notice, channel: 'phone', heardAt: city.clock.now() };
  const { token } = json as { token: string };
  expect(await request('POST', `${city.url}/v1/intake`, { token, json: heard })).toMatchObject({ status: 202 });
  await city.atDay(8.5);
  expect(await mailed('auditor@city.example')).toEqual([]);
  await city.atDay(9.2);
  expect(await mailed()).toHaveLength(1);
  await city.atDay(9.4);
  expect(await mailed()).toHaveLength(1);

  await city.atDay(12.1);
  await signChange(city, 'mayor', 'northcam/1');
});
