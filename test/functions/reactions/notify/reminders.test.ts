import { expect, test } from 'vitest';
import { NO_TERMS } from '../../../../domain/feature/terms.ts';
import { orderFeature } from '../../../../functions/gate/feature.ts';
import { cutOffLinksOf } from '../../../../functions/gate/rosters.ts';
import { type Message, NotSent } from '../../../../functions/platform/mail/port.ts';
import { CorruptStore } from '../../../../functions/platform/store/errors.ts';
import { writeRegularly } from '../../../../functions/reactions/notify/regular.ts';
import { catchUp } from '../../../../functions/register/project.ts';
import { byBallots, roster } from '../../../support/fixtures/city.ts';
import { rosterFile } from '../../openGate.ts';
import { linksOf, MEMBERS, mailing, who, withLink } from './mailing.ts';

// The notice of every story comes on 2 March 2026 at noon and its window closes on 31 May at noon, UTC.

test('a week and a day before the last day, in the morning, everyone who has not acted is reminded once each', async () => {
  const { gate, mails, regular } = await mailing();
  await gate.notice();
  const first = await mails();
  const timeline: [string, string[]][] = [];
  for (const at of ['05-24T07:59', '05-24T08:00', '05-24T18:00', '05-29T12:00', '05-30T08:00', '05-30T23:00', '05-31T12:00']) {
    gate.at(`2026-${at}:00.000Z`);
    timeline.push([at, who(await regular())]);
  }
  expect(timeline.filter(([, people]) => people.length > 0)).toEqual([
    ['05-24T08:00', ['clerk', 'deputy-clerk']],
    ['05-30T08:00', ['clerk', 'deputy-clerk']],
  ]);
  expect(first.length).toBeGreaterThan(0);
});

test('a reminder has the link that was sent before, the task and the date', async () => {
  const { gate, mails, regular } = await mailing();
  await gate.notice();
  const before = (await mails()).filter(withLink);
  gate.at('2026-05-24T09:00:00.000Z');
  const reminders = await regular();
  expect(reminders.map(({ subject }) => subject)).toEqual([
    'Reminder: Vendor acme, A new way to search: certify the vote of the City Council by May 31, 2026',
    'Reminder: Vendor acme, A new way to search: certify the vote of the City Council by May 31, 2026',
  ]);
  expect(reminders.flatMap(linksOf)).toEqual(before.flatMap(linksOf));
  expect(new Set(reminders.map(({ messageId }) => messageId)).size).toBe(2);
});

test('after an outage only the nearest reminder is sent; closed or decided changes send none', async () => {
  const { gate, regular } = await mailing();
  const { digest } = await gate.notice();
  gate.at('2026-05-30T20:00:00.000Z');
  expect(who(await regular())).toEqual(['clerk', 'deputy-clerk']);
  gate.at('2026-05-31T08:00:00.000Z');
  expect(await regular()).toEqual([]);
  await gate.certify('acme/1', digest);
  await gate.sign('acme/1', digest);
  gate.at('2026-05-31T09:00:00.000Z');
  expect(await regular()).toEqual([]);
});

test('the mayor has five days: who was asked just now is not reminded before the last day nears', async () => {
  const { gate, regular } = await mailing();
  const { digest } = await gate.notice();
  await gate.certify('acme/1', digest);
  gate.at('2026-03-04T12:00:00.000Z');
  expect(await regular()).toEqual([]);
  gate.at('2026-03-06T08:00:00.000Z');
  expect(who(await regular())).toEqual(['mayor']);
});

test('a vote by ballots reminds those who have not answered', async () => {
  const { gate, regular } = await mailing({ rules: byBallots });
  const { digest } = await gate.notice();
  const ballot = {
    type: 'ballot',
    change: 1,
    requirement: 'council',
    holder: 'district-2',
    revision: 1,
    digest,
    terms: NO_TERMS,
  };
  const request = { ...ballot, comment: null, decision: 'approve' } as never;
  await orderFeature(gate.ports, { key: 'acme', commandId: 'ballot', actor: 'holder:district-2', request });
  gate.at('2026-04-24T08:00:00.000Z');
  expect(who(await regular())).toEqual([...MEMBERS.filter((seat) => seat !== 'district-2'), 'mayor']);
});

test('a link that was cut off and not given again comes by no reminder', async () => {
  const { gate, mails, regular } = await mailing();
  await gate.notice();
  await mails();
  await cutOffLinksOf(gate.ports, { holder: 'clerk', by: null, reissued: false });
  gate.at('2026-05-24T09:00:00.000Z');
  expect(who(await regular())).toEqual(['deputy-clerk']);
});

test('what one morning reminds a person of is one mail; a refused one delays no other, and an outage is retried', async () => {
  const { gate, mails, regular, refuseIf } = await mailing();
  await gate.notice();
  await gate.notice({ feature: 'acme.lpr' });
  const before = (await mails()).filter(({ to }) => to.startsWith('clerk@'));
  gate.at('2026-05-24T09:00:00.000Z');
  refuseIf(({ to }) => (to.startsWith('clerk@') ? new NotSent('full', { unreachable: false }) : undefined));
  expect(who(await regular('acme', 'acme.lpr'))).toEqual(['deputy-clerk']);
  expect(gate.logged.filter(({ event }) => event === 'mail not sent').length).toBe(1);
  refuseIf(() => new NotSent('down', { unreachable: true }));
  await expect(regular('acme', 'acme.lpr')).rejects.toThrow();
  refuseIf(() => undefined);
  const [mail, ...more] = await regular('acme', 'acme.lpr');
  expect(more).toEqual([]);
  expect(mail).toMatchObject({ subject: 'Reminder: 2 changes still wait for you by May 31, 2026', change: null });
  expect(linksOf(mail as Message)).toEqual(before.flatMap(linksOf));
  expect(await regular('acme', 'acme.lpr')).toEqual([]);
});

test('who comes into office while something waits is asked once, with a link of their own', async () => {
  const base = roster();
  const [mayor] = base.holders.filter(({ body }) => body === 'mayor');
  const acting = { ...mayor!, id: 'acting-mayor', from: '2026-03-05' };
  const officials = rosterFile({
    ...base,
    holders: [...base.holders.map((each) => (each.id === 'mayor' ? { ...each, to: '2026-03-04' } : each)), acting],
  });
  const { gate, mails, regular } = await mailing({ officials });
  const { digest } = await gate.notice();
  await mails();
  await gate.certify('acme/1', digest);
  expect(who(await mails())).toEqual(['mayor']);
  gate.at('2026-03-04T20:00:00.000Z');
  expect(await regular()).toEqual([]);
  gate.at('2026-03-05T09:00:00.000Z');
  const late = await regular();
  expect(late.map(({ to, subject }) => [to, subject])).toEqual([
    ['acting-mayor@city.example', 'Vendor acme, A new way to search: sign or refuse (City Council: 13 to 0) by March 7, 2026'],
  ]);
  expect(late.every(withLink)).toBe(true);
  expect(await regular()).toEqual([]);
});

test('a change that was not judged yet, or may not stand, causes no mail of the calendar, though the register has it', async () => {
  const { gate, ports, mails, sent } = await mailing();
  await gate.notice();
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
  gate.at('2026-05-24T09:00:00.000Z');
  expect([...(await write(waits)), ...(await write(refused))]).toEqual([]);
  expect(who(await write())).toEqual(['clerk', 'deputy-clerk']);
  // A Monday: the weekly mail waits for what is not judged, and leaves out what may not stand.
  gate.at('2026-05-25T09:00:00.000Z');
  expect(await write(waits)).toEqual([]);
  expect(await write()).toHaveLength(MEMBERS.length + 3);
});
