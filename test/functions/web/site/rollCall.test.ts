import { beforeEach, describe, expect, test } from 'vitest';
import type { Received } from '../../../../functions/gate/intake.ts';
import { cityForEach, ROSTER_OF_13, SEATS_OF_13 } from './support/city.ts';

type Fields = Record<string, string>;

let change: Received;
let clerk: string;

const city = cityForEach({ roster: ROSTER_OF_13 });
beforeEach(async () => {
  change = await city.notify();
  clerk = await city.link('clerk', 'council', change);
});

/** A certificate without any vote. */
const blank = (fields: Fields = {}): Fields => ({
  purpose: 'adopt',
  revision: '1',
  digest: change.digest,
  fileNumber: '26-0412',
  meetingDate: '2026-03-03',
  ...fields,
});
const certify = (fields: Fields, to = '') => city.post(`${clerk}${to}`, blank(fields));
const page = async (fields: Fields, to: string): Promise<string> =>
  (await city.post(`${clerk}${to}`, blank(fields), { accept: 'text/html' })).text();
/** The fields that a browser sends with the form whose action is this. */
const sentBy = (html: string, action: string): Fields => {
  const form = html.split('<form ').find((each) => each.includes(`action="${action}"`)) ?? '';
  return Object.fromEntries(
    [...form.matchAll(/type="hidden" name="([^"]+)" value="([^"]*)"/g)].map(([, name = '', value = '']) => [name, value]),
  );
};

/** The votes in the record, by seat; undefined if none is there. */
const recorded = async (): Promise<Readonly<Record<string, string>> | undefined> => {
  const certified = (await city.events()).find((event) => event.type === 'VoteCertified');
  return certified && Object.fromEntries(certified.roll.map(({ seat, vote }) => [seat, vote]));
};

const ALL_YES = Object.fromEntries(SEATS_OF_13.map((seat) => [seat, seat === 'district-12' ? 'vacant' : 'yes']));
const faults = (...seats: readonly string[]) => seats.map((seat) => ({ pointer: `/vote.${seat}` }));

describe('all present voted yes', () => {
  test('each seat that is not marked counts as yes; who was marked keeps the mark, and a vacant seat is vacant', async () => {
    expect((await certify({ allPresent: 'yes', 'vote.district-3': 'no', 'vote.at-large': 'absent' })).status).toBe(303);
    expect(await recorded()).toStrictEqual({ ...ALL_YES, 'district-3': 'no', 'at-large': 'absent' });
  });

  test('without it every seat that misses a vote is named, and nothing is recorded', async () => {
    const answer = await certify({ 'vote.district-3': 'no' });
    expect(answer.status).toBe(422);
    const { errors } = (await answer.json()) as { errors: { pointer: string; detail: string }[] };
    expect(errors.map(({ pointer }) => ({ pointer }))).toStrictEqual(
      faults(...SEATS_OF_13.filter((seat) => seat !== 'district-3')),
    );
    expect(errors[0]?.detail).toBe('Choose a vote for Council member, District 1.');
    expect(await recorded()).toBeUndefined();
  });

  test.each<[string, Fields, readonly string[]]>([
    ['a vote that is sent blank', { allPresent: 'yes', 'vote.district-3': '' }, ['/vote.district-3']],
    ['a vote that is none', { allPresent: 'yes', 'vote.district-3': 'aye' }, ['/vote.district-3']],
    ['another word', { allPresent: 'on' }, ['/allPresent', ...SEATS_OF_13.map((seat) => `/vote.${seat}`)]],
  ])('%s is no yes', async (_, fields, pointers) => {
    const answer = await certify(fields);
    expect(answer.status).toBe(422);
    const { errors } = (await answer.json()) as { errors: { pointer: string }[] };
    expect(errors.map(({ pointer }) => pointer)).toStrictEqual(pointers);
    expect(await recorded()).toBeUndefined();
  });
});

describe('the form', () => {
  test('begins with the choice, unticked; only a vacant seat is marked, and the meeting is today', async () => {
    const html = await city.page(clerk);
    const first = /<input type="(?!hidden)[^>]*>/.exec(html)?.[0] ?? '';
    expect(first).toMatch(/type="checkbox" id="f-allPresent" name="allPresent" value="yes"(?! checked)/);
    expect(html.match(/<input type="radio"[^>]* checked/g)).toStrictEqual([
      '<input type="radio" name="vote.district-12" value="vacant" checked',
    ]);
    expect(html).toContain('name="meetingDate" value="2026-03-03"');
    expect(html.indexOf('<form')).toBeLessThan(html.indexOf('<summary>What it is about</summary>'));
    expect(html).not.toMatch(/<script|on(?:click|change)=/);
  });

  test('returns with what was wrong as it was filled in', async () => {
    const html = await page({ allPresent: 'yes', 'vote.district-3': 'no', fileNumber: '' }, '/review');
    expect(html).toContain('<a href="#f-fileNumber">');
    expect(html).toMatch(/name="allPresent" value="yes" checked/);
    expect(html.match(/<input type="radio"[^>]* checked/g)).toStrictEqual([
      '<input type="radio" name="vote.district-3" value="no" checked',
    ]);
  });
});

describe('the record is shown before it counts', () => {
  const NOT_ALL = { allPresent: 'yes', 'vote.district-3': 'no', 'vote.at-large': 'absent' };

  test('in one sentence, with the number of each vote and the names of the others; its button sends the vote of every seat', async () => {
    const before = city.writes.commits;
    const html = await page(NOT_ALL, '/review');
    expect(html.replaceAll(/<[^>]+>/g, '')).toContain(
      '10 yes, 1 no (Council member, District 3), 1 absent (Council member, At Large), 1 vacant (district-12).',
    );
    expect(html).not.toMatch(/type="(?:radio|checkbox)"/);
    expect(city.writes.commits).toBe(before);
    const sent = sentBy(html, clerk);
    expect(sent).toStrictEqual({
      ...blank(),
      ...Object.fromEntries(
        Object.entries({ ...ALL_YES, 'district-3': 'no', 'at-large': 'absent' }).map(([seat, vote]) => [`vote.${seat}`, vote]),
      ),
    });
    expect((await city.post(clerk, sent)).status).toBe(303);
    expect(await recorded()).toStrictEqual({ ...ALL_YES, 'district-3': 'no', 'at-large': 'absent' });
  });

  test('from there the form returns as it was filled in', async () => {
    const html = await page({ ...NOT_ALL, edit: 'yes' }, '');
    expect(html).toMatch(/name="allPresent" value="yes" checked/);
    expect(html.match(/<input[^>]* checked/g)).toHaveLength(3);
    expect(html).not.toContain('id="errors"');
    expect(await recorded()).toBeUndefined();
  });

  test('for words that were replaced meanwhile there is nothing to send', async () => {
    await city.notify({ revises: 1, summary: 'Other words.' });
    const answer = await city.post(`${clerk}/review`, blank(NOT_ALL), { accept: 'text/html' });
    expect(answer.status).toBe(409);
    const html = await answer.text();
    expect(html.replaceAll(/<[^>]+>/g, ' ')).toContain('All present voted yes');
    expect(html).not.toMatch(/<form\b/);
  });
});
