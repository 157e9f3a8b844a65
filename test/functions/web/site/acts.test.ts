import { beforeAll, describe, expect, test } from 'vitest';
import type { Received } from '../../../../functions/gate/intake.ts';
import { isWeeklyOff } from '../../../../functions/reactions/notify/weekly.ts';
import { enteredBy, UNCHANGED } from '../../../support/fixtures/vendor.ts';
import { expectIn } from '../../../support/texts.ts';
import {
  type City,
  COUNCIL,
  certificate,
  cityForAll,
  cityForTest,
  decision,
  holdersWith,
  MAYOR,
  ORIGIN,
  PEOPLE,
  ROSTER,
  requiring,
  roll,
} from './support/city.ts';

// What officials do beside deciding: contest, take a refusal back, confirm that an update is undone, stop the weekly mail. What is wrong in
// the fields of each form is in forms.test.ts.

type Fields = Readonly<Record<string, string>>;

const OFF = '<b>The feature is off.</b>';

describe('an update that came as maintenance', () => {
  let update: Received;
  let mayor: string;
  let chair: string;
  const city = cityForAll();
  beforeAll(async () => {
    await city.approve(await city.notify({ title: 'Licence-plate readers' }), { maintenance: 'yes' });
    const fix = { kind: 'update', title: 'A small fix', optOut: 'no', impact: UNCHANGED } as const;
    update = await city.notify({ ...fix, effectiveAt: '2026-03-01T00:00:00Z' });
    mayor = await city.toMayor(update);
    chair = await city.link('chair', 'board', update);
  });
  const contest = (by: string) => city.post(`${by}/contest`, { reason: 'It stores faces.' });

  test('leaves the approved words in force, and its pages say so', async () => {
    await city.is('enabled');
    await city.shows('/changes/acme/2', 'It came as a small fix: signed');
    for (const path of ['/changes/acme/1', '/changes/acme/2']) await city.hides(path, OFF);
    await city.shows('/features/acme', 'Signed updates that change nothing need no new vote.', 'Small fixes need no new vote.');
    for (const path of ['/features/acme', '/']) await city.omits(path, 'Waiting for the');
    const clerk = await city.toClerk(update);
    await city.shows(clerk, 'A small fix came, no new vote is needed.');
    await city.hides(clerk, 'Certify the vote');
    await city.shows(chair, ': your advice is asked');
    await city.hides(mayor, 'It is not your turn yet');
    expect(await city.page(mayor)).toMatch(/<form class="card" method="post" action="\/d\/[^"]+\/contest"/);
  });

  test('is contested by who had to approve it, not by an adviser, nor by a member of a body for which the clerk acts', async () => {
    for (const other of [chair, await city.link('h1', 'council', update)]) await city.hides(other, '/contest"');
    expect((await contest(chair)).status).toBe(409);
    await city.is('enabled');
  });

  test('counts as a change once it is contested, publicly and with the reason; the same form once more changes nothing', async () => {
    const answer = await contest(mayor);
    expect([answer.status, answer.headers.get('location')]).toEqual([303, mayor]);
    await city.is('outdated');
    await city.shows('/changes/acme/1', OFF);
    await city.shows(
      '/changes/acme/2',
      `${OFF} The vendor changed it`,
      'Or the vendor takes it back, and two people from two bodies confirm that it is undone.',
      'The Mayor objected on',
      'It stores faces.',
    );
    await city.hides('/changes/acme/1', 'the vendor takes it back');
    await city.shows('/vendors/acme', 'Changes: the newest 100 of each entry.', 'An official or the city’s IT objected.');
    await city.hides(mayor, '/contest"');
    const { commits } = city.writes;
    expect([(await contest(mayor)).status, city.writes.commits]).toEqual([303, commits]);
    // By another: it is not recorded, which is said, and what was typed is shown.
    const clerk = await city.toClerk(update);
    const other = await city.post(`${clerk}/contest`, { reason: 'It keeps them for ever.' }, { accept: 'text/html' });
    expect(other.status).toBe(409);
    expectIn(await other.text(), 'Nothing was recorded', 'What you filled in', 'It keeps them for ever.');
  });

  test('of a revision that came as maintenance again, once later words settled the first, counts anew', async () => {
    const own = await cityForTest();
    const forced = { kind: 'update', optOut: 'no', effectiveAt: '2026-03-01T00:00:00Z' } as const;
    const fix = { ...forced, impact: UNCHANGED };
    await own.approve(await own.notify({ title: 'Licence-plate readers' }), { maintenance: 'yes' });
    const contests = async (change: Received) => {
      const link = await own.toMayor(change);
      const shown = (await own.page(link)).includes('/contest"');
      const { status } = await own.post(`${link}/contest`, { reason: 'It stores faces.' });
      return [shown, status, await own.status()];
    };
    expect(await contests(await own.notify({ ...fix, title: 'A small fix' }))).toEqual([true, 303, 'outdated']);
    await own.approve(await own.notify({ ...forced, title: 'Next' }), { maintenance: 'yes' });
    const mended = await own.notify({ ...fix, title: 'The fix, mended', revises: 2 });
    await own.hides('/changes/acme/2', 'The Mayor objected on');
    expect((await own.post(`${await own.toMayor({ ...mended, revision: 1 })}/contest`, { reason: 'x' })).status).toBe(409);
    expect([await own.status(), ...(await contests(mended))]).toEqual(['enabled', true, 303, 'outdated']);
    expect((await contests(mended)).slice(0, 2)).toEqual([false, 303]);
  });

  test('was wrong, on the page of its vendor, once a body has refused it', async () => {
    const counts = async () => (await city.page('/vendors/acme')).match(/found to be more than that<\/dt><dd>(\d)/)?.[1];
    expect(await counts()).toBe('0');
    expect((await city.certify(update, { 'vote.district-1': 'no', 'vote.district-2': 'no' })).status).toBe(303);
    expect(await counts()).toBe('1');
    expect(await city.page('/vendors/acme')).toMatch(/acme\/2<\/code> · sent as a small fix, found to be more/);
    expect(await city.page('/changes/acme/2')).toMatch(/<b>The feature is off\.<\/b> [^<]* once a later change is approved\./);
  });
});

describe('a refusal given by mistake', () => {
  let change: Received;
  let mayor: string;
  const city = cityForAll();
  beforeAll(async () => {
    change = await city.notify();
    mayor = await city.toMayor(change);
    await city.certify(change);
    expect((await city.refuse(change)).status).toBe(303);
  });
  const takeBack = (by: string, fields: Fields) => city.post(`${by}/take-back`, fields);

  test('can be taken back on the page of its receipt, by that person alone', async () => {
    const chair = await city.link('chair', 'board', change);
    const form = /<form class="card" method="post" action="\/d\/[^"]+\/take-back"/;
    expect(await city.page(mayor)).toMatch(form);
    await city.shows(mayor, 'You can take it back until');
    expect(await city.page(chair)).not.toMatch(form);
    expect((await takeBack(chair, { reason: 'x' })).status).toBe(409);
  });

  test('a reason that is too long is shown again', async () => {
    const shown = await city.answered(`${mayor}/take-back`, { reason: 'By mistake. '.repeat(500) });
    expect(shown).toContain('By mistake. By mistake.');
  });

  test('waits for a decision again once it is taken back, publicly and with the reason', async () => {
    for (const _ of ['once', 'twice']) {
      const answer = await takeBack(mayor, { reason: 'I clicked the wrong button.' });
      expect([answer.status, answer.headers.get('location')]).toEqual([303, mayor]);
    }
    await city.is('pending');
    await city.shows('/changes/acme/1', 'The Mayor took the refusal back', 'I clicked the wrong button.');
    await city.shows('/features/acme', 'took the refusal of change 1 back.');
    const asked = await city.page(mayor);
    expect(asked).toContain('You took back your refusal of “');
    // Nothing takes effect by that; the form that asks again says on what terms a yes would.
    expect(asked).not.toContain('What takes effect');
    expect(asked.match(/class="facts effect"/g)).toHaveLength(1);
    expect((await city.post(mayor, decision(change))).status).toBe(303);
    await city.is('enabled');
  });
});

const OTHERS = ROSTER.holders.filter(({ id }) => id !== 'hm');

test.each<[string, (city: City) => void | Promise<void>]>([
  ['for a day', (city) => city.passDays(1)],
  ['while in office', (city) => city.replaceHolders(OTHERS, 'clerk', 'h1')],
])('to take a refusal back is offered %s', async (_, end) => {
  const city = await cityForTest();
  const change = await city.notify();
  const own = await city.toMayor(change);
  await city.certify(change);
  await city.refuse(change);
  await city.shows(own, '/take-back"');
  await end(city);
  await city.hides(own, '/take-back"');
});

test('a refusal that was taken back is not answered as if it stood, once another one stands', async () => {
  const city = await cityForTest({ policy: requiring(COUNCIL, MAYOR, { ...MAYOR, id: 'board', body: 'board' }) });
  const change = await city.notify();
  const [own, other] = [await city.toMayor(change), await city.link('chair', 'board', change)];
  await city.certify(change);
  const refusal = decision(change, { decision: 'refuse', comment: 'Not yet.' });
  const status = async (link: string, fields: Fields) => (await city.post(link, fields)).status;
  expect([await status(own, refusal), await status(own, refusal)]).toEqual([303, 303]);
  expect(await status(`${own}/take-back`, { reason: 'I clicked the wrong button.' })).toBe(303);
  expect([await status(other, refusal), await status(other, refusal)]).toEqual([303, 303]);
  expect(await status(own, refusal)).toBe(409);
});

test('a late copy of the form that took one refusal back leaves the next one standing', async () => {
  const city = await cityForTest();
  const change = await city.notify();
  const own = await city.toMayor(change);
  await city.certify(change);
  const shown = async () => ({
    reason: 'A slip.',
    refusal: /name="refusal" value="([^"]+)"/.exec(await city.page(own))?.[1] ?? '',
  });
  const takeBack = async (fields: Fields) => (await city.post(`${own}/take-back`, fields)).status;
  await city.refuse(change);
  const first = await shown();
  expect([await takeBack(first), await takeBack(first)]).toEqual([303, 303]);
  city.passDays(0.01);
  await city.refuse(change);
  expect(await takeBack(first)).toBe(303);
  expect(await takeBack({ ...first, reason: 'Another.' })).toBe(409);
  expect(await takeBack({ ...first, refusal: '2026-01-01T00:00:00.000Z' })).toBe(409);
  await city.is('vetoed');
  expect(await takeBack(await shown())).toBe(303);
  await city.is('pending');
});

describe('a forced update that took effect and was taken back', () => {
  const CONFIRM = { decision: 'confirm', reason: 'City IT looked on site: the old version runs.' };
  const QUESTION = 'Has the vendor undone this change?';
  const DONE = 'Two people have confirmed that this change is undone.';
  let forced: Received;
  let inbox: string;
  const city = cityForAll();
  beforeAll(async () => {
    const first = await city.notify({ title: 'Licence-plate readers' });
    await city.approve(first);
    forced = await city.notify({ kind: 'update', title: 'Faces, too', optOut: 'no', effectiveAt: '2026-03-10T00:00:00Z' });
    inbox = `${await city.toMayor(first)}/inbox`;
    city.passDays(14);
  });
  const linkTo = (person: keyof typeof PEOPLE) =>
    city.linkTo({ purpose: 'confirm-rollback', ...PEOPLE[person], key: 'acme', n: 2, revision: 1 });
  const confirm = async (person: keyof typeof PEOPLE, fields: Fields = CONFIRM) =>
    (await city.post(await linkTo(person), fields)).status;

  test('leaves the feature off, and nothing can be confirmed before the vendor took it back', async () => {
    await city.is('outdated');
    await city.hides(await linkTo('clerk'), '<textarea');
    expect(await confirm('clerk')).toBe(409);
    await city.shows('/changes/acme/2', 'Or the vendor takes it back');
    await city.withdraw(forced);
    await city.is('outdated');
    await city.hides('/changes/acme/2', 'Or the vendor takes');
  });

  test('waits in the inbox of each person in office in a body that decides, not of an adviser', async () => {
    await city.shows(inbox, QUESTION);
    const made = await city.post(inbox, { rollback: 'acme/2' });
    expect(made.status).toBe(303);
    await city.shows(made.headers.get('location') ?? '', QUESTION);
    const only = 'Only people in office in a body that approves or certifies can confirm it.';
    await city.shows(await linkTo('chair'), only);
    expect(await confirm('chair')).toBe(409);
  });

  test('one person is not enough, also twice; the second of another body switches it on', async () => {
    const clerk = await linkTo('clerk');
    await city.shows(clerk, '<textarea');
    for (const reason of [CONFIRM.reason, CONFIRM.reason, 'Once more.'])
      expect(await confirm('clerk', { ...CONFIRM, reason })).toBe(303);
    await city.is('outdated');
    await city.shows(clerk, 'You have confirmed this.');
    await city.shows('/changes/acme/2', 'until two people from two bodies confirm that the change is undone', CONFIRM.reason);
    expect(await confirm('h1', { ...CONFIRM, reason: 'I saw it.' })).toBe(303);
    await city.is('enabled');
    for (const path of [await linkTo('h1'), '/changes/acme/2']) await city.shows(path, DONE);
    await city.hides(inbox, QUESTION);
    expect(await confirm('mayor')).toBe(409);
  });
});

describe('the weekly mail', () => {
  let path: string;
  const city = cityForAll();
  beforeAll(async () => {
    path = await city.linkTo({ purpose: 'weekly', ...PEOPLE.mayor });
  });
  const isOff = () => isWeeklyOff(city.ports.sideStore, 'hm');
  const send = async (body: string, headers: Record<string, string> = { origin: ORIGIN }, to = path) => {
    const type = { 'content-type': 'application/x-www-form-urlencoded' };
    return city.app.request(`${ORIGIN}${to}`, { method: 'POST', body, headers: { ...type, ...headers } });
  };

  test('goes on when somebody looks; the button switches it off, and on again', async () => {
    await city.shows(path, 'name="weekly" value="off"', 'Stop this mail');
    expect(await isOff()).toBe(false);
    const sent = await send('weekly=off');
    expect([sent.status, sent.headers.get('location'), await isOff()]).toStrictEqual([303, path, true]);
    await city.shows(path, 'name="weekly" value="on"', 'Send it to me again');
    await send('weekly=on');
    expect(await isOff()).toBe(false);
  });

  test('is switched off by a program for mail in one request without an origin (RFC 8058), and not on', async () => {
    expect((await send('List-Unsubscribe=One-Click', {})).status).toBe(204);
    expect(await isOff()).toBe(true);
    expect((await send('weekly=on', {})).status).toBe(403);
    expect(await isOff()).toBe(true);
  });

  test('has a link that opens nothing else, and no other opens its page', async () => {
    expect((await send('weekly=off', { origin: ORIGIN }, `/m/${'a'.repeat(43)}`)).status).toBe(404);
    const token = path.slice('/m/'.length);
    const decide = await city.toMayor(await city.notify());
    for (const other of [`/d/${token}`, `/d/${token}/inbox`, `/d/${token}/desk`, decide.replace('/d/', '/m/')])
      expect((await city.get(other)).status, other).toBe(404);
  });
});

test('what the city heard otherwise is not told as if the vendor had sent it', async () => {
  const city = await cityForTest();
  await city.notify();
  const sent = 'The vendor sent notice of change 1';
  await city.notify({ feature: 'acme.heard' }, enteredBy('hc', city.now()));
  const heard = 'The city entered notice of change 1, which the vendor did not send itself';
  const [says, wrote] = ['The vendor, Acme Cameras , says:', 'The city wrote this down. The vendor did not send it:'];
  for (const [key, texts, others] of [
    ['acme', [sent, says], [heard, wrote]],
    ['acme.heard', [heard, wrote], [sent, says]],
  ] as const) {
    await city.says(`/features/${key}`, ...texts);
    await city.omits(`/features/${key}`, ...others);
    await city.says(`/changes/${key}/1`, 'What changes, as the notice says');
    for (const path of ['', '/packet']) await city.says(`/changes/${key}/1${path}`, texts[1]);
  }
  await city.shows('/feed.atom', sent, heard);
});

test('the history tells a second vote and a corrected record from a vote', async () => {
  const city = await cityForTest();
  const change = await city.notify({ feature: 'acme.told' });
  await city.certify(change);
  await city.refuse(change);
  await city.certify(change, { ...roll(4), purpose: 'override' });
  await city.certify(change, { ...roll(2), purpose: 'correct', comment: 'Read again.' });
  const told = await city.plain('/features/acme.told');
  for (const text of [
    'A vote of the City Council on change 1 was certified: 3 to 1.',
    'A second vote of the City Council on change 1, after the refusal, was certified: 4 to 0.',
    'The record of a vote of the City Council on change 1 was corrected: 2 to 2.',
  ])
    expect(told.split(text)).toHaveLength(2);
});

test('the last step of a corrected record says when it does not fit what others did: its day, and a voter who counts elsewhere', async () => {
  const city = await cityForTest({ roster: { ...ROSTER, holders: holdersWith('h4', { id: 'hm', email: 'hm@city.example' }) } });
  const change = await city.notify();
  const { clerk } = await city.linksTo(change);
  const absent = { ...roll(3), 'vote.at-large': 'absent' };
  await city.certify(change, absent);
  await city.sign(change);
  city.passDays(1);
  const asked = async (fields: Fields) =>
    (
      await city.post(`${clerk}/review`, certificate(change, { ...absent, purpose: 'correct', comment: 'So.', ...fields }))
    ).text();
  const ends = 'This record does not fit what others have done since. This ends the change';
  for (const fields of [{ meetingDate: '2026-03-04' }, roll(4)]) expect(await asked(fields)).toContain(ends);
  expect(await asked({ 'vote.at-large': 'excused' })).not.toContain('This ends the change');
});

test('a body whose vote carried is not said to have refused, once a corrected record on another day has ended the change', async () => {
  const city = await cityForTest();
  const change = await city.notify();
  await city.certify(change);
  await city.refuse(change);
  city.passDays(1);
  await city.certify(change, { ...roll(4), purpose: 'override', meetingDate: '2026-03-04' });
  await city.certify(change, { ...roll(4), purpose: 'correct', comment: 'A day early.' });
  await city.says('/changes/acme/1', 'City Council: the corrected record is not a yes');
  await city.omits('/changes/acme/1', 'City Council: no');
});
