// Everything about passkeys on AWS.

import { expect, test } from 'vitest';
import { ROSTER } from '../../functions/web/site/support/city.ts';
import { type actorsOf, certificateOf, POLICY } from '../../infra/aws/support/actors.ts';
import { CITY_URL } from '../../infra/aws/support/city.ts';
import type { GateOnAws } from '../../infra/aws/support/gateOnAws.ts';
import { beginStage, withGateOnAws } from '../../infra/aws/support/opened.ts';
import { passkeysIn } from '../../infra/aws/support/passkeys.ts';
import { type SoftwareKey, softwareKey } from '../../support/authenticator.ts';

let gate: GateOnAws;
let actors: ReturnType<typeof actorsOf>;
let passkeys: ReturnType<typeof passkeysIn>;

withGateOnAws((opened) => {
  ({ gate, actors } = opened);
  passkeys = passkeysIn(opened);
});

const CONFIRM = { decision: 'confirm' };
let anew: SoftwareKey;

test('the function of passkeys, as it is deployed: set up, sign, remove, reset, and mail of each', async () => {
  const { see, done, next, enrol, act } = passkeys;
  await beginStage(gate, actors, { ...POLICY, passkeys: 'required' });
  const { json: change } = await actors.vendor('acme');
  await gate.pump();

  const clerk = await actors.linkOf('hc');
  const key = await enrol(clerk);
  await act(clerk, key, certificateOf(change.digest));

  const mayor = await actors.linkOf('hm');
  const first = await enrol(mayor);
  const second = softwareKey(CITY_URL);
  const permit = await next(await next(await see(`${mayor}/passkey`), second), second);
  await done(permit, first);
  await done(await see(`${mayor}/passkey?remove=${first.id}`), second);

  const who = { who: 'hm/0', sure: 'yes' };
  expect((await actors.submit(`${clerk}/passkey/reset`, who)).statusCode, gate.log.join('')).toBe(200);
  await gate.pump();
  const members = await actors.linkOf('h1');
  await act(await actors.linkOf('hc'), key, CONFIRM);
  await act(members, await enrol(members), CONFIRM);
  anew = await enrol(await actors.linkOf('hm'));
  await act(mayor, anew, { revision: '1', digest: String(change.digest), decision: 'approve' });
  expect(await actors.isOn('acme')).toBe(true);

  expect((await actors.operator('DELETE', '/v1/holders/hc/passkeys')).json).toEqual({ holder: 'hc', resets: 0, waits: true });
  const subjects = (await gate.cloud.inbox()).map(({ subject }) => subject).filter((subject) => subject.includes('passkey'));
  expect(subjects).toEqual([
    'A passkey of yours was set up',
    'A passkey of yours was set up',
    'A passkey of yours was set up',
    'A passkey of yours was removed',
    ...Array.from({ length: 5 }, () => 'Confirm that passkeys are reset'),
    'A passkey of yours was set up',
    'Your passkeys were reset',
    'A passkey of yours was set up',
  ]);
});

const mayorAt = (email: string) => ({
  ...ROSTER,
  holders: ROSTER.holders.map((holder) => (holder.id === 'hm' ? { ...holder, email: `${email}@city.example` } : holder)),
});

test('a change of who receives the mayor’s links, as it is deployed: in force once two of two bodies confirm it, each with a passkey', async () => {
  const rosterNow = async () => (await actors.operator('GET', '/v1/roster')).json;
  await gate.pump();
  const { number } = await rosterNow();
  expect((await actors.operator('PUT', '/v1/roster', mayorAt('hm2'))).json).toMatchObject({ waits: { confirmations: [] } });
  await gate.pump();
  const [mayor, member] = [await actors.linkOf('hm'), await actors.linkOf('h2')];
  expect((await actors.submit(mayor, { decision: 'refuse', reason: 'Is it?' })).statusCode, gate.log.join('')).toBe(303);
  await gate.pump();
  expect(await rosterNow()).toMatchObject({ number, waits: { refusals: [{ holder: 'hm' }] } });
  await passkeys.act(member, await passkeys.enrol(member), CONFIRM);
  expect(await rosterNow()).toMatchObject({ number, waits: { confirmations: [{ holder: 'h2' }] } });
  await passkeys.act(mayor, anew, CONFIRM);
  expect(await rosterNow()).toMatchObject({ number: number + 1, waits: null });
  expect((await gate.cloud.inbox()).flatMap(({ destination: { to } }) => to)).not.toContain('hm2@city.example');
});
