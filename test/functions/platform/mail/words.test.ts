import { expect, test } from 'vitest';
import { endOf, lastDay } from '../../../../functions/platform/mail/when.ts';
import { wordsFor } from '../../../../functions/platform/mail/words.ts';

const leaves = (value: object, path = ''): string[] =>
  Object.entries(value).flatMap(([key, each]) =>
    typeof each === 'object' && each !== null ? leaves(each, `${path}${key}.`) : [`${path}${key}:${typeof each}`],
  );

const said = (value: object): string[] =>
  Object.values(value).flatMap((each) => {
    if (typeof each === 'function')
      return [String((each as (...args: unknown[]) => string)({ title: 'T', change: 'a/1' }, 'B', 9))];
    return typeof each === 'object' && each !== null ? said(each) : [String(each)];
  });

test('every sentence is there in every language, and none was forgotten in English', () => {
  const [en, es] = [wordsFor('en'), wordsFor('es')];
  expect(leaves(es)).toEqual(leaves(en));
  const spanish = said(es);
  expect(said(en).filter((sentence, index) => sentence === spanish[index] && sentence !== en.direction)).toEqual([]);
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
    endOf(words, instant, 'America/Denver').replaceAll('\u202F', ' ').replace(', 11', ' at 11').replace('2026, ', '2026 at '),
  ).toBe(end);
});
