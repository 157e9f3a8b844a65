import { expect, test } from 'vitest';
import { NO_TERMS } from '../../../../domain/feature/terms.ts';
import { setVendorContact } from '../../../../functions/gate/vendors.ts';
import { CorruptStore } from '../../../../functions/platform/store/errors.ts';
import { writeRegularly } from '../../../../functions/reactions/notify/regular.ts';
import { catchUp } from '../../../../functions/register/project.ts';
import { failing, rosterFile } from '../../openGate.ts';
import { IT, subjects } from './derived.ts';
import { mailing, who } from './mailing.ts';

const EVERYBODY = ['clerk', 'deputy-clerk', 'it', 'mayor', 'sales@acme.example'];
const KEYS = ['acme', 'acme.lpr', 'acme.audio'];
const END = /contract ends|contrato termina/;

/** A contract that ends, if nothing else is said, with the 30th of June 2026, and a feature beneath it that is on; another is not. */
const contracted = async (options: Parameters<typeof mailing>[0] = {}, endsAt = '2026-06-30') => {
  const world = await mailing({ itMail: IT, ...options });
  const { gate, regular, mails } = world;
  const approve = async (change: string, digest: string, over = {}) => {
    await gate.certify(change, digest, { terms: { ...NO_TERMS, ...over } });
    await gate.sign(change, digest, { terms: { ...NO_TERMS, ...over } });
  };
  const contract = await gate.notice({ kind: 'contract', title: 'The camera contract', endsAt });
  await approve('acme/1', contract.digest);
  await approve('acme.lpr/1', (await gate.notice({ feature: 'acme.lpr' })).digest);
  await gate.notice({ feature: 'acme.audio' });
  await setVendorContact(gate.sideStore, 'acme', { email: 'sales@acme.example', language: 'en' });
  await mails();
  const on = async (day: string) => {
    gate.at(`${day}T09:00:00.000Z`);
    return (await regular(...KEYS)).filter(({ subject }) => END.test(subject));
  };
  return { ...world, approve, on };
};

test('clerks, mayor, IT and the vendor’s contact are mailed 90, 30 and 7 days before its last day, and on it', async () => {
  const { gate, on } = await contracted();
  const said: string[] = [];
  for (let day = new Date('2026-03-30T09:00:00.000Z'); day < new Date('2026-07-03'); day = new Date(day.getTime() + 86_400_000)) {
    const mails = await on(day.toISOString().slice(0, 10));
    if (mails.length === 0) continue;
    expect(who(mails).sort()).toEqual(EVERYBODY);
    said.push(...subjects(mails).map((subject) => `${gate.ports.clock().slice(5, 10)} ${subject}`));
  }
  expect(said).toEqual([
    '04-01 Vendor acme, The camera contract: the contract ends in 90 days',
    '05-31 Vendor acme, The camera contract: the contract ends in 30 days',
    '06-23 Vendor acme, The camera contract: the contract ends in 7 days',
    '06-30 Vendor acme, The camera contract: the contract ends today',
  ]);
});

test.each([
  ['before that morning', 'T03:00:00Z', ['06-29', 'one day']],
  ['at that morning', 'T08:00:00Z', ['06-29', 'one day']],
  ['in that morning', 'T10:00:00Z', ['06-30', 'today']],
])('of one that ends %s the last mail comes in time, and once', async (_, time, [day = '', words]) => {
  const { on } = await contracted({}, `2026-06-30${time}`);
  const said: string[] = [];
  for (const each of ['06-22', '06-23', '06-28', '06-29', '06-30', '07-01'])
    for (const subject of subjects(await on(`2026-${each}`))) said.push(`${each} ${subject.split('ends ')[1]}`);
  expect(said).toEqual(['06-23 in 7 days', `${day} ${words === 'today' ? words : `in ${words}`}`]);
});

test('it says what goes off', async () => {
  const { on } = await contracted();
  await on('2026-05-30');
  const [mail] = await on('2026-05-31');
  expect(mail?.text).toBe(`Vendor acme, “The camera contract” (acme/1): it is approved until the end of Tuesday, June 30, 2026.

Then it is off, and so is one feature beneath it that is on now.

Nothing goes on by itself. A longer contract is a change like any other: the vendor sends a notice, and the city decides.

What is still seen on after that day is on without permission.

The contract, on a public page: https://gate.example/changes/acme/1

Sent for City by Aldergate. It holds back what vendors change until the city says yes.
`);
});

test('after an outage only the nearest is sent', async () => {
  const { on } = await contracted();
  await on('2026-03-20');
  expect(subjects(await on('2026-06-03'))).toEqual(['Vendor acme, The camera contract: the contract ends in 27 days']);
  expect(await on('2026-06-04')).toEqual([]);
});

test('a contract that the next one follows does not end; the next one does', async () => {
  const { gate, approve, on } = await contracted();
  await on('2026-05-29');
  const next = await gate.notice({ kind: 'contract', title: 'The next contract', endsAt: '2026-09-30' });
  await approve('acme/2', next.digest, { from: '2026-06-20T00:00:00.000Z' });
  await catchUp(gate.ports, 'acme');
  for (const day of ['2026-05-31', '2026-06-23', '2026-06-30']) expect(await on(day)).toEqual([]);
  expect(subjects(await on('2026-07-02'))).toEqual(['Vendor acme, The next contract: the contract ends in 90 days']);
});

test('one that was revoked, and a vendor without a contact', async () => {
  const { gate, on } = await contracted();
  await setVendorContact(gate.sideStore, 'acme', undefined);
  await on('2026-05-30');
  expect(who(await on('2026-05-31')).sort()).toEqual(['clerk', 'deputy-clerk', 'it', 'mayor']);
  await gate.revoke('acme/1');
  await on('2026-06-22');
  expect(await on('2026-06-23')).toEqual([]);
});

test('each reads it in their language', async () => {
  const { on } = await contracted({ officials: rosterFile(undefined, { mayor: 'es' }) });
  await on('2026-06-22');
  const mayor = (await on('2026-06-23')).find(({ to }) => to.startsWith('mayor@'));
  expect(mayor?.subject).toBe('Vendor acme, The camera contract: el contrato termina en 7 días');
  expect(mayor?.text).toContain('Entonces se apaga, y con él una función de más abajo que está encendida ahora.');
});

test('while the register is ahead of the log the morning waits; what may not stand is not mailed', async () => {
  const { gate, ports, on, sent } = await contracted();
  await on('2026-06-22');
  let released = false;
  const waiting = { ...ports, isReleased: async () => released };
  gate.at('2026-06-23T09:00:00.000Z');
  await writeRegularly(waiting);
  expect(sent.splice(0)).toEqual([]);
  released = true;
  await writeRegularly(waiting);
  expect(sent.splice(0).filter(({ subject }) => END.test(subject)).length).toBe(5);
  const { store } = ports;
  const refusing = {
    ...ports,
    store: failing(store, (call, [stream]) =>
      call === 'head' && stream === 'feature/acme' ? new CorruptStore('held') : undefined,
    ),
  };
  gate.at('2026-06-30T09:00:00.000Z');
  await writeRegularly(refusing);
  expect(sent.splice(0).filter(({ subject }) => END.test(subject))).toEqual([]);
});
