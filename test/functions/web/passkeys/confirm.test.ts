import { afterEach, beforeEach, expect, test } from 'vitest';
import { redactionStream } from '../../../../domain/redaction/decide.ts';
import { rosterAggregate } from '../../../../functions/gate/aggregates.ts';
import { makeLink } from '../../../../functions/gate/links.ts';
import { readRedaction, redactionAggregate } from '../../../../functions/gate/redactions.ts';
import { setRoster } from '../../../../functions/gate/rosters.ts';
import { keepText } from '../../../../functions/gate/texts.ts';
import { load } from '../../../../functions/platform/store/load.ts';
import { submit } from '../../../../functions/platform/store/submit.ts';
import { softwareKey } from '../../../support/authenticator.ts';
import { ORIGIN, PEOPLE, ROSTER } from '../site/support/city.ts';
import { type PasskeyCity, passkeyCity } from './world.ts';

let city: PasskeyCity;
let link: string;

const rosters = async () => (await load(city.ports.store, rosterAggregate, 'roster')).state;
const propose = async (rule: 'off' | 'when-enrolled' | 'required'): Promise<void> => {
  city = await passkeyCity(rule);
  const holders = ROSTER.holders.map((holder) => (holder.id === 'hm' ? { ...holder, name: 'The same Mayor' } : holder));
  await setRoster(city.ports, { ...ROSTER, holders }, new Uint8Array(32).fill(3));
  const { sha256 } = (await rosters()).proposal ?? { sha256: '' };
  const target = { purpose: 'confirm-roster', ...PEOPLE.clerk, sha256 } as const;
  link = `/d/${await makeLink({ ...city.ports, linkKey: city.deps.keys.linkKey }, target)}`;
};
beforeEach(() => propose('required'));
afterEach(() => city.close());

test('who must use a passkey confirms a list of officials with it', async () => {
  const key = await city.enrol(link);
  const form = await city.formOf(city.send(link, {}));
  expect((await rosters()).inForce?.number).toBe(1);
  expect((await city.send(form.action, city.answer(form, key))).status).toBe(303);
  expect((await rosters()).inForce?.number).toBe(2);
});

test('the step with the passkey is in the language of its person', async () => {
  const { sha256 } = (await rosters()).proposal ?? { sha256: '' };
  const ports = { ...city.ports, linkKey: city.deps.keys.linkKey };
  const own = `/d/${await makeLink(ports, { purpose: 'confirm-roster', ...PEOPLE.h3, sha256 })}`;
  expect(await (await city.send(own, {})).text()).toContain('<html lang="es"');
});

test('a disposal of a text is confirmed with it, too: without one, or with an answer about something else, the text stays', async () => {
  const { ports, deps } = city;
  const key = await city.enrol(link);
  const aboutRoster = city.answer(await city.formOf(city.send(link, {})), key);
  const commitment = await keepText(ports, deps.keys.textKey, 'acme/1', 'words');
  const order = { at: city.now(), by: 'token:records', authority: 'Records Act', fileNumber: '26-7' };
  const where = { what: 'text', stream: 'feature/acme', version: 1, key: 'acme', change: 1 } as const;
  const place = { ...where, commitment, reason: 'mistake' } as const;
  const done = await submit(ports, redactionAggregate, {
    stream: redactionStream(commitment),
    commandId: 'asked',
    actor: 'token:records',
    command: () => ({ type: 'requestDisposal', ...place, ...order, person: null }) as const,
  });
  const request = done.ok ? (done.state?.request?.name ?? '') : '';
  const target = { purpose: 'confirm-disposal', ...PEOPLE.clerk, commitment, request } as const;
  const confirming = `/d/${await makeLink({ ...ports, linkKey: deps.keys.linkKey }, target)}`;
  expect((await city.post(confirming, {})).status).toBe(409);
  const form = await city.formOf(city.send(confirming, {}));
  expect((await city.send(form.action, aboutRoster)).status).toBe(409);
  expect((await readRedaction(ports.store, commitment))?.status).toBe('disposal-requested');
  const again = await city.formOf(city.send(confirming, {}));
  expect((await city.send(again.action, city.answer(again, key))).status).toBe(303);
  expect((await readRedaction(ports.store, commitment))?.status).toBe('disposed');
});

test.each([
  ['another person’s', () => softwareKey(ORIGIN), {}],
  ['one whose person was not verified', undefined, { verified: false }],
  ['one for another address', undefined, { origin: 'https://evil.example' }],
])('%s confirms nothing', async (_, other, lies) => {
  const key = await city.enrol(link);
  const form = await city.formOf(city.send(link, {}));
  expect((await city.send(form.action, city.answer(form, other?.() ?? key, lies))).status).toBe(409);
  expect((await rosters()).inForce?.number).toBe(1);
});

test('without one nothing is confirmed, where one is required', async () => {
  expect((await city.send(link, {})).status).toBe(409);
  expect((await city.post(link, {})).status).toBe(409);
  expect((await rosters()).inForce?.number).toBe(1);
});

test.each(['off', 'when-enrolled'] as const)('under %s a link alone still does, for who has none', async (rule) => {
  await city.close();
  await propose(rule);
  expect((await city.post(link, {})).status).toBe(303);
  expect((await rosters()).inForce?.number).toBe(2);
});
