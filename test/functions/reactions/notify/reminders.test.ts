import { expect, test } from 'vitest';
import { digestOf } from '../../../../domain/kernel/canonical.ts';
import { sharedCommandId } from '../../../../functions/gate/feature.ts';
import type { Received } from '../../../../functions/gate/intake.ts';
import { askForLinks } from '../../../../functions/gate/links.ts';
import { cutOffLinksOf } from '../../../../functions/gate/rosters.ts';
import { type Message, mailOptions } from '../../../../functions/platform/mail/port.ts';
import { CorruptStore } from '../../../../functions/platform/store/errors.ts';
import { mailLater } from '../../../../functions/reactions/notify/asks.ts';
import { mailDerived } from '../../../../functions/reactions/notify/derivedMails.ts';
import { orderAgenda, writeRegularly } from '../../../../functions/reactions/notify/regular.ts';
import { catchUp } from '../../../../functions/register/project.ts';
import { roster, term } from '../../../support/fixtures/city.ts';
import { NOON, rosterFile } from '../../openGate.ts';
import { adoptRules, linkKey, linksOf, MEMBERS, mailing, noticed, who, withLink } from './mailing.ts';

// The notice of every story comes on 2 March 2026 at noon and its window closes on 31 May at noon, UTC.

const DAY_MS = 86_400_000;
const at = (ms: number) => new Date(Date.parse(NOON) + ms).toISOString();

test('a week and a day before the last day, in the morning, everyone who has not acted is reminded once each', async () => {
  const { gate, mails, regular } = await noticed();
  await mails();
  const timeline: string[] = [];
  for (const at of ['05-24T07:59', '05-24T08:00', '05-24T18:00', '05-29T12:00', '05-30T08:00', '05-30T23:00', '05-31T12:00']) {
    gate.at(`2026-${at}:00.000Z`);
    const reminders = await regular();
    if (reminders.length > 0) timeline.push(`${at} ${who(reminders).join(' ')}`);
    for (const { subject } of reminders)
      expect(subject).toBe('Reminder, by May 31: certify the vote. Vendor acme, A new way to…');
  }
  expect(timeline).toEqual(['05-24T08:00 clerk deputy-clerk', '05-30T08:00 clerk deputy-clerk']);
});

test.for([
  ['acme', 'acme.lpr'],
  ['acme.lpr', 'acme'],
])('after a reminder of %s that of %s comes on its morning, alone', async (keys) => {
  const { gate, mails, regular, nine } = await mailing();
  const links: string[][] = [];
  for (const [day, feature] of keys.entries()) {
    gate.at(at(day * DAY_MS));
    await gate.notice({ feature });
    links.push((await mails()).flatMap(linksOf));
  }
  for (const [day, own] of links.entries()) {
    nine(`05-${24 + day}`);
    expect((await regular(...keys)).flatMap(linksOf)).toEqual(own);
  }
});

test('one mail with all that waits, such as the reminders of a morning, has first what closes first, as the page of all', async () => {
  const { gate, mails, regular, nine, renewals } = await mailing();
  const keys = ['acme.zoom', 'acme.lpr', 'acme'];
  for (const [n, feature] of keys.entries()) {
    gate.at(at(Math.min(n, 1) * 6 * DAY_MS + n * 60_000));
    await gate.notice({ feature, title: feature });
    await mails();
    await catchUp(gate.ports, feature);
  }
  nine('05-25');
  const weekly = (await regular(...keys)).find(({ subject }) => subject.startsWith('What waits'));
  nine('05-30');
  const [reminder] = await regular(...keys);
  const [old = ''] = linksOf(reminder as Message);
  await askForLinks({ ...gate.ports, linkKey }, old);
  const [renewal] = await renewals();
  for (const mail of [weekly, reminder, renewal])
    expect(mail?.text.match(/(?<=“)acme[.a-z]*(?=”)/g)).toEqual(['acme.zoom', 'acme', 'acme.lpr']);
});

test('after an outage only the nearest reminder is sent; closed or decided changes send none', async () => {
  const { gate, mails, regular, nine } = await mailing();
  const received = await gate.notice();
  await mails();
  gate.at('2026-05-30T20:00:00.000Z');
  expect(who(await regular())).toEqual(['clerk', 'deputy-clerk']);
  gate.at('2026-05-31T08:00:00.000Z');
  expect(await regular()).toEqual([]);
  await gate.decide(received);
  nine('05-31');
  expect(await regular()).toEqual([]);
});

test('the mayor has five days: who was asked just now is not reminded before the last day nears', async () => {
  const { gate, regular, digest } = await noticed();
  await gate.certify('acme/1', digest);
  gate.at('2026-03-04T12:00:00.000Z');
  expect(await regular()).toEqual([]);
  gate.at('2026-03-06T08:00:00.000Z');
  expect(who(await regular())).toEqual(['mayor']);
});

test('who is asked anew when the last day is near is not reminded at once', async () => {
  const { gate, mails, regular, digest } = await noticed();
  await gate.certify('acme/1', digest);
  gate.at('2026-03-06T07:00:00.000Z');
  await gate.sign('acme/1', digest, { decision: 'refuse' });
  gate.at('2026-03-06T09:00:00.000Z');
  await gate.sign('acme/1', digest, { decision: 'take-back', comment: digestOf(new Uint8Array()) });
  expect(who(await mails())).toContain('mayor');
  expect(await regular()).toEqual([]);
  gate.at('2026-03-07T08:00:00.000Z');
  expect(await regular()).toEqual([]);
});

test('a link that was cut off and not given again comes by no reminder', async () => {
  const { gate, mails, regular, nine } = await noticed();
  await mails();
  await cutOffLinksOf(gate.ports, { holder: 'clerk', by: null, reissued: false });
  nine('05-24');
  expect(who(await regular())).toEqual(['deputy-clerk']);
});

test('what one morning reminds a person of is one mail; a refused one delays no other, and an outage is retried', async () => {
  const { gate, mails, regular, refuseTo, goDown, accept, nine, wait } = await noticed();
  await gate.notice({ feature: 'acme.lpr' });
  const before = (await mails()).filter(({ to }) => to.startsWith('clerk@'));
  nine('05-24');
  refuseTo('clerk@');
  expect(who(await regular('acme', 'acme.lpr'))).toEqual(['deputy-clerk']);
  expect(gate.logged.filter(({ event }) => event === 'mail not taken').length).toBe(1);
  wait(60_000);
  goDown();
  await expect(regular('acme', 'acme.lpr')).rejects.toThrow();
  accept();
  const [mail, ...more] = await regular('acme', 'acme.lpr');
  expect(more).toEqual([]);
  expect(mail).toMatchObject({ subject: 'Reminder, by May 31: 2 changes still wait for you', change: null });
  expect(linksOf(mail as Message)).toEqual(before.flatMap(linksOf));
  expect(await regular('acme', 'acme.lpr')).toEqual([]);
});

const TO = { to: '2026-03-04' };
const next = (over: Parameters<typeof term>[2], body = 'mayor', seat = 'mayor') =>
  term(body, seat, { from: '2026-03-05', ...over });

test('who comes into office while something waits is asked once, with a link of their own, by no list that lags', async () => {
  const coming = [next({ id: 'next-mayor' }), next({ id: 'next-deputy-clerk' }, 'clerk', 'deputy-clerk')];
  const officials = rosterFile(roster({ mayor: TO, 'deputy-clerk': TO }, ...coming));
  const { gate, ports, mails, regular, sent, nine, digest } = await noticed({ officials });
  await mails();
  await catchUp(gate.ports, 'acme');
  await gate.certify('acme/1', digest);
  expect(who(await mails())).toEqual(['mayor']);
  gate.at('2026-03-04T20:00:00.000Z');
  await writeRegularly(ports);
  expect(sent).toEqual([]);
  nine('03-05');
  await writeRegularly(ports);
  expect(sent.map(({ to, subject }) => [to, subject])).toEqual([
    ['next-mayor@city.example', 'By March 7: sign or refuse. Vendor acme, A new way to search'],
  ]);
  expect(sent.splice(0).every(withLink)).toBe(true);
  expect(await regular()).toEqual([]);
});

test('who comes into office, not who could switch it off before, gets links to what was approved before, once; not to what overturned a refusal of the office, nor the rules in force', async () => {
  const again = [next({ id: 'clerk' }, 'clerk', 'clerk'), next({ id: 'deputy-clerk' }, 'board', 'board-1')];
  const officials = rosterFile(roster({ mayor: TO, clerk: TO, 'board-1': TO }, next({ id: 'next-mayor' }), ...again));
  const { gate, regular, nine, goDown, accept } = await mailing({ officials });
  await adoptRules(gate);
  await gate.decide(await gate.notice());
  const { digest } = await gate.notice({ feature: 'acme.lpr' });
  await gate.certify('acme.lpr/1', digest);
  await gate.sign('acme.lpr/1', digest, { decision: 'refuse' });
  await gate.certify('acme.lpr/1', digest, { purpose: 'override', fileNumber: '26-0002' });
  await gate.confirm('acme.lpr/1', digest);
  gate.at('2026-03-02T20:00:00.000Z');
  expect(await regular('acme', 'acme.lpr')).toEqual([]);
  nine('03-05');
  goDown();
  await expect(regular('acme', 'acme.lpr', 'aldergate.policy')).rejects.toThrow('down');
  nine('03-07');
  accept();
  const [mail, ...others] = await regular();
  expect([mail?.to, mail?.subject, others]).toEqual([
    'next-mayor@city.example',
    'You now act for the mayor: what was approved before',
    [],
  ]);
  expect(linksOf(mail as Message)).toHaveLength(1);
  expect(await regular()).toEqual([]);
});

test('a change that was not judged yet, or may not stand, causes no mail of the calendar, though the register has it', async () => {
  const { gate, ports, mails, sent, nine } = await noticed();
  await mails();
  await catchUp(gate.ports, 'acme');
  const write = async (over: Partial<typeof ports> = {}) => {
    await writeRegularly({ ...ports, ...over });
    return sent.splice(0);
  };
  const waits = { isReleased: async () => false };
  const head = async (stream: string) => {
    if (stream === 'feature/acme') throw new CorruptStore('it may not stand');
    return ports.store.head(stream);
  };
  const refused = { store: { ...ports.store, head } };
  nine('05-24');
  await orderAgenda(ports, 'council', { at: gate.ports.clock(), changes: ['acme/1'] });
  expect([...(await write(waits)), ...(await write(refused))]).toEqual([]);
  expect(who(await write()).sort()).toEqual(['clerk', 'deputy-clerk', ...MEMBERS].sort());
  // A Monday: the weekly mail waits for what is not judged, and leaves out what may not stand.
  nine('05-25');
  expect(await write(waits)).toEqual([]);
  expect(await write()).toHaveLength(MEMBERS.length + 3);
});

/** What a phone shows of a mail in its list: the subject and the first 90 characters. */
const inList = ({ subject, text }: Message) => ({ subject, begins: text.slice(0, 90).replaceAll('\u202F', ' ') });

/** Notices of several features, and a way to certify and sign some of them. */
const city = async (titles: readonly string[]) => {
  const opened = await mailing();
  const { gate } = opened;
  const digests = new Map<string, string>();
  const all = titles.map((_, n) => `acme.f${n}`);
  for (const [n, feature] of all.entries()) {
    const { change, digest } = await gate.notice({ feature, title: titles[n] ?? '' });
    digests.set(change, digest);
    await catchUp(gate.ports, feature);
  }
  const certify = async (change: string, commandId?: string) => {
    await gate.certify(change, digests.get(change) ?? '', { meetingDate: '2026-03-02' }, commandId);
    await catchUp(gate.ports, change.split('/')[0] ?? '');
  };
  return { ...opened, all, certify, changes: [...digests.keys()] };
};

/** The id of the command by which a form for several changes certifies the vote on one of them. */
const onForm = (change: string) => sharedCommandId(`form/${change}`);

const TITLES = ['Face search', 'Audio alerts', 'A map of all cameras'];

test('what one form certified reaches the mayor in one mail, with a link for each; a vote certified by itself is mailed at once', async () => {
  const { gate, ports, mails, sent, consumers, certify, changes, refuseTo, accept } = await city([...TITLES, 'Longer records']);
  await mails();
  const [first = '', second = '', third = '', fourth = ''] = changes;
  for (const change of [first, second]) await certify(change, onForm(change));
  refuseTo('mayor@');
  expect(await mails()).toEqual([]);
  accept();
  gate.at(at(20 * 60_000));
  const [mail, ...more] = await mails();
  expect(more).toEqual([]);
  expect(inList(mail as Message)).toEqual({
    subject: 'By March 7: 2 changes wait for you after the vote of the City Council',
    begins: expect.stringMatching(/^The City Council voted on these on March 2, 2026\. Each waits for you/),
  });
  expect(mail?.text.replaceAll('\u202F', ' ')).toContain(
    'Vendor acme, “Face search”: sign or refuse (City Council: 13 to 0) by Saturday, March 7, 2026 at 12:00 PM UTC.',
  );
  expect(linksOf(mail as Message)).toHaveLength(2);
  await certify(third);
  await consumers.sweep();
  const later = sent.splice(0);
  expect(who(later)).toEqual(['mayor']);
  expect(later.flatMap(linksOf)).toHaveLength(1);
  expect(later[0]?.subject).toBe('By March 7: sign or refuse. Vendor acme, A map of all cameras');
  await mailLater(ports, 'acme.f0', 1, 'voted');
  await certify(fourth, onForm(fourth));
  expect((await mails()).map(({ subject }) => subject)).toEqual([expect.stringContaining('Longer records')]);
});

test('while votes are being certified, and until what they ask may stand, the mail about them waits', async () => {
  const { mails, certify, changes, ports, sent, consumers } = await city(TITLES.slice(0, 2));
  await mails();
  const [first = '', second = ''] = changes;
  await certify(first, onForm(first));
  const run = async (over: Partial<typeof ports>) => {
    await mailDerived({ ...ports, ...over });
    return sent.splice(0).map(linksOf);
  };
  await consumers.sweep();
  expect(await run({ wallMs: () => Date.parse(NOON) + 1_000 })).toEqual([]);
  expect(await run({ isReleased: async () => false })).toEqual([]);
  await certify(second, onForm(second));
  expect((await mails()).map((mail) => linksOf(mail).length)).toEqual([2]);
});

test('in a month of 30 notices and 20 votes at four meetings the clerk gets at most 40 mails, the mayor 15, a member 8', async () => {
  const { gate, ports, mails, regular } = await mailing();
  const sent: string[] = [];
  const waiting: Received[] = [];
  let meetings = 0;
  for (let day = 0; day < 30; day += 1) {
    const [now, feature] = [at(day * DAY_MS), `acme.f${day}`];
    gate.at(now);
    const received = await gate.notice({ feature });
    sent.push(...who(await mails()));
    const voted = waiting.length >= 6 && meetings < 4 ? waiting.splice(0, 5) : [];
    if (voted.length > 0) {
      meetings += 1;
      await orderAgenda(ports, 'council', { at: now, changes: voted.map(({ change }) => change) });
      sent.push(...who(await regular(feature)));
    }
    for (const { change, digest } of voted) await gate.certify(change, digest, { meetingDate: now.slice(0, 10) }, onForm(change));
    sent.push(...who(await mails()));
    for (const { change, digest } of voted) await gate.sign(change, digest);
    waiting.push(received);
    gate.at(at(day * DAY_MS + DAY_MS / 2));
    sent.push(...who(await regular(feature, ...voted.map(({ change }) => change.split('/')[0] ?? ''))));
  }
  expect(meetings).toBe(4);
  for (const [person, least, most] of [
    ['clerk', 30, 40],
    ['mayor', 4, 15],
    ...MEMBERS.map((each) => [each, 4, 8] as const),
  ] as const) {
    const { length } = sent.filter((to) => to === person);
    expect([length >= least, length <= most], `${person}: ${length}`).toEqual([true, true]);
  }
});

test('an agenda that the clerk sends reaches each member once, with what is on it and nothing to act with', async () => {
  const { gate, ports, regular, changes, all } = await city(TITLES.slice(0, 2));
  await regular(...all);
  const agenda = { at: NOON, changes: [...changes, 'acme.unknown/1'] };
  await orderAgenda(ports, 'council', agenda);
  await orderAgenda(ports, 'council', { at: at(60_000), changes: changes.slice(0, 1) });
  const sent = await regular(...all);
  expect(who(sent).toSorted()).toEqual(MEMBERS.toSorted());
  const [mail] = sent;
  expect(inList(mail as Message)).toEqual({
    subject: 'Agenda of the City Council: 2 changes',
    begins: expect.stringMatching(/^These come to a vote of the City Council\. There is nothing to do before the meeting\./),
  });
  expect(mail?.text).toContain('“Face search” (acme.f0/1) https://gate.example/changes/acme.f0/1');
  expect(mail?.text).toContain('https://gate.example/packet?change=acme.f0%2F1&change=acme.f1%2F1');
  expect(sent.flatMap(linksOf)).toEqual([]);
  expect(await regular(...all)).toEqual([]);
  // For five days, as any mail, it is tried to send what of it is still open.
  gate.at(at(10 * DAY_MS));
  await gate.withdraw(changes[0] ?? '');
  for (const [days, subjects] of [
    [5, []],
    [6, MEMBERS.map(() => 'Agenda of the City Council: one change')],
  ] as const) {
    await orderAgenda(ports, 'council', { at: at(days * DAY_MS), changes });
    expect((await regular(...all)).flatMap(({ subject }) => (subject.startsWith('Agenda') ? subject : []))).toEqual(subjects);
  }
});

test('the mails about a change are one thread, and have a calendar file of the day by which their reader must act', async () => {
  const { gate, mails } = await noticed({ zone: 'America/Denver' });
  const [first] = await mails();
  await gate.notice({ revises: 1 });
  const [second] = await mails();
  await gate.notice({ feature: 'acme.lpr' });
  const [other] = await mails();
  expect(first?.thread).toMatch(/^[0-9a-f]{40}@gate\.example$/);
  expect(second?.thread).toBe(first?.thread);
  expect(other?.thread).not.toBe(first?.thread);
  const { references, attachments } = mailOptions(first as Message, 'gate@city.example');
  expect(references).toBe(`<${first?.thread}>`);
  expect(attachments).toMatchObject([{ content: first?.calendar, contentType: expect.stringMatching(/^text\/calendar/) }]);
  expect(second?.text).toContain('Change acme/1, revision 2.\n\nIt replaces revision 1 of March 2, 2026');
  expect(second?.text).toContain('What was decided on that is void.');
  const lines = first?.calendar?.replaceAll('\r\n ', '').split('\r\n');
  expect(lines).toContain('DTSTART;VALUE=DATE:20260531');
  expect(lines).toContain('SUMMARY:Certify the vote. Vendor acme\\, A new way to search');
  expect(first?.calendar).not.toContain('/d/');
});
