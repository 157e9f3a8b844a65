import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Received } from '../../../../functions/gate/intake.ts';
import type { SoftwareKey } from '../../../support/authenticator.ts';
import { expectIn } from '../../../support/texts.ts';
import { certificate, decision, ORIGIN } from '../site/support/city.ts';
import { commitsIn, decidingCity, type PasskeyCity } from './world.ts';

let city: PasskeyCity;
let change: Received;
let clerk: string;
let mayor: string;
let clerkKey: SoftwareKey;
let mayorKey: SoftwareKey;

beforeEach(async () => {
  ({ city, change, clerk, mayor, clerkKey, mayorKey } = await decidingCity());
});
afterEach(() => city.close());

test('who has no passkey, where one is required, is shown so before the form, and loses nothing of it', async () => {
  const other = await city.notify({ feature: 'acme.lpr' });
  const chair = await city.link('chair', 'board', other);
  await city.shows(chair, `href="${chair}/passkey">Set up a passkey`);
  await city.hides(await city.link('clerk', 'council', other), 'Set up a passkey');
  const advice = decision(other, { comment: 'A shorter retention.' });
  const asked = await (await city.send(chair, advice)).text();
  expectIn(asked, 'You need a passkey first', 'name="comment" value="A shorter retention."');
  expect(await (await city.send(chair, { ...advice, edit: 'yes' })).text()).toMatch(/<textarea[^>]*>\nA shorter retention\./);
});

test('the page before the signature shows the whole decision and decides nothing', async () => {
  const before = await commitsIn(city);
  const page = await (await city.send(clerk, certificate(change, { comment: 'As voted.' }))).text();
  expectIn(page, '26-0412', 'March 3, 2026', 'Council member, District 1', 'As voted.', change.digest);
  expect(await commitsIn(city)).toBe(before);
});

test('the clerk certifies, the mayor signs, and it is on, with both signatures in the record; a revocation waits for no key', async () => {
  const form = await city.ask(clerk, certificate(change));
  const filled = city.answer(form, clerkKey);
  expect((await city.send(form.action, filled)).status).toBe(303);
  // The form of a decision that stands is answered with its receipt.
  const before = await commitsIn(city);
  expect((await city.send(form.action, filled)).status).toBe(303);
  expect((await city.send(clerk, certificate(change))).status).toBe(303);
  expect(await commitsIn(city)).toBe(before);
  expect((await city.decide(mayor, decision(change, { comment: 'In good order.' }), mayorKey)).status).toBe(303);
  expect(await city.status()).toBe('enabled');
  const acts = (await city.events()).filter((event) => event.type === 'VoteCertified' || event.type === 'SignatureGiven');
  expect(acts).toMatchObject([
    { assertion: { credential: clerkKey.id, publicKey: clerkKey.publicKey, enrolled: { by: 'link' }, gate: ORIGIN } },
    { assertion: { credential: mayorKey.id, publicKey: mayorKey.publicKey } },
  ]);
  expect((await city.send(`${mayor}/revoke`, { reason: 'Enough.' })).status).toBe(303);
  expect(await city.status()).toBe('revoked');
});
