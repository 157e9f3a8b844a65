import { expect, test } from 'vitest';
import { type Letter, letterHtml, letterText } from '../../../../functions/platform/mail/letter.ts';
import { wordsFor } from '../../../../functions/platform/mail/words.ts';
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
