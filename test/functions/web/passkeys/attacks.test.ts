import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { decisionToSign } from '../../../../domain/feature/decisionToSign.ts';
import { NO_TERMS } from '../../../../domain/feature/terms.ts';
import { challengeOf } from '../../../../domain/kernel/assertion.ts';
import type { Received } from '../../../../functions/gate/intake.ts';
import { issueChallenge } from '../../../../functions/gate/passkeys.ts';
import { type SoftwareKey, softwareKey } from '../../../support/authenticator.ts';
import { certificate, decision, ORIGIN } from '../site/support/city.ts';
import { commitsIn, decidingCity, type PasskeyCity } from './world.ts';

let city: PasskeyCity;
let change: Received;
let clerk: string;
let mayor: string;
let clerkKey: SoftwareKey;
let mayorKey: SoftwareKey;

const open = async (): Promise<void> => {
  ({ city, change, clerk, mayor, clerkKey, mayorKey } = await decidingCity());
  await city.decide(clerk, certificate(change), clerkKey);
};

const events = () => city.events();
const commits = () => commitsIn(city);

/** Sends the filled form with what a row changes in it, and shows that nothing came of it. */
const refused = async (fill: () => Promise<{ action: string; fields: Record<string, string> }>): Promise<void> => {
  const { action, fields } = await fill();
  const before = await commits();
  const answer = await city.send(action, fields, { accept: 'application/json' });
  expect(answer.status).toBeGreaterThanOrEqual(400);
  expect(answer.status).toBeLessThan(500);
  expect(await commits()).toBe(before);
  expect(await city.status()).not.toBe('enabled');
};

const filled = async (fields = decision(change), key = mayorKey, lies = {}) => {
  const form = await city.ask(mayor, fields);
  return { action: form.action, fields: { ...city.answer(form, key, lies) } };
};

describe('refused, and nothing is decided', () => {
  beforeAll(open);
  // Tries come back after ten minutes.
  beforeEach(() => city.passDays(1 / 96));
  afterAll(() => city.close());

  test.each([
    ['another decision', { decision: 'refuse' }],
    ['other terms', { conditions: 'None at all.' }],
    ['another message', { comment: 'Not what I signed.' }],
  ])('a signature under %s', (_, altered) =>
    refused(async () => {
      const { action, fields } = await filled();
      return { action, fields: { ...fields, ...altered } };
    }),
  );

  test.each([
    ['from another origin', { origin: 'https://gate.example.evil.example' }],
    ['from another port', { origin: 'https://gate.example:8443' }],
    ['for another party', { rpId: 'example' }],
    ['without user verification', { verified: false }],
    ['with nobody present', { present: false }],
    ['of another ceremony', { type: 'webauthn.create' }],
  ])('a signature %s', (_, lies) => refused(() => filled(decision(change), mayorKey, lies)));

  test('the signature of another holder', () => refused(() => filled(decision(change), clerkKey)));
  test('the signature of an unknown key', () => refused(() => filled(decision(change), softwareKey(ORIGIN))));

  test('a signature under the name of the right key, by another', () =>
    refused(async () => {
      const { action, fields } = await filled(decision(change), softwareKey(ORIGIN));
      const sent = JSON.parse(fields['passkey'] ?? '') as object;
      return { action, fields: { ...fields, passkey: JSON.stringify({ ...sent, id: mayorKey.id, rawId: mayorKey.id }) } };
    }));

  test('a signature of which any byte was altered', async () => {
    const { action, fields } = await filled();
    const sent = JSON.parse(fields['passkey'] ?? '') as { id: string; response: Record<string, string> };
    for (const part of ['authenticatorData', 'clientDataJSON', 'signature'] as const) {
      const bytes = Buffer.from(sent.response[part] ?? '', 'base64url');
      for (const at of [0, bytes.length >> 1, bytes.length - 1]) {
        const altered = Buffer.from(bytes);
        altered[at] = (altered[at] ?? 0) ^ 1;
        const response = { ...sent.response, [part]: altered.toString('base64url') };
        await refused(async () => ({ action, fields: { ...fields, passkey: JSON.stringify({ ...sent, response }) } }));
      }
    }
  });

  test.each([
    ['nothing', ''],
    ['no JSON', '{'],
    ['another shape', '{"id":"x"}'],
    ['far too much', `"${'x'.repeat(50_000)}"`],
  ])('%s in its place', (_, passkey) =>
    refused(async () => {
      const { action, fields } = await filled();
      return { action, fields: { ...fields, passkey } };
    }),
  );

  test('a signature that came too late', () =>
    refused(async () => {
      const late = await filled();
      city.passDays(1 / 24);
      return late;
    }));

  test('a time that was lengthened, and a nonce of one’s own', async () => {
    const { action, fields } = await filled();
    await refused(async () => ({ action, fields: { ...fields, expiresAt: '2027-01-01T00:00:00.000Z' } }));
    await refused(async () => ({ action, fields: { ...fields, nonce: Buffer.alloc(32).toString('base64url') } }));
  });

  test('what another gate gave out, though signed in full', () =>
    refused(async () => {
      const form = await city.ask(mayor, decision(change));
      const issued = issueChallenge(
        new Uint8Array(32).fill(9),
        ORIGIN,
        ['decide', 'hm', 'mayor', 'mayor', 'acme', 1, 1],
        city.now(),
      );
      const request = {
        type: 'sign',
        change: 1,
        revision: 1,
        digest: change.digest,
        requirement: 'mayor',
        holder: 'hm',
      } as const;
      const said = { ...request, terms: NO_TERMS, comment: null, decision: 'approve' } as const;
      const challenge = challengeOf(decisionToSign('acme', 'mayor', said, issued));
      const { nonce, expiresAt } = issued;
      const passkey = JSON.stringify(mayorKey.get(challenge));
      return { action: form.action, fields: { ...form.fields, nonce, expiresAt, passkey } };
    }));
});

describe('while something else is done', () => {
  beforeEach(open);
  afterEach(() => city.close());

  test('a signature on an earlier revision', () =>
    refused(async () => {
      const old = await filled();
      const revised = await city.notify({ revises: 1, title: 'FreeForm search for people' });
      await city.decide(await city.link('clerk', 'council', revised), certificate(revised), clerkKey);
      const { action } = await city.ask(await city.link('mayor', 'mayor', revised), decision(revised));
      return { action, fields: { ...old.fields, revision: '2', digest: revised.digest } };
    }));

  test('a passkey that was removed', () =>
    refused(async () => {
      const late = await filled();
      city.passDays(1 / 1440);
      const second = await city.letIn(mayor, mayorKey);
      const remove = await city.formOf(city.see(`${mayor}/passkey?remove=1`));
      expect((await city.send(remove.action, city.answer(remove, second))).status).toBe(303);
      return late;
    }));

  test('a signature used for another change, or by another link', () =>
    refused(async () => {
      const { fields } = await filled();
      const next = await city.notify({ title: 'Something else' });
      await city.decide(await city.link('clerk', 'council', next), certificate(next), clerkKey);
      const { action } = await city.ask(await city.link('mayor', 'mayor', next), decision(next));
      return { action, fields: { ...fields, digest: next.digest } };
    }));

  test('a counter that does not go on: somebody has a copy of the key', async () => {
    mayorKey.countTo(7);
    const refuse = await filled(decision(change, { decision: 'refuse' }));
    const sign = await filled();
    expect((await city.send(sign.action, sign.fields)).status).toBe(303);
    const late = await city.send(refuse.action, refuse.fields, { accept: 'application/json' });
    expect(late.status).toBe(409);
    expect(await late.json()).toMatchObject({ type: expect.stringContaining('passkey-refused') });
  });

  test('one signature, sent many times at once, decides once', async () => {
    const { action, fields } = await filled();
    const before = await commits();
    const answers = await Promise.all(Array.from({ length: 8 }, () => city.send(action, fields, { accept: 'application/json' })));
    expect(answers.filter(({ status }) => status === 303).length).toBeGreaterThanOrEqual(1);
    expect(answers.every(({ status }) => status === 303 || status === 409)).toBe(true);
    expect(await commits()).toBe(before + 1);
    expect((await events()).filter(({ type }) => type === 'SignatureGiven')).toHaveLength(1);
  });

  test('after a while of trying, every try', async () => {
    const { action, fields } = await filled(decision(change), softwareKey(ORIGIN));
    const answers = [];
    for (let time = 0; time < 31; time += 1)
      answers.push((await city.send(action, fields, { accept: 'application/json' })).status);
    expect(answers.filter((status) => status === 429).length).toBeGreaterThan(0);
    expect(new Set(answers)).toEqual(new Set([409, 429]));
    city.passDays(1);
    expect((await city.decide(mayor, decision(change), mayorKey)).status).toBe(303);
  });

  test('who tries with an old link uses up no try of the new one', async () => {
    const { action, fields } = await filled(decision(change), softwareKey(ORIGIN));
    const revised = await city.notify({ revises: 1, title: 'FreeForm search for people' });
    const answers = [];
    for (let time = 0; time < 31; time += 1)
      answers.push((await city.send(action, fields, { accept: 'application/json' })).status);
    expect(answers.at(-1)).toBe(429);
    await city.decide(await city.link('clerk', 'council', revised), certificate(revised), clerkKey);
    expect((await city.decide(await city.link('mayor', 'mayor', revised), decision(revised), mayorKey)).status).toBe(303);
  });
});
