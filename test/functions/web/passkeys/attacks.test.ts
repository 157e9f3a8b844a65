import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { decisionToSign } from '../../../../domain/feature/decisionToSign.ts';
import { NO_TERMS } from '../../../../domain/feature/terms.ts';
import { challengeOf } from '../../../../domain/kernel/assertion.ts';
import { issueChallenge } from '../../../../functions/gate/passkeys.ts';
import { type Lies, softwareKey } from '../../../support/authenticator.ts';
import { certificate, decision, ORIGIN } from '../site/support/city.ts';
import { commitsIn, decidingCity } from './world.ts';

type Deciding = Awaited<ReturnType<typeof decidingCity>>;
interface Filled {
  readonly action: string;
  readonly fields: Readonly<Record<string, string>>;
}

let told: Deciding;
const open = async () => {
  told = await decidingCity();
  await told.city.decide(told.clerk, certificate(told.change), told.clerkKey);
};
const close = () => told.city.close();

/** The mayor's form, signed, with what a browser or an authenticator lies about. */
const filled = async (fields = decision(told.change), key = told.mayorKey, lies: Lies = {}): Promise<Filled> => {
  const form = await told.city.ask(told.mayor, fields);
  return { action: form.action, fields: told.city.answer(form, key, lies) };
};
const stranger = () => filled(decision(told.change), softwareKey(ORIGIN));
const altered = async (over: Readonly<Record<string, string>>): Promise<Filled> => {
  const { action, fields } = await filled();
  return { action, fields: { ...fields, ...over } };
};
const send = async ({ action, fields }: Filled) => told.city.send(action, fields, { accept: 'application/json' });

/** Sends what was filled in, and shows that nothing came of it. */
const refused = async (fill: () => Promise<Filled>) => {
  const sent = await fill();
  const before = await commitsIn(told.city);
  expect(Math.floor((await send(sent)).status / 100)).toBe(4);
  expect(await commitsIn(told.city)).toBe(before);
  expect(await told.city.status()).not.toBe('enabled');
};

describe('refused, and nothing is decided', () => {
  beforeAll(open);
  // Tries come back after ten minutes.
  beforeEach(() => told.city.passDays(1 / 96));
  afterAll(close);

  test.each<[string, () => Promise<Filled>]>([
    ['a signature under another decision', () => altered({ decision: 'refuse' })],
    ['a signature under other terms', () => altered({ conditions: 'None at all.' })],
    ['a signature under another message', () => altered({ comment: 'Not what I signed.' })],
    ['the signature of another holder', () => filled(decision(told.change), told.clerkKey)],
    ['the signature of an unknown key', stranger],
    ['nothing in its place', () => altered({ passkey: '' })],
    ['no JSON in its place', () => altered({ passkey: '{' })],
    ['another shape in its place', () => altered({ passkey: '{"id":"x"}' })],
    ['far too much in its place', () => altered({ passkey: `"${'x'.repeat(50_000)}"` })],
    ['a time that was lengthened', () => altered({ expiresAt: '2027-01-01T00:00:00.000Z' })],
    ['a nonce of one’s own', () => altered({ nonce: Buffer.alloc(32).toString('base64url') })],
  ])('%s', (_, fill) => refused(fill));

  test.each<[string, Lies]>([
    ['from another origin', { origin: 'https://gate.example.evil.example' }],
    ['from another port', { origin: 'https://gate.example:8443' }],
    ['for another party', { rpId: 'example' }],
    ['without user verification', { verified: false }],
    ['with nobody present', { present: false }],
    ['of another ceremony', { type: 'webauthn.create' }],
  ])('a signature %s', (_, lies) => refused(() => filled(decision(told.change), told.mayorKey, lies)));

  test('a signature under the name of the right key, by another', () =>
    refused(async () => {
      const { action, fields } = await stranger();
      const sent = { ...JSON.parse(fields['passkey'] ?? ''), id: told.mayorKey.id, rawId: told.mayorKey.id };
      return { action, fields: { ...fields, passkey: JSON.stringify(sent) } };
    }));

  test('a signature of which any byte was altered', async () => {
    const { action, fields } = await filled();
    const sent = JSON.parse(fields['passkey'] ?? '') as { id: string; response: Record<string, string> };
    for (const part of ['authenticatorData', 'clientDataJSON', 'signature'] as const) {
      const bytes = Buffer.from(sent.response[part] ?? '', 'base64url');
      for (const at of [0, bytes.length >> 1, bytes.length - 1]) {
        const other = Buffer.from(bytes);
        other[at] = (other[at] ?? 0) ^ 1;
        const response = { ...sent.response, [part]: other.toString('base64url') };
        await refused(async () => ({ action, fields: { ...fields, passkey: JSON.stringify({ ...sent, response }) } }));
      }
    }
  });

  test('a signature that came too late', () =>
    refused(async () => {
      const late = await filled();
      told.city.passDays(1 / 24);
      return late;
    }));

  test('what another gate gave out, though signed in full', () =>
    refused(async () => {
      const { city, change, mayor, mayorKey } = told;
      const { action, fields } = await city.ask(mayor, decision(change));
      const named = ['decide', 'hm', 'mayor', 'mayor', 'acme', 1, 1] as const;
      const issued = issueChallenge(new Uint8Array(32).fill(9), ORIGIN, named, city.now());
      const words = { change: 1, revision: 1, digest: change.digest, terms: NO_TERMS, comment: null };
      const said = { type: 'sign', requirement: 'mayor', holder: 'hm', decision: 'approve', ...words } as const;
      const passkey = JSON.stringify(mayorKey.get(challengeOf(decisionToSign('acme', 'mayor', said, issued))));
      return { action, fields: { ...fields, nonce: issued.nonce, expiresAt: issued.expiresAt, passkey } };
    }));
});

describe('while something else is done', () => {
  beforeEach(open);
  afterEach(close);

  /** Has other words ready for the mayor; returns where the mayor's answer to them is sent. */
  const offered = async (over: object): Promise<{ readonly action: string; readonly digest: string }> => {
    const { city, clerkKey } = told;
    const change = await city.notify(over);
    const { clerk, mayor } = await city.linksTo(change);
    await city.decide(clerk, certificate(change), clerkKey);
    return { action: (await city.ask(mayor, decision(change))).action, digest: change.digest };
  };

  test('a signature on an earlier revision', () =>
    refused(async () => {
      const { fields } = await filled();
      const { action, digest } = await offered({ revises: 1, title: 'FreeForm search for people' });
      return { action, fields: { ...fields, revision: '2', digest } };
    }));

  test('a signature used for another change, or by another link', () =>
    refused(async () => {
      const { fields } = await filled();
      const { action, digest } = await offered({ title: 'Something else' });
      return { action, fields: { ...fields, digest } };
    }));

  test('a passkey that was removed', () =>
    refused(async () => {
      const { city, mayor, mayorKey } = told;
      const late = await filled();
      city.passDays(1 / 1440);
      const second = await city.letIn(mayor, mayorKey);
      const remove = await city.formOf(city.see(`${mayor}/passkey?remove=${mayorKey.id}`));
      expect((await city.send(remove.action, city.answer(remove, second))).status).toBe(303);
      return late;
    }));

  test('a counter that does not go on: somebody has a copy of the key', async () => {
    told.mayorKey.countTo(7);
    const refuse = await filled(decision(told.change, { decision: 'refuse' }));
    expect((await send(await filled())).status).toBe(303);
    expect(await (await send(refuse)).json()).toMatchObject({ status: 409, type: 'urn:aldergate:problem:passkey-refused' });
  });

  test('one signature, sent many times at once, decides once', async () => {
    const once = await filled();
    const before = await commitsIn(told.city);
    const statuses = (await Promise.all(Array.from({ length: 8 }, () => send(once)))).map(({ status }) => status);
    expect(statuses).toContain(303);
    expect(statuses.every((status) => status === 303 || status === 409)).toBe(true);
    expect(await commitsIn(told.city)).toBe(before + 1);
    expect((await told.city.events()).filter(({ type }) => type === 'SignatureGiven')).toHaveLength(1);
  });

  const tries = async (): Promise<readonly number[]> => {
    const wrong = await stranger();
    const statuses: number[] = [];
    for (let time = 0; time < 31; time += 1) statuses.push((await send(wrong)).status);
    return statuses;
  };

  test('after a while of trying, every try', async () => {
    const statuses = await tries();
    expect([new Set(statuses), statuses.at(-1)]).toEqual([new Set([409, 429]), 429]);
    told.city.passDays(1);
    expect((await told.city.decide(told.mayor, decision(told.change), told.mayorKey)).status).toBe(303);
  });

  test('who tries with an old link uses up no try of the new one', async () => {
    const { city, clerkKey, mayorKey } = told;
    const wrong = await stranger();
    const revised = await city.notify({ revises: 1, title: 'FreeForm search for people' });
    const { clerk, mayor } = await city.linksTo(revised);
    for (let time = 0; time < 31; time += 1) await send(wrong);
    expect((await send(wrong)).status).toBe(429);
    expect(await (await city.send(wrong.action, wrong.fields)).text()).toContain('Please wait ten minutes');
    await city.decide(clerk, certificate(revised), clerkKey);
    expect((await city.decide(mayor, decision(revised), mayorKey)).status).toBe(303);
  });
});
