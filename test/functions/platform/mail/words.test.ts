import { expect, test } from 'vitest';
import { bodyNames, fillText } from '../../../../functions/platform/catalogue.ts';
import { endText, lastDay } from '../../../../functions/platform/mail/when.ts';
import { wordsFor } from '../../../../functions/platform/mail/words.ts';

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
  ['2026-04-01T06:00:00.000Z', 'March 31, 2026', 'March 31, 2026'],
  ['2026-04-01T18:30:00.000Z', 'April 1, 2026', 'April 1, 2026 at 12:30 PM MDT'],
  ['2026-04-01T05:59:00.000Z', 'March 31, 2026', 'March 31, 2026 at 11:59 PM MDT'],
])('what ends at %s ends on %s', (instant, day, end) => {
  const words = wordsFor('en');
  expect(lastDay(words, instant, 'America/Denver')).toBe(day);
  expect(
    endText(words, instant, 'America/Denver').replaceAll('\u202F', ' ').replace(', 11', ' at 11').replace('2026, ', '2026 at '),
  ).toBe(end);
});
