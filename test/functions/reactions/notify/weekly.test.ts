import { expect, test } from 'vitest';
import { NO_TERMS } from '../../../../domain/feature/terms.ts';
import { orderFeature } from '../../../../functions/gate/feature.ts';
import { resolveLink } from '../../../../functions/gate/links.ts';
import { cutOffLinksOf } from '../../../../functions/gate/rosters.ts';
import { setWeekly, weekToMail } from '../../../../functions/reactions/notify/weekly.ts';
import { createToken } from '../../../../functions/web/http/tokens.ts';
import { roster } from '../../../support/fixtures/city.ts';
import { UNCHANGED } from '../../../support/fixtures/vendor.ts';
import { NOON, rosterFile } from '../../openGate.ts';
import { driftCase, putCase, task } from '../../register/derived/derivedCity.ts';
import {
  adoptRules,
  CLERKS_AND_IT,
  deriving,
  IT,
  linkKey,
  linksOf,
  MEMBERS,
  mailing,
  noticed,
  who,
  withLink,
} from './mailing.ts';

const STOP = /https:\/\/gate\.example\/m\/([A-Za-z0-9_-]{43})/;
const EVERYBODY = [...MEMBERS, 'mayor', 'clerk', 'deputy-clerk'].sort();

test.each([
  // 9 March 2026 is a Monday; the clocks of Denver went forward the day before.
  ['UTC', '09T07:59:59.999', undefined],
  ['UTC', '09T08:00:00.000', '02T08 to 09T08'],
  ['UTC', '10T07:59:59.999', '02T08 to 09T08'],
  ['UTC', '10T08:00:00.000', undefined],
  ['UTC', '15T12:00:00.000', undefined],
  ['America/Denver', '09T13:59:00.000', undefined],
  ['America/Denver', '09T14:00:00.000', '02T15 to 09T14'],
])('in %s at %s the week of the mail is %s', (zone, now, week) => {
  const found = weekToMail(`2026-03-${now}Z`, zone);
  const [from, to] = week?.split(' to ').map((hour) => `2026-03-${hour}:00:00.000Z`) ?? [];
  expect(found && [found.monday, found.from, found.to]).toEqual(week && ['2026-03-09', from, to]);
});

test('on Monday morning everyone in office gets one mail about what waits, what was decided and what ends soon', async () => {
  const { gate, regular, nine } = await mailing();
  await gate.notice({ title: 'Waits', feature: 'acme.lpr' });
  gate.at('2026-03-04T12:00:00.000Z');
  await gate.approve({ title: 'Was decided', endsAt: '2026-03-31' });
  gate.at('2026-03-09T07:59:00.000Z');
  expect(await regular('acme', 'acme.lpr')).toEqual([]);
  nine('03-09');
  const mails = await regular('acme', 'acme.lpr');
  expect(who(mails).sort()).toEqual(EVERYBODY);
  expect(mails.some(withLink)).toBe(false);
  const [mail] = mails;
  expect(mail?.subject).toBe('What waits and what was decided: the week to March 9, 2026');
  expect(mail?.text).toContain('One change waits for a decision:\n\n- “Waits” (acme.lpr/1), open until Sunday, May 31, 2026');
  expect(mail?.text).toContain('One thing happened last week:\n\n- “Was decided” (acme/1) was approved');
  expect(mail?.text).toContain('“Was decided” (acme/1) is approved until');
  expect(mail?.change).toBeNull();
  gate.at('2026-03-09T20:00:00.000Z');
  expect(await regular('acme', 'acme.lpr')).toEqual([]);
  nine('03-16');
  const [next] = await regular('acme', 'acme.lpr');
  expect(next?.text).not.toContain('was approved');
});

test('of words that are over as they come nobody is asked, and the weekly mail says that they ran out of time', async () => {
  const { gate, mails, regular, nine } = await mailing({ itMail: IT });
  await gate.notice({ title: 'Over', endsAt: '2026-02-28' });
  await gate.notice({ title: 'Stands', feature: 'acme.lpr' });
  expect(new Set((await mails()).map(({ change }) => change))).toEqual(new Set(['acme.lpr/1']));
  await gate.notice({ title: 'Over', feature: 'acme.lpr', revises: 1, endsAt: '2026-02-28' });
  expect(await mails()).toEqual([]);
  nine('03-09');
  const [mail] = await regular('acme', 'acme.lpr');
  expect(mail?.text).toContain('No change waits for a decision.');
  for (const change of ['acme/1', 'acme.lpr/1']) expect(mail?.text).toContain(`“Over” (${change}) ran out of time and stays off`);
});

test('a day late, and under other rules since, it goes to who is in office then', async () => {
  const next = roster().holders.flatMap((each) =>
    each.body === 'mayor' ? { ...each, id: 'next-mayor', from: '2026-03-10' } : [],
  );
  const officials = rosterFile(roster({ mayor: { to: '2026-03-09' } }, ...next));
  const { gate, regular, nine } = await noticed({ officials });
  nine('03-09');
  await adoptRules(gate);
  gate.at('2026-03-10T07:00:00.000Z');
  expect(who(await regular()).sort()).toEqual(EVERYBODY.map((id) => (id === 'mayor' ? 'next-mayor' : id)).sort());
});

test('it says from when a vendor takes away what is on until then', async () => {
  const { gate, regular, nine } = await mailing();
  await gate.approve({ title: 'Readers' });
  await gate.notice({ title: 'The end', kind: 'removal', effectiveAt: '2026-05-01' });
  nine('03-09');
  const [mail] = await regular('acme');
  expect(mail?.text).toContain('“The end” (acme/2): the vendor takes the feature away from the end of April 30, 2026');
});

test('it is off by one click, for that person alone, and comes again when asked for', async () => {
  const { gate, regular, nine } = await noticed();
  nine('03-09');
  const mayor = (await regular()).find(({ to }) => to.startsWith('mayor@'));
  const [, token = ''] = STOP.exec(mayor?.text ?? '') ?? [];
  expect(mayor?.unsubscribe).toBe(`https://gate.example/m/${token}`);
  expect(mayor?.html).toContain(`href="https://gate.example/m/${token}"`);
  expect(await resolveLink({ ...gate, linkKey }, token)).toMatchObject({ purpose: 'weekly', holder: 'mayor' });
  await setWeekly(gate.sideStore, 'mayor', false, '2026-03-09T10:00:00.000Z');
  nine('03-16');
  expect(who(await regular()).sort()).toEqual(EVERYBODY.filter((id) => id !== 'mayor'));
  await setWeekly(gate.sideStore, 'mayor', true, '2026-03-17T10:00:00.000Z');
  nine('03-23');
  expect(who(await regular())).toContain('mayor');
});

test('a gate that was set up the same day, or has no news, sends no weekly mail', async () => {
  const { regular, nine } = await mailing();
  nine('03-09');
  expect(await regular('acme')).toEqual([]);
  const early = await mailing();
  await early.gate.notice();
  early.gate.at('2026-03-02T13:00:00.000Z');
  expect(await early.regular()).toEqual([]);
});

test('it says what is on without permission and which tasks are overdue, also where nothing else is to be said', async () => {
  const { gate, regular, report, setTasks, over, nine } = await deriving({ officials: rosterFile(undefined, { mayor: 'es' }) });
  await report(['acme.lpr'], { sources: [{ source: 'audit', kind: 'audit', person: null }] });
  const of = { key: 'acme.lpr', vendor: 'acme' };
  await setTasks('acme.lpr', [
    task({ ...of, kind: 'switch-off', because: 'seen-on', by: NOON, urgent: true }),
    task({ ...of, kind: 'switch-on', because: 'approved', by: null }),
  ]);
  await gate.sideStore.put('derived-figures', 'only', { openCases: 22, pastCases: 0, tasks: 2, urgentTasks: 1 });
  nine('03-09');
  const weekly = async () => (await regular()).filter(({ unsubscribe }) => unsubscribe !== undefined);
  const mails = await weekly();
  expect(who(mails).sort()).toEqual(EVERYBODY);
  const textTo = (name: string) => mails.find(({ to }) => to.startsWith(name))?.text ?? '';
  expect(textTo('clerk@')).toContain(`This is how things stood on March 9, 2026 at 9:00 AM UTC.

No change waits for a decision.

22 features are on at vendors without permission:

- acme.lpr, on since March 2, 2026 at 12:00 PM UTC, reported by “audit”, not yet confirmed
- and 21 more

All that is on without permission, on a public page: https://gate.example/on-without-permission

One task is late, or its feature is on without permission:

- acme.lpr: Switch it off at the vendor. It was due by March 2, 2026, 7 days ago. It was seen on without the city’s yes.

The whole register: https://gate.example/
`);
  expect(textTo('mayor@')).toContain('22 funciones están encendidas sin permiso en proveedores:');
  await over(['acme.lpr']);
  await setTasks('acme.lpr', []);
  await gate.sideStore.put('derived-figures', 'only', { openCases: 0, pastCases: 1, tasks: 0, urgentTasks: 0 });
  nine('03-16');
  expect(await weekly()).toEqual([]);
  // An old report: it was on in January, and is known since the week before this mail.
  const [since, until, openedAt] = ['2026-01-05T12:00:00.000Z', '2026-01-09T12:00:00.000Z', '2026-03-17T12:00:00.000Z'];
  await putCase(gate.sideStore, 'acme.lpr', driftCase({ since, until, openedAt, closedAt: openedAt, kind: 'not-approved' }));
  // Of another one, mails went out as it was found and as it ended.
  const mailed = { since, until: '2026-03-18T12:00:00.000Z', openedAt, closedAt: '2026-03-18T12:00:00.000Z' };
  for (let index = 0; index < 1_001; index += 1) await putCase(gate.sideStore, `acme.zoom-${index}`, driftCase(mailed));
  nine('03-23');
  const [told] = await weekly();
  expect(told?.text).toContain(`It came out last week that one feature had been on at a vendor without permission:

- acme.lpr: It was seen on without the city’s yes. On from January 5, 2026 at 12:00 PM UTC to January 9, 2026 at 12:00 PM UTC, reported by`);
  expect(told?.text).toContain('All that is on without permission');
  nine('03-30');
  expect(await weekly()).toEqual([]);
});

test('a record of a mail goes after a year, and that of a case stays: who had the mail about it has one when it is over', async () => {
  const { gate, mails, regular, report, over, atOnce } = await deriving();
  await gate.notice();
  await report(['acme.lpr']);
  await mails();
  const recorded = async () => (await gate.sideStore.list('sent')).map(({ id }) => id);
  const before = await recorded();
  gate.at('2027-05-03T09:00:00.000Z');
  await regular();
  expect((await recorded()).filter((id) => before.includes(id))).toHaveLength(before.length - 2);
  await over(['acme.lpr']);
  expect(who(await atOnce())).toEqual(expect.arrayContaining(CLERKS_AND_IT));
});

const TERMS = { ...NO_TERMS, maintenance: true };

/** A feature approved on terms that allow maintenance; two days later a signed update of it that changes nothing. */
const maintained = async () => {
  const opened = await mailing();
  const { gate, mails } = opened;
  await gate.approve({}, { terms: TERMS });
  gate.at('2026-03-04T12:00:00.000Z');
  await gate.notice({ kind: 'update', title: 'A small fix', optOut: 'no', impact: UNCHANGED });
  return { ...opened, asked: await mails() };
};

test('who could decide on what came as maintenance reads that it needs no vote, is asked for none, and not reminded', async () => {
  const { gate, asked, regular } = await maintained();
  expect(asked.length).toBeGreaterThan(0);
  for (const { text } of asked) expect(text).toContain('The approval stays in force unless someone objects.');
  for (const { text, subject } of asked) {
    expect(subject).toBe('A small fix came, no new vote is needed. Vendor acme, A small fix');
    expect(text).not.toMatch(/certify|What is not decided/i);
  }
  gate.at('2026-06-01T11:00:00.000Z');
  expect((await regular()).filter(({ subject }) => subject.startsWith('Reminder'))).toEqual([]);
});

test('the weekly mail lists what came as maintenance, with a link to object for those who had to approve', async () => {
  const { gate, nine, regular } = await maintained();
  nine('03-09');
  const mails = await regular();
  expect(mails.every(({ text }) => text.includes('One signed update came as a small fix last week.'))).toBe(true);
  const mailTo = (person: string) => mails.find(({ to }) => to.startsWith(`${person}@`)) ?? expect.fail(person);
  for (const person of ['clerk', 'mayor']) {
    expect(mailTo(person).text).toContain('Read “A small fix” (acme/2), or object to it, on this page:');
    const [link = '', ...more] = linksOf(mailTo(person));
    expect(more).toEqual([]);
    expect(await resolveLink({ ...gate, linkKey }, link)).toMatchObject({ holder: person, key: 'acme', n: 2, revision: 1 });
  }
  const member = mailTo(String(MEMBERS[0]));
  expect(member.text).toContain('- “A small fix” (acme/2)');
  expect(linksOf(member)).toEqual([]);
  nine('03-16');
  expect((await regular()).some(({ text }) => text.includes('small fix last week'))).toBe(false);
});

test('after an objection the weekly mail lists the update no more', async () => {
  const { gate, nine, regular } = await maintained();
  await createToken(gate.ports, { name: 'it', scopes: ['notice'], agencies: [], person: null });
  const request = { type: 'contest', change: 2, by: { token: 'it' }, reason: null } as const;
  const contest = { key: 'acme', commandId: 'contest', actor: 'token:it', request };
  expect(await orderFeature(gate.ports, contest)).toMatchObject({ ok: true });
  nine('03-09');
  expect((await regular()).some(({ text }) => text.includes('small fix last week'))).toBe(false);
});

test('a person whose links were cut off gets none by the weekly mail', async () => {
  const { gate, nine, regular } = await maintained();
  gate.at('2026-03-05T12:00:00.000Z');
  await cutOffLinksOf(gate.ports, { holder: 'mayor', by: null, reissued: false });
  nine('03-09');
  const mail = (await regular()).find(({ to }) => to.startsWith('mayor@'));
  expect(mail?.text).toContain('- “A small fix” (acme/2)');
  expect(mail && linksOf(mail)).toEqual([]);
});
