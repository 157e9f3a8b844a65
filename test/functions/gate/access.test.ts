import { expect, test } from 'vitest';
import type { JudgeCode } from '../../../domain/judge/verdict.ts';
import { encodeCommit } from '../../../domain/kernel/commit.ts';
import type { JsonObject } from '../../../domain/kernel/json.ts';
import { addPasskey, type Passkey, removePasskey } from '../../../functions/gate/passkeys.ts';
import { endToken } from '../../../functions/gate/tokens.ts';
import { addVendor, makeVendorForm, revokeVendorForms } from '../../../functions/gate/vendors.ts';
import { createToken } from '../../../functions/web/http/tokens.ts';
import { GATE, leaveWithKey } from '../../domain/judge/forger.ts';
import { type SoftwareKey, softwareKey } from '../../support/authenticator.ts';
import { codeOfLast, loggedBytes, objections } from '../../support/judged.ts';
import { NOON, openGate } from '../openGate.ts';

const MAYOR = { holder: 'mayor', generation: 0 };
const HEX = 'a'.repeat(64);

const passkey = (key: SoftwareKey, by: Passkey['enrolled']['by']): Passkey => {
  const { id: credential, publicKey } = key;
  return { credential, publicKey, cose: publicKey, algorithm: 'ES256', transports: [], enrolled: { at: NOON, by } };
};

const story = async () => {
  const gate = await openGate();
  const { ports } = gate;
  expect(await addVendor(ports, 'formal', 'Formal Cameras')).toMatchObject({ ok: true });
  const { id } = await createToken(ports, { name: 'it', scopes: ['state:read'] });
  await makeVendorForm(ports, 'formal', 'P30D');
  const key = softwareKey(GATE);
  const [first, second] = [passkey(key, 'link'), passkey(softwareKey(GATE), 'passkey')];
  expect(await addPasskey(ports, MAYOR, first)).toBe(true);
  expect(await addPasskey(ports, MAYOR, second, leaveWithKey({ ...MAYOR, ...second }, NOON, key, NOON))).toBe(true);
  return { ...gate, id, first };
};

test('what the gate does with tokens, forms and passkeys stands before the judge', async () => {
  const { ports, store, id, first } = await story();
  await removePasskey(ports, MAYOR, first.credential);
  expect(await endToken(ports, id)).toBe(true);
  expect(await revokeVendorForms(ports, 'formal')).toBe(1);
  const log = await loggedBytes(store);
  expect(objections(log)).toEqual([]);
  expect(log.filter((bytes) => Buffer.from(bytes).includes('"stream":"access/'))).toHaveLength(11);
});

const token = {
  type: 'AccessIssued',
  v: 1,
  at: NOON,
  issued: { kind: 'token', name: 'x', scopes: ['admin'], agencies: [], person: null, source: null },
};
const enrolled = (over: object = {}) => ({
  type: 'PasskeyEnrolled',
  v: 1,
  at: NOON,
  generation: 0,
  algorithm: 'ES256',
  cose: 'AAAA',
  by: 'link',
  ...over,
});

test.each<[string, JudgeCode, string, string, (first: Passkey) => JsonObject]>([
  ['a token that an official issued', 'actor', `access/token/${HEX}`, 'holder:mayor', () => token],
  ['a token in another stream', 'stream', `access/form/${HEX}`, 'operator', () => token],
  ['the end of what never was', 'no-act', `access/token/${HEX}`, 'operator', () => ({ type: 'AccessRevoked', v: 1, at: NOON })],
  [
    'a form of an unknown vendor',
    'unknown-vendor',
    `access/form/${HEX}`,
    'operator',
    () => ({
      type: 'AccessIssued',
      v: 1,
      at: NOON,
      issued: { kind: 'form', vendor: 'nobody', expiresAt: '2026-03-05T12:00:00.000Z' },
    }),
  ],
  [
    'one public key for two persons',
    'passkey-shared',
    'access/passkeys/clerk',
    'holder:clerk',
    ({ credential, publicKey }) => enrolled({ holder: 'clerk', credential, publicKey }),
  ],
  [
    'a passkey that somebody else enrolled',
    'actor',
    'access/passkeys/clerk',
    'holder:mayor',
    ({ credential, publicKey }) => enrolled({ holder: 'clerk', credential, publicKey }),
  ],
])('%s may not stand: %s', async (_name, expected, stream, actor, eventOf) => {
  const { store, first } = await story();
  const log = await loggedBytes(store);
  const bytes = encodeCommit({
    stream,
    version: 1,
    id: 'forged',
    commandId: 'forged',
    at: NOON,
    actor,
    prev: null,
    events: [eventOf(first)],
  });
  expect(codeOfLast([...log, bytes])).toBe(expected);
});
