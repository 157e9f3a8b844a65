import { expect, test } from 'vitest';
import type { JsonValue } from '../../../../domain/kernel/json.ts';
import { cutOffLinksOf } from '../../../../functions/gate/rosters.ts';
import { NotSent } from '../../../../functions/platform/mail/port.ts';
import { adoptPolicy } from '../../../../functions/reactions/adoption/policies.ts';
import { takeDerived } from '../../../../functions/reactions/notify/derivedMails.ts';
import { COUNCIL, council, mayor, policy, roster, rule } from '../../../support/fixtures/city.ts';
import { failing, rosterFile } from '../../openGate.ts';
import { driftCase } from '../../register/derived/given.ts';
import { CLERKS_AND_IT, deriving, IT, subjects } from './derived.ts';
import { who } from './mailing.ts';

const DECIDERS = [...COUNCIL, 'mayor'].sort();
const ONE_AND_A_BIT = '2026-03-03T12:00:00.000Z';

test('what one report opens is in one mail to the clerks and IT, at once, and not again', async () => {
  const { report, atOnce, gate } = await deriving();
  await report(['acme.lpr', 'acme.audio'], { kind: 'never-announced', since: '2026-02-20T09:30:00.000Z' });
  const mails = await atOnce();
  expect(who(mails)).toEqual(CLERKS_AND_IT);
  expect(subjects(mails)).toEqual(['On without permission: acme.audio and 1 more']);
  const { text = '', html = '' } = mails[0] ?? {};
  expect(text).toBe(`At Vendor acme, 2 features were seen on that may not be on:

- acme.audio: It was seen on. The vendor never sent the city a notice of it. On since February 20, 2026 at 9:30 AM UTC, reported by “audit”, not yet confirmed.
- acme.lpr: It was seen on. The vendor never sent the city a notice of it. On since February 20, 2026 at 9:30 AM UTC, reported by “audit”, not yet confirmed.

The city has not approved this, or no longer approves it. Have the vendor switch it off, or find out why it is on.

This is the only mail while it stays on. One more comes when it is over, and a new one if it is seen on again.

All that is on without permission, on a public page: https://gate.example/on-without-permission

Sent for City by Aldergate. It holds back what vendors change until the city says yes.
`);
  expect(html).toContain('<li>acme.audio: It was seen on.');
  gate.at('2026-03-02T20:00:00.000Z');
  expect(await atOnce()).toEqual([]);
});

test('a mail lists twenty keys and the number of the others; another report has a mail of its own', async () => {
  const { report, atOnce } = await deriving();
  await report(Array.from({ length: 23 }, (_, n) => `acme.f${String(n).padStart(2, '0')}`));
  await report(['acme.other']);
  const [mail, , , other] = await atOnce();
  expect(mail?.subject).toBe('On without permission: acme.f00 and 22 more');
  expect(mail?.text.match(/^- /gm)?.length).toBe(21);
  expect(mail?.text).toContain('- and 3 more\n');
  expect(other?.subject).toBe('On without permission: acme.other');
});

test('once a second source or person confirms it, the mail does not say that it is not confirmed', async () => {
  const { report, atOnce } = await deriving();
  const sources = ['nightly check', 'audit'].map((source) => ({ source, kind: 'city' as const, person: null }));
  await report(['acme'], { sources, confirmed: true });
  const [mail] = await atOnce();
  expect(mail?.text).toContain('reported by “nightly check” and “audit”.');
  expect(mail?.text).not.toContain('not yet confirmed');
});

test('those who decide are mailed once, after a day, if it is still open, and each who had a mail gets one when it is over', async () => {
  const { report, atOnce, over, gate } = await deriving();
  await report(['acme.lpr']);
  await atOnce();
  gate.at('2026-03-03T11:59:59.999Z');
  expect(await atOnce()).toEqual([]);
  gate.at(ONE_AND_A_BIT);
  const still = await atOnce();
  expect(who(still).sort()).toEqual(DECIDERS);
  expect(subjects(still)).toEqual(['Still on without permission: acme.lpr']);
  gate.at('2026-03-20T12:00:00.000Z');
  expect(await atOnce()).toEqual([]);
  await over(['acme.lpr']);
  const closed = await atOnce();
  expect(who(closed).sort()).toEqual([...CLERKS_AND_IT, ...DECIDERS].sort());
  expect(subjects(closed)).toEqual(['No longer on without permission: acme.lpr']);
  expect(closed[0]?.text).toContain(
    '- acme.lpr: it was, from March 2, 2026 at 12:00 PM UTC to March 20, 2026 at 12:00 PM UTC. “audit” no longer sees it.',
  );
  gate.at('2026-03-25T12:00:00.000Z');
  expect(await atOnce()).toEqual([]);
});

test('one that is over within a day reaches only the clerks and IT, whom one mail tells of all that one approval closed', async () => {
  const { report, atOnce, over, gate } = await deriving();
  await report(['acme.lpr', 'acme.audio']);
  await report(['acme.other']);
  await atOnce();
  gate.at('2026-03-03T11:00:00.000Z');
  await over(['acme.audio', 'acme.other'], { change: 4 });
  const closed = await atOnce();
  expect(who(closed)).toEqual(CLERKS_AND_IT);
  expect(subjects(closed)).toEqual(['No longer on without permission: acme.audio and 1 more']);
  expect(closed[0]?.text).toContain('The city’s yes to acme.other/4 covers it now.');
  gate.at(ONE_AND_A_BIT);
  const still = await atOnce();
  expect(subjects(still)).toEqual(['Still on without permission: acme.lpr']);
});

test('on, off and on again is a new case with mails of its own', async () => {
  const { report, atOnce, over, gate } = await deriving();
  await report(['acme']);
  await atOnce();
  gate.at('2026-03-02T13:00:00.000Z');
  await over(['acme']);
  expect(subjects(await atOnce())).toEqual(['No longer on without permission: acme']);
  gate.at('2026-03-02T14:00:00.000Z');
  await report(['acme']);
  expect(subjects(await atOnce())).toEqual(['On without permission: acme']);
  gate.at('2026-03-02T15:00:00.000Z');
  await over(['acme']);
  expect(subjects(await atOnce())).toEqual(['No longer on without permission: acme']);
});

test('one that opened and closed before its mail left is in one mail, as one that is over', async () => {
  const { report, atOnce, over, gate } = await deriving();
  await report(['acme.lpr', 'acme.audio'], { since: '2025-12-01T08:00:00.000Z' });
  await over(['acme.lpr']);
  const mails = await atOnce();
  expect(who(mails)).toEqual(CLERKS_AND_IT);
  expect(mails[0]?.text).toContain('- acme.lpr: It was seen on. The city has not said yes. On from December 1, 2025');
  expect(mails[0]?.text).toContain('It is over.');
  gate.at('2026-03-02T13:00:00.000Z');
  await over(['acme.audio']);
  expect(subjects(await atOnce())).toEqual(['No longer on without permission: acme.audio']);
});

test('the clerk in Spanish, and a city without an address of IT', async () => {
  const { report, atOnce, over, gate } = await deriving({ itMail: undefined, officials: rosterFile(roster(), { clerk: 'es' }) });
  await report(['acme']);
  const mails = await atOnce();
  expect(who(mails)).toEqual(['clerk', 'deputy-clerk']);
  expect(mails[0]?.subject).toBe('Encendido sin permiso: acme');
  expect(mails[0]?.text).toContain('según «audit», aún sin confirmar');
  gate.at('2026-03-02T13:00:00.000Z');
  await over(['acme']);
  expect((await atOnce())[0]?.subject).toBe('Ya no está encendido sin permiso: acme');
});

test('after a crash between acceptance and record it is mailed again, once, and is over by one mail', async () => {
  let lose = false;
  const { report, atOnce, over, gate } = await deriving({
    sideStoreOf: (sideStore) =>
      failing(sideStore, (call, args) => (lose && call === 'put' && args[0] === 'sent' ? new Error('crash') : undefined)),
  });
  await report(['acme']);
  lose = true;
  expect(who(await atOnce())).toEqual(CLERKS_AND_IT);
  lose = false;
  gate.at('2026-03-02T12:20:00.000Z');
  expect(who(await atOnce())).toEqual(CLERKS_AND_IT);
  expect(await atOnce()).toEqual([]);
  await over(['acme']);
  expect(who(await atOnce())).toEqual(CLERKS_AND_IT);
});

test('a derived event that comes again changes nothing, before its mail and after it', async () => {
  const { report, atOnce, over, gate, ports } = await deriving();
  await report(['acme']);
  const opened = { v: 1, type: 'DriftOpened', at: '2026-03-02T12:00:00.000Z', sequence: 11, key: 'acme' } as const;
  const seen = { on: true, agencies: null, version: null };
  const again = () => takeDerived(ports, { ...opened, kind: 'not-approved', since: opened.at, seen, source: 'audit' });
  await again();
  expect((await atOnce()).length).toBe(3);
  await again();
  expect(await atOnce()).toEqual([]);
  gate.at('2026-03-02T13:00:00.000Z');
  await over(['acme']);
  expect((await atOnce()).length).toBe(3);
  await again();
  expect(await atOnce()).toEqual([]);
});

test('a mail that an address refuses keeps no other from leaving, and is tried again a quarter of an hour later', async () => {
  const { report, atOnce, refuseIf, gate } = await deriving();
  refuseIf(({ to }) => (to === IT ? new NotSent('no such address', { unreachable: false }) : undefined));
  await report(['acme']);
  expect(who(await atOnce())).toEqual(['clerk', 'deputy-clerk']);
  refuseIf(() => undefined);
  gate.at('2026-03-02T12:14:59.000Z');
  expect(await atOnce()).toEqual([]);
  gate.at('2026-03-02T12:15:00.000Z');
  expect(who(await atOnce())).toEqual(['it']);
});

test('while no mail can leave all of it waits', async () => {
  const { report, atOnce, refuseIf, over, gate } = await deriving();
  refuseIf(({ to }) => (to === IT ? new NotSent('down', { unreachable: true }) : undefined));
  await report(['acme']);
  await expect(atOnce()).rejects.toThrow('down');
  gate.at('2026-03-02T13:00:00.000Z');
  await over(['acme']);
  refuseIf(() => undefined);
  const mails = await atOnce();
  expect(mails.map(({ to, subject }) => [to.split('@')[0], subject])).toEqual([
    ['clerk', 'On without permission: acme'],
    ['deputy-clerk', 'On without permission: acme'],
    ['it', 'On without permission: acme'],
    ['clerk', 'No longer on without permission: acme'],
    ['deputy-clerk', 'No longer on without permission: acme'],
    ['it', 'No longer on without permission: acme'],
  ]);
  expect(mails[2]?.text).toContain('It is over.');
});

test('a person without an address is left out with an error in the log; one whose links were cut off hears of it, as it has no link', async () => {
  const { report, atOnce, gate } = await deriving();
  await gate.sideStore.remove('directory', 'deputy-clerk');
  await cutOffLinksOf(gate.ports, { holder: 'clerk', by: null, reissued: false });
  await report(['acme']);
  const mails = await atOnce();
  expect(who(mails)).toEqual(['clerk', 'it']);
  expect(mails.map(({ text }) => /\/d\//.test(text))).toEqual([false, false]);
  expect(gate.logged.some(({ event, holder }) => event === 'no mail address' && holder === 'deputy-clerk')).toBe(true);
});

test('a record that lags behind the event is waited for', async () => {
  const { report, atOnce, say, put, gate } = await deriving();
  await report(['acme']);
  await atOnce();
  gate.at('2026-03-02T13:00:00.000Z');
  const until = gate.ports.clock();
  await say({ type: 'DriftClosed', key: 'acme', since: '2026-03-02T12:00:00.000Z', until });
  expect(await atOnce()).toEqual([]);
  const since = '2026-03-02T12:00:00.000Z';
  await put('acme', { cases: [driftCase({ since, openedAt: since, sequence: 11, until, closedAt: until })] });
  expect(subjects(await atOnce())).toEqual(['No longer on without permission: acme']);
});

/** Rules with a grace of six hours, after which those who decide hear of it in two days; a board only advises. */
const patient = {
  ...policy(rule([council(), mayor(), { id: 'board', body: 'board', instrument: 'advice' }], { notice: 'P0D' })),
  observe: { sources: { audit: { kind: 'audit' as const, every: 'P30D' } }, grace: 'PT6H', membersAfter: 'P2D' },
};

test('the policy’s grace delays no mail about what a report found', async () => {
  const { report, atOnce } = await deriving({ rules: patient });
  await report(['acme']);
  expect(who(await atOnce())).toEqual(CLERKS_AND_IT);
});

test('the policy’s grace delays the mail when an approval ended; what closed within it has none, what closed after it has', async () => {
  const { report, atOnce, over, gate } = await deriving({ rules: patient });
  await report(['acme.lpr', 'acme.audio', 'acme.zoom'], { byEnd: true });
  gate.at('2026-03-02T17:59:59.999Z');
  await over(['acme.lpr']);
  expect(await atOnce()).toEqual([]);
  gate.at('2026-03-02T18:00:00.000Z');
  await over(['acme.zoom']);
  const [mail, ...others] = await atOnce();
  expect(others.length).toBe(2);
  expect(mail?.text).not.toContain('acme.lpr');
  expect(mail?.text).toMatch(/- acme\.audio: .*\n- acme\.zoom: .* It is over\.\n/);
  gate.at('2026-03-04T11:59:59.999Z');
  expect(await atOnce()).toEqual([]);
  gate.at('2026-03-04T12:00:00.000Z');
  const still = await atOnce();
  expect(who(still).sort()).toEqual(DECIDERS);
  expect(subjects(still)).toEqual(['Still on without permission: acme.audio']);
});

test('a policy that came later delays what is due already', async () => {
  const { report, atOnce, gate } = await deriving({ rules: null });
  await report(['acme'], { byEnd: true });
  expect((await adoptPolicy(gate.ports, patient as unknown as JsonValue)).ok).toBe(true);
  expect(await atOnce()).toEqual([]);
  gate.at('2026-03-02T18:00:00.000Z');
  expect(who(await atOnce())).toEqual(CLERKS_AND_IT);
});

test('who was addressed and never reached gets no closing mail', async () => {
  const { report, atOnce, over, refuseIf, gate } = await deriving();
  refuseIf(({ to }) => (to === IT ? new NotSent('no such address', { unreachable: false }) : undefined));
  await report(['acme']);
  await atOnce();
  gate.at('2026-03-02T12:10:00.000Z');
  await over(['acme']);
  refuseIf(() => undefined);
  expect(who(await atOnce())).toEqual(['clerk', 'deputy-clerk']);
});

test('a clerk who also decides hears of it once', async () => {
  const both = roster({ 'district-1': { id: 'clerk', name: 'Holder of clerk' } });
  const { report, atOnce, gate } = await deriving({ officials: rosterFile(both) });
  await report(['acme']);
  expect(who(await atOnce())).toEqual(CLERKS_AND_IT);
  gate.at(ONE_AND_A_BIT);
  expect(who(await atOnce()).sort()).toEqual(DECIDERS.filter((id) => id !== 'district-1'));
});
