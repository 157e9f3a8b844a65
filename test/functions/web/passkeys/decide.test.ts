import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Received } from '../../../../functions/gate/intake.ts';
import { type SoftwareKey, softwareKey } from '../../../support/authenticator.ts';
import { expectIn } from '../../../support/texts.ts';
import { certificate, decision, ORIGIN } from '../site/support/city.ts';
import { commitsIn, decidingCity, type PasskeyCity, passkeyFormIn } from './world.ts';

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
  await city.hides(await city.toClerk(other), 'Set up a passkey');
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
  await city.is('enabled');
  const acts = (await city.events()).filter((event) => event.type === 'VoteCertified' || event.type === 'SignatureGiven');
  expect(acts).toMatchObject([
    { assertion: { credential: clerkKey.id, publicKey: clerkKey.publicKey, enrolled: { by: 'link' }, gate: ORIGIN } },
    { assertion: { credential: mayorKey.id, publicKey: mayorKey.publicKey } },
  ]);
  expect((await city.send(`${mayor}/revoke`, { reason: 'Enough.' })).status).toBe(303);
  await city.is('revoked');
});

describe('several changes at once', () => {
  let offered: readonly string[];
  beforeEach(async () => {
    const changes = [change, await city.notify({ feature: 'acme.lpr' }), await city.notify({ feature: 'acme.drone' })];
    for (const each of changes) await city.decide(await city.toClerk(each), certificate(each), clerkKey);
    offered = boxesIn(await city.page(`${mayor}/inbox`));
  });

  const boxesIn = (page: string) =>
    [...page.matchAll(/<input type="checkbox"[^>]* form="together" name="change" value="([^"]+)"/g)].map(
      ([, value = '']) => value,
    );
  const signatures = () =>
    Promise.all(
      ['acme', 'acme.lpr', 'acme.drone'].map(async (key) =>
        (await city.events(key)).filter((event) => event.type === 'SignatureGiven'),
      ),
    );
  const HTML = { accept: 'text/html' };
  const asked = (change = offered, decision = 'approve') =>
    city.formOf(city.post(`${mayor}/together/review`, { change, decision }, HTML));
  const answer = async (
    form: Awaited<ReturnType<typeof asked>>,
    key: SoftwareKey,
    change = offered,
    over: Record<string, string> = {},
  ) => {
    const fields = { ...form.fields, ...over, passkey: JSON.stringify(key.get(form.challenge)) };
    const { change: _one, ...rest } = fields as Record<string, string>;
    const body = new URLSearchParams([...Object.entries(rest), ...change.map((each): [string, string] => ['change', each])]);
    const headers = { ...HTML, origin: ORIGIN, 'content-type': 'application/x-www-form-urlencoded' };
    const done = await city.pages.request(`${ORIGIN}${form.action}`, { method: 'POST', headers, body: body.toString() });
    await city.caughtUp();
    return done;
  };

  test('one signature over the list decides each; sent again it decides nothing more', async () => {
    const form = await asked();
    const before = await signatures();
    expect(before).toEqual([[], [], []]);
    const done = await answer(form, mayorKey);
    expect(done.status).toBe(200);
    expect(await done.text()).toContain('3 decisions are recorded');
    const signed = (await signatures()).flat();
    expect(signed).toHaveLength(3);
    expect(new Set(signed.map(({ assertion }) => assertion?.signature)).size).toBe(1);
    expect(signed.map(({ assertion, together }) => [assertion?.credential, together?.length])).toEqual(
      signed.map(() => [mayorKey.id, 3]),
    );
    expect((await answer(form, mayorKey)).status).toBe(200);
    expect((await signatures()).flat()).toHaveLength(3);
  });

  test('a list signed once refuses nothing anew after its refusal was taken back', async () => {
    const form = await asked(offered, 'refuse');
    expect((await answer(form, mayorKey)).status).toBe(200);
    const refused = (await signatures()).flat()[0];
    const takeBack = async (over = {}) => {
      const asked = await city.ask(`${mayor}/take-back`, { reason: 'By mistake.', refusal: refused?.at ?? '' });
      const fields = { ...asked.fields, ...over };
      return (await city.send(asked.action, city.answer({ ...asked, fields }, mayorKey))).status;
    };
    expect(await takeBack({ certificate: '2026-01-01T00:00:00.000Z' })).toBe(409);
    expect(await takeBack()).toBe(303);
    await answer(form, mayorKey);
    expect((await signatures()).map((each) => each.length)).toEqual([2, 1, 1]);
  });

  test('one that became stale since is left out; the signature counts for the rest', async () => {
    const form = await asked();
    await city.notify({ feature: 'acme.lpr', revises: 1, summary: 'Other words.' });
    const done = await answer(form, mayorKey);
    expect(done.status).toBe(200);
    expect(await done.text()).toContain('2 decisions are recorded');
    expect((await signatures()).map((each) => each.length)).toEqual([1, 0, 1]);
  });

  test('another key, or a signature over something else, decides nothing, and the page asks again', async () => {
    const attempts: Readonly<Record<string, () => Promise<Response>>> = {
      'another key': async () => answer(await asked(), softwareKey(ORIGIN)),
      'a shorter list': async () => answer(await asked(offered.slice(0, 2)), mayorKey),
      'the other decision': async () => answer(await asked(), mayorKey, offered, { decision: 'refuse' }),
      'another message': async () => answer(await asked(), mayorKey, offered, { comment: 'Signed by another.' }),
    };
    for (const [what, attempt] of Object.entries(attempts)) {
      const refused = await attempt();
      expect(refused.status, what).toBe(409);
      expect(passkeyFormIn(await refused.text()), what).toBeDefined();
      expect((await signatures()).flat(), what).toEqual([]);
    }
  });

  test('without a passkey none is decided; by a link that is over none is asked for', async () => {
    const send = (headers = {}) => city.post(`${mayor}/together`, { change: offered, decision: 'approve' }, headers);
    const bare = await send();
    expect(bare.status).toBe(409);
    expect(await bare.json()).toMatchObject({ type: expect.stringContaining('passkey-required') as string });
    expect(passkeyFormIn(await (await send(HTML)).text())).toBeDefined();
    await city.withdraw(change);
    expect(passkeyFormIn(await (await send(HTML)).text())).toBe(undefined);
    expect((await signatures()).flat()).toEqual([]);
  });
});
