import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { blockProblem, lineProblem, normalizeText } from '../../../domain/kernel/text.ts';

const invisible = 'has an invisible character';
const reorders = 'has a character that reorders text';
const undefinedChar = 'has a character that Unicode does not define';
const mixed = 'has a word that mixes Latin with Cyrillic or Greek letters';
const form = 'is not in Unicode normalization form C';
const marks = 'has too many combining marks in a row';

describe('a line that shows what it says:', () => {
  test.each([
    'FreeForm search for vehicles',
    '2026.3',
    ' a space at either end is not for us to judge ',
    'Größe, naïve, Crème brûlée, İstanbul',
    'Поиск по номерам',
    'Αναζήτηση',
    '車両検索',
    'חיפוש רכב',
    'البحث عن المركبات',
    'ค้นหายานพาหนะ',
    'वाहन खोज',
    'Камера Flock',
    'α-particle, β-test, 5 µm, 3Д-сканер',
    'Keycaps 1️⃣ #️⃣, a heart ❤️, a sign ©️ and ☎︎',
    '👍🏽 🇺🇸',
    'non\u00a0breaking',
    'O’Brien’s “list” — 100 % <b>&amp;</b>',
  ])('%s', (text) => {
    expect(lineProblem(text)).toBeUndefined();
    expect(blockProblem(text)).toBeUndefined();
  });
});

describe('a line that does not:', () => {
  test.each<[string, string, string]>([
    ['empty', '', 'is blank'],
    ['spaces', '  \u00a0\u3000\u2003', 'is blank'],
    ['a line break only', '\n', 'is blank'],
    ['line break', 'a\nb', 'has a control character or a line break (U+000A)'],
    ['carriage return', 'a\rb', 'has a control character or a line break (U+000D)'],
    ['tab', 'a\tb', 'has a control character or a line break (U+0009)'],
    ['null', 'a\0', 'has a control character or a line break (U+0000)'],
    ['escape', '\u001b[31m', 'has a control character or a line break (U+001B)'],
    ['delete', 'a\u007f', 'has a control character or a line break (U+007F)'],
    ['next line', 'a\u0085b', 'has a control character or a line break (U+0085)'],
    ['line separator', 'a\u2028b', 'has a control character or a line break (U+2028)'],
    ['paragraph separator', 'a\u2029b', 'has a control character or a line break (U+2029)'],
    ['decomposed', 'e\u0301', form],
    ['a singleton that NFC replaces', '5 k\u2126', form],
    ['Hangul jamo', '\u1112\u1161\u11ab', form],
    ['ten marks on one letter', `a${'\u0305'.repeat(10)}`, `${marks} (U+0305)`],
    ['Cyrillic in a Latin word', 'Fl\u043eck', `${mixed} (Fl\u043eck)`],
    ['Latin in a Cyrillic word', 'К\u0061мера', mixed],
    ['Greek in a Latin word', 'Fl\u03bfck', mixed],
    ['behind an apostrophe', 'Fl\u2019\u043e\u0441\u043a', mixed],
    ['behind a low line', 'flock_\u0441\u0430\u043c', mixed],
    ['behind a digit', 'Fl0\u0441k', mixed],
    ['with a mark between', 'fq\u0323\u043e', mixed],
    ['in the last word', 'A search for Flo\u0441k', mixed],
    ['in full-width letters', '\uff26\u043eck', mixed],
  ])('%s', (_, text, reason) => {
    expect(lineProblem(text)).toContain(reason);
  });
});

/** Code points in hexadecimal, by why they are allowed nowhere. */
const NOWHERE = {
  [reorders]: '61c 200e 200f 202a 202b 202c 202d 202e 2066 2067 2068 2069',
  [invisible]:
    '200b 200c 200d 2060 2061 2062 2063 2064 feff ad 180e 34f 115f 1160 3164 ffa0 2800 17b4 fe00 fe0f fe0e e0100 e0041 e0001 fff9 1d173',
  [undefinedChar]: 'e000 f0000 378 fffe fdd0 10ffff',
  'has a lone surrogate, which is no character': 'd800 dc00',
};

test.each(Object.entries(NOWHERE))('whatever %s is allowed nowhere', (reason, points) => {
  for (const hex of points.split(' ')) {
    const char = String.fromCodePoint(Number.parseInt(hex, 16));
    for (const text of [`a${char}b`, `${char}b`, `a${char}`]) {
      expect(lineProblem(text)).toBe(`${reason} (U+${hex.toUpperCase().padStart(4, '0')})`);
      expect(blockProblem(text)).toBe(lineProblem(text));
    }
  }
});

test.each([
  ['a selector after a digit that is no keycap', '1\ufe0f'],
  ['a selector after a selector', '❤\ufe0f\ufe0f'],
  ['a text selector in a keycap', '1\ufe0e\u20e3'],
  ['a flag made of tags', '🏴\u{e0067}\u{e0062}\u{e007f}'],
])('%s is refused in lines and blocks', (_, text) => {
  expect(lineProblem(text)).toContain(invisible);
  expect(blockProblem(text)).toContain(invisible);
});

describe('a block', () => {
  test.each(['', ' ', 'a\nb\r\n\tc\n', '5 kΩ', 'A family 👨‍👩‍👧, a programmer 👩🏽‍💻, a heart ❤️‍🔥.'])('may be %j', (text) => {
    expect(blockProblem(text)).toBeUndefined();
  });

  test.each<[string, string, string]>([
    ['a lone carriage return', 'a\rb', 'has a control character (U+000D)'],
    ['a carriage return before CRLF', 'a\r\r\nb', 'has a control character (U+000D)'],
    ['a form feed', 'a\fb', 'has a control character (U+000C)'],
    ['a C1 control', 'a\u009bb', 'has a control character (U+009B)'],
    ['a line separator', 'a\u2028b', 'has a control character (U+2028)'],
    ['a joiner after a letter', 'a\u200d👩', `${invisible} (U+200D)`],
    ['a joiner before a letter', '👩\u200da', `${invisible} (U+200D)`],
    ['a joiner at the end', '👩\u200d', `${invisible} (U+200D)`],
    ['two joiners', '👩\u200d\u200d👩', `${invisible} (U+200D)`],
    ['a joiner in the second place', '👩‍👩 a\u200db', `${invisible} (U+200D)`],
    ['decomposed text', 'e\u0301\n', form],
    ['a heap of marks', `a${'\u0315\u0300'.repeat(20_000)}`, marks],
  ])('may not have %s', (_, text, reason) => {
    expect(blockProblem(text)).toContain(reason);
  });
});

test('a line has no joiners, not even in emoji', () => {
  expect(lineProblem('A family 👨‍👩‍👧')).toBe(`${invisible} (U+200D)`);
});

describe('normalizeText', () => {
  test.each([
    ['  a \n', 'a'],
    ['a\r\nb\r\n\r\nc', 'a\nb\n\nc'],
    ['a\rb', 'a\rb'],
    ['e\u0301', 'é'],
    ['\u00a0a\u3000', 'a'],
    ['\u2001', ''],
    ['', ''],
  ])('%j → %j', (text, normal) => {
    expect(normalizeText(text)).toBe(normal);
  });

  test('property: normal text stays as it is, and a form’s text can only fail for another reason than its form', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
        const normal = normalizeText(text);
        expect(normalizeText(normal)).toBe(normal);
        expect(blockProblem(normal)).not.toBe(form);
      }),
    );
  });

  test('a heap of marks, whose ordering takes quadratic time, is left alone and refused', () => {
    const heap = `a${'\u0315\u0300'.repeat(1000)}`;
    expect(normalizeText(` ${heap}\r\n`)).toBe(heap);
    expect(blockProblem(heap)).toContain(marks);
  });
});
