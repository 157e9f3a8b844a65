import { expect, test, vi } from 'vitest';
import { mailAsked, mailDerived, takeDerived } from '../../../../functions/reactions/notify/derivedMails.ts';
import { announced } from '../../../domain/derived/known.ts';
import { council, mayor, policy, roster, rule } from '../../../support/fixtures/city.ts';
import { expectIn } from '../../../support/texts.ts';
import { NOON, rosterFile } from '../../openGate.ts';
import { answer, driftCase } from '../../register/derived/derivedCity.ts';
import { adoptRules, deriving, IT, told, who } from './mailing.ts';

/** A gate that mails what is derived. `said`: what is mailed at once at an instant of March 2026. */
const drifting = async (options: Parameters<typeof deriving>[0] = {}) => {
  const world = await deriving(options);
  const now = (instant: string) => world.gate.at(`2026-03-${instant}Z`);
  const said = async (instant?: string) => {
    if (instant !== undefined) now(instant);
    return told(await world.atOnce());
  };
  return { ...world, now, said };
};
const ON = 'On without permission: ';
const STILL = 'Still on without permission: ';
const OVER = 'No longer on without permission: ';

test('what is asked of a person waits for no other mail that the server is slow to take', async () => {
  const { gate, ports, mails, refuseTo, accept, report, sent, wait } = await deriving();
  refuseTo('clerk@');
  await gate.notice();
  await mails();
  accept();
  wait(60_000);
  await report(['acme.lpr']);
  const taken = Promise.withResolvers<void>();
  const slow = { ...ports.mailer, send: () => taken.promise };
  const others = mailDerived({ ...ports, mailer: slow });
  await mailAsked(ports);
  expect(who(sent)).toEqual(['clerk']);
  taken.resolve();
  await others;
});

test('what one report opens is in one mail to the clerks and IT, at once, and not again', async () => {
  const { report, atOnce, said } = await drifting();
  await report(['acme.lpr', 'acme.audio'], { kind: 'never-announced', since: '2026-02-20T09:30:00.000Z' });
  const mails = await atOnce();
  expect(told(mails)).toEqual([`${ON}2 features, such as acme.audio → clerks it`]);
  const { text = '', html = '' } = mails[0] ?? {};
  const seen = 'It was seen on. The vendor never sent the city a notice of it. On since February 20, 2026 at 9:30 AM UTC';
  const lines = ['audio', 'lpr'].map((name) => `- acme.${name}: ${seen}, reported by “audit”, not yet confirmed.\n`);
  expect(text).toContain(
    `At Vendor acme, 2 features were seen on that may not be on:\n\n${lines.join('')}\nThe city has not approved`,
  );
  expect(text).toContain('on a public page: https://gate.example/on-without-permission\n');
  expect(html).toContain('<li>acme.audio: It was seen on.');
  expect(await said('02T20:00:00.000')).toEqual([]);
});

test('a mail lists twenty keys and the number of the others; another report has a mail of its own', async () => {
  const { report, atOnce } = await drifting();
  await report(Array.from({ length: 23 }, (_, n) => `acme.f${String(n).padStart(2, '0')}`));
  const sources = ['nightly check', 'audit'].map((source) => ({ source, kind: 'city' as const, person: null }));
  await report(['acme.other'], { sources, confirmed: true });
  const mails = await atOnce();
  expect(told(mails)).toEqual([`${ON}23 features, such as acme.f00 → clerks it`, `${ON}acme.other → clerks it`]);
  expect(mails[0]?.text.match(/^- /gm)?.length).toBe(21);
  expect(mails[0]?.text).toContain('- and 3 more\n');
  expect(mails[3]?.text).toContain('reported by “nightly check” and “audit”.');
});

test('those who decide are mailed once, after a day, if it is still open, and each who had a mail gets one when it is over', async () => {
  const { report, atOnce, said, over, now } = await drifting();
  await report(['acme.lpr']);
  await atOnce();
  expect(await said('03T11:59:59.999')).toEqual([]);
  expect(await said('03T12:00:00.000')).toEqual([`${STILL}acme.lpr → members mayor`]);
  expect(await said('20T12:00:00.000')).toEqual([]);
  await over(['acme.lpr']);
  const closed = await atOnce();
  expect(told(closed)).toEqual([`${OVER}acme.lpr → clerks members it mayor`]);
  expect(closed[0]?.text).toContain(
    '- acme.lpr: it was, from March 2, 2026 at 12:00 PM UTC to March 20, 2026 at 12:00 PM UTC. “audit” no longer sees it.',
  );
  now('25T12:00:00.000');
  expect(await said()).toEqual([]);
});

test('one that is over within a day reaches only the clerks and IT, however late; one mail tells of all that approvals of an hour closed', async () => {
  const { report, atOnce, said, over, now, refuseTo, accept } = await drifting();
  await report(['acme.lpr', 'acme.audio']);
  await report(['acme.other']);
  await atOnce();
  now('03T11:00:00.000');
  refuseTo(IT, OVER);
  await over(['acme.other'], { change: 4 });
  expect(await said('03T11:30:00.000')).toEqual([]);
  await over(['acme.audio'], { change: 5 });
  expect(await said('03T11:59:59.999')).toEqual([]);
  now('03T12:00:00.000');
  const closed = await atOnce();
  expect(told(closed)).toEqual([`${STILL}acme.lpr → members mayor`, `${OVER}2 features, such as acme.audio → clerks`]);
  expectIn(closed.at(-1)?.text ?? '', 'acme.audio/5 covers it now.', 'acme.other/4 covers it now.');
  accept();
  expect(await said('03T13:00:00.000')).toEqual([`${OVER}2 features, such as acme.audio → it`]);
});

test('what the same hour closed, but was derived after its mail was refused to one, is told to all', async () => {
  const { report, said, over, now, refuseTo, accept } = await drifting();
  await report(['acme.audio', 'acme.other']);
  await said();
  now('02T13:00:00.000');
  refuseTo(IT, OVER);
  await over(['acme.other'], { change: 4 });
  expect(await said('02T14:00:00.000')).toEqual([`${OVER}acme.other → clerks`]);
  now('02T13:30:00.000');
  await over(['acme.audio'], { change: 5 });
  accept();
  expect(await said('02T15:00:00.000')).toEqual([`${OVER}2 features, such as acme.audio → clerks it`]);
});

test('a derived event that comes again changes nothing, before its mail and after it', async () => {
  const { report, said, over, now, ports } = await drifting();
  await report(['acme']);
  const { kind, seen } = driftCase();
  const opened = { v: 1, type: 'DriftOpened', at: NOON, sequence: 11, key: 'acme' } as const;
  const again = () => takeDerived(ports, { ...opened, kind, since: NOON, seen, source: 'audit' });
  await again();
  expect(await said()).toEqual([`${ON}acme → clerks it`]);
  await again();
  expect(await said()).toEqual([]);
  now('02T13:00:00.000');
  await over(['acme']);
  expect(await said()).toEqual([`${OVER}acme → clerks it`]);
  await again();
  expect(await said()).toEqual([]);
});

test('an address that refuses keeps no other from its mail, is tried again a minute later, and gets no closing mail', async () => {
  const { report, said, over, refuseTo, accept, now } = await drifting();
  refuseTo(IT);
  await report(['acme']);
  expect(await said()).toEqual([`${ON}acme → clerks`]);
  accept();
  now('02T12:00:59.000');
  await over(['acme']);
  expect(await said()).toEqual([`${OVER}acme → clerks`]);
  expect(await said('02T12:01:00.000')).toEqual([`${ON}acme → it`]);
});

test('who had the first mail late is told as well when it is over', async () => {
  const { report, said, over, refuseTo, sideStore } = await drifting();
  const { promise: later, resolve } = Promise.withResolvers<void>();
  refuseTo(IT, ON, later);
  await report(['acme']);
  expect(await said()).toEqual([`${ON}acme → clerks`]);
  await over(['acme']);
  expect(await said()).toEqual([]);
  resolve();
  await vi.waitFor(async () => expect(await sideStore.list('trouble')).toEqual([]));
  expect(await said()).toEqual([`${OVER}acme → clerks it`]);
});

test('while no mail can leave all of it waits, also what is seen meanwhile to have begun sooner', async () => {
  const { report, change, atOnce, over, goDown, accept, now } = await drifting();
  goDown();
  await report(['acme']);
  await expect(atOnce()).rejects.toThrow('down');
  now('02T13:00:00.000');
  await change('acme', { since: '2026-02-20T12:00:00.000Z' });
  await over(['acme']);
  accept();
  const mails = await atOnce();
  expect(told(mails)).toEqual([`${ON}acme → clerks it`, `${OVER}acme → clerks it`]);
  expect(mails[2]?.text).toContain('It is over.');
});

test('one that is seen meanwhile to have begun sooner is mailed with its beginning, and when it is over', async () => {
  const { report, change, over, atOnce, said, now } = await drifting();
  await report(['acme']);
  await said();
  await change('acme', { since: '2026-02-20T12:00:00.000Z' });
  now('03T12:00:00.000');
  const [still] = await atOnce();
  expect(still?.text).toContain('On since February 20, 2026 at 12:00 PM UTC');
  now('03T13:00:00.000');
  await over(['acme']);
  expect(await said()).toEqual([`${OVER}acme → clerks members it mayor`]);
});

test('a record that lags behind the event is waited for', async () => {
  const { report, said, say, put, gate } = await drifting();
  await report(['acme']);
  await said();
  gate.at('2026-03-02T13:00:00.000Z');
  const until = gate.ports.clock();
  await say({ type: 'DriftClosed', key: 'acme', since: NOON, until });
  expect(await said()).toEqual([]);
  const closed = { until, closedAt: until, closedBy: { source: 'audit' } };
  await put('acme', { cases: [driftCase({ since: NOON, openedAt: NOON, sequence: 11, ...closed })] });
  expect(await said()).toEqual([`${OVER}acme → clerks it`]);
});

/** Rules with a grace of six hours, after which those who decide hear of it in two days; a board only advises. */
const patient = {
  ...policy(rule([council(), mayor(), { id: 'board', body: 'board', instrument: 'advice' }], { notice: 'P0D' })),
  observe: { sources: { audit: { kind: 'audit' as const, every: 'P30D' } }, grace: 'PT6H', membersAfter: 'P2D' },
};

test('the policy’s grace delays the mail when an approval ended, no other; what closed within it has none, what closed after it has', async () => {
  const { report, atOnce, said, over, now } = await drifting({ rules: patient });
  await report(['acme']);
  expect(await said()).toEqual([`${ON}acme → clerks it`]);
  await over(['acme']);
  await said();
  await report(['acme.lpr', 'acme.audio', 'acme.zoom'], { byEnd: true });
  now('02T17:59:59.999');
  await over(['acme.lpr']);
  expect(await said()).toEqual([]);
  now('02T18:00:00.000');
  await over(['acme.zoom']);
  const mails = await atOnce();
  expect(told(mails)).toEqual([`${ON}2 features, such as acme.audio → clerks it`, `${OVER}acme.zoom → clerks it`]);
  expect(mails[0]?.text).toMatch(/:\n\n- acme\.audio: .*\n- acme\.zoom: .* It is over\.\n/);
  expect(await said('04T11:59:59.999')).toEqual([]);
  expect(await said('04T12:00:00.000')).toEqual([`${STILL}acme.audio → members mayor`]);
});

test('where the policy changes while a case is open, those who decide hear of it when the new one says, a day later at most', async () => {
  const within = (membersAfter: string) => ({ ...patient, observe: { ...patient.observe, membersAfter } });
  const { gate, report, said } = await drifting({ rules: within('P30D') });
  await report(['acme']);
  await said();
  expect(await said('04T12:00:00.000')).toEqual([]);
  await adoptRules(gate, within('P1D'));
  expect(await said('05T12:00:00.000')).toEqual([`${STILL}acme → members mayor`]);
});

test('a clerk who also decides hears of it once', async () => {
  const both = roster({ 'district-1': { id: 'clerk', name: 'Holder of clerk' } });
  const { report, said, atOnce, now } = await drifting({ officials: rosterFile(both) });
  await report(['acme']);
  expect(await said()).toEqual([`${ON}acme → clerks it`]);
  now('03T12:00:00.000');
  const still = await atOnce();
  expect(still).toHaveLength(13);
  expect(still.some(({ to }) => to.startsWith('clerk@'))).toBe(false);
});

const EFFECT = '2026-03-20T00:00:00.000Z';
const CANNOT = 'The city cannot opt out: ';

/** A gate with approved features, whose own mails have left. */
const approved = async (...keys: readonly string[]) => {
  const world = await drifting();
  const { gate, mails, consumers, sent } = world;
  for (const feature of ['acme', ...keys]) await gate.approve({ feature, title: `About ${feature}` });
  await mails();
  /** What is mailed at once after the notices that came. */
  const atOnce = async () => {
    await consumers.sweep();
    sent.splice(0);
    return world.atOnce();
  };
  const said = async (instant?: string) => {
    if (instant !== undefined) world.now(instant);
    return told(await atOnce());
  };
  return { ...world, atOnce, said };
};

const update = (feature: string) => ({ feature, kind: 'update', optOut: 'no', effectiveAt: EFFECT }) as const;
const linesIn = (text: string) => text.split('\n').filter((line) => line.startsWith('- '));

test('a notice that cannot be opted out of, for something approved, is mailed to the clerks at once', async () => {
  const { gate, atOnce, said } = await approved();
  await gate.notice(update('acme'));
  const mails = await atOnce();
  expect(told(mails)).toEqual([`${CANNOT}acme → clerks`]);
  const { text = '' } = mails[0] ?? {};
  expect(linesIn(text)).toEqual(['- acme, change acme/2: off from March 20, 2026 at 12:00 AM UTC']);
  expect(text).toContain('https://gate.example/worklist');
  expect(await said()).toEqual([]);
});

test.each([
  ['for something that is not approved', { feature: 'acme.other' }],
  ['that can be opted out of', { optOut: 'yes' as const }],
  ['that says nothing of it', { optOut: 'unknown' as const }],
  ['of a longer contract', { kind: 'contract' as const, endsAt: '2027-01-01' }],
  ['of a removal', { kind: 'removal' as const }],
])('a notice %s is not', async (_, over) => {
  const { gate, said } = await approved();
  await gate.notice({ ...update('acme'), ...over });
  expect(await said()).toEqual([]);
  expect(await gate.ports.sideStore.list('mail-due')).toEqual([]);
});

test('a burst is in one mail; what comes within the hour after it is in one more, and a notice that was withdrawn in none', async () => {
  const keys = Array.from({ length: 5 }, (_, n) => `acme.f${n}`);
  const { gate, said, now } = await approved(...keys);
  for (const key of keys.slice(0, 3)) await gate.notice(update(key));
  expect(await said()).toEqual([`${CANNOT}3 features, such as acme.f0 → clerks`]);
  now('02T12:10:00.000');
  for (const key of ['acme', ...keys.slice(3)]) await gate.notice(update(key));
  await gate.withdraw('acme.f4/2');
  expect([await said(), await said('02T12:59:59.000')]).toEqual([[], []]);
  expect(await said('02T13:00:00.000')).toEqual([`${CANNOT}2 features, such as acme → clerks`]);
  expect(await said('03T13:00:00.000')).toEqual([]);
});

test('one that left by a clock that ran ahead holds none back once the clock is put right', async () => {
  const { gate, said, now } = await approved('acme.f0', 'acme.f1');
  await gate.notice(update('acme'));
  await said();
  await gate.notice(update('acme.f0'));
  expect(await said('15T12:00:00.000')).toContain(`${CANNOT}acme.f0 → clerks`);
  now('02T13:30:00.000');
  await gate.notice(update('acme.f1'));
  expect(await said()).toEqual([`${CANNOT}acme.f1 → clerks`]);
});

test('other words of the same change are mailed again, and one mail names a change once', async () => {
  const { gate, atOnce, now } = await approved();
  const lines = async () => (await atOnce()).map(({ text }) => linesIn(text).join());
  const about = async (time: string, day: string, revises?: number) => {
    now(`02T${time}:00.000`);
    await gate.notice({ ...update('acme'), effectiveAt: `2026-03-${day}T00:00:00.000Z`, ...(revises && { revises }) });
    return lines();
  };
  const each = (day: string) => Array(2).fill(`- acme, change acme/2: off from March ${day}, 2026 at 12:00 AM UTC`);
  expect(await about('12:00', '20')).toEqual(each('20'));
  expect(await about('14:00', '10', 2)).toEqual(each('10'));
  expect(await about('14:10', '11', 2)).toEqual([]);
  expect(await about('14:20', '12', 2)).toEqual([]);
  now('02T15:10:00.000');
  expect(await lines()).toEqual(each('12'));
});

test.each([
  [CANNOT, 'deputy-clerk', [`${CANNOT}acme → clerk`, `${CANNOT}acme.f1 → clerk`]],
  ['Vendor', 'clerks', []],
])(
  'a mail that the clerk’s address refuses is tried again, about the same, and keeps no later one from leaving: %s',
  async (about, whom, later) => {
    const { gate, said, refuseTo, accept } = await approved('acme.f1');
    refuseTo('clerk@', about);
    await gate.notice(update('acme'));
    expect(await said()).toEqual([`${CANNOT}acme → ${whom}`]);
    await gate.notice(update('acme.f1'));
    for (const time of ['12:01', '12:40']) expect(await said(`02T${time}:00.000`)).toEqual([]);
    expect(await said('02T13:00:00.000')).toEqual([`${CANNOT}acme.f1 → ${whom}`]);
    accept();
    expect(await said('02T13:08:00.000')).toEqual(later);
  },
);

test('one that an outage cut short goes on about the same, and what came since is in one of its own', async () => {
  const { gate, atOnce, said, goDown, accept } = await approved('acme.f1');
  goDown('deputy');
  await gate.notice(update('acme'));
  await expect(atOnce()).rejects.toThrow('down');
  await gate.notice(update('acme.f1'));
  accept();
  expect(await said()).toEqual([`${CANNOT}acme → deputy-clerk`]);
  expect(await said('02T13:00:00.000')).toEqual([`${CANNOT}acme.f1 → clerks`]);
});

test('what goes off on the vendor’s day is foretold to the clerks and IT seven days and one day before', async () => {
  const { gate, atOnce, regular, now } = await approved('acme.f1');
  await gate.notice(update('acme.f1'));
  await gate.notice({ ...update('acme'), effectiveAt: '2026-06-01T00:00:00.000Z' });
  await atOnce();
  const said: string[] = [];
  for (let day = 3; day <= 21; day += 1) {
    now(`${String(day).padStart(2, '0')}T09:00:00.000`);
    const mails = (await regular('acme', 'acme.f1')).filter(({ text }) => text.includes('goes off on the vendor’s day'));
    said.push(...told(mails).map((line) => `${day} ${line}`));
    for (const { text } of mails) expect(text).toContain('acme.f1: off from March 20, 2026 at 12:00 AM UTC.');
  }
  expect(said).toEqual(['13 Goes off soon: acme.f1 → clerks it', '19 Goes off soon: acme.f1 → clerks it']);
});

test('on the day it is mailed at once, one mail for what goes off at one moment; not what was off before', async () => {
  const { gate, atOnce, said, put, say } = await approved();
  gate.at(EFFECT);
  const off = async (key: string, variant: 'outdated' | 'expired', offSince: string, optOut?: 'yes' | 'no') => {
    const facts = { n: 2, kind: 'update', at: NOON, effectiveAt: EFFECT } as const;
    const changes = optOut === undefined ? [] : [announced({ ...facts, optOut })];
    await put(key, { answer: answer({ variant, change: 1, since: EFFECT }), offSince, changes });
    await say({ type: 'AnswerChanged', key, onFor: 'none', variant, because: `${key} is ${variant}`, version: null });
  };
  await off('acme.f1', 'outdated', EFFECT, 'no');
  await off('acme.f2', 'outdated', EFFECT, 'yes');
  await off('acme.f3', 'outdated', '2026-03-10T00:00:00.000Z', 'no');
  await off('acme.f4', 'expired', EFFECT);
  const mails = await atOnce();
  expect(told(mails)).toEqual(['Off from now on: 2 features, such as acme.f1 → clerks it']);
  expect(linesIn(mails[0]?.text ?? '')).toEqual([
    '- acme.f1, since March 20, 2026 at 12:00 AM UTC: the vendor did not say that the city can opt out of change acme.f1/2.',
    '- acme.f2, since March 20, 2026 at 12:00 AM UTC: no opt-out from change acme.f2/2 was recorded in time.',
  ]);
  expect(await said()).toEqual([]);
});
