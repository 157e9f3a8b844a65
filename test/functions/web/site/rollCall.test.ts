import { beforeEach, describe, expect, test } from 'vitest';
import type { Received } from '../../../../functions/gate/intake.ts';
import { certificate, cityForEach, ROSTER_OF_13, refusalOf, roll, SEATS_OF_13 } from './support/city.ts';
import { plainOf } from './support/readers.ts';

type Fields = Record<string, string>;

let change: Received;
let clerk: string;

const { bodies } = ROSTER_OF_13;
const council = { ...bodies.council, seatLabels: { 'district-12': { en: 'District 12', es: 'Distrito 12' } } };
const city = cityForEach({ roster: { ...ROSTER_OF_13, bodies: { ...bodies, council } } });
beforeEach(async () => {
  change = await city.notify();
  clerk = await city.toClerk(change);
});

const blank = (fields: Fields = {}) => {
  const votes = new Set(Object.keys(roll(0)));
  return { ...Object.fromEntries(Object.entries(certificate(change)).filter(([name]) => !votes.has(name))), ...fields };
};
const send = (fields: Fields, to = '', accept = 'application/json') => city.post(`${clerk}${to}`, blank(fields), { accept });
const page = async (fields: Fields, to: string) => (await send(fields, to, 'text/html')).text();
const ticked = (html: string) =>
  [...html.matchAll(/<input type="radio" name="([^"]+)" value="(\w+)" checked/g)].map(([, ...vote]) => vote);

const recorded = async (): Promise<Fields | undefined> => {
  const certified = (await city.events()).find((event) => event.type === 'VoteCertified');
  return certified && Object.fromEntries(certified.roll.map(({ seat, vote }) => [seat, vote]));
};

const ALL_YES = Object.fromEntries(SEATS_OF_13.map((seat) => [seat, seat === 'district-12' ? 'vacant' : 'yes']));
const NOT_ALL = { allPresent: 'yes', 'vote.district-3': 'no', 'vote.at-large': 'absent' };
const NOT_ALL_YES = { ...ALL_YES, 'district-3': 'no', 'at-large': 'absent' };
const faults = (...seats: readonly string[]) => seats.map((seat) => `/vote.${seat}`);

describe('all present voted yes', () => {
  test('each seat that is not marked counts as yes; who was marked keeps the mark, and a vacant seat is vacant', async () => {
    expect((await send(NOT_ALL)).status).toBe(303);
    expect(await recorded()).toStrictEqual(NOT_ALL_YES);
  });

  test.each<[string, Fields, readonly string[]]>([
    [
      'without it every seat that misses a vote',
      { 'vote.district-3': 'no' },
      faults(...SEATS_OF_13.filter((seat) => seat !== 'district-3')),
    ],
    ['a vote that is sent blank', { allPresent: 'yes', 'vote.district-3': '' }, faults('district-3')],
    ['a vote that is none', { allPresent: 'yes', 'vote.district-3': 'aye' }, faults('district-3')],
    ['another word', { allPresent: 'on' }, ['/allPresent', ...faults(...SEATS_OF_13)]],
  ])('%s is no yes: it is named, and nothing is recorded', async (_, fields, pointers) => {
    expect(await refusalOf(send(fields))).toStrictEqual([422, ...pointers]);
    expect(await recorded()).toBeUndefined();
  });

  test('a vacant seat has its name in the language of the page; where most votes are missing, one line leads to the box', async () => {
    const html = await page({}, '');
    const links = (of: string) => of.match(/<a href="#f-.*?(?=<.a>)/g);
    expect(links(html)).toEqual(['<a href="#f-allPresent">Tick “All present voted yes”, or mark every seat.']);
    expect(html.match(/<p class="fault" id="[^"]*/g)).toEqual(['<p class="fault" id="f-allPresent-fault']);
    const pointing = html.matchAll(/name="([^"]*)"[^>]* aria-describedby="f-allPresent-[^"]*fault" aria-invalid="true"/g);
    expect(new Set([...pointing].map(([, name]) => name))).toEqual(
      new Set(['allPresent', ...SEATS_OF_13.map((seat) => `vote.${seat}`)]),
    );
    const marked = Object.fromEntries(SEATS_OF_13.slice(0, -2).map((seat) => [`vote.${seat}`, 'no']));
    const some = await page(marked, '');
    expect(links(some)).toHaveLength(2);
    expect(some).toContain('Choose a vote for District 12.</p>');
    expect(await page(marked, '?lang=es')).toContain('Elija el voto de Distrito 12.');
  });
});

test('a vote of a seat that no one held says at that seat what to choose', async () => {
  const html = await page({ allPresent: 'yes', 'vote.district-12': 'yes' }, '');
  expect(html).toContain('<a href="#f-vote-district-12">Choose “vacant” where no one held the seat');
});

test('a record without a quorum says which quorum, and whether who stepped aside counts', async () => {
  const absent = Object.fromEntries(SEATS_OF_13.map((seat) => [`vote.${seat}`, seat === 'district-12' ? 'vacant' : 'absent']));
  expect(await page(absent, '/review')).toContain(
    'such a meeting cannot decide. At least 3 members must take part. Members who step aside count too.',
  );
});

test('the page counts the yes votes, and not as no who was away; a change that was refused has no terms', async () => {
  expect((await send(NOT_ALL)).status).toBe(303);
  expect((await city.sign(change)).status).toBe(303);
  const feature = await city.page('/features/acme');
  expect(plainOf(feature)).toContain('10 of 13 voted yes. File 26-0412, meeting of');
  expect(feature).toContain(`<a href="/changes/${change.change}">`);
  expect(plainOf(await city.page(`/changes/${change.change}`))).toMatch(/10 to 1, 7 needed[\s\S]*The terms/);

  const another = await city.notify({ feature: 'acme.lpr' });
  const no = SEATS_OF_13.map((seat) => [`vote.${seat}`, seat === 'district-12' ? 'vacant' : 'no']);
  expect((await city.certify(another, Object.fromEntries(no))).status).toBe(303);
  expect(plainOf(await city.page(`/changes/${another.change}`))).not.toContain('The terms');
});

describe('the form', () => {
  test('begins with the choice, unticked; only a vacant seat is marked, and the meeting is today', async () => {
    const html = await city.page(clerk);
    const first = /<input type="(?!hidden)[^>]*>/.exec(html)?.[0] ?? '';
    expect(first).toMatch(/type="checkbox" id="f-allPresent" name="allPresent" value="yes"(?! checked)/);
    expect(ticked(html)).toStrictEqual([['vote.district-12', 'vacant']]);
    expect(html).toContain('name="meetingDate" value="2026-03-03"');
    expect(html.indexOf('<form')).toBeLessThan(html.indexOf('<summary>What it is about</summary>'));
    expect(html).not.toMatch(/<script|on(?:click|change)=/);
  });

  test('returns with what was wrong as it was filled in', async () => {
    const html = await page({ allPresent: 'yes', 'vote.district-3': 'no', fileNumber: '' }, '/review');
    expect(html).toContain('<a href="#f-fileNumber">');
    expect(html).toMatch(/name="allPresent" value="yes" checked/);
    expect(ticked(html)).toStrictEqual([['vote.district-3', 'no']]);
  });
});

describe('the record is shown before it counts', () => {
  test('in one sentence, with the number of each vote and the names of the others; its button sends the vote of every seat', async () => {
    const { commits } = city.writes;
    const html = await page(NOT_ALL, '/review');
    expect(plainOf(html)).toContain(
      '10 yes, 1 no (Council member, District 3), 1 absent (Council member, At Large), 1 vacant (District 12).',
    );
    expect(html).not.toMatch(/type="(?:radio|checkbox)"/);
    expect(city.writes.commits).toBe(commits);
    const form = html.split('<form ').find((each) => each.includes(`action="${clerk}"`)) ?? '';
    const hidden = [...form.matchAll(/type="hidden" name="([^"]+)" value="([^"]*)"/g)].map(([, ...field]) => field);
    const sent = Object.fromEntries(hidden) as Fields;
    const votes = Object.entries(NOT_ALL_YES).map(([seat, vote]) => [`vote.${seat}`, vote]);
    expect(sent).toStrictEqual(blank(Object.fromEntries(votes)));
    expect((await city.post(clerk, sent)).status).toBe(303);
    expect(await recorded()).toStrictEqual(NOT_ALL_YES);
  });

  test('from there the form returns as it was filled in', async () => {
    const html = await page({ ...NOT_ALL, edit: 'yes' }, '');
    expect(html).toMatch(/name="allPresent" value="yes" checked/);
    expect(html.match(/<input[^>]* checked/g)).toHaveLength(3);
    expect(html).not.toContain('id="errors"');
    expect(await recorded()).toBeUndefined();
  });

  test('its address, loaded anew, leads back to the page of the link', async () => {
    expect((await city.get(`${clerk}/review`)).status).toBe(405);
    await city.shows(`${clerk}/review`, 'That cannot be done here', `<a href="${clerk}">Back to the page of this link</a>`);
  });

  test('for words that were replaced meanwhile there is nothing to send', async () => {
    await city.notify({ revises: 1, summary: 'Other words.' });
    const answer = await send(NOT_ALL, '/review', 'text/html');
    expect(answer.status).toBe(409);
    const html = await answer.text();
    expect(html).toContain('All present voted yes');
    expect(html.split('<main')[1]).not.toMatch(/<form\b/);
  });
});
