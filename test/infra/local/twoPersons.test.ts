import { expect, test } from 'vitest';
import { demoRoster } from '../../../infra/demo/city.ts';
import { signChange } from '../../../infra/demo/story.ts';
import { type RunningCity, withTheMayor } from './runningCity.ts';

// Who holds a seat and where links go changes by two named persons of two bodies, each by an own link; the operator is none of them. Seats
// change hands at an hour that was confirmed beforehand, and acting holders have a stated end.

const CHANGE = 'northcam/1';
const OLD = 'mayor@city.example';
const NEW = 'new-mayor@city.example';
const CLERK = 'clerk@city.example';
const MEMBER = 'district-1@council.example';
const CONFIRM = { decision: 'confirm' };

interface Entry {
  readonly id: string;
  readonly email: string;
  readonly [field: string]: unknown;
}
const { bodies, holders } = demoRoster() as unknown as { readonly bodies: object; readonly holders: readonly Entry[] };
const put = (city: RunningCity, filed: readonly object[]) => city.admin('PUT', '/v1/roster', { bodies, holders: filed });
const file = (city: RunningCity, edit: object) =>
  put(
    city,
    holders.map((holder) => (holder.id === 'mayor' ? { ...holder, ...edit } : holder)),
  );
const moved = (city: RunningCity) => file(city, { email: NEW });

const wordsOf = (page: string): string => page.replaceAll(/<[^>]+>/g, '');

const waiting = async (city: RunningCity) => (await city.admin('GET', '/v1/roster')).json as { number: number; waits: unknown };
const number = async (city: RunningCity): Promise<number> => (await waiting(city)).number;
const isOn = async (city: RunningCity): Promise<unknown> =>
  ((await city.json(`/changes/${CHANGE}?format=json`)) as { status: unknown }).status;

const confirmation = /Confirm a change of the list/;

test('another mayor by the operator and the clerk alone is none, by two links as little; with the present mayor it is', async () => {
  const city = await withTheMayor();
  expect(await file(city, { id: 'puppet', name: 'Puppet', email: NEW })).toMatchObject({
    status: 200,
    json: {
      number: 1,
      waits: { number: 2, passkeysOf: null, lapsesAt: city.clock.dayAt(22), confirmations: [], refusals: [] },
    },
  });
  const first = await city.linkIn(CLERK, confirmation);
  expect(await city.admin('POST', '/v1/holders/clerk/links', { reissue: true })).toMatchObject({ status: 200 });
  const later = await city.linkIn(CLERK, confirmation);
  expect(later).not.toBe(first);
  for (const link of [first, later, later]) await city.submit(link, CONFIRM);
  expect(await waiting(city)).toMatchObject({ number: 1, waits: { confirmations: [{ holder: 'clerk', body: 'clerk' }] } });
  expect(await city.mailsTo(NEW)).toEqual([]);
  expect(await isOn(city)).toBe('pending');

  // The mayor, at the address under the roster in force, keeps deciding until then and is one of the two.
  const mayors = await city.linkIn(OLD, confirmation);
  expect(await city.page(mayors)).toContain('Puppet');
  await signChange(city, 'mayor', CHANGE);
  expect(await city.submit(mayors, CONFIRM)).toMatchObject({ status: 303 });
  expect(await waiting(city)).toMatchObject({ number: 2, waits: null });
  expect(await city.page(mayors)).toContain('Confirmed. It counts now.');
});

test('a refusal is public, mailed to the others with its reason for them alone, can be withheld, and stops nothing', async () => {
  const city = await withTheMayor();
  await moved(city);
  const mayors = await city.linkIn(OLD, confirmation);
  expect(await city.submit(mayors, { decision: 'approve' })).toMatchObject({ status: 422 });
  const refusal = { decision: 'refuse', reason: 'This is not my address.' };
  for (let times = 0; times < 2; times += 1) expect(await city.submit(mayors, refusal)).toMatchObject({ status: 303 });
  const { waits } = (await waiting(city)) as unknown as { waits: { refusals: { holder: string; reason: string }[] } };
  expect(waits.refusals).toMatchObject([{ holder: 'mayor' }]);
  expect(wordsOf(await city.page('/rules'))).toContain('Refused by The Mayor');
  for (const shown of [await city.page('/rules'), JSON.stringify(await city.json('/rules?format=json'))])
    expect(shown).not.toMatch(/@(city|council)\.example/);
  expect(await city.page('/rules')).not.toContain('This is not my address.');

  const second = await city.linkIn(MEMBER, /Someone refused what was proposed/);
  expect(await city.page(second)).toContain('This is not my address.');
  const order = { commitment: waits.refusals[0]?.reason, authority: 'Records Act', fileNumber: '26-9' };
  const withheld = await city.admin('POST', '/v1/roster/redactions/withhold', { ...order, reason: 'personal-data' });
  expect(withheld).toMatchObject({ status: 200, json: { what: 'text', stream: 'roster', key: null, change: null } });
  expect(await city.admin('POST', '/v1/roster/redactions/disclose', order)).toMatchObject({ status: 200 });

  await city.submit(second, CONFIRM);
  expect(await number(city)).toBe(1);
  await city.submit(await city.linkIn(CLERK, confirmation), CONFIRM);
  expect(await number(city)).toBe(2);
  // The address moved with it, and with the address every older link ended.
  expect(await city.submit(mayors, refusal)).toMatchObject({ status: 404 });
});

const approve = async (city: RunningCity, link: string) => {
  const { json } = await city.admin('GET', `/v1/changes/${CHANGE}`);
  const { revision, digest } = json as { revision: number; digest: string };
  return city.submit(link, { revision: String(revision), digest, decision: 'approve' });
};

const confirmed = async (city: RunningCity, ...addresses: readonly string[]) => {
  for (const address of addresses) await city.submit(await city.linkIn(address, confirmation), CONFIRM);
  return waiting(city);
};

test('every seat of the city changes hands in one hour, confirmed beforehand by the outgoing clerk and another body', async () => {
  const city = await withTheMayor();
  const noon = city.clock.dayAt(10);
  const outgoing = holders.map((each) => ({ ...each, to: noon }));
  const incoming = holders.map(({ id, email, ...each }) => ({ ...each, id: `new-${id}`, email: `new-${email}`, from: noon }));
  expect(await put(city, [...outgoing, ...incoming])).toMatchObject({ status: 200 });

  expect(await confirmed(city, CLERK)).toMatchObject({ number: 1 });
  expect(await confirmed(city, OLD)).toMatchObject({ number: 2 });

  const outgoingMayor = await city.linkIn(OLD, /sign or refuse/);
  await city.atDay(9.9);
  expect(await city.page(outgoingMayor)).toContain('id="decision"');
  await city.atDay(10.1);
  expect(await approve(city, outgoingMayor)).toMatchObject({
    status: 409,
    json: { type: expect.stringContaining('not-in-office') },
  });
  expect(await approve(city, await city.linkIn(NEW, /sign or refuse/))).toMatchObject({ status: 303 });
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

  const mailed = async () => (await city.mailsTo(MEMBER)).filter(({ subject }) => /changes that you cannot decide/.test(subject));
  expect(await mailed()).toEqual([]);
  await city.atDay(9.2);
  expect(await mailed()).toHaveLength(1);
  await city.atDay(9.4);
  expect(await mailed()).toHaveLength(1);

  await city.atDay(12.1);
  await signChange(city, 'mayor', CHANGE);
});
