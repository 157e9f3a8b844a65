import { beforeEach, describe, expect, test } from 'vitest';
import type { Received } from '../../../../functions/gate/intake.ts';
import type { FeatureJson } from '../../../../functions/register/views/featureJson.ts';
import { expectIn, expectNotIn } from '../../../support/texts.ts';
import {
  BALLOTS,
  BOARD,
  COUNCIL,
  certificate,
  cityForEach,
  cityForTest,
  decision,
  holdersWith,
  MAYOR,
  ORIGIN,
  POLICY,
  ROSTER,
  RULE,
  refusalOf,
  requiring,
  roll,
} from './support/city.ts';
import { plainOf } from './support/readers.ts';

type Fields = Record<string, string>;

let change: Received;
let clerk: string;
let mayor: string;

const city = cityForEach();
beforeEach(async () => {
  change = await city.notify();
  ({ clerk, mayor } = await city.linksTo(change));
});

const certify = (fields: Fields = {}, to = '') => city.post(`${clerk}${to}`, certificate(change, fields));
const sign = (fields: Fields = {}, to = '') => city.post(`${mayor}${to}`, decision(change, fields));
const shownIn = (page: string) => /name="certificate" value="(\w+)"/.exec(page)?.[1] ?? '';
const untilShown = async () => /name="until" value="([^"]+)"/.exec(await city.page(mayor))?.[1] ?? '';

describe('the whole round', () => {
  test('the clerk certifies, the mayor signs, and it is on', async () => {
    expect((await city.get(clerk)).status).toBe(200);
    const certified = await certify();
    expect([certified.status, certified.headers.get('location'), await city.status()]).toEqual([303, clerk, 'pending']);
    await city.hides(clerk, 'What takes effect');
    expect((await sign()).status).toBe(303);
    await city.is('enabled');
    await city.shows(clerk, 'What takes effect');
    await city.shows(mayor, change.digest, 'You signed');
    // Who was asked and did not answer reads what holds, too.
    await city.says(await city.link('chair', 'board', change), 'It is on, for every agency, until');
  });

  test('the same form sent again is the same answer and no new commit; another one is refused', async () => {
    await certify();
    const { commits } = city.writes;
    expect((await certify()).status).toBe(303);
    for (const other of [{ fileNumber: '26-0413' }, { mover: 'district-1' }]) expect((await certify(other)).status).toBe(409);
    expect(city.writes.commits).toBe(commits);
  });

  test('the last step of a record says when its votes are too few, which nobody can undo', async () => {
    const asked = async (fields: Fields) => (await certify(fields, '/review')).text();
    const short = 'Yes votes: 2. Needed: 3. This ends the change: it is refused, or goes off if it was approved.';
    expect(await asked(roll(2))).toContain(short);
    expect(await asked(roll(2))).not.toContain('What takes effect');
    expect(await asked(roll(3))).not.toContain('This ends the change');
    expect(await asked(roll(3))).toContain('What takes effect');
    await certify();
    const again = { ...roll(2), purpose: 'correct', comment: 'Read again.' };
    expect(await asked(again)).toContain(short);
    const absent = Object.fromEntries(Object.entries(roll(2)).map(([name, vote]) => [name, vote === 'no' ? 'absent' : vote]));
    expect(await asked({ ...again, ...absent })).toContain('Took part: 2. Quorum: 3. This ends the change');
  });

  test('and so does that of a second vote, of which the rule has a number of its own', async () => {
    const mayor = { ...MAYOR, override: { ...MAYOR.override, yes: 4 } };
    const strict = await cityForTest({ policy: requiring(COUNCIL, mayor, BOARD) });
    const vetoed = await strict.notify();
    const { clerk: office } = await strict.linksTo(vetoed);
    await strict.certify(vetoed);
    await strict.refuse(vetoed);
    const second = (yes: number, fields: Fields = {}) =>
      certificate(vetoed, { ...roll(yes), purpose: 'override', fileNumber: '26-0500', ...fields });
    const asked = async (yes: number, fields?: Fields) => (await strict.post(`${office}/review`, second(yes, fields))).text();
    const short = 'Yes votes: 3. Needed: 4. This ends the change';
    expect(await asked(3)).toContain(short);
    expect(await asked(4)).not.toContain('This ends the change');
    strict.passDays(1);
    const held = { meetingDate: '2026-03-04' };
    await strict.post(office, second(4, held));
    expect(await asked(3, { ...held, purpose: 'correct', comment: 'Read again.' })).toContain(short);
  });

  test('a veto, its override, and a revocation', async () => {
    await certify();
    expect((await sign({ decision: 'refuse', comment: 'Not yet.' })).status).toBe(303);
    await city.is('vetoed');
    await city.hides(clerk, 'value="26-0412"');
    expectIn(
      await city.plain(clerk),
      'Vetoed, certify the second vote of the City Council.',
      'In the second vote, what did the City Council decide about “',
      'Before it counts, the holder of seat at-large of the City Council confirms the record.',
    );
    // Of a long title the end stays: what it is about.
    expect(await city.page(clerk)).toMatch(/<title>In the second vote, what did the…\S[^·]*”\? ·/);
    expect((await certify({ purpose: 'override', fileNumber: '26-0500' })).status).toBe(303);
    await city.is('vetoed');
    await city.says(
      clerk,
      'It is vetoed. The holder of seat at-large of the City Council can confirm the record of the vote until',
      'Decision Second vote after the refusal: City Council: 3 to 1, 3 needed',
    );
    const presiding = await city.link('h4', 'council', change);
    const page = await city.page(presiding);
    expect(page).toContain('name="certificate"');
    // The roll call that is to be confirmed.
    expect(page.match(/<details open>/g)).toHaveLength(1);
    expectNotIn(page, 'name="fileNumber"', 'City Council: you certify');
    const confirm = (said: string) => city.post(presiding, decision(change, { decision: said }));
    expect(await refusalOf(confirm(''))).toEqual([422, '/decision']);
    for (const _ of ['once', 'twice']) expect((await confirm('confirm')).status).toBe(303);
    await city.is('enabled');
    await city.says(clerk, 'to switch it off.');
    const revoke = async (by: string, fields: Fields) => (await city.post(`${by}/revoke`, fields)).status;
    expect(await revoke(mayor, { reason: 'x' })).toBe(409);
    expect(await revoke(clerk, { reason: 'x' })).toBe(422);
    expect(await revoke(clerk, { reason: ' ', fileNumber: '26-0600' })).toBe(422);
    expect(await revoke(clerk, { reason: 'x', fileNumber: '26-0600' })).toBe(303);
    await city.is('revoked');
    await city.says(clerk, 'It is off. The approval was taken back.');
    // The newest act stands first, in the title and on the page.
    expect(await city.page(clerk)).toMatch(/<title>You switched “[\s\S]*<h2>You switched “[\s\S]*<h2>You certified the vote/);
  });

  test('who voted in the council is not asked to sign as mayor, nor told that this opens later on that day', async () => {
    const rules = [{ ...RULE, notice: 'P7D' }];
    const holders = holdersWith('h1', { id: 'hm', email: 'hm@city.example' });
    const small = await cityForTest({ policy: { ...POLICY, rules }, roster: { ...ROSTER, holders } });
    const asked = await small.notify();
    small.passDays(6.7);
    const links = await small.linksTo(asked);
    await small.certify(asked, { meetingDate: '2026-03-10' });
    await small.shows(links.mayor, 'One person counts only once in a change. Open until ');
    await small.hides(links.mayor, 'name="decision"');
    expect((await small.sign(asked)).status).toBe(409);
  });

  test('a member can still answer what is certain while a veto stands', async () => {
    const board = { ...ROSTER.bodies.board, attestedBy: 'clerk' };
    const override = { requirement: 'board', yes: 1, within: 'P30D', confirmedBy: 'council' };
    const policy = requiring(
      { id: 'members', body: 'council', instrument: 'ballots', threshold: { yes: 1, of: 'seats' } },
      { id: 'board', body: 'board', instrument: 'certification', threshold: { yes: 1, of: 'seats' } },
      { id: 'mayor', body: 'mayor', instrument: 'signature', after: ['board'], override },
    );
    const own = await cityForTest({ roster: { ...ROSTER, bodies: { ...ROSTER.bodies, board } }, policy });
    const asked = await own.notify();
    const member = await own.link('h2', 'members', asked);
    await own.post(await own.link('h1', 'members', asked), decision(asked));
    const meeting = Object.entries(certificate(asked)).filter(([name]) => !name.startsWith('vote.'));
    const vote = Object.fromEntries([...meeting, ['vote.chair', 'yes'], ['vote.member', 'vacant']]);
    const clerkOfBoard = await own.link('clerk', 'board', asked);
    expect((await own.post(clerkOfBoard, vote)).status).toBe(303);
    await own.refuse(asked);
    await own.is('vetoed');
    await own.shows(member, 'name="decision"');
    expect((await own.post(member, decision(asked, { decision: 'refuse' }))).status).toBe(303);
    await own.hides(member, 'name="decision"');
    // It waits for who confirms the second vote, not for who voted.
    for (const list of ['/features/acme', '/'])
      await own.says(list, 'Waiting for the Privacy Board. The refusal can be overturned until');
    expect((await own.post(clerkOfBoard, { ...vote, purpose: 'override' })).status).toBe(303);
    for (const list of ['/features/acme', '/']) {
      await own.says(list, 'can confirm the record of the vote until', 'Without that the change is refused.');
      await own.omits(list, 'Waiting for the');
    }
  });
});

describe('what a form must not do (forms.test.ts has what is wrong in its fields)', () => {
  test.each([
    ['a byte alone', Buffer.from('&comment=caf\xe9', 'latin1')],
    ['an escape alone', Buffer.from('&comment=caf%E9')],
  ])('a text that is not UTF-8 is not altered and recorded: %s', async (_, more) => {
    await certify();
    const sent = await city.app.request(`${ORIGIN}${mayor}`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', origin: ORIGIN, accept: 'application/json' },
      body: Buffer.concat([Buffer.from(new URLSearchParams(decision(change)).toString()), more]),
    });
    expect([sent.status, await city.status()]).toEqual([422, 'pending']);
  });

  test('without an origin a browser says that it is the same (forms.test.ts has what is refused)', async () => {
    const fetched = await city.app.request(`${ORIGIN}${clerk}`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin' },
      body: new URLSearchParams(certificate(change)).toString(),
    });
    expect(fetched.status).toBe(303);
  });
});

test.each(['at-large', 'Council member, At Large', 'council member, at large'])('%s is a mover', async (mover) => {
  expect((await certify({ mover })).status).toBe(303);
});

describe('the last step', () => {
  test('states the whole decision in one sentence, stores nothing, and its form decides', async () => {
    const set = { audience: 'Police', conditions: 'Kept for 21 days.' };
    await certify({ until: '2026-05-18', ...set });
    const terms = { until: await untilShown(), ...set, comment: 'In good order.' };
    const before = { ...city.writes };
    const asked = await sign(terms, '/review');
    expect(asked.status).toBe(200);
    expect(plainOf(await asked.text())).toContain(
      'As the mayor, on revision 1 of “FreeForm search for vehicles”: I sign, only for Police, until the end of May 18, 2026, under the conditions below.',
    );
    expect(await (await sign({ ...terms, decision: 'refuse' }, '/review?lang=es')).text()).toContain('Lo rechazo.');
    expect([city.writes, await city.status()]).toEqual([before, 'pending']);
    expect((await sign(terms)).status).toBe(303);
  });

  test('of a decision that is recorded leads to its receipt, of another one is refused as that is', async () => {
    await certify();
    await sign();
    expect((await sign({}, '/review')).headers.get('location')).toBe(mayor);
    for (const to of ['', '/review']) expect((await sign({ decision: 'refuse' }, to)).status).toBe(409);
  });
});

test('the deadline that is shown is that of who must act, and no later one; after a refusal that of the second vote', async () => {
  await city.says('/changes/acme/1', 'Monday, June 1, 2026 at 8:00 AM.', 'Then it is on');
  await certify();
  for (const path of ['/changes/acme/1', mayor, `${mayor}/inbox`, '/']) {
    expect(await city.text(path)).toMatch(/ntil (?:Sunday, )?March 8, 2026 at 8:00 AM\./);
    await city.omits(path, 'June 1, 2026');
  }
  await sign({ decision: 'refuse' });
  await city.says('/changes/acme/1', 'until April 2, 2026');
  expect(await city.text(`${clerk}/desk`)).toMatch(/Until Thursday, April 2, 2026[^.]*\. 30 days left\. Second/);
});

test('an office that let its time pass is not said to have refused', async () => {
  await certify();
  city.passDays(6);
  await city.says('/changes/acme/1', 'Mayor: no no answer in time');
  await city.shows('/feed.atom', '(acme/1) was refused, and that can still be overturned');
});

test('an old link shows what changed after a revision and decides nothing', async () => {
  await certify();
  const summary = 'Officers describe a vehicle in plain words and the system searches some camera images for it.';
  await city.notify({ revises: 1, summary });
  expect(await city.page(mayor)).toMatch(/searches all camera images[\s\S]*searches some camera images/);
  for (const send of [sign, certify]) expect((await send()).status).toBe(409);
  await city.is('pending');
});

test('a form that could not be read leads back to its own page, a link that does not work to the register', async () => {
  const long = await city.post(clerk, { comment: 'x'.repeat(140_000) }, { accept: 'text/html' });
  expect(long.status).toBe(413);
  expect(await long.text()).toContain(`<a href="${clerk}">Back to the page of this link`);
  expect(await city.answered('/d/nothing', {})).toContain('<p><a href="/">Register</a></p>');
});

test('an approval that waits again, since words that run before its own are approved, is not said to be on', async () => {
  const far = await city.notify({ feature: 'acme.far', optOut: 'no', effectiveAt: '2026-09-01T06:00:00Z' });
  const near = { feature: 'acme.far', title: 'Faces, too', optOut: 'no', effectiveAt: '2026-04-01T06:00:00Z' } as const;
  await city.approve(change);
  await city.approve(far);
  const receipt = await city.toMayor(far);
  await city.says(receipt, 'It is on, for every agency');
  const update = await city.notify(near);
  city.passDays(40);
  await city.is('outdated', 'acme.far');
  await city.approve(update);
  await city.is('enabled', 'acme.far');
  await city.says(receipt, 'It is approved, and begins on September 1, 2026 at 12:00 AM. Until then change 2 is in force.');
  await city.says('/changes/acme.far/1', 'Approved March 3, 2026 at 8:00 AM · it begins later');
  await city.says(await city.toMayor(update), 'set by change 1, which takes its place');
});

describe('a correction', () => {
  beforeEach(async () => {
    await certify({ mover: 'district-2', 'vote.district-1': 'yes' });
  });
  const correct = (fields: Fields) => certify({ purpose: 'correct', ...fields });

  test('is not made without saying why', async () => {
    const refused = await correct(roll(4));
    expect(await refused.json()).toMatchObject({ errors: [{ detail: 'Say why.' }] });
  });

  test('begins with what was recorded; its reason stands in the history and on the receipt, in public too', async () => {
    const form = await city.page(clerk);
    expect(form).toMatch(/name="fileNumber" value="26-0412"/);
    // The record that is corrected names its own day.
    expect(form).not.toContain('A vote counts if');
    expect(form).toMatch(/name="vote\.at-large" value="no" checked/);
    expect(form).toMatch(/name="mover"[\s\S]*?<option value="district-2" selected>/);
    expect(form).toMatch(/<textarea[^>]* name="comment"[^>]* required/);
    expect((await correct({ ...roll(4), comment: 'At Large said yes.' })).status).toBe(303);
    for (const path of [clerk, `/changes/${change.change}`])
      await city.shows(path, 'Reason for the correction', 'At Large said yes.');
  });

  test('puts a slip in the terms right until the mayor has signed; then they are locked', async () => {
    const slip = {
      from: '2026-04-01',
      until: '2026-12-31',
      audience: 'Police',
      conditions: 'Kept for 30 days.',
      maintenance: 'yes',
    };
    expect((await correct({ ...slip, comment: 'With the terms.' })).status).toBe(303);
    const form = await city.page(clerk);
    expectIn(form, 'name="from" value="2026-04-01"', 'name="until" value="2026-12-31"', 'value="Police"');
    expect(form).toMatch(/<textarea[^>]* name="conditions"[^>]*>\n?Kept for 30 days\.<\/textarea>/);
    expect(form).toMatch(/name="maintenance" value="yes" checked/);
    const right = { ...slip, until: '2026-11-30', comment: 'The month was wrong.' };
    expect(await (await certify({ purpose: 'correct', ...right }, '/review')).text()).toContain('November 30, 2026');
    expect((await correct(right)).status).toBe(303);
    await city.says(mayor, 'until the end of November 30, 2026');
    const records = (await city.text('/changes/acme/1')).split('Corrected record').slice(1);
    for (const [index, day] of ['December 31', 'November 30'].entries())
      expect(records[index]).toMatch(new RegExp(`From .*? Until the end of ${day}, 2026 .*? Reason for the correction`));
    const { comment: _, ...terms } = right;
    expect((await sign({ ...terms, until: slip.until })).status).toBe(409);
    expect((await sign(terms)).status).toBe(303);
    const locked = await city.page(clerk);
    expect(locked).toContain('They cannot be changed.');
    expect(locked).not.toContain('id="f-until"');
    expect((await correct({ ...slip, comment: 'Once more.' })).status).toBe(409);
  });

  test('cannot change terms that begin or end within a day, which a form cannot show', async () => {
    const instant = { until: '2027-03-31T17:00:00Z', comment: 'With the terms.' };
    expect((await correct(instant)).status).toBe(303);
    await city.shows(clerk, 'name="until" value="2027-03-31T17:00:00.000Z"');
  });

  test('sent twice is one, whatever came between, and setting it back is another, also where no record is named', async () => {
    const before = city.writes.commits;
    const sent: Fields[] = [];
    for (const yes of [4, 3, 4, 3, 4, 3, 4]) {
      const form = { ...roll(yes), certificate: shownIn(await city.page(clerk)) };
      sent.push({ ...form, comment: 'Read again.' }, { ...form, comment: 'At once.' });
      for (const { status } of await Promise.all([...sent, ...sent].map(correct))) expect(status).toBe(303);
      expect(city.writes.commits).toBe(before + sent.length);
    }
    for (const [index, yes] of [3, 3, 4, 4, 3, 3].entries()) {
      expect((await correct({ ...roll(yes), comment: 'Read again.' })).status).toBe(303);
      expect(city.writes.commits).toBe(before + sent.length + 1 + Math.floor(index / 2));
    }
    expect(await city.json('/changes/acme/1?format=json')).toMatchObject({ requirements: [{ yes: 3 }, {}, {}] });
  });
});

describe('where words that came later are in force or run', () => {
  const pages = async () => {
    const office = await city.text(clerk);
    expect((await certify()).status).toBe(303);
    return { office, asked: await city.text(mayor), review: await (await sign({}, '/review')).text() };
  };

  test.each([
    [
      'it is replaced at once',
      {},
      'replaced at once. Change 2 came later and is approved: it stays in force.',
      'What was approved before stays in force.',
    ],
    [
      'it stays off',
      { kind: 'update', optOut: 'no', effectiveAt: '2026-02-01T00:00:00Z' },
      'it still stays off. Words that came later are in use at the vendor: change 2.',
      'It stays off.',
    ],
  ] as const)('no page says that a yes switches it on: %s', async (_, over, told, effect) => {
    const later = await city.notify({ title: 'Later words', ...over });
    if (!('kind' in over)) await city.approve(later);
    const { office, asked, review } = await pages();
    expect(office).toContain(`${told} If it was adopted ${effect}`);
    expect(asked).toContain(`${told} If you sign ${effect}`);
    expect(review).toContain(told);
  });
});

test('who is asked on terms that are over reads that they cannot be approved, and it is so', async () => {
  const brief = await city.notify({ title: 'For two days' });
  const { mayor: link } = await city.linksTo(brief);
  expect((await city.certify(brief, { until: '2026-03-05' })).status).toBe(303);
  city.passDays(3);
  const told = 'This cannot be approved: it could last only until the end of March 5, 2026, which is before it begins.';
  expect(await city.text(link)).toContain(
    `${told} Days that the clerk recorded can be corrected. Otherwise the vendor must send new words. If you sign It stays off.`,
  );
  for (const to of [`${link}/review`, link])
    expect((await city.post(to, decision(brief, { until: '2026-03-05' }))).status).toBe(422);
  const right = { purpose: 'correct', meetingDate: '2026-03-03', until: '2026-12-31', comment: 'The end was of last year.' };
  expect((await city.certify(brief, right)).status).toBe(303);
  expect((await city.post(link, decision(brief, { until: '2026-12-31' }))).status).toBe(303);
});

test('a change whose words are over has lapsed, as its page said it would', async () => {
  const brief = await city.notify({ title: 'For two days', endsAt: '2026-03-05', effectiveAt: '2026-03-04' });
  const { mayor: link } = await city.linksTo(brief);
  expect(await city.text(`/changes/${brief.change}`)).toContain('Open until the end of Thursday, March 5, 2026');
  city.passDays(3);
  expect(await city.text(link)).toContain('This change is closed: lapsed.');
  expect((await city.post(link, decision(brief))).status).toBe(409);
});

describe('a record that is corrected', () => {
  const misread = cityForEach({ policy: requiring({ ...COUNCIL, threshold: { yes: 'majority', of: 'present' } }, MAYOR, BOARD) });

  test.each([
    ['too few votes', roll(0)],
    ['a meeting without a quorum', { ...roll(2), 'vote.district-3': 'absent', 'vote.at-large': 'absent' }],
  ])('to %s is a yes on no page any more', async (_, votes) => {
    const { change, ...words } = await misread.notify({ title: 'Misread' });
    await misread.approve({ change, ...words });
    await misread.says(`/changes/${change}`, 'City Council: yes');
    const corrected = { ...votes, purpose: 'correct', comment: 'Misread.' };
    expect((await misread.certify({ change, ...words }, corrected)).status).toBe(303);
    await misread.says(`/changes/${change}`, 'the corrected record is not a yes', 'Corrected record: City Council: ');
    await misread.omits(`/changes/${change}`, 'City Council: yes');
    await misread.says(await misread.toClerk({ change, ...words }), 'or a corrected record ended it.');
    await misread.says(`/features/${change.split('/')[0]}`, 'or a corrected record ended it.');
  });

  test('names its body once among who said yes', async () => {
    const words = await misread.notify();
    await misread.approve(words);
    for (const fileNumber of ['26-1', '26-2'])
      await misread.certify(words, { ...roll(4), fileNumber, purpose: 'correct', comment: 'Misread.' });
    const { approvals } = await misread.json<FeatureJson>('/features/acme?format=json');
    expect(approvals.filter(({ body }) => body === 'council')).toMatchObject([{ purpose: 'correct', fileNumber: '26-2' }]);
  });
});

test('a second vote whose corrected record is too few has overturned nothing', async () => {
  const asked = await city.notify({ title: 'Misread' });
  await city.certify(asked);
  await city.refuse(asked);
  city.passDays(1);
  const second = { meetingDate: '2026-03-04', fileNumber: '26-0500' };
  expect((await city.certify(asked, { ...second, purpose: 'override' })).status).toBe(303);
  const member = await city.link('h4', 'council', asked);
  expect((await city.post(member, decision(asked, { decision: 'confirm' }))).status).toBe(303);
  await city.says(`/changes/${asked.change}`, 'refused, and overturned');
  const corrected = { ...second, ...roll(2), purpose: 'correct', comment: 'Misread.' };
  expect((await city.certify(asked, corrected)).status).toBe(303);
  await city.says(`/changes/${asked.change}`, 'City Council: yes', 'Mayor: no');
  await city.omits(`/changes/${asked.change}`, 'overturned');
});

test('after a veto the council is asked for a second vote while the words last, and no longer', async () => {
  const brief = await city.notify({ title: 'For two days', endsAt: '2026-03-05', effectiveAt: '2026-03-04' });
  const { clerk: office, mayor: link } = await city.linksTo(brief);
  await city.certify(brief);
  await city.says(link, 'The City Council can overturn that with 3 votes until the end of March 5, 2026 at most.');
  await city.refuse(brief);
  await city.says(`/changes/${brief.change}`, 'The refusal can be overturned until the end of March 5, 2026.');
  const inbox = `${office}/inbox`;
  await city.says(inbox, '2 things wait for you');
  city.passDays(3);
  await city.says(link, 'It is refused. It stays off.', 'Refused Ended: the end of March 5, 2026');
  await city.says(inbox, '1 thing waits for you');
});

describe('a certificate that a member confirms', () => {
  const confirmed = cityForEach({ policy: requiring({ ...COUNCIL, confirmedBy: 'council' }, MAYOR, BOARD) });

  test('disputed, is the clerk’s alone: who advises is still asked for advice', async () => {
    const asked = await confirmed.notify();
    expect((await confirmed.certify(asked)).status).toBe(303);
    const office = await confirmed.toClerk(asked);
    await confirmed.says(office, 'vehicles A member of the City Council can confirm the record of the vote until');
    const dispute = decision(asked, { decision: 'dispute', comment: 'District 2 voted no.' });
    const member = await confirmed.link('h4', 'council', asked);
    expect(await confirmed.answered(`${member}/review`, dispute)).not.toContain('These terms');
    expect((await confirmed.post(member, dispute)).status).toBe(303);
    for (const page of [office, `${office}/inbox`])
      await confirmed.says(page, 'Correct your disputed record of the vote of the City Council.');
    await confirmed.says(
      '/features/acme',
      'The record of the vote is disputed. The clerk can correct it',
      'the change is refused.',
    );
    const inbox = `${await confirmed.link('chair', 'board', asked)}/inbox`;
    await confirmed.shows(inbox, 'Your advice is asked for');
    await confirmed.hides(inbox, 'is disputed');
  });

  test('is neither disputed nor confirmed by who disputed before; corrected, or sent again with a reason, it counts anew', async () => {
    const asked = await confirmed.notify();
    const says = async (said: string, by: 'h2' | 'h3' | 'h4' = 'h4') => {
      const link = await confirmed.link(by, 'council', asked);
      return (await confirmed.post(link, decision(asked, { decision: said, comment: 'District 2 voted no.' }))).status;
    };
    const certifies = async (fields: Fields = {}) => (await confirmed.certify(asked, fields)).status;
    const corrected = { purpose: 'correct', comment: 'As it was read out.' };
    expect([await certifies(), await says('dispute'), await says('dispute')]).toEqual([303, 303, 303]);
    const { commits } = confirmed.writes;
    const expectAdded = (added: number) => expect(confirmed.writes.commits).toBe(commits + added);
    expect(await certifies()).toBe(422);
    expectAdded(0);
    expect([await certifies({ comment: 'Read again.' }), await says('dispute')]).toEqual([303, 409]);
    const first = { ...corrected, certificate: shownIn(await confirmed.page(await confirmed.toClerk(asked))) };
    for (const _ of ['once', 'twice']) {
      expect(await certifies(first)).toBe(303);
      expectAdded(2);
    }
    expect(await says('dispute', 'h2')).toBe(303);
    for (const form of [first, corrected, corrected]) {
      expect(await certifies(form)).toBe(303);
      expectAdded(form === first ? 3 : 4);
    }
    expect([await says('confirm'), await says('confirm', 'h3'), await says('confirm', 'h3')]).toEqual([409, 303, 303]);
  });
});

test('advice is asked of a seat once, whoever holds it then, and never said to count', async () => {
  const chair = await city.link('chair', 'board', change);
  const review = await city.answered(`${chair}/review`, decision(change));
  expectIn(review, 'counts as neither yes nor no');
  expectNotIn(review, 'counts at once');
  await city.post(chair, decision(change));
  await city.replaceHolders(holdersWith('b1', { id: 'b9' }), 'clerk', 'mayor');
  const seat = { holder: 'b9', body: 'board', seat: 'chair', requirement: 'board' };
  const next = await city.linkTo({ purpose: 'decide', ...seat, key: 'acme', n: 1, revision: 1 });
  await city.says(next, 'There is nothing to do now.');
});

describe('by ballots', () => {
  const votes = cityForEach({ policy: BALLOTS });
  let asked: Received;
  beforeEach(async () => {
    asked = await votes.notify();
  });
  const linkOf = (who: 'h1' | 'h2' | 'h3' | 'h4') => votes.link(who, 'council', asked);
  const ballot = async (who: 'h1' | 'h2' | 'h3' | 'h4', fields: Fields = {}) =>
    votes.post(await linkOf(who), decision(asked, fields));

  test('three members and the mayor: on; no tally shows before', async () => {
    await ballot('h1');
    await ballot('h2', { decision: 'refuse' });
    const open = await votes.page('/changes/acme/1');
    expect(open).toContain('has answered');
    for (const page of [open, await votes.page(await linkOf('h4'))]) expect(page).not.toContain('answered: ');
    expect(await votes.json('/changes/acme/1?format=json')).not.toHaveProperty('requirements.0.yes');
    for (const who of ['h3', 'h4'] as const) await ballot(who);
    await votes.shows('/changes/acme/1', 'answered: no');
    expect((await votes.sign(asked)).status).toBe(303);
    await votes.is('enabled');
  });

  test('who has answered does not read by terms that another said yes', async () => {
    await ballot('h2', { decision: 'refuse' });
    await ballot('h1', { until: '2026-09-09' });
    await votes.shows(await linkOf('h4'), 'September 9');
    await votes.hides(await linkOf('h2'), 'September 9');
  });

  test('a vote after the result is asked of no one, and its page says that it changes nothing', async () => {
    for (const who of ['h1', 'h2', 'h3'] as const) await ballot(who);
    await votes.sign(asked);
    const link = await linkOf('h4');
    await votes.says(link, 'It is on, for every agency', 'changes nothing');
    await votes.omits(link, 'your vote is needed', 'If you do nothing', 'what a yes allows');
    const review = await votes.answered(`${link}/review`, decision(asked));
    expectIn(review, 'changes nothing');
    expectNotIn(review, 'for every agency');
    expect((await ballot('h4', { decision: 'abstain' })).status).toBe(303);
    await votes.says(link, 'Decision abstained');
  });

  test('one answer a seat, which is shown the form until then: the same again is the same, another is refused', async () => {
    const link = await linkOf('h1');
    await votes.shows(link, 'name="decision"');
    for (const _ of ['once', 'twice']) expect((await ballot('h1')).status).toBe(303);
    await votes.hides(link, 'name="decision"');
    expect((await ballot('h1', { decision: 'refuse' })).status).toBe(409);
  });

  test('an officer whose term has ended reads and decides nothing', async () => {
    const link = await linkOf('h1');
    await votes.replaceHolders(holdersWith('h1', { to: '2026-03-02' }), 'clerk', 'mayor');
    expect((await votes.post(link, decision(asked))).status).toBe(409);
    await votes.shows(link, 'You do not hold this seat today');
  });
});
