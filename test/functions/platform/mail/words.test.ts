import { expect, test } from 'vitest';
import { bodyNames, fillText } from '../../../../functions/platform/catalogue.ts';
import { mailTimes, wordsFor } from '../../../../functions/platform/mail/words.ts';
import { localeOf } from '../../../../functions/web/site/locale.ts';

/** Every text of a catalogue with its path. */
const textsOf = (value: object, path = ''): [string, string][] =>
  Object.entries(value).flatMap(([key, each]): [string, string][] =>
    typeof each === 'object' && each !== null ? textsOf(each, `${path}${key}.`) : [[`${path}${key}`, String(each)]],
  );

const slotsIn = (text: string): string[] => [...text.matchAll(/\{([a-z]+)\}/gi)].map(([, name = '']) => name.toLowerCase());

test('every text exists in every language, none left in English', () => {
  const [en, es] = [textsOf(wordsFor('en')), textsOf(wordsFor('es'))];
  expect(es.map(([path]) => path)).toEqual(en.map(([path]) => path));
  expect(en.filter(([path, text], index) => text === es[index]?.[1] && path !== 'direction')).toEqual([]);
});

test('a translation has the slots of the English text', () => {
  const english = new Map(textsOf(wordsFor('en')));
  // A body's name may stand with or without "of".
  const named = (text: string): string[] => [...new Set(slotsIn(text).map((slot) => slot.replace('ofbody', 'body')))].sort();
  for (const [path, text] of textsOf(wordsFor('es')))
    expect({ path, slots: named(text) }).toEqual({ path, slots: named(english.get(path) ?? '') });
});

test.each([
  ['en-US', 'Mayor', 'the mayor', 'of the mayor', 'The mayor'],
  ['en-US', 'City Council', 'the City Council', 'of the City Council', 'The City Council'],
  ['en-US', 'The Board', 'the Board', 'of the Board', 'The Board'],
  ['en-US', 'PAB', 'the PAB', 'of the PAB', 'The PAB'],
  ['es-US', 'Alcalde', 'el alcalde', 'del alcalde', 'El alcalde'],
  ['es-US', 'Comisión de Privacidad', 'la Comisión de Privacidad', 'de la Comisión de Privacidad', 'La Comisión de Privacidad'],
  ['es-US', 'La Junta', 'la Junta', 'de la Junta', 'La Junta'],
])('in %s %s has its article', (locale, name, body, ofBody, Body) => {
  expect(bodyNames(locale, name)).toEqual({ body, ofBody, Body });
});

test('a value is inserted as it is, whatever it looks like', () => {
  expect(fillText('“{title}” ({change})', { title: '{change} $& $1', change: 'a/1' })).toBe('“{change} $& $1” (a/1)');
  expect(() => fillText('{title}', {})).toThrow('no {title}');
});

test.each([
  ['es', 'es-US'],
  ['es-419', 'es-US'],
  ['ES', 'es-US'],
  ['en', 'en-US'],
  ['fr', 'en-US'],
  ['toString', 'en-US'],
])('%s is written as %s', (language, locale) => {
  expect(wordsFor(language).locale).toBe(locale);
});

test.each([
  ['en', '2026-04-01T06:00:00.000Z', 'March 31, 2026', 'the end of Tuesday, March 31, 2026'],
  ['en', '2026-04-01T18:30:00.000Z', 'April 1, 2026', 'Wednesday, April 1, 2026 at 12:30 PM MDT'],
  ['en', '2026-04-01T05:59:00.000Z', 'March 31, 2026', 'Tuesday, March 31, 2026 at 11:59 PM MDT'],
  ['es', '2026-04-01T06:00:00.000Z', '31 de marzo de 2026', 'el final del martes, 31 de marzo de 2026'],
  ['es', '2026-04-01T18:30:00.000Z', '1 de abril de 2026', 'el miércoles, 1 de abril de 2026 a las 12:30 p.m. MDT'],
])('in %s what ends at %s has %s as its last day, and is open until %s', (language, instant, day, end) => {
  const { lastDay, until, deadline } = mailTimes(wordsFor(language), 'America/Denver');
  const plain = (text: string): string => text.replaceAll(/[\u00A0\u202F]/g, ' ');
  expect([lastDay(instant), plain(deadline(instant))]).toStrictEqual([day, end]);
  expect(plain(until(instant))).toBe(end.replace(/\p{L}+, /u, ''));
});

test.each(['en', 'es'] as const)('in %s a page and a mail write the same end alike, but for the time zone', (language) => {
  const page = localeOf(language, 'America/Denver', '2026-03-03T15:00:00.000Z');
  const mail = mailTimes(wordsFor(language), 'America/Denver');
  const midnight = '2026-04-01T06:00:00.000Z';
  expect([page.until(midnight), page.deadline(midnight)]).toStrictEqual([mail.until(midnight), mail.deadline(midnight)]);
  const [, weekday = ''] = /(\p{L}+), /u.exec(page.deadline('2026-04-01T18:30:00.000Z')) ?? [];
  expect(mail.deadline('2026-04-01T18:30:00.000Z')).toContain(`${weekday}, `);
});
