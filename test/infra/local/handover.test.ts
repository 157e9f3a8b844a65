import { expect, test } from 'vitest';
import { demoRoster } from '../../../infra/demo/fixtures.ts';
import { signChange } from '../../../infra/demo/officials.ts';
import { type RunningCity, withTheMayor } from './runningCity.ts';

// Who receives a sitting holder's links changes by a public event two days on; the present holder is mailed and can stop it.

const CHANGE = 'northcam/1';
const PATIENCE_MS = 300_000;
const OLD = 'mayor@city.example';
const NEW = 'new-mayor@city.example';
const MEMBER = 'district-1@council.example';

interface Entry {
  readonly id: string;
}
interface File {
  readonly bodies: object;
  readonly holders: readonly Entry[];
}

/** The demo's roster with another entry for the mayor. */
/** The words of a page, without its elements. */
const wordsOf = (page: string): string => page.replaceAll(/<[^>]+>/g, '');

const rosterWith = (edit: object): File => {
  const file = demoRoster() as unknown as File;
  return { ...file, holders: file.holders.map((holder) => (holder.id === 'mayor' ? { ...holder, ...edit } : holder)) };
};
const file = (city: RunningCity, edit: object) => city.admin('PUT', '/v1/roster', rosterWith(edit));
const moved = (city: RunningCity) => file(city, { email: NEW });

const waiting = async (city: RunningCity) => (await city.admin('GET', '/v1/roster')).json as { number: number; waits: unknown };
const number = async (city: RunningCity): Promise<number> => (await waiting(city)).number;

const ask = /Is this right/;
const confirmation = /Confirm a change of the list/;

test(
  'an address of a sitting mayor: mailed to the old address, seen by the confirmer, in force two days on, and meanwhile nothing is decided',
  async () => {
    const city = await withTheMayor();
    const decide = await city.linkIn(OLD, /Sign or refuse/);
    expect(await moved(city)).toMatchObject({
      status: 200,
      json: {
        number: 1,
        waits: {
          effectiveAt: city.clock.dayAt(10),
          handovers: [{ holder: 'mayor', body: 'mayor', seat: 'mayor' }],
          confirmations: [],
          objections: [],
        },
      },
    });

    // The present holder is mailed, at the old address alone.
    expect((await city.mailsTo(OLD)).filter(({ subject }) => ask.test(subject))).toHaveLength(1);
    expect(await city.mailsTo(NEW)).toEqual([]);
    const objection = await city.page(await city.linkIn(OLD, ask));
    expect(objection).toContain('Someone else may soon receive your links');
    expect(objection).not.toContain(NEW);

    // The mayor's links decide nothing.
    const refused = await city.submit(decide, await decisionOn(city, 'approve'));
    expect(refused).toMatchObject({ status: 409, json: { type: expect.stringContaining('handover-pending') } });
    expect(await city.page(decide)).toContain('Until this is settled you can only switch off.');

    // Anyone sees that it is pending, and no address.
    expect(await city.json('/rules?format=json')).toMatchObject({ rosterProposal: { effectiveAt: city.clock.dayAt(10) } });
    for (const shown of [await city.page('/rules'), JSON.stringify(await city.json('/rules?format=json'))])
      expect(shown).not.toMatch(/@(city|council)\.example/);
    expect(await city.page('/rules')).toContain('It changes who receives the links of: The Mayor');
    expect(await city.page('/rules?lang=es')).toContain('Cambia quién recibe los enlaces de: The Mayor');

    // The clerk sees old and new, and confirms; the wait goes on.
    const clerk = await city.linkIn('clerk@city.example', confirmation);
    const asked = await city.page(clerk);
    expect(asked).toContain(OLD);
    expect(asked).toContain(NEW);
    expect(await city.submit(clerk)).toMatchObject({ status: 303 });
    await city.atDay(9.9);
    expect(await number(city)).toBe(1);
    expect(await city.submit(decide, await decisionOn(city, 'approve'))).toMatchObject({ status: 409 });

    await city.atDay(10);
    expect(await waiting(city)).toMatchObject({ number: 2, waits: null });
    expect(await city.submit(decide, await decisionOn(city, 'approve'))).toMatchObject({ status: 303 });
  },
  PATIENCE_MS,
);

/** The fields of a decision on the change as it stands. */
const decisionOn = async (city: RunningCity, decision: string) => {
  const { json } = await city.admin('GET', `/v1/changes/${CHANGE}`);
  const { revision, digest } = json as { revision: number; digest: string };
  return { revision: String(revision), digest, decision };
};

test(
  'an objection stops it, with its reason for a holder of a second body, whose confirmation ends it',
  async () => {
    const city = await withTheMayor();
    await moved(city);
    await city.submit(await city.linkIn('clerk@city.example', confirmation));
    const object = await city.linkIn(OLD, ask);
    expect(await city.submit(object, { decision: 'approve' })).toMatchObject({ status: 422 });
    expect(await city.submit(object, { decision: 'object', reason: 'This is not my address.' })).toMatchObject({ status: 303 });
    expect(await city.submit(object, { decision: 'object', reason: 'This is not my address.' })).toMatchObject({ status: 303 });
    expect(await city.page(object)).toContain('You objected on');

    await city.atDay(20);
    expect(await waiting(city)).toMatchObject({ number: 1, waits: { objections: ['mayor'] } });
    expect(await city.page('/rules')).toContain('objects. A second body must confirm it.');

    const second = await city.linkIn(MEMBER, /An objection to the new list/);
    expect(await city.page(second)).toContain('This is not my address.');
    expect(await city.page('/rules')).not.toContain('This is not my address.');

    const listed = (await city.admin('GET', '/v1/roster/objections')).json as { items: { reason: string }[] };
    expect(listed.items).toMatchObject([{ holder: 'mayor', number: 2, redacted: null }]);
    const order = { commitment: listed.items[0]?.reason, authority: 'Records Act', fileNumber: '26-9' };
    const withheld = await city.admin('POST', '/v1/roster/redactions/withhold', { ...order, reason: 'personal-data' });
    expect(withheld).toMatchObject({ status: 200, json: { what: 'text', stream: 'roster', key: null, change: null } });
    expect(wordsOf(await city.page(second))).toContain('Withheld from the public by Records Act, file 26-9');
    expect(await city.page(second)).toContain('This is not my address.');
    expect(await city.admin('GET', '/v1/roster/objections')).toMatchObject({ json: { items: [{ redacted: 'withheld' }] } });
    expect(await city.admin('POST', '/v1/roster/redactions/disclose', order)).toMatchObject({ status: 200 });
    expect(await city.page(second)).toContain('This is not my address.');
    expect(await city.submit(second)).toMatchObject({ status: 303 });
    expect(await number(city)).toBe(2);
    expect(await city.submit(object, { decision: 'object' })).toMatchObject({ status: 409 });
  },
  PATIENCE_MS,
);

test(
  'two confirmers from two bodies skip the wait; the links still revoke meanwhile',
  async () => {
    const city = await withTheMayor();
    await signChange(city, 'mayor', CHANGE);
    await signChange(city, 'auditor', CHANGE);
    const mayors = await city.linkIn(OLD, /Sign or refuse/);
    await moved(city);
    expect(await city.submit(`${mayors}/revoke`, { reason: 'Not any more.' })).toMatchObject({ status: 303 });
    expect(await city.json(`/changes/${CHANGE}?format=json`)).toMatchObject({ status: 'revoked' });

    await city.submit(await city.linkIn(MEMBER, confirmation));
    expect(await number(city)).toBe(1);
    await city.submit(await city.linkIn('clerk@city.example', confirmation));
    expect(await number(city)).toBe(2);
  },
  PATIENCE_MS,
);

test(
  'links are cut off at once, and their holder can still object',
  async () => {
    const city = await withTheMayor();
    await moved(city);
    const first = await city.linkIn(OLD, ask);
    expect(await city.admin('POST', '/v1/holders/mayor/links', { reissue: false })).toMatchObject({ status: 200 });
    expect(await city.submit(first, { decision: 'object' })).toMatchObject({ status: 404 });
    const again = await city.linkIn(OLD, ask);
    expect(await city.submit(again, { decision: 'object' })).toMatchObject({ status: 303 });
    expect(await waiting(city)).toMatchObject({ waits: { objections: ['mayor'] } });
  },
  PATIENCE_MS,
);

test(
  'a proposal that is withdrawn, or stays unconfirmed for fourteen days, ends, and the mayor is mailed that the links decide again',
  async () => {
    const city = await withTheMayor();
    await moved(city);
    expect(await city.admin('PUT', '/v1/roster', demoRoster())).toMatchObject({ json: { number: 1, waits: null } });
    const mailed = async () => (await city.mailsTo(OLD)).filter(({ subject }) => subject === 'Your links decide again').length;
    expect(await mailed()).toBe(1);

    await moved(city);
    await city.atDay(21);
    expect(await waiting(city)).toMatchObject({ waits: { number: 2 } });
    await city.atDay(22.1);
    expect(await waiting(city)).toMatchObject({ number: 1, waits: null });
    expect(await mailed()).toBe(2);
  },
  PATIENCE_MS,
);

test(
  'a term that begins by its date, after one whose end was known, needs none of it',
  async () => {
    const city = await withTheMayor();
    const day = (n: number) => city.clock.dateAt(n);
    await file(city, { to: day(30) });
    await city.submit(await city.linkIn('clerk@city.example', confirmation));
    await city.submit(await city.linkIn(MEMBER, confirmation));
    expect(await number(city)).toBe(2);

    const { bodies, holders } = rosterWith({ to: day(30) });
    const next = { id: 'next', name: 'Mayor', body: 'mayor', seat: 'mayor', from: day(31), email: NEW, language: 'en' };
    const filed = await city.admin('PUT', '/v1/roster', { bodies, holders: [...holders, next] });
    expect(filed).toMatchObject({ json: { waits: { effectiveAt: null, handovers: [] } } });
    await city.submit(await city.linkIn('clerk@city.example', confirmation));
    expect(await number(city)).toBe(3);
    await signChange(city, 'mayor', CHANGE);
  },
  PATIENCE_MS,
);
