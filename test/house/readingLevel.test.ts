import { globSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { fleschKincaid, inflesz, measure, syllablesEn, syllablesEs, textsIn, together } from '../support/readability.ts';

/** A label of one to four words has no grade: the formulas were made for sentences. */
const WORDS_MIN = 5;

/** Texts above the limit, each with the reason. */
const ARGUED: Readonly<Record<string, string>> = {
  'closed.server': 'names of products and of a language, and nothing else',
  'field.docKind': 'shows a technical word as its example; vendors alone read it',
  'vendorForm.docKindHint': 'shows technical words as its examples; vendors alone read it',
  'figures.stateText': 'says apagados twice, since that is the answer',
};

const textsOf = (language: 'en' | 'es') =>
  globSync(`functions/platform/words/${language}/*.json`).map((file) => textsIn(JSON.parse(readFileSync(file, 'utf8'))));
const catalogues = { en: textsOf('en'), es: textsOf('es') };

const measured = (language: 'en' | 'es', wordsMin: number) =>
  catalogues[language].flatMap((texts) =>
    texts
      .map(([path, text]) => ({ path, text, found: measure(text, language === 'en' ? syllablesEn : syllablesEs) }))
      .filter(({ found }) => found.words >= wordsMin),
  );

describe('what officials and residents read', () => {
  test('in English is at grade 4 or below on the whole, and no text of it above grade 8.5', () => {
    const all = measured('en', WORDS_MIN);
    expect(all.length).toBeGreaterThan(400);
    expect(fleschKincaid(together(all.map(({ found }) => found)))).toBeLessThanOrEqual(4);
    const hard = all.filter(({ path, found }) => fleschKincaid(found) > 8.5 && ARGUED[path] === undefined);
    expect(hard.map(({ path, text, found }) => `${path} (${fleschKincaid(found).toFixed(1)}): ${text}`)).toEqual([]);
  });

  test('in Spanish is rather easy on the whole, and no longer text of it hard', () => {
    const all = measured('es', WORDS_MIN);
    expect(all.length).toBeGreaterThan(400);
    expect(inflesz(together(all.map(({ found }) => found)))).toBeGreaterThanOrEqual(70);
    const hard = measured('es', 10).filter(({ path, found }) => inflesz(found) < 42 && ARGUED[path] === undefined);
    expect(hard.map(({ path, text, found }) => `${path} (${inflesz(found).toFixed(1)}): ${text}`)).toEqual([]);
  });

  test('speaks to its reader as usted, never as tú', () => {
    const familiar = /(?:^|[^\p{L}])(?:tú|tu|tus|ti|tuyo|contigo|puedes|debes|quieres|tienes|eres|estás|vas|haz)(?=[^\p{L}]|$)/iu;
    const texts = catalogues.es.flat().filter(([, text]) => familiar.test(text));
    expect(texts).toEqual([]);
  });
});

describe('the measures', () => {
  test.each([
    ['gate', 1],
    ['approval', 3],
    ['decided', 3],
    ['city', 2],
    ['signed', 1],
    ['everything', 4],
  ])('%s has %i syllables', (word, count) => expect(syllablesEn(word)).toBe(count));

  test.each([
    ['ciudad', 2],
    ['país', 2],
    ['requisito', 4],
    ['después', 2],
    ['aprobación', 4],
    ['guerra', 2],
  ])('%s tiene %i sílabas', (word, count) => expect(syllablesEs(word)).toBe(count));

  test('distinguish an easy sentence from a hard one', () => {
    const easy = measure('The city is asked. It can say no.', syllablesEn);
    const hard = measure(
      'Notwithstanding prior authorization, administrative determinations necessitate constitutional deliberation.',
      syllablesEn,
    );
    expect([fleschKincaid(easy) < 3, fleschKincaid(hard) > 20]).toEqual([true, true]);
    expect(inflesz(measure('La ciudad dice que no.', syllablesEs))).toBeGreaterThan(80);
    expect(
      inflesz(measure('Las determinaciones administrativas necesitan autorizaciones constitucionales.', syllablesEs)),
    ).toBeLessThan(20);
  });
});
