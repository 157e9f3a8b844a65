import { expect, test } from 'vitest';
import { type PasskeyForm, passkeyFormIn } from '../../functions/web/passkeys/world.ts';
import { ROSTER, roll } from '../../functions/web/site/support/city.ts';
import { type actorsOf, POLICY, today } from '../../infra/aws/support/actors.ts';
import { CITY_URL, TIME_ZONE } from '../../infra/aws/support/deployment.ts';
import type { GateOnAws } from '../../infra/aws/support/gateOnAws.ts';
import { beginStage, withGateOnAws } from '../../infra/aws/support/opened.ts';
import { type SoftwareKey, softwareKey } from '../../support/authenticator.ts';

let gate: GateOnAws;
let actors: ReturnType<typeof actorsOf>;

withGateOnAws((opened) => {
  ({ gate, actors } = opened);
});

const formIn = (page: string): PasskeyForm => {
  const form = passkeyFormIn(page);
  if (form === undefined) throw new Error(`no passkey is asked for: ${gate.log.join('')}`);
  return form;
};
const see = async (path: string): Promise<PasskeyForm> =>
  formIn((await gate.request('GET', path, undefined, { accept: 'text/html' })).body);
const fill = (form: PasskeyForm, key: SoftwareKey): Record<string, string> => ({
  ...form.fields,
  passkey: JSON.stringify(form.kind === 'create' ? key.create(form.challenge) : key.get(form.challenge)),
});
const enrol = async (link: string): Promise<SoftwareKey> => {
  const key = softwareKey(CITY_URL);
  const create = await see(`${link}/passkey`);
  const prove = formIn((await actors.submit(create.action, fill(create, key))).body);
  expect((await actors.submit(prove.action, fill(prove, key))).statusCode, gate.log.join('')).toBe(303);
  return key;
};

const confirmWith = async (link: string, key: SoftwareKey): Promise<void> => {
  const asked = formIn((await actors.submit(link, { decision: 'confirm' })).body);
  expect((await actors.submit(asked.action, fill(asked, key))).statusCode, gate.log.join('')).toBe(303);
  await gate.pump();
};

let anew: SoftwareKey;

test('the function of passkeys, as it is deployed: set up, sign, remove, reset, and mail of each', async () => {
  await beginStage(gate, actors);
  expect((await actors.operator('POST', '/v1/policy', { policy: { ...POLICY, passkeys: 'required' } })).status).toBe(200);
  const { json: change } = await actors.vendor('acme');
  await gate.pump();

  const clerk = await actors.linkOf('hc');
  const key = await enrol(clerk);
  const act = { revision: '1', digest: String(change.digest) };
  const vote = { ...act, purpose: 'adopt', fileNumber: '26-0412', meetingDate: today(TIME_ZONE), ...roll(3) };
  const confirm = formIn((await actors.submit(clerk, vote)).body);
  expect((await actors.submit(confirm.action, fill(confirm, key))).statusCode, gate.log.join('')).toBe(303);
  await gate.pump();

  const mayor = await actors.linkOf('hm');
  const first = await enrol(mayor);
  const create = await see(`${mayor}/passkey`);
  const second = softwareKey(CITY_URL);
  const prove = formIn((await actors.submit(create.action, fill(create, second))).body);
  const permit = formIn((await actors.submit(prove.action, fill(prove, second))).body);
  expect((await actors.submit(permit.action, fill(permit, first))).statusCode, gate.log.join('')).toBe(303);
  const remove = await see(`${mayor}/passkey?remove=1`);
  expect((await actors.submit(remove.action, fill(remove, second))).statusCode).toBe(303);

  const who = { who: 'hm/0', sure: 'yes' };
  expect((await actors.submit(`${clerk}/passkey/reset`, who)).statusCode, gate.log.join('')).toBe(200);
  await gate.pump();
  const members = await actors.linkOf('h1');
  await confirmWith(await actors.linkOf('hc'), key);
  await confirmWith(members, await enrol(members));
  anew = await enrol(await actors.linkOf('hm'));
  const sign = formIn((await actors.submit(mayor, { ...act, decision: 'approve' })).body);
  expect((await actors.submit(sign.action, fill(sign, anew))).statusCode, gate.log.join('')).toBe(303);
  const { json } = await actors.operator('POST', '/ofrep/v1/evaluate/flags/acme', { context: {} });
  expect(json.value).toBe(true);

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
  await confirmWith(member, await enrol(member));
  expect(await rosterNow()).toMatchObject({ number, waits: { confirmations: [{ holder: 'h2' }] } });
  await confirmWith(mayor, anew);
  expect(await rosterNow()).toMatchObject({ number: number + 1, waits: null });
  expect((await gate.cloud.inbox()).flatMap(({ destination: { to } }) => to)).not.toContain('hm2@city.example');
});
