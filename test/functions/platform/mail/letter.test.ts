import { expect, test } from 'vitest';
import { type Letter, letterHtml, letterText, shortened } from '../../../../functions/platform/mail/letter.ts';
import { mailTimes, wordsFor } from '../../../../functions/platform/mail/words.ts';
import { localeOf } from '../../../../functions/web/site/locale.ts';
import { HOSTILE_TEXTS } from '../../../support/pseudo.ts';

const LINK = `https://gate.example/d/${'a'.repeat(43)}`;
const letter = (text: string): Letter => ({ subject: text, paragraphs: [text, { link: LINK }, { list: [text, 'two'] }, 'End.'] });
const page = (text: string, language = 'en') => letterHtml(letter(text), language, wordsFor(language));
const tags = (text: string) => [...text.matchAll(/<\/?([a-z!]+)/gi)].map(([tag]) => tag);

test.each(HOSTILE_TEXTS)('%j stays text', (text) => {
  expect(tags(page(text))).toStrictEqual(tags(page('plain')));
  expect([...page(text).matchAll(/href="([^"]*)"/g)].map(([, href]) => href)).toStrictEqual([LINK]);
  expect(
    letterText(letter(text))
      .split('\n')
      .filter((line) => line.startsWith('https:')),
  ).toStrictEqual([LINK]);
});

test('text and page say the same in the same order', () => {
  expect(letterText(letter('One.'))).toBe(`One.\n\n${LINK}\n\n- One.\n- two\n\nEnd.\n`);
  const said = page('One.')
    .replace(/[\s\S]*<body[^>]*>/, '')
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim();
  expect(said).toBe(`One. Open the page ${LINK} One. two End.`);
});

test('a page fetches nothing and names its language', () => {
  expect(page('Uno.', 'es')).toContain('<html lang="es" dir="ltr">');
  expect(page('One.')).not.toMatch(/<(?:img|link|script|iframe|form)|url\(|src=/);
});

test.each([
  ['es', 'es-US-u-hc-h23'],
  ['es-419', 'es-US-u-hc-h23'],
  ['ES', 'es-US-u-hc-h23'],
  ['en', 'en-US'],
  ['tlh', 'en-US'],
  ['toString', 'en-US'],
])('%s is written as %s', (language, locale) => {
  expect(wordsFor(language).locale).toBe(locale);
});

test.each([
  ['en', '2026-04-01T06:00:00.000Z', 'March 31, 2026', 'March 31', 'the end of Tuesday, March 31, 2026'],
  ['en', '2026-04-01T18:30:00.000Z', 'April 1, 2026', 'April 1', 'Wednesday, April 1, 2026 at 12:30 PM MDT'],
  ['en', '2026-04-01T17:59:00.000Z', 'April 1, 2026', 'April 1 at 11:59 AM', 'Wednesday, April 1, 2026 at 11:59 AM MDT'],
  ['en', '2026-04-01T05:59:00.000Z', 'March 31, 2026', 'March 31', 'Tuesday, March 31, 2026 at 11:59 PM MDT'],
  ['es', '2026-04-01T06:00:00.000Z', '31 de marzo de 2026', '31 de marzo', 'el final del martes 31 de marzo de 2026'],
  ['es', '2026-04-01T18:30:00.000Z', '1 de abril de 2026', '1 de abril', 'el miércoles 1 de abril de 2026 a las 12:30 MDT'],
])('in %s what ends at %s has %s as its last day, in short %s, and is open until %s', (language, instant, day, short, end) => {
  const { lastDay, shortLastDay, until, deadline } = mailTimes(wordsFor(language), 'America/Denver');
  const plain = (text: string) => text.replaceAll(/[\u00A0\u202F]/g, ' ');
  expect([lastDay(instant), plain(shortLastDay(instant, '2027-01-01T06:59:59.999Z')), plain(deadline(instant))]).toStrictEqual([
    day,
    short,
    end,
  ]);
  expect(plain(until(instant))).toBe(end.replace(/\p{L}+day, |(?:martes|miércoles) /u, ''));
});

test.each([
  ['en', '2027-04-01T06:00:00.000Z', 'March 31, 2027'],
  ['en', '2027-04-01T17:59:00.000Z', 'April 1, 2027 at 11:59 AM'],
  ['es', '2027-04-01T06:00:00.000Z', '31 de marzo de 2027'],
])('in %s what ends at %s in another year is %s in short', (language, instant, short) => {
  const { shortLastDay } = mailTimes(wordsFor(language), 'America/Denver');
  expect(shortLastDay(instant, '2027-01-01T06:59:59.999Z').replaceAll(/[\u00A0\u202F]/g, ' ')).toBe(short);
});

test.each(['en', 'es'] as const)('in %s a page and a mail write the same end alike, but for the time zone', (language) => {
  const page = localeOf(language, 'America/Denver', '2026-03-03T15:00:00.000Z');
  const mail = mailTimes(wordsFor(language), 'America/Denver');
  const midnight = '2026-04-01T06:00:00.000Z';
  expect([page.until(midnight), page.deadline(midnight)]).toStrictEqual([mail.until(midnight), mail.deadline(midnight)]);
  expect(mail.deadline('2026-04-01T18:30:00.000Z')).toContain(page.deadline('2026-04-01T18:30:00.000Z'));
});

test.each([
  ['one two, three', 14, 'one two, three'],
  ['one two, three', 13, 'one two…'],
  ['one two threes', 8, 'one two…'],
  ['of acme.longest.of.keys', 12, 'of acme.lon…'],
  ['👩🏽‍🚒 at work', 9, '👩🏽‍🚒 at…'],
])('%j in at most %i characters is %j', (text, charsMax, short) => {
  expect(shortened(text, charsMax)).toBe(short);
});
