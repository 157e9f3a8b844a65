import { describe, expect, test } from 'vitest';
import type { JsonValue } from '../../../domain/kernel/json.ts';
import { checkRoster } from '../../../domain/roster/check.ts';
import { type Name, nameIn, type RosterFile } from '../../../domain/roster/schema.ts';
import { cityRosterFile } from './cityRoster.ts';

type Holder = RosterFile['holders'][number];

const roster = cityRosterFile();
const MAYOR = roster.holders.findIndex(({ id }) => id === 'holder-mayor');
const LAST = roster.holders.length;

const withHolder = (index: number, change: Record<string, unknown>) => ({
  ...roster,
  holders: roster.holders.map((holder, at) => (at === index ? { ...holder, ...change } : holder)),
});
const also = (holder: Partial<Holder>, mayorTo?: string) => ({
  ...roster,
  holders: [
    ...roster.holders.map((known) => (known.id === 'holder-mayor' && mayorTo !== undefined ? { ...known, to: mayorTo } : known)),
    {
      id: 'deputy',
      name: 'Deputy',
      body: 'mayor',
      seat: 'mayor',
      from: '2026-03-01',
      email: 'deputy@city.example',
      language: 'en',
      ...holder,
    },
  ],
});
const withBody = (id: string, body: unknown) => ({ ...roster, bodies: { ...roster.bodies, [id]: body } });

const mayorWith = (fields: object) => withBody('mayor', { name: 'Mayor', seats: ['mayor'], ...fields });
const certifiedBy = (attestedBy: string) => withBody('clerk', { name: 'Clerk', seats: ['clerk'], attestedBy });

const REFUSED: readonly [string, unknown, string, string][] = [
  ['an unknown field', { ...roster, city: 'x' }, '/city', 'not a field'],
  ['an unknown field of a holder', withHolder(0, { phone: '1' }), '/holders/0/phone', 'not a field'],
  ['an unknown field of a body', mayorWith({ chair: 'x' }), '/bodies/mayor/chair', 'not a field'],
  ['no body', { bodies: {}, holders: [] }, '/bodies', 'names no body'],
  ['a body without a seat', withBody('board', { name: 'Board', seats: [] }), '/bodies/board/seats', 'has no seat'],
  ['a seat twice', withBody('clerk', { name: 'Clerk', seats: ['clerk', 'clerk'] }), '/bodies/clerk/seats/1', 'named twice'],
  ['a label of no seat', mayorWith({ seatLabels: { vice: 'Vice' } }), '/bodies/mayor/seatLabels/vice', 'no such seat'],
  [
    'an unknown attesting body',
    withBody('council', { ...roster.bodies['council'], attestedBy: 'scribe' }),
    '/bodies/council/attestedBy',
    'no body scribe',
  ],
  ['a body that attests itself', certifiedBy('clerk'), '/bodies/clerk/attestedBy', 'own acts'],
  ['an attesting body by a prototype’s name', certifiedBy('constructor'), '/bodies/clerk/attestedBy', 'must be'],
  ['an unknown body', withHolder(0, { body: 'senate' }), '/holders/0/body', 'no body senate'],
  ['an unknown seat', withHolder(0, { seat: 'district-99' }), '/holders/0/seat', 'no seat district-99'],
  ['a seat of another body', withHolder(0, { seat: 'mayor' }), '/holders/0/seat', 'council has no seat mayor'],
  ['an end before the beginning', withHolder(0, { to: '2023-07-16' }), '/holders/0/to', 'before from'],
  ['a date that is none', withHolder(0, { from: '2026-02-30' }), '/holders/0/from', 'is neither a date'],
  ['an instant that is none', withHolder(0, { from: '2026-02-30T12:00:00Z' }), '/holders/0/from', 'is neither a date'],
  ['an instant without an offset', withHolder(0, { from: '2026-02-03T12:00:00' }), '/holders/0/from', 'is neither a date'],
  ['an acting holder without an end', also({ acting: true }, '2026-02-28'), `/holders/${LAST}/to`, 'stated end'],
  [
    'a term that ends in its first instant',
    withHolder(0, { from: '2026-02-03T12:00:00.000Z', to: '2026-02-03T12:00:00.000Z' }),
    '/holders/0/to',
    'before from',
  ],
  [
    'two holders in one hour',
    also({ from: '2026-02-03T12:00:00.000Z' }, '2026-02-03T13:00:00.000Z'),
    `/holders/${LAST}/from`,
    'already has a holder',
  ],
  [
    'a new holder on the last day of another',
    also({ from: '2026-02-28T12:00:00.000Z' }, '2026-02-28'),
    `/holders/${LAST}/from`,
    'already has a holder',
  ],
  ['no mail address', withHolder(0, { email: 'mayor' }), '/holders/0/email', 'mail address'],
  [
    'a mail address with a header in it',
    withHolder(0, { email: 'a@city.example\r\nBcc: b@evil.example' }),
    '/holders/0/email',
    'mail address',
  ],
  [
    'one address for two persons',
    withHolder(MAYOR, { email: 'District-1@CITY.example' }),
    `/holders/${MAYOR}/email`,
    'address of holder-district-1',
  ],
  [
    'two addresses for one person',
    also({ id: 'holder-clerk', email: 'other@city.example' }, '2026-02-28'),
    `/holders/${LAST}/email`,
    'one person has one',
  ],
  ['two holders of a seat at a time', also({}), `/holders/${LAST}/from`, 'already has a holder then: holder-mayor'],
  ['two holders for one day', also({}, '2026-03-01'), `/holders/${LAST}/from`, 'holder-mayor from 2023-07-17 to 2026-03-01'],
  ['an earlier term without an end', also({ from: '2020-01-01' }), `/holders/${LAST}/from`, 'already has a holder then'],
  [
    'one person in two seats of a body',
    withHolder(1, { id: 'holder-district-1', email: 'district-1@city.example' }),
    '/holders/1/from',
    'already holds the seat district-1',
  ],
  ['a look-alike name', withHolder(0, { name: 'Mаyor' }), '/holders/0/name', 'mixes Latin'],
  ['a look-alike name of a body', mayorWith({ name: 'Mаyor' }), '/bodies/mayor/name', 'mixes Latin'],
  ['a look-alike name in a language', mayorWith({ name: { es: 'Alcаldía' } }), '/bodies/mayor/name/es', 'mixes Latin'],
  ['a name in no language', mayorWith({ name: {} }), '/bodies/mayor/name', 'names no language'],
  [
    'a name in a language that is none',
    mayorWith({ name: { Spanish: 'Alcaldía' } }),
    '/bodies/mayor/name/Spanish',
    'language tag',
  ],
  ['a name that is a number', mayorWith({ name: 7 }), '/bodies/mayor/name', 'texts by language'],
  ['a name that turns text round', withHolder(0, { name: 'A\u202Eb' }), '/holders/0/name', 'reorders'],
  ['an id with a blank', withHolder(0, { id: 'a b' }), '/holders/0/id', 'must be'],
  ['a language that is none', withHolder(0, { language: 'English!' }), '/holders/0/language', 'language tag'],
  [
    'a roster that does not fit its stream',
    {
      ...roster,
      holders: Array.from({ length: 120 }, (_, index) => ({
        ...roster.holders[0],
        from: `1${800 + index}-01-01`,
        to: `1${800 + index}-02-01`,
      })),
    },
    '',
    'is longer than',
  ],
  ['no object', [], '', 'is not an object'],
  ['null', null, '', 'is not an object'],
];

test('nobody could be taken for another of the roster, or of the one before', () => {
  // The state of a change cannot tell these two apart.
  const [before, after] = [withHolder(0, { id: 'member-18832' }), withHolder(0, { id: 'member-40498' })];
  const both = { ...before, holders: before.holders.map((each, at) => (at === 1 ? { ...each, id: 'member-40498' } : each)) };
  const refused = (input: object, known: Holder[] = []) => {
    const checked = checkRoster(input as JsonValue, 'UTC', known);
    return checked.ok ? [] : checked.problems.map(({ pointer }) => pointer);
  };
  expect(refused(both)).toEqual(['/holders/1/id']);
  expect(refused(after, before.holders)).toEqual(['/holders/0/id']);
  expect(refused(after)).toEqual([]);
});

describe('a roster is refused, with the reason', () => {
  test.each(REFUSED)('%s', (_, input, pointer, reason) => {
    const checked = checkRoster(input as JsonValue, 'UTC');
    const problems = checked.ok ? [] : checked.problems;
    const found = problems.find((problem) => problem.pointer === pointer);
    expect(found?.detail, JSON.stringify(problems)).toContain(reason);
  });
});

test('a term without an end that meets another is named without one', () =>
  expect(checkRoster(also({}) as JsonValue, 'UTC')).toMatchObject({
    problems: [{ detail: 'the seat already has a holder then: holder-mayor from 2023-07-17' }],
  }));

describe('a roster is taken', () => {
  test.each<[string, unknown]>([
    ['as it was written', roster],
    ['with an acting mayor between two terms of the mayor', also({ from: '2026-03-01', to: '2026-03-14' }, '2026-02-28')],
    ['with a person who changes seats', also({ id: 'holder-clerk', email: 'clerk@city.example' }, '2026-02-28')],
    ['with seat labels', withBody('mayor', { name: 'Mayor', seats: ['mayor'], seatLabels: { mayor: 'The Mayor’s office' } })],
    [
      'with names in two languages',
      withBody('mayor', {
        name: { en: 'Mayor', es: 'Alcaldía' },
        seats: ['mayor'],
        seatLabels: { mayor: { en: 'The Mayor', 'es-419': 'El alcalde' } },
      }),
    ],
    ['with a seat that changes hands at noon', also({ from: '2026-02-28T12:00:00.000Z' }, '2026-02-28T12:00:00.000Z')],
    ['with an acting mayor', also({ from: '2026-03-01', to: '2026-03-14', acting: true }, '2026-02-28')],
    ['with a vacant seat', { ...roster, holders: roster.holders.slice(1) }],
    ['with nobody in office', { ...roster, holders: [] }],
  ])('%s', (_, input) => expect(checkRoster(input as JsonValue, 'UTC')).toStrictEqual({ ok: true, roster: input }));
});

test('its bodies are listed as they are stored and read again, in whichever order a file has them', () => {
  const turned = { ...roster, bodies: Object.fromEntries(Object.entries(roster.bodies).toReversed()) };
  const checked = checkRoster(turned, 'UTC');
  const names = checked.ok ? Object.keys(checked.roster.bodies) : [];
  expect(names).toStrictEqual(Object.keys(roster.bodies).sort());
  expect(Object.keys(turned.bodies)).not.toStrictEqual(names);
});

test('an instant of a term can be written with any offset, and is stored in UTC', () => {
  const noon = also({ from: '2026-02-28T12:00:00-07:00' }, '2026-02-28T12:00:00-07:00');
  expect(checkRoster(noon as JsonValue, 'America/Denver')).toMatchObject({
    ok: true,
    roster: { holders: expect.arrayContaining([expect.objectContaining({ id: 'deputy', from: '2026-02-28T19:00:00.000Z' })]) },
  });
});

test.each<[Name, string, string]>([
  ['Mayor', 'es', 'Mayor'],
  [{ en: 'Mayor', es: 'Alcaldía' }, 'es', 'Alcaldía'],
  [{ en: 'Mayor', es: 'Alcaldía' }, 'es-419', 'Alcaldía'],
  [{ en: 'Mayor', es: 'Alcaldía', 'es-MX': 'Presidencia' }, 'es-MX', 'Presidencia'],
  [{ en: 'Mayor', es: 'Alcaldía' }, 'vi', 'Mayor'],
  [{ es: 'Alcaldía' }, 'vi', 'Alcaldía'],
])('the name %j reads in %s as %s', (name, language, read) => expect(nameIn(name, language)).toBe(read));
