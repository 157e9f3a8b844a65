import { CATALOGUES, type Trial } from '../../functions/web/site/locale.ts';

/** Where the letters of the Latin alphabet go: to Arabic ones, so that what is not from a catalogue stands out and lines run leftwards. */
const LETTERS = 'ابجدهوزحطيكلمنسعفصقرشتثخذض';

/** A text of the catalogue as one in a language written from right to left; the slots and the numbers stay. */
export const pseudoText = (text: string): string =>
  text
    .split(/(\{\{[a-z]+\}\}|&[a-z]+;)/i)
    .map((part, index) =>
      index % 2 === 1 ? part : part.replaceAll(/[a-z]/gi, (letter) => LETTERS[letter.toLowerCase().charCodeAt(0) - 97] ?? letter),
    )
    .join('');

/** The same for a whole catalogue. */
export const pseudo = <T>(words: T): T =>
  (typeof words === 'string'
    ? pseudoText(words)
    : Object.fromEntries(Object.entries(words as object).map(([name, value]) => [name, pseudo(value)]))) as T;

/** A made-up language, generated from the English catalogue, with the dates, numbers and direction of Arabic. */
export const PSEUDO: Trial = { language: 'ar-xb', words: pseudo(CATALOGUES.en) };
