import { expect, test } from 'vitest';
import type { JsonValue } from '../../../../domain/kernel/json.ts';
import { NotSent } from '../../../../functions/platform/mail/port.ts';
import { adoptPolicy } from '../../../../functions/reactions/adoption/policies.ts';
import { takeDerived } from '../../../../functions/reactions/notify/derivedMails.ts';
import { COUNCIL, council, mayor, policy, roster, rule } from '../../../support/fixtures/city.ts';
import { NOON, rosterFile } from '../../openGate.ts';
import { answer, driftCase } from '../../register/derived/derivedCity.ts';
import { CLERKS_AND_IT, deriving, IT, subjects, who } from './mailing.ts';

const DECIDERS = [...COUNCIL, 'mayor'].sort();
const ONE_AND_A_BIT = '2026-03-03T12:00:00.000Z';

test('what one report opens is in one mail to the clerks and IT, at once, and not again', async () => {
  const { report, atOnce, gate } = await deriving();
  await report(['acme.lpr', 'acme.audio'], { kind: 'never-announced', since: '2026-02-20T09:30:00.000Z' });
  const mails = await atOnce();
  expect(who(mails)).toEqual(CLERKS_AND_IT);
  expect(subjects(mails)).toEqual(['On without permission: acme.audio and 1 more']);
  const { text = '', html = '' } = mails[0] ?? {};
  const seen = 'It was seen on. The vendor never sent the city a notice of it. On since February 20, 2026 at 9:30 AM UTC';
  const lines = ['audio', 'lpr'].map((name) => `- acme.${name}: ${seen}, reported by “audit”, not yet confirmed.\n`);
  expect(text).toContain(`At Vendor acme, 2 features were seen on that may not be on:\n\n${lines.join('')}\nThe city has not approved`);
  expect(text).toContain('on a public page: https://gate.example/on-without-permission\n');
  expect(html).toContain('<li>acme.audio: It was seen on.');
  gate.at('2026-03-02T20:00:00.000Z');
  expect(await atOnce()).toEqual([]);
});

test('a mail lists twenty keys and the number of the others; another report has a mail of its own', async () => {
  const { report, atOnce } = await deriving();
  await report(Array.from({ length: 23 }, (_, n) => `acme.f${String(n).padStart(2, '0')}`));
  const sources = ['nightly check', 'audit'].map((source) => ({ source, kind: 'city' as const, person: null }));
  await report(['acme.other'], { sources, confirmed: true });
  const [mail, , , other] = await atOnce();
  expect(mail?.subject).toBe('On without permission: acme.f00 and 22 more');
  expect(mail?.text.match(/^- /gm)?.length).toBe(21);
  expect(mail?.text).toContain('- and 3 more\n');
  expect(other?.subject).toBe('On without permission: acme.other');
  expect(other?.text).toContain('reported by “nightly check” and “audit”.');
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

test('a derived event that comes again changes nothing, before its mail and after it', async () => {
  const { report, atOnce, over, gate, ports } = await deriving();
  await report(['acme']);
  const { kind, seen } = driftCase();
  const opened = { v: 1, type: 'DriftOpened', at: NOON, sequence: 11, key: 'acme' } as const;
  const again = () => takeDerived(ports, { ...opened, kind, since: NOON, seen, source: 'audit' });
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
  expect(who(await atOnce())).toEqual(CLERKS);
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
  expect(who(mails)).toEqual([...CLERKS_AND_IT, ...CLERKS_AND_IT]);
  expect(subjects(mails)).toEqual(['On without permission: acme', 'No longer on without permission: acme']);
  expect(mails[2]?.text).toContain('It is over.');
});

test('a record that lags behind the event is waited for', async () => {
  const { report, atOnce, say, put, gate } = await deriving();
  await report(['acme']);
  await atOnce();
  gate.at('2026-03-02T13:00:00.000Z');
  const until = gate.ports.clock();
  await say({ type: 'DriftClosed', key: 'acme', since: NOON, until });
  expect(await atOnce()).toEqual([]);
  await put('acme', { cases: [driftCase({ since: NOON, openedAt: NOON, sequence: 11, until, closedAt: until })] });
  expect(subjects(await atOnce())).toEqual(['No longer on without permission: acme']);
});

/** Rules with a grace of six hours, after which those who decide hear of it in two days; a board only advises. */
const patient = {
  ...policy(rule([council(), mayor(), { id: 'board', body: 'board', instrument: 'advice' }], { notice: 'P0D' })),
  observe: { sources: { audit: { kind: 'audit' as const, every: 'P30D' } }, grace: 'PT6H', membersAfter: 'P2D' },
};

test('the policy’s grace delays no mail about what a report found, but when an approval ended; what closed within it has none, what closed after it has', async () => {
  const { report, atOnce, over, gate } = await deriving({ rules: patient });
  await report(['acme']);
  expect(who(await atOnce())).toEqual(CLERKS_AND_IT);
  await over(['acme']);
  await atOnce();
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

const CLERKS = CLERKS_AND_IT.slice(0, 2);
const EFFECT = '2026-03-20T00:00:00.000Z';

/** A gate with approved features, whose own mails have left. */
const approved = async (...keys: readonly string[]) => {
  const world = await deriving();
  const { gate, mails } = world;
  for (const feature of ['acme', ...keys]) await gate.approve({ feature, title: `About ${feature}` });
  await mails();
  /** What is mailed at once after the notices that came. */
  const atOnce = async () => {
    await mails();
    return world.atOnce();
  };
  return { ...world, atOnce };
};

const update = (feature: string) => ({ feature, kind: 'update', optOut: 'no', effectiveAt: EFFECT }) as const;
const linesIn = (text: string): readonly string[] => text.split('\n').filter((line) => line.startsWith('- '));

test('a notice that cannot be opted out of, for something approved, is mailed to the clerks at once', async () => {
  const { gate, atOnce } = await approved();
  await gate.notice(update('acme'));
  const mails = await atOnce();
  expect(who(mails)).toEqual(CLERKS);
  expect(subjects(mails)).toEqual(['The city cannot opt out: acme']);
  const { text = '' } = mails[0] ?? {};
  expect(linesIn(text)).toEqual(['- acme, change acme/2: off from March 20, 2026 at 12:00 AM UTC']);
  expect(text).toContain('https://gate.example/worklist');
  expect(await atOnce()).toEqual([]);
});

test.each([
  ['for something that is not approved', { feature: 'acme.other' }],
  ['that can be opted out of', { optOut: 'yes' as const }],
  ['that says nothing of it', { optOut: 'unknown' as const }],
  ['of a longer contract', { kind: 'contract' as const, endsAt: '2027-01-01' }],
  ['of a removal', { kind: 'removal' as const }],
])('a notice %s is not', async (_, over) => {
  const { gate, atOnce } = await approved();
  await gate.notice({ ...update('acme'), ...over });
  expect(await atOnce()).toEqual([]);
});

test('a burst is in one mail; what comes within the hour after it is in one more, and a notice that was withdrawn in none', async () => {
  const keys = Array.from({ length: 5 }, (_, n) => `acme.f${n}`);
  const { gate, atOnce } = await approved(...keys);
  for (const key of keys.slice(0, 3)) await gate.notice(update(key));
  const first = await atOnce();
  expect(subjects(first)).toEqual(['The city cannot opt out: acme.f0 and 2 more']);
  gate.at('2026-03-02T12:10:00.000Z');
  for (const key of ['acme', ...keys.slice(3)]) await gate.notice(update(key));
  await gate.withdraw('acme.f4/2');
  expect(await atOnce()).toEqual([]);
  gate.at('2026-03-02T12:59:59.000Z');
  expect(await atOnce()).toEqual([]);
  gate.at('2026-03-02T13:00:00.000Z');
  expect(subjects(await atOnce())).toEqual(['The city cannot opt out: acme and 1 more']);
  gate.at('2026-03-03T13:00:00.000Z');
  expect(await atOnce()).toEqual([]);
});

test('other words of the same change are mailed again, and one mail names a change once', async () => {
  const { gate, atOnce } = await approved();
  const said = async () => (await atOnce()).map((mail) => [who([mail])[0], ...linesIn(mail.text)]);
  const about = async (time: string, day: string, revises?: number) => {
    gate.at(`2026-03-02T${time}:00.000Z`);
    await gate.notice({ ...update('acme'), effectiveAt: `2026-03-${day}T00:00:00.000Z`, ...(revises && { revises }) });
    return said();
  };
  const each = (day: string) => CLERKS.map((to) => [to, `- acme, change acme/2: off from March ${day}, 2026 at 12:00 AM UTC`]);
  expect(await about('12:00', '20')).toEqual(each('20'));
  expect(await about('14:00', '10', 2)).toEqual(each('10'));
  expect(await about('14:10', '11', 2)).toEqual([]);
  expect(await about('14:20', '12', 2)).toEqual([]);
  gate.at('2026-03-02T15:10:00.000Z');
  expect(await said()).toEqual(each('12'));
});

test('one that the clerk’s address refused is sent to it later, about the same', async () => {
  const { gate, atOnce, refuseIf } = await approved('acme.f1');
  refuseIf(({ to, subject }) =>
    to.startsWith('clerk@') && subject.startsWith('The city') ? new NotSent('no', { unreachable: false }) : undefined,
  );
  await gate.notice(update('acme'));
  expect(who(await atOnce())).toEqual(['deputy-clerk']);
  refuseIf(() => undefined);
  await gate.notice(update('acme.f1'));
  expect(await atOnce()).toEqual([]);
  gate.at('2026-03-02T12:15:00.000Z');
  const again = await atOnce();
  expect(who(again)).toEqual(['clerk']);
  expect(again[0]?.subject).toBe('The city cannot opt out: acme');
});

test('what goes off on the vendor’s day is foretold to the clerks and IT seven days and one day before', async () => {
  const { gate, atOnce, regular } = await approved('acme.f1');
  await gate.notice(update('acme.f1'));
  await gate.notice({ ...update('acme'), effectiveAt: '2026-06-01T00:00:00.000Z' });
  await atOnce();
  const said: string[] = [];
  for (let day = 3; day <= 21; day += 1) {
    gate.at(`2026-03-${String(day).padStart(2, '0')}T09:00:00.000Z`);
    const mails = (await regular('acme', 'acme.f1')).filter(({ text }) => text.includes('goes off on the vendor’s day'));
    if (mails.length === 0) continue;
    said.push(`${day}`);
    expect(who(mails)).toEqual(CLERKS_AND_IT);
    expect(subjects(mails)).toEqual(['Goes off soon: acme.f1']);
    expect(mails[0]?.text).toContain('acme.f1: off from March 20, 2026 at 12:00 AM UTC.');
  }
  expect(said).toEqual(['13', '19']);
});

test('on the day it is mailed at once, one mail for what goes off at one moment; not what was off before', async () => {
  const { gate, atOnce, put, say } = await approved();
  const facts = { n: 2, revision: 1, digest: `sha256:${'0'.repeat(64)}`, title: 'T', kind: 'update', version: null } as const;
  const rest = {
    optOutBy: null,
    optOutHow: null,
    withoutAction: 'unknown',
    at: '2026-03-02T12:00:00.000Z',
    status: 'pending',
  } as const;
  const none = { from: null, until: null, ended: null, maintenance: false, announced: true, optedOut: null } as const;
  const more = { withdrawn: null, rolledBack: false, contested: null, recordable: true } as const;
  const change = { ...facts, ...rest, ...none, ...more, effectiveAt: EFFECT };
  gate.at(EFFECT);
  const outdated = answer({ variant: 'outdated', change: 1, since: EFFECT });
  for (const [key, optOut, offSince] of [
    ['acme.f1', 'no', EFFECT],
    ['acme.f2', 'yes', EFFECT],
    ['acme.f3', 'no', '2026-03-10T00:00:00.000Z'],
  ] as const) {
    await put(key, { answer: outdated, offSince, changes: [{ ...change, optOut }] });
    await say({ type: 'AnswerChanged', key, onFor: 'none', variant: 'outdated', because: `${key} is outdated`, version: null });
  }
  await put('acme.f4', { answer: answer({ variant: 'expired' }), offSince: EFFECT });
  await say({ type: 'AnswerChanged', key: 'acme.f4', onFor: 'none', variant: 'expired', because: 'expired', version: null });
  const mails = await atOnce();
  expect(who(mails)).toEqual(CLERKS_AND_IT);
  expect(subjects(mails)).toEqual(['Off from now on: acme.f1 and 1 more']);
  expect(mails[0]?.text).toContain(
    '- acme.f1, since March 20, 2026 at 12:00 AM UTC: the vendor did not say that the city can opt out of change acme.f1/2.\n' +
      '- acme.f2, since March 20, 2026 at 12:00 AM UTC: no opt-out from change acme.f2/2 was recorded in time.\n',
  );
  expect(await atOnce()).toEqual([]);
});
