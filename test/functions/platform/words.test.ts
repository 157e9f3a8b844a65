import { globSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { FEATURE_REJECTIONS } from '../../../domain/feature/commands.ts';
import { bodyNames, fillCount, fillText } from '../../../functions/platform/catalogue.ts';
import { LANGUAGES } from '../../../functions/platform/words/tags.ts';
import { fill } from '../../../functions/web/site/html.ts';
import { CATALOGUES } from '../../../functions/web/site/locale.ts';
import { sourceFiles, textOf } from '../../support/projectFiles.ts';
import { textsIn } from '../../support/readability.ts';

const FOLDER = 'functions/platform/words';
const FILES = readdirSync(`${FOLDER}/en`);
const AREAS = FILES.filter((file) => file.endsWith('.json'));

const textsOf = (language: string, area: string): ReadonlyMap<string, string> =>
  new Map(textsIn(JSON.parse(readFileSync(`${FOLDER}/${language}/${area}`, 'utf8'))));

const FORM = /_(zero|one|two|few|many|other)$/;
const NUMBERS = Array.from({ length: 1_000 }, (_, n) => n);
/** The plural forms (CLDR) that a language needs for numbers that pages and mails have: no count reaches a million. */
const formsOf = (language: string) => {
  const rules = new Intl.PluralRules(language);
  return [...new Set(NUMBERS.map((n) => rules.select(n)))];
};

/** The paths that a language must have: those of the English texts, with the plural forms of that language. */
const expectedPaths = (language: string, area: string) => {
  const forms = formsOf(language);
  const bases = [...textsOf('en', area).keys()].map((path) => [path.replace(FORM, ''), FORM.test(path)] as const);
  return [...new Set(bases.flatMap(([base, counted]) => (counted ? forms.map((form) => `${base}_${form}`) : [base])))];
};

/** The slots of a text; a body's name may stand with or without "of", at the start of a sentence or within. */
const slotsOf = (text: string) =>
  [
    ...new Set([...text.matchAll(/\{\{([a-zA-Z]+)\}\}/g)].map(([, name = '']) => name.replace(/^(?:of)?[bB]ody$/, 'body'))),
  ].sort();

test('every language has a folder with the same areas, and no folder is unknown', () => {
  const folders = readdirSync(FOLDER, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  expect(folders.map(({ name }) => name).sort()).toEqual([...LANGUAGES].sort());
  for (const language of LANGUAGES) expect(readdirSync(`${FOLDER}/${language}`)).toEqual(FILES);
});

describe.each(LANGUAGES.flatMap((language) => AREAS.map((area) => [language, area] as const)))('%s/%s', (language, area) => {
  const texts = textsOf(language, area);
  const english = textsOf('en', area);

  test('has every text and no other, with the plural forms of its language', () => {
    expect([...texts.keys()].sort()).toEqual([...expectedPaths(language, area)].sort());
  });

  test('names the slots that the English text has', () => {
    for (const [path, text] of texts) {
      const original = english.get(path) ?? english.get(path.replace(FORM, '_other')) ?? '';
      // A form for one may say "one" or "a" in place of the number.
      const ofNumber = FORM.test(path) ? ['count'] : [];
      const [found, wanted] = [text, original].map((each) => slotsOf(each).filter((slot) => !ofNumber.includes(slot)));
      expect({ path, slots: found }).toEqual({ path, slots: wanted });
    }
  });

  test('has text in every place, and braces around slots only', () => {
    for (const [path, text] of texts) {
      expect(text, path).toMatch(/\S/);
      // `$t(` and `{{- ` mean more to i18next than a slot.
      expect(text.replaceAll(/\{\{[a-zA-Z]+\}\}/g, ''), path).not.toMatch(/[{}]|\$t\(/);
    }
  });
});

test.each(LANGUAGES.filter((language) => language !== 'en'))('no mail in %s was left in English', (language) => {
  const english = textsOf('en', 'mail.json');
  const same = [...textsOf(language, 'mail.json')].filter(
    // A text of slots alone says the same in every language.
    ([path, text]) => english.get(path) === text && /\p{L}/u.test(text.replaceAll(/\{\{\w+\}\}/g, '')),
  );
  expect(same).toEqual([]);
});

/** Groups whose keys come from data: kinds of documents that a policy names. */
const KEYS_OF_DATA = /(?:^|\.)documentKinds\./;

test('every text is named in the code', () => {
  const code = globSync(['domain/**/*.ts', 'functions/**/*.ts']).map((file) => readFileSync(file, 'utf8'));
  const names = new Set(code.join('\n').match(/[a-zA-Z][\w-]*/g));
  const unused = AREAS.flatMap((area) => [...textsOf('en', area).keys()])
    .filter((path) => !KEYS_OF_DATA.test(path))
    // A code at one field is named by both.
    .filter((path) => !(path.replace(FORM, '').split('.').at(-1) ?? '').split('/').every((name) => names.has(name)));
  expect(unused).toEqual([]);
});

test.each([
  ['en-US', 'Mayor', 'the mayor', 'of the mayor', 'The mayor'],
  ['en-US', 'City Council', 'the City Council', 'of the City Council', 'The City Council'],
  ['en-US', 'The Board', 'the Board', 'of the Board', 'The Board'],
  ['en-US', 'PAB', 'the PAB', 'of the PAB', 'The PAB'],
  ['es-US', 'Alcalde', 'el alcalde', 'del alcalde', 'El alcalde'],
  ['es-US', 'Comisión de Privacidad', 'la Comisión de Privacidad', 'de la Comisión de Privacidad', 'La Comisión de Privacidad'],
  ['es-US', 'La Junta', 'la Junta', 'de la Junta', 'La Junta'],
  ['de-DE', 'Stadtrat', 'Stadtrat', 'Stadtrat', 'Stadtrat'],
])('in %s %s has its article, in a third language none', (locale, name, body, ofBody, Body) => {
  expect(bodyNames(locale, name)).toEqual({ body, ofBody, Body });
});

test('a page has words for every reason to refuse a command of a feature that officials give', () => {
  const { code } = CATALOGUES.en.problem;
  const unsaid = FEATURE_REJECTIONS.filter((reason) => !Object.hasOwn(code, reason));
  expect(unsaid).toEqual(['document-refused', 'adds-only']);
});

test('a value is inserted as it is, whatever it looks like', () => {
  const text = '“{{title}}” ({{change}})';
  expect(fillText(text, { title: '{{change}} $& $1', change: 'a/1' })).toBe('“{{change}} $& $1” (a/1)');
  expect(() => fillText('{{title}}', {})).toThrow('no {{title}}');
});

test('on a page a text is escaped, and so is a value that is no markup', () => {
  const filled = fill('<{{a}}> & {{b}}', { a: '<script>', b: fill('<{{n}}>', { n: 1 }) });
  expect(`${filled as string}`).toBe('&lt;&lt;script&gt;&gt; &amp; &lt;1&gt;');
});

const DAYS = { days_one: '{{count}} día', days_many: '{{count}} de días', days_other: '{{count}} días' };
test.each([
  ['en', 0, '0 días'],
  ['en', 1, '1 día'],
  ['en', 1_000_000, '1,000,000 días'],
  ['es', 1, '1 día'],
  ['es', 2, '2 días'],
  ['es', 1_000_000, '1.000.000 de días'],
  // Arabic has a form for two, which this text lacks.
  ['ar', 2, '2 días'],
])('in %s the form for %i is "%s"', (locale, n, text) => {
  expect(fillCount(locale, DAYS, 'days', n)).toBe(text);
});

test('nothing that answers requests or writes mails makes a formatter of its own', () => {
  const making = /new Intl\.(?:DateTimeFormat|NumberFormat|ListFormat|PluralRules)\(/;
  const found = sourceFiles().filter((file) => file.startsWith('functions/') && making.test(textOf(file)));
  expect(found).toEqual(['functions/platform/catalogue.ts']);
});
