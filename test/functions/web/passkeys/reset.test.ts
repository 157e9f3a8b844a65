import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { rosterAggregate } from '../../../../functions/gate/aggregates.ts';
import type { Received } from '../../../../functions/gate/intake.ts';
import { resetPasskeysOf } from '../../../../functions/gate/rosters.ts';
import { load } from '../../../../functions/platform/store/load.ts';
import { type SoftwareKey, softwareKey } from '../../../support/authenticator.ts';
import { certificate, decision, ORIGIN, PEOPLE } from '../site/support/city.ts';
import { type PasskeyCity, passkeyCity, passkeyCityForTest, passkeyFormIn } from './world.ts';

let city: PasskeyCity;
let change: Received;
let clerk: string;
let mayor: string;

beforeEach(async () => {
  city = await passkeyCity('required');
  change = await city.notify();
  ({ clerk, mayor } = await city.linksTo(change));
  await city.enrol(mayor);
});
afterEach(() => city.close());

const rosters = async (of = city) => (await load(of.ports.store, rosterAggregate, 'roster')).state;
const resets = async () => (await rosters()).resets;
const kindOn = async (link: string, of = city) => passkeyFormIn(await (await of.see(`${link}/passkey`)).text())?.kind;
const reset = (fields: Record<string, string> = { who: 'hm/0', sure: 'yes' }) => city.send(`${clerk}/passkey/reset`, fields);

describe('the clerk', () => {
  test('proposes a reset in public, which resets nothing until two persons of two bodies confirm it', async () => {
    for (let times = 0; times < 2; times += 1) {
      const sent = await reset();
      expect([sent.status, await sent.text()]).toEqual([200, expect.stringContaining('The reset is proposed.')]);
    }
    expect(await resets()).toBeUndefined();
    await city.shows('/rules', 'asked to reset the passkeys of');
    await city.confirmByTwo(['clerk']);
    expect(await resets()).toBeUndefined();
    await city.confirmByTwo(['h1']);
    expect(await resets()).toEqual({ hm: 1 });
  });

  test('does not replace another proposal', async () => {
    expect(await resetPasskeysOf(city.ports, { holder: 'h2', by: null })).toMatchObject({ ok: true, waits: true });
    expect((await reset()).status).toBe(409);
  });

  test('is the only one who can, and is shown who can be helped, never their own office; they must say that they know who asks', async () => {
    expect((await city.see(`${mayor}/passkey/reset`)).status).toBe(404);
    expect((await city.send(`${mayor}/passkey/reset`, { who: 'hm/0', sure: 'yes' })).status).toBe(404);
    const page = await (await city.see(`${clerk}/passkey/reset`)).text();
    expect(page).toContain('hm/0');
    expect(page).not.toContain('hc/0');
    expect((await reset({ who: 'hc/0', sure: 'yes' })).status).toBe(422);
    const answer = await reset({ who: 'hm/0' });
    expect(answer.status).toBe(422);
    expect(await answer.text()).toMatch(/<a href="#f-sure">[\s\S]*value="hm\/0"[^>]* checked[\s\S]*id="f-sure"/);
    const problem = await city.send(`${clerk}/passkey/reset`, { sure: 'yes' }, { accept: 'application/json' });
    expect(await problem.json()).toMatchObject({ errors: [{ pointer: '/who' }] });
    expect(await resets()).toBeUndefined();
  });

  test('is refused also where there is no one to help', async () => {
    const gate = await passkeyCityForTest('when-enrolled');
    const { clerk: own } = await gate.linksTo(await gate.notify());
    const answer = await gate.send(`${own}/passkey/reset`, { sure: 'yes' });
    expect([answer.status, await answer.text()]).toStrictEqual([422, expect.stringContaining('There is no one whose')]);
  });
});

describe('after a reset', () => {
  let clerkKey: SoftwareKey;
  beforeEach(async () => {
    clerkKey = await city.enrol(clerk);
    await city.decide(clerk, certificate(change), clerkKey);
    await city.resetByTwo('hm', ['clerk', 'h1'], { clerk: clerkKey });
    expect(await resets()).toEqual({ hm: 1 });
  });

  test('no link alone decides, and an old one sets up no key; the one that was mailed does, once, and leads to that page', async () => {
    expect((await city.send(mayor, decision(change))).status).toBe(409);
    expect(await (await city.send(mayor, decision(change))).text()).toContain('You need a passkey first');
    expect(await kindOn(mayor)).toBeUndefined();
    const mailed = await city.resetLink('mayor', 1);
    const answer = await city.get(mailed);
    const [to, kept] = ['location', 'cache-control'].map((name) => answer.headers.get(name));
    expect([answer.status, to, kept]).toEqual([303, `${mailed}/passkey`, 'no-store']);
    expect((await city.post(mailed, decision(change))).status).toBe(404);
    const key = await city.enrol(mailed);
    const permit = await city.another(mailed, softwareKey(ORIGIN));
    expect(permit.options.allowCredentials).toMatchObject([{ id: key.id }]);
    expect((await city.decide(mayor, decision(change), key)).status).toBe(303);
    await city.is('enabled');
  });

  test('a second reset makes the first one’s link worthless, and a challenge that it issued', async () => {
    const mailed = await city.resetLink('mayor', 1);
    const form = await city.formOf(city.see(`${mailed}/passkey`));
    await city.resetByTwo('hm', ['clerk', 'h1'], { clerk: clerkKey });
    expect(await kindOn(mailed)).toBeUndefined();
    expect(await kindOn(await city.resetLink('mayor', 2))).toBe('create');
    expect((await city.send(form.action, city.answer(form, softwareKey(ORIGIN)))).status).toBe(409);
  });
});

test('a clerk to whom the mayor’s links were forwarded does not become the mayor by a reset', async () => {
  const gate = await passkeyCityForTest('when-enrolled');
  const notice = await gate.notify();
  const { clerk: own, mayor: forwarded } = await gate.linksTo(notice);
  const [ownKey] = [await gate.enrol(own), await gate.enrol(forwarded)];
  await gate.decide(own, certificate(notice), ownKey);
  const done = await gate.send(`${own}/passkey/reset`, { who: 'hm/0', sure: 'yes' });
  // The page of the clerk has no link of the mayor's: the only one that sets up a key goes to the mayor's address.
  const shown = (await done.text()).match(/\/d\/[\w-]{43}/g) ?? [];
  expect([done.status, shown.filter((link) => link !== own)]).toEqual([200, []]);
  await gate.confirmByTwo(['clerk', 'h1'], { clerk: ownKey });
  const alone = await gate.post(forwarded, decision(notice));
  expect([alone.status, await alone.json()]).toMatchObject([409, { type: 'urn:aldergate:problem:passkey-required' }]);
  expect(await kindOn(forwarded, gate)).toBeUndefined();
  expect(await gate.status()).not.toBe('enabled');
  // The mayor is still offered for a reset: the mail can be lost.
  expect(await (await gate.see(`${own}/passkey/reset`)).text()).toContain('hm/1');
  const key = await gate.enrol(await gate.resetLink('mayor', 1));
  expect((await gate.decide(forwarded, decision(notice), key)).status).toBe(303);
  await gate.is('enabled');
});

test('a person whose passkeys were reset confirms nothing by the link alone', async () => {
  const gate = await passkeyCityForTest('when-enrolled');
  const notice = await gate.notify();
  await gate.enrol(await gate.toClerk(notice));
  const mayors = await gate.enrol(await gate.toMayor(notice));
  await gate.resetByTwo('hc', ['mayor', 'h1'], { mayor: mayors });
  await resetPasskeysOf(gate.ports, { holder: 'hm', by: null });
  const sha256 = (await rosters(gate)).proposal?.sha256 ?? '';
  const link = await gate.linkTo({ purpose: 'confirm-roster', ...PEOPLE.clerk, sha256 });
  const sent = await gate.post(link, { decision: 'confirm' });
  expect([sent.status, await sent.json()]).toMatchObject([409, { type: 'urn:aldergate:problem:passkey-required' }]);
  expect((await rosters(gate)).proposal?.confirmations).toEqual([]);
});
