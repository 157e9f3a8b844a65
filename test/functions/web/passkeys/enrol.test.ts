import { generateKeyPairSync } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Received } from '../../../../functions/gate/intake.ts';
import { enrolmentOf, removePasskey } from '../../../../functions/gate/passkeys.ts';
import { NotSent } from '../../../../functions/platform/mail/port.ts';
import { adoptPolicy, policyAdopter, repinAll } from '../../../../functions/reactions/adoption/policies.ts';
import { catchUp } from '../../../../functions/register/project.ts';
import { type Lies, type SoftwareKey, softwareKey } from '../../../support/authenticator.ts';
import { decision, ORIGIN, POLICY } from '../site/support/city.ts';
import { type PasskeyCity, type PasskeyForm, passkeyCity, passkeyCityForTest, passkeyFormIn } from './world.ts';

let city: PasskeyCity;
let change: Received;
let mayor: string;

beforeEach(async () => {
  city = await passkeyCity('when-enrolled');
  change = await city.notify();
  mayor = await city.toMayor(change);
});
afterEach(() => city.close());

const owned = () => enrolmentOf(city.ports, { holder: 'hm', generation: 0 }).then(({ owned: keys }) => keys);
const page = async (path = `${mayor}/passkey`) => (await city.see(path)).text();
const create = () => city.formOf(city.see(`${mayor}/passkey`));
const made = async (form: PasskeyForm, key: SoftwareKey) => city.formOf(city.send(form.action, city.answer(form, key)));
const statusOf = async (form: PasskeyForm, fields: Readonly<Record<string, string>>) =>
  (await city.send(form.action, fields)).status;
/** The second time as after an answer that was lost. */
const doneThoughTwice = async (form: PasskeyForm, key: SoftwareKey) => {
  const fields = city.answer(form, key);
  expect([await statusOf(form, fields), await statusOf(form, fields)]).toEqual([303, 303]);
};
const refusedWith = async (form: PasskeyForm, fields: Readonly<Record<string, string>>) => {
  const before = (await owned()).length;
  expect(await statusOf(form, fields)).toBe(409);
  expect(await owned()).toHaveLength(before);
};

describe('a first passkey', () => {
  test.each(['ES256', 'EdDSA', 'RS256'] as const)(
    'of %s is set up by the first link, once it has signed, and a mail says so',
    async (algorithm) => {
      const key = softwareKey(ORIGIN, algorithm);
      const first = await create();
      expect(first.options).toMatchObject({
        rp: { id: 'gate.example' },
        attestation: 'none',
        authenticatorSelection: { residentKey: 'preferred', userVerification: 'required' },
      });
      const prove = await made(first, key);
      expect(await owned()).toHaveLength(0);
      await doneThoughTwice(prove, key);
      expect(await owned()).toMatchObject([
        { credential: key.id, publicKey: key.publicKey, algorithm, enrolled: { by: 'link' } },
      ]);
      expect(city.mails).toMatchObject([{ to: 'hm@city.example', subject: 'A passkey of yours was set up' }]);
    },
  );

  test.each([
    [0, new Error('no mail leaves today')],
    [0, new NotSent('the mail server has not answered yet', { unreachable: false })],
    [1, new NotSent('the mail server cannot be reached', { unreachable: true })],
  ])('no passkey is set up without its mail, and an outage (%d) is noted until one leaves: %s', async (outages, fault) => {
    city.mail.fault = fault;
    const key = softwareKey(ORIGIN);
    const prove = await made(await create(), key);
    const refusal = await city.send(prove.action, city.answer(prove, key));
    expect([refusal.status, await refusal.text()]).toEqual([503, expect.stringContaining('Something went wrong on our side')]);
    expect(await owned()).toHaveLength(0);
    expect(await city.ports.sideStore.list('trouble')).toHaveLength(outages);
    city.mail.fault = undefined;
    expect(await statusOf(prove, city.answer(prove, key))).toBe(303);
    expect(await city.ports.sideStore.list('trouble')).toEqual([]);
  });

  test('of two at once, one is set up', async () => {
    const keys = [softwareKey(ORIGIN), softwareKey(ORIGIN)];
    const proofs = await Promise.all(
      keys.map(async (key) => {
        const prove = await made(await create(), key);
        return { action: prove.action, fields: city.answer(prove, key) };
      }),
    );
    const answers = await Promise.all(proofs.map(({ action, fields }) => city.send(action, fields)));
    expect(answers.map(({ status }) => status).toSorted((one, other) => one - other)).toEqual([303, 409]);
    expect(await owned()).toHaveLength(1);
  });

  test.each<[string, Lies]>([
    ['made at another address', { origin: 'https://gate.example.org' }],
    ['made for another party', { rpId: 'example' }],
    ['whose person was not verified', { verified: false }],
    ['that was signed and not made', { type: 'webauthn.get' }],
  ])('%s is refused', async (_, lies) => {
    const form = await create();
    await refusedWith(form, city.answer(form, softwareKey(ORIGIN), lies));
  });

  test('made for another question, with a forged public key or with another one than it signs with is refused; and too late', async () => {
    const [form, other] = [await create(), await create()];
    const [key, stranger] = [softwareKey(ORIGIN), softwareKey(ORIGIN)];
    await refusedWith(form, { ...form.fields, passkey: JSON.stringify(key.create(other.challenge)) });
    const forged = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey;
    const passkey = JSON.stringify(key.create(form.challenge, { forged }));
    const proveForged = await city.formOf(city.send(form.action, { ...form.fields, passkey }));
    await refusedWith(proveForged, city.answer(proveForged, key));
    const prove = await made(form, key);
    const exchanged = { ...(JSON.parse(prove.fields['made'] ?? '') as object), publicKey: stranger.publicKey };
    await refusedWith(prove, { ...city.answer(prove, key), made: JSON.stringify(exchanged) });
    city.passDays(1);
    await refusedWith(other, city.answer(other, key));
  });

  test('after a while of trying is refused', async () => {
    const form = await create();
    const answers = [];
    for (let time = 0; time < 31; time += 1)
      answers.push((await city.send(form.action, { ...form.fields, passkey: '{' })).status);
    expect([new Set(answers.slice(0, 30)), answers[30]]).toEqual([new Set([409]), 429]);
  });

  test('of somebody who holds no seat is not offered', async () => {
    city.passDays(-2000);
    expect(passkeyFormIn(await page())).toBeUndefined();
  });
});

describe('once there is one', () => {
  test('it must be used, also if its record is lost or not readable: the link alone decides nothing, though no policy requires it', async () => {
    await city.enrol(mayor);
    expect((await city.certify(change)).status).toBe(303);
    const [kept] = await city.ports.sideStore.list('passkey');
    const id = kept?.id ?? expect.fail('none is kept');
    for (const damage of [
      () => undefined,
      () => city.ports.sideStore.put('passkey', id, { broken: true }),
      () => city.ports.sideStore.remove('passkey', id),
    ]) {
      await damage();
      const refused = await city.post(mayor, decision(change));
      expect(await refused.json()).toMatchObject({ status: 409, type: 'urn:aldergate:problem:passkey-required' });
      expect((await city.send(mayor, decision(change))).status).not.toBe(303);
      await city.is('pending');
    }
  });

  test('no link alone sets up another, neither this nor one of another change', async () => {
    const first = await create();
    await city.enrol(mayor);
    await refusedWith(first, city.answer(first, softwareKey(ORIGIN)));
    const next = await city.notify({ title: 'Something else' });
    const form = await city.formOf(city.see(`${await city.toMayor(next)}/passkey`));
    const key = softwareKey(ORIGIN);
    const prove = await made(form, key);
    await refusedWith(prove, { ...city.answer(prove, key), leave: 'link' });
    const permit = await city.formOf(city.send(prove.action, city.answer(prove, key)));
    await refusedWith(permit, city.answer(permit, key));
  });

  test('the first one lets in a second, and either removes the other, but not the last', async () => {
    const [key, second] = [await city.enrol(mayor), softwareKey(ORIGIN)];
    city.passDays(1 / 1440);
    const permit = await city.another(mayor, second);
    expect(permit.options.allowCredentials).toEqual([expect.objectContaining({ id: key.id })]);
    await refusedWith(permit, city.answer(permit, second));
    await refusedWith(permit, city.answer(permit, softwareKey(ORIGIN)));
    await doneThoughTwice(permit, key);
    expect(await owned()).toMatchObject([{ enrolled: { by: 'link' } }, { credential: second.id, enrolled: { by: 'passkey' } }]);

    const remove = await city.formOf(city.see(`${mayor}/passkey?remove=${key.id}`));
    await refusedWith(remove, city.answer(remove, softwareKey(ORIGIN)));
    city.mail.fault = new Error('no mail leaves today');
    expect(await statusOf(remove, city.answer(remove, second))).toBe(503);
    city.mail.fault = undefined;
    await doneThoughTwice(remove, second);
    expect(await owned()).toMatchObject([{ credential: second.id }]);
    expect(city.mails.map(({ subject }) => subject)).toEqual([
      'A passkey of yours was set up',
      'A passkey of yours was set up',
      'A passkey of yours was removed',
    ]);
    expect(await page(`${mayor}/passkey`)).not.toContain('?remove=');
    expect(passkeyFormIn(await page(`${mayor}/passkey?remove=${second.id}`))).toBeUndefined();
    // Removed already, such as in another tab: it stands for no other key.
    expect((await city.see(`${mayor}/passkey?remove=${key.id}`)).headers.get('location')).toBe(`${mayor}/passkey`);
  });

  test('two removals that were asked for at once leave the last one', async () => {
    const key = await city.enrol(mayor);
    city.passDays(1 / 1440);
    const second = await city.letIn(mayor, key);
    const first = await city.formOf(city.see(`${mayor}/passkey?remove=${key.id}`));
    const last = await city.formOf(city.see(`${mayor}/passkey?remove=${second.id}`));
    expect(await statusOf(first, city.answer(first, second))).toBe(303);
    await refusedWith(last, city.answer(last, second));
    expect(await owned()).toMatchObject([{ credential: second.id }]);
  });

  test('a leave is good once: it does not let in again the passkey that was removed', async () => {
    const [key, second] = [await city.enrol(mayor), softwareKey(ORIGIN)];
    const permit = await city.another(mayor, second);
    const filled = city.answer(permit, key);
    expect(await statusOf(permit, filled)).toBe(303);
    await removePasskey(city.ports, { holder: 'hm', generation: 0 }, second.id);
    await refusedWith(permit, filled);
  });

  test('a leave lets in no other passkey, and removes none', async () => {
    const [key, second] = [await city.enrol(mayor), softwareKey(ORIGIN)];
    const [permit, other] = [await city.another(mayor, second), await city.another(mayor, softwareKey(ORIGIN))];
    const filled = city.answer(permit, key);
    await refusedWith(permit, { ...filled, made: other.fields['made'] ?? '' });
    await refusedWith(other, { ...other.fields, passkey: filled['passkey'] ?? '' });
    const { leave: _leave, made: _made, ...signed } = filled;
    await refusedWith({ ...permit, action: `${mayor}/passkey/remove` }, { ...signed, credential: key.id });
  });
});

describe('the pages', () => {
  test('no passkey page shows where the policy is `off`', async () => {
    const quiet = await passkeyCityForTest('off');
    const link = await quiet.toMayor(await quiet.notify());
    expect((await quiet.see(`${link}/passkey`)).status).toBe(404);
    await quiet.hides(link, 'passkey');
  });

  test('a change keeps its passkeys where later rules use none', async () => {
    await adoptPolicy(city.ports, { ...POLICY, version: '2' });
    await catchUp(city.ports, 'aldergate.policy');
    const { digest } = await city.json<{ digest: string }>('/changes/aldergate.policy/1?format=json');
    await city.approve({ change: 'aldergate.policy/1', revision: 1, digest } as Received);
    for (const commit of await city.ports.store.history('feature/aldergate.policy', {}))
      await policyAdopter(city.ports).handle(commit);
    const key = await city.enrol(mayor);
    await city.certify(change);
    const form = await city.ask(mayor, decision(change));
    await repinAll(city.ports);
    await catchUp(city.ports, 'acme');
    await city.certify(change);
    expect(await statusOf(form, city.answer(form, key))).toBe(303);
  });

  test('without https and a name they say that no passkey works', async () => {
    const plain = await passkeyCityForTest('required', { url: 'http://127.0.0.1:8787' });
    const link = await plain.toMayor(await plain.notify());
    expect(await (await plain.see(`${link}/passkey`)).text()).toContain('Browsers need an address with https and a name');
  });
});
