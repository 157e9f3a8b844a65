import { expect, test } from 'vitest';
import {
  addPasskey,
  enrolmentOf,
  isIssued,
  issueChallenge,
  type Passkey,
  relyingPartyOf,
  removePasskey,
  takeAttempt,
} from '../../../functions/gate/passkeys.ts';
import { confirmProposal, setRoster } from '../../../functions/gate/rosters.ts';
import { sign } from '../../domain/feature/support.ts';
import { confirmationWithKey, leaveWithKey, withKey } from '../../domain/judge/forger.ts';
import { softwareKey } from '../../support/authenticator.ts';
import { roster } from '../../support/fixtures/city.ts';
import { atOnce, NOON, openGate, rosterFile } from '../openGate.ts';

const ORIGIN = 'https://gate.example';
const MAYOR = { holder: 'mayor', generation: 0 };
const CLERK = { holder: 'clerk', generation: 0 };

const passkey = (over: Partial<Passkey> = {}, key = softwareKey(ORIGIN, 'ES256')): Passkey => ({
  credential: key.id,
  cose: Buffer.from(key.id).toString('base64url'),
  algorithm: 'ES256',
  publicKey: key.publicKey,
  transports: ['internal'],
  enrolled: { at: NOON, by: 'link' },
  ...over,
});

test('whose a passkey is stands in events: nothing in the side store makes, keeps or ends one', async () => {
  const { ports, sideStore } = await openGate();
  const key = passkey();
  expect(await addPasskey(ports, MAYOR, key)).toBe(true);
  expect((await enrolmentOf(ports, MAYOR)).owned).toEqual([key]);
  for (const kind of ['passkey', 'passkey-use'] as const) {
    for (const { id } of await sideStore.list(kind)) await sideStore.remove(kind, id);
    await sideStore.put(kind, 'clerk/0/x', passkey());
  }
  expect((await enrolmentOf(ports, MAYOR)).owned).toEqual([{ ...key, transports: [] }]);
  expect(await enrolmentOf(ports, CLERK)).toEqual({ owned: [], enrolled: false });
});

test('one credential and one public key are one person’s, also after they are removed or reset', async () => {
  // The second generation is asked for without the reset that makes it.
  const { ports } = await openGate({ honest: false });
  const own = softwareKey(ORIGIN, 'ES256');
  const [key, second] = [passkey({}, own), passkey({ enrolled: { at: NOON, by: 'passkey' } })];
  const leave = leaveWithKey({ ...MAYOR, ...second }, NOON, own, NOON);
  expect(await addPasskey(ports, MAYOR, key)).toBe(true);
  expect(await addPasskey(ports, CLERK, passkey({ credential: key.credential }))).toBe(false);
  expect(await addPasskey(ports, CLERK, passkey({ publicKey: key.publicKey }))).toBe(false);
  expect(await addPasskey(ports, MAYOR, second)).toBe(false);
  expect(await addPasskey(ports, MAYOR, second, leave)).toBe(true);
  await removePasskey(ports, MAYOR, key.credential);
  expect((await enrolmentOf(ports, MAYOR)).owned).toMatchObject([{ credential: second.credential }]);
  expect(await addPasskey(ports, CLERK, passkey({ publicKey: key.publicKey }))).toBe(false);
  expect(await addPasskey(ports, { ...MAYOR, generation: 1 }, { ...key, enrolled: { at: NOON, by: 'reset' } })).toBe(true);
});

test('an act is of no instant before its passkey was enrolled by another clock: the judge would refuse it for good', async () => {
  const [key, LATER] = [softwareKey(ORIGIN, 'ES256'), NOON.replace('00.000', '02.000')];
  const gate = await openGate({ storeOf: (store) => ({ ...store, newestAt: async () => undefined }) });
  const { change, digest } = await gate.notice();
  await gate.certify(change, digest);
  const next = rosterFile(roster({ 'district-1': { id: 'newcomer' } }));
  const proposed = await setRoster(gate.ports, next, new Uint8Array(32));
  gate.at(LATER);
  await addPasskey(gate.ports, MAYOR, passkey({}, key));
  gate.at(NOON);
  await gate.sign(change, digest, { assertion: withKey(sign(NOON, 1, { digest }), 'mayor', key, LATER).assertion });
  expect((await gate.store.head('feature/acme'))?.at).toBe(LATER);
  const sha256 = (proposed.ok && proposed.state.proposal?.sha256) || '';
  const by = { sha256, holder: 'mayor', body: 'mayor', seat: 'mayor' };
  const confirmed = await confirmProposal(gate.ports, { ...by, assertion: confirmationWithKey(by, NOON, key, LATER) });
  expect([confirmed.ok, (await gate.store.head('roster'))?.at]).toEqual([true, LATER]);
});

test('a person has thirty attempts within ten minutes, others have their own, and the next ten minutes begin anew', async () => {
  const { sideStore } = await openGate();
  for (let turn = 1; turn <= 30; turn += 1) expect(await takeAttempt(sideStore, 'mayor', NOON), `attempt ${turn}`).toBe(true);
  expect(await takeAttempt(sideStore, 'mayor', '2026-03-02T12:09:59.999Z')).toBe(false);
  expect(await takeAttempt(sideStore, 'clerk', NOON)).toBe(true);
  expect(await takeAttempt(sideStore, 'mayor', '2026-03-02T12:10:00.000Z')).toBe(true);
  expect(await sideStore.list('passkey-turn', 'mayor/')).toHaveLength(1);
});

test('a challenge was issued by who has the key, for one purpose, and with nothing of it altered', () => {
  const [key, purpose] = [new Uint8Array(32).fill(7), ['decide', 'mayor', 1]];
  const issued = issueChallenge(key, ORIGIN, purpose, NOON);
  expect(issued).toMatchObject({ gate: ORIGIN, expiresAt: '2026-03-02T12:10:00.000Z' });
  expect(isIssued(key, purpose, issued)).toBe(true);
  expect(isIssued(new Uint8Array(32), purpose, issued)).toBe(false);
  expect(isIssued(key, ['decide', 'mayor', 2], issued)).toBe(false);
  const own = Buffer.alloc(32).toString('base64url');
  for (const altered of [
    { expiresAt: '2027-01-01T00:00:00.000Z' },
    { expiresAt: 'never' },
    { gate: 'https://other.example' },
    { nonce: own },
    { nonce: '' },
    { nonce: `${issued.nonce}=` },
  ])
    expect(isIssued(key, purpose, { ...issued, ...altered }), JSON.stringify(altered)).toBe(false);
});

test('who has a passkey does not decide without it, whatever a caller leaves out; who has none does', async () => {
  const gate = await openGate({ rules: { ...atOnce, passkeys: 'when-enrolled' } });
  const { change, digest } = await gate.notice();
  await gate.certify(change, digest);
  await addPasskey(gate.ports, MAYOR, passkey());
  await expect(gate.sign(change, digest)).rejects.toThrow('passkey-required');
});

test.each([
  ['https://gate.city.example', 'gate.city.example'],
  ['http://localhost:8787', 'localhost'],
  ['http://gate.localhost:8787', 'gate.localhost'],
  ['http://gate.city.example', undefined],
  ['https://192.0.2.7', undefined],
  ['https://[::1]:8787', undefined],
])('passkeys at %s are for %s', (url, id) => {
  expect(relyingPartyOf(url)?.id).toBe(id);
});
