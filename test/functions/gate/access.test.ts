import { expect, test } from 'vitest';
import type { JudgeCode } from '../../../domain/judge/verdict.ts';
import { encodeCommit } from '../../../domain/kernel/commit.ts';
import type { JsonObject } from '../../../domain/kernel/json.ts';
import { addPasskey } from '../../../functions/gate/passkeys.ts';
import { GATE } from '../../domain/judge/forger.ts';
import { softwareKey } from '../../support/authenticator.ts';
import { codeOfLast, loggedBytes } from '../../support/judged.ts';
import { NOON, openGate } from '../openGate.ts';

const HEX = 'a'.repeat(64);
const { id: credential, publicKey } = softwareKey(GATE);
const KEY = { credential, publicKey, cose: publicKey, algorithm: 'ES256' } as const;
const event = (type: string, more: JsonObject) => ({ type, v: 1, at: NOON, ...more });
const issued = (kind: string, more: JsonObject) => event('AccessIssued', { issued: { kind, ...more } });

test.each<[string, JudgeCode, string, string, JsonObject]>([
  [
    'a token in another stream',
    'stream',
    `access/form/${HEX}`,
    'operator',
    issued('token', { name: 'x', scopes: ['admin'], agencies: [], person: null, source: null }),
  ],
  ['the end of what never was', 'no-act', `access/token/${HEX}`, 'operator', event('AccessRevoked', {})],
  [
    'a form of an unknown vendor',
    'unknown-vendor',
    `access/form/${HEX}`,
    'operator',
    issued('form', { vendor: 'nobody', expiresAt: '2026-03-05T12:00:00.000Z' }),
  ],
  [
    'a passkey that somebody else enrolled',
    'actor',
    'access/passkeys/clerk',
    'holder:mayor',
    event('PasskeyEnrolled', { holder: 'clerk', generation: 0, by: 'link', ...KEY }),
  ],
])('%s may not stand: %s', async (_name, expected, stream, actor, forged) => {
  const { ports, store } = await openGate();
  const enrolled = { at: NOON, by: 'link' } as const;
  expect(await addPasskey(ports, { holder: 'mayor', generation: 0 }, { ...KEY, transports: [], enrolled })).toBe(true);
  const place = { stream, version: 1, id: 'forged', commandId: 'forged', at: NOON, actor, prev: null };
  expect(codeOfLast([...(await loggedBytes(store)), encodeCommit({ ...place, events: [forged] })])).toBe(expected);
});
