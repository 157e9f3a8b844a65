import { afterEach, beforeEach, expect, test } from 'vitest';
import { rosterAggregate } from '../../../../functions/gate/aggregates.ts';
import { resetPasskeysOf } from '../../../../functions/gate/rosters.ts';
import { load } from '../../../../functions/platform/store/load.ts';
import { softwareKey } from '../../../support/authenticator.ts';
import { certificate, decision, holdersWith, ORIGIN, PEOPLE, ROSTER } from '../site/support/city.ts';
import { type PasskeyCity, passkeyCity, passkeyCityForTest } from './world.ts';

const CONFIRM = { decision: 'confirm' };
let city: PasskeyCity;
let link: string;

const rosters = async () => (await load(city.ports.store, rosterAggregate, 'roster')).state;
const propose = async (rule: 'off' | 'when-enrolled' | 'required') => {
  city = await passkeyCity(rule);
  const sha256 = await city.putForward(holdersWith('hm', { name: 'The same Mayor' }));
  link = await city.linkTo({ purpose: 'confirm-roster', ...PEOPLE.clerk, sha256 });
};
beforeEach(() => propose('required'));
afterEach(() => city.close());

test('who must use a passkey confirms a list of officials with it', async () => {
  const key = await city.enrol(link);
  const form = await city.formOf(city.send(link, CONFIRM));
  expect((await rosters()).inForce?.number).toBe(1);
  const signed = city.answer(form, key);
  for (const _ of ['once', 'again']) expect((await city.send(form.action, signed)).status).toBe(303);
  expect((await rosters()).proposal?.confirmations).toMatchObject([{ holder: 'hc' }]);
  await city.confirmByTwo(['h1']);
  expect((await rosters()).inForce?.number).toBe(2);
});

test('who confirms what others put into effect is told that nothing is recorded of them', async () => {
  await city.close();
  await propose('off');
  const sha256 = (await rosters()).proposal?.sha256 ?? '';
  const linkOf = (person: 'mayor' | 'h1' | 'h3') => city.linkTo({ purpose: 'confirm-roster', ...PEOPLE[person], sha256 });
  const [mayor, late, spanish] = [await linkOf('mayor'), await linkOf('h1'), await linkOf('h3')];
  for (const own of [late, link, mayor])
    expect((await city.post(own, { decision: own === late ? 'refuse' : 'confirm' })).status).toBe(303);
  const { commits } = city.writes;
  // The form that completed it, and the one before, sent again.
  for (const own of [mayor, link]) {
    expect((await city.post(own, CONFIRM)).status).toBe(303);
    await city.shows(own, '<h1>Confirmed. It counts now.</h1>');
  }
  for (const own of [late, spanish]) {
    const answer = await city.post(own, CONFIRM);
    expect([answer.status, await answer.text()]).toEqual([409, expect.stringContaining('Nothing was recorded.')]);
  }
  expect(city.writes.commits).toBe(commits);
  expect(await city.answered(`${late}?lang=en`, CONFIRM)).toContain('It counts already, or it is no longer proposed.');
  expect(await city.answered(`${spanish}?lang=es`, CONFIRM)).toContain('Ya cuenta, o ya no está propuesto.');
  await city.shows(late, '<h1>It counts already. No confirmation of yours is recorded.</h1>');
  await city.shows(spanish, '<h1>Ya cuenta. No consta ninguna confirmación suya.</h1>');
});

test('the last in a seat sets one up for the next list', async () => {
  const roster = { ...ROSTER, holders: holdersWith('h1', { to: '2026-03-04' }) };
  const gate = await passkeyCityForTest('required', { roster });
  gate.passDays(3);
  const sha256 = await gate.putForward(ROSTER.holders);
  const own = await gate.linkTo({ purpose: 'confirm-roster', ...PEOPLE.h1, sha256 });
  expect((await gate.decide(own, CONFIRM, await gate.enrol(own))).status).toBe(303);
});

test('who has a successor reads no more which address moves where', async () => {
  const successor = { ...holdersWith('h1', { id: 'h9', from: '2026-03-05', email: 'h9@city.example' })[0] };
  const holders = [...holdersWith('h1', { to: '2026-03-04' }), successor] as typeof ROSTER.holders;
  const gate = await passkeyCityForTest('off', { roster: { ...ROSTER, holders } });
  const moved = holders.map((each) => (each.id === 'hm' ? { ...each, email: 'mayor@else.example' } : each));
  const own = await gate.linkTo({ purpose: 'confirm-roster', ...PEOPLE.h1, sha256: await gate.putForward(moved) });
  await gate.shows(own, 'mayor@else.example');
  gate.passDays(3);
  await gate.hides(own, 'hm@city.example', 'mayor@else.example');
});

test('a list is not confirmed by a press alone', () =>
  city.shows(
    link,
    'value="confirm"><input type="hidden" name="roster" value="1"><p><label class="opt"><input type="checkbox" required>',
  ));

test('another person’s, or one whose person was not verified, confirms nothing', async () => {
  const key = await city.enrol(link);
  for (const [signer, lies] of [
    [softwareKey(ORIGIN), {}],
    [key, { verified: false }],
  ] as const) {
    const form = await city.formOf(city.send(link, CONFIRM));
    expect((await city.send(form.action, city.answer(form, signer, lies))).status).toBe(409);
    expect((await rosters()).proposal?.confirmations).toEqual([]);
  }
});

test('who signs a reset of passkeys reads that it is one', async () => {
  const gate = await passkeyCityForTest('required');
  await resetPasskeysOf(gate.ports, { holder: 'hm', by: null });
  const sha256 = (await load(gate.ports.store, rosterAggregate, 'roster')).state.proposal?.sha256 ?? '';
  const own = await gate.linkTo({ purpose: 'confirm-roster', ...PEOPLE.clerk, sha256 });
  await gate.enrol(own);
  expect(await (await gate.send(own, CONFIRM)).text()).toContain('Should these passkeys be reset?');
});

test('without one nothing is confirmed, where one is required', async () => {
  expect((await city.send(link, CONFIRM)).status).toBe(409);
  expect((await city.post(link, CONFIRM)).status).toBe(409);
  expect((await rosters()).proposal?.confirmations).toEqual([]);
  expect((await city.post(link, { decision: 'refuse' })).status).toBe(303);
  expect((await rosters()).proposal?.refusals).toMatchObject([{ holder: 'hc' }]);
  // Whoever refuses reads that it stops nothing.
  expect(await city.page(link)).toContain('That others refuse it does not stop it. Without two, nothing changes.');
});

test.each(['off', 'when-enrolled'] as const)('under %s a link alone still does, for who has none', async (rule) => {
  await city.close();
  await propose(rule);
  expect((await city.post(link, CONFIRM)).status).toBe(303);
  expect((await rosters()).proposal?.confirmations).toMatchObject([{ holder: 'hc' }]);
});

test('a rollback is confirmed with a passkey over the words and the reason', async () => {
  const first = await city.notify({ title: 'Licence-plate readers' });
  const key = await city.enrol(link);
  const mayorKey = softwareKey(ORIGIN);
  const { clerk, mayor } = await city.linksTo(first);
  await city.enrol(mayor, mayorKey);
  expect((await city.decide(clerk, certificate(first), key)).status).toBe(303);
  expect((await city.decide(mayor, decision(first), mayorKey)).status).toBe(303);
  const forced = await city.notify({ kind: 'update', title: 'Faces, too', optOut: 'no', effectiveAt: '2026-03-01T00:00:00Z' });
  await city.withdraw(forced);
  const linkTo = (person: 'clerk' | 'mayor') =>
    city.linkTo({ purpose: 'confirm-rollback', ...PEOPLE[person], key: 'acme', n: 2, revision: 1 });
  const words = { ...CONFIRM, reason: 'The old version runs.' };
  expect((await city.post(await linkTo('clerk'), words)).status).toBe(409);
  const form = await city.formOf(city.send(await linkTo('clerk'), words));
  const changed = { ...city.answer(form, key), reason: 'Something else.' };
  expect((await city.send(form.action, changed)).status).toBe(409);
  expect((await city.decide(await linkTo('clerk'), words, key)).status).toBe(303);
  await city.is('outdated');
  expect((await city.decide(await linkTo('mayor'), words, mayorKey)).status).toBe(303);
  await city.is('enabled');
});
