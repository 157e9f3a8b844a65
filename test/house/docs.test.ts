import { globSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, test } from 'vitest';
import { SITE_PAGES } from '../../functions/web/routes/pages.ts';
import { FUNCTIONS } from '../../infra/aws/constructs/functions.ts';
import { PARTS } from '../bench/parts.ts';
import { arrows, floorOf, picture } from '../support/importRules.ts';
import { projectFiles, textOf } from '../support/projectFiles.ts';
import {
  fleschKincaid,
  inflesz,
  type Measure,
  measure,
  syllablesEn,
  syllablesEs,
  textsIn,
  together,
} from '../support/readability.ts';

const files = projectFiles();
const page = textOf('docs/architecture.md');

describe('the picture of the floors', () => {
  test('is drawn from the imports as they are: npm run picture', () => {
    expect(/```mermaid[\s\S]*?```/.exec(page)?.[0]).toBe(picture());
  });

  test('has no arrow upward and none between rooms of one floor', () => {
    expect(arrows().length).toBeGreaterThan(10);
    expect(arrows().filter(({ from, to }) => floorOf(from) >= floorOf(to))).toStrictEqual([]);
  });
});

const steps = (page.split('## Three trails')[1] ?? '')
  .split(/(?=\]\(\.\.\/)/)
  .slice(1)
  .map((part) => {
    const path = /^\]\(\.\.\/([^)]+)\)/.exec(part)?.[1] ?? '';
    return { path, names: [...part.matchAll(/`(\w+)`/g)].map(([, name = '']) => name), part };
  });

describe('the trails', () => {
  test('name at least fifteen steps, and each is there', () => {
    expect(steps.length).toBeGreaterThanOrEqual(15);
    expect(files).toEqual(expect.arrayContaining(steps.map(({ path }) => path)));
  });

  test('each function stands in a file that its trail links to just before or after it', () => {
    const unknown = steps.flatMap(({ names }, index) =>
      names.filter((name) => {
        const near = [steps[index], steps[index + 1]].flatMap((step) => step?.path ?? []);
        return !near.some((path) => new RegExp(`\\b${name}\\b`).test(textOf(path)));
      }),
    );
    expect(unknown).toStrictEqual([]);
    expect(steps.flatMap(({ names }) => names).length).toBeGreaterThan(20);
  });
});

const FOLDER = 'docs/decisions/';
const pages = files
  .filter((path) => path.startsWith(FOLDER) && basename(path) !== 'README.md')
  .map((path) => basename(path))
  .sort();
/** All that is left of a decision that another one replaced. */
const SUPERSEDED = /^# .+\n\nSuperseded by \[\d{4}\]\(\d{4}-[a-z0-9-]+\.md\)\.\n$/;
const titleOf = (page: string) => textOf(`${FOLDER}${page}`).split('\n', 1)[0]?.replace(/^# /, '') ?? '';

test('decisions are numbered without a gap, each by the number of its file', () => {
  const numbers = pages.map((_, index) => String(index + 1).padStart(4, '0'));
  expect(pages.length).toBeGreaterThan(0);
  expect(pages.map((page) => page.slice(0, 5))).toStrictEqual(numbers.map((number) => `${number}-`));
  expect(pages.map((page) => titleOf(page).slice(0, 6))).toStrictEqual(numbers.map((number) => `${number}: `));
});

test('the index names every decision by its own title', () => {
  const listed = textOf(`${FOLDER}README.md`)
    .split('\n')
    .filter((line) => line.startsWith('- '));
  expect(listed).toStrictEqual(pages.map((page) => `- [${titleOf(page)}](${page})`));
});

test.each(pages)('%s states context, decision, alternatives and cost on one page, or only what took its place', (page) => {
  const text = textOf(`${FOLDER}${page}`);
  if (SUPERSEDED.test(text)) return;
  const sections = text.split('\n').filter((line) => line.startsWith('## '));
  expect(sections).toStrictEqual(['## Context', '## Decision', '## Alternatives considered', '## What it costs']);
  expect(text.split('\n').length).toBeLessThan(60);
});

test('every link to a decision leads to one', () => {
  const linked = files
    .filter((path) => path.endsWith('.md'))
    .flatMap((path) => textOf(path).match(/\b\d{4}-[a-z0-9-]+\.md/g) ?? []);
  expect(linked.length).toBeGreaterThan(pages.length);
  expect(linked.filter((name) => !pages.includes(name))).toStrictEqual([]);
});

const ROW = /^\| (?<term>[^|]+) \| (?<meaning>[^|]+) \| \[`(?<name>\w+)`\]\(\.\.\/(?<path>[^)]+)\) \|$/;

const lines = textOf('docs/glossary.md')
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| term '));
const rows = lines.flatMap((line) => {
  const { term = '', name = '', path = '' } = ROW.exec(line)?.groups ?? {};
  return term === '' ? [] : [{ term, name, path }];
});

test('every line of the glossary names one declaration, and each term stands once, in the order of the alphabet', () => {
  expect(rows.length).toBe(lines.length);
  expect(rows.length).toBeGreaterThan(40);
  const terms = rows.map(({ term }) => term.toLowerCase());
  expect(terms).toStrictEqual([...new Set(terms)].sort());
});

test('each term is declared where the glossary points', () => {
  const isDeclared = ({ name, path }: (typeof rows)[number]) =>
    files.includes(path) && new RegExp(`\\b${name}\\b`).test(textOf(path));
  expect(rows.filter((row) => !isDeclared(row))).toEqual([]);
});

const NAMED = /\[([^\]]+)\]\(\.\.\/(test\/[^)]+\.ts)\)/g;
const named = [...textOf('docs/security.md').matchAll(NAMED)].map(([, title = '', path = '']) => ({ title, path }));

test('every attacker of the threat model has rows that name a test', () => {
  const parts = textOf('docs/security.md').split('\n## ').slice(1, -1);
  expect(parts.length).toBe(8);
  expect(parts.filter((part) => !/\.test\.ts\) \|$/m.test(part))).toEqual([]);
});

test('each test that docs/security.md names is there once', () => {
  const titlesOf = (path: string) =>
    [...textOf(path).matchAll(/(['"`])((?:(?!\1)[^\\\n]|\\.)+)\1[,:]/g)].map(([, , text = '']) => text.replaceAll("\\'", "'"));
  const titles = new Map([...new Set(named.map(({ path }) => path))].map((path) => [path, new Set(titlesOf(path))]));
  const isThere = ({ title, path }: (typeof named)[number]) => {
    const isNamed = (each: string) => (title.endsWith('…') ? each.startsWith(title.slice(0, -1)) : each === title);
    return [...(titles.get(path) ?? [])].filter(isNamed).length === 1;
  };
  expect(named.filter((each) => !isThere(each))).toEqual([]);
});

test('the table of records names each kind that a function may read or write, and no other', () => {
  const [, part = ''] = textOf('docs/security.md').split('### Records beside the commits');
  const cells = [...(part.split('\n## ')[0] ?? '').matchAll(/^\| (`[a-z-]+`(?:, `[a-z-]+`)*) \|/gm)].map(
    ([, kinds = '']) => kinds,
  );
  const listed = cells.flatMap((kinds) => kinds.replaceAll('`', '').split(', ')).sort();
  const accessed = Object.values(FUNCTIONS).flatMap(({ access }) =>
    access === null ? [] : [...access.reads, ...access.writes, ...(access.register.length > 0 ? ['register'] : [])],
  );
  expect(listed).toEqual([...new Set(['health', ...accessed])].sort());
});

const document = textOf('docs/benchmarks.md');

test('docs/api.md names every address behind the link of an official', () => {
  const [, after = ''] = textOf('docs/api.md').split('## Links of officials');
  const [section = ''] = after.split('\n## ');
  const paths = Object.keys(SITE_PAGES).flatMap((path) =>
    path.startsWith('/d/{token}/') ? [path.slice('/d/{token}'.length)] : [],
  );
  expect(paths.length).toBeGreaterThan(10);
  expect(paths.filter((path) => !section.includes(`\`${path}\``))).toEqual([]);
});

test('docs/benchmarks.md has a place for each part, and says what each measures', () => {
  const places = [...document.matchAll(/^<!-- measured: (\S+) -->$/gm)].map(([, name = '']) => name);
  expect(places.sort()).toEqual(Object.keys(PARTS).sort());
  for (const name of Object.keys(PARTS)) expect(document).toContain(`| \`${name}\` |`);
});

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
  /** How hard the texts are together, and those among them that are not argued for and harder than `max`. */
  const read = (texts: ReturnType<typeof measured>, grade: (measure: Measure) => number, max: number) => ({
    whole: grade(together(texts.map(({ found }) => found))),
    hard: texts.flatMap(({ path, text, found }) =>
      grade(found) > max && ARGUED[path] === undefined ? [`${path} (${grade(found).toFixed(1)}): ${text}`] : [],
    ),
  });

  test('in English is at grade 4 or below on the whole, and no text of it above grade 8.5', () => {
    const all = measured('en', WORDS_MIN);
    expect(all.length).toBeGreaterThan(400);
    const { whole, hard } = read(all, fleschKincaid, 8.5);
    expect(whole).toBeLessThanOrEqual(4);
    expect(hard).toEqual([]);
  });

  test('in Spanish is rather easy on the whole, and no longer text of it hard', () => {
    const hardness = (found: Measure) => -inflesz(found);
    const all = measured('es', WORDS_MIN);
    expect(all.length).toBeGreaterThan(400);
    expect(read(all, hardness, 0).whole).toBeLessThanOrEqual(-70);
    expect(read(measured('es', 10), hardness, -42).hard).toEqual([]);
  });

  test('speaks to its reader as usted, never as tú', () => {
    const familiar = /(?:^|[^\p{L}])(?:tú|tu|tus|ti|tuyo|contigo|puedes|debes|quieres|tienes|eres|estás|vas|haz)(?=[^\p{L}]|$)/iu;
    const texts = catalogues.es.flat().filter(([, text]) => familiar.test(text));
    expect(texts).toEqual([]);
  });
});

test('the measures count syllables', () => {
  expect('gate signed city approval decided everything'.split(' ').map(syllablesEn)).toEqual([1, 1, 2, 3, 3, 4]);
  expect('ciudad país después guerra requisito aprobación'.split(' ').map(syllablesEs)).toEqual([2, 2, 2, 2, 4, 4]);
});

test('the measures distinguish an easy sentence from a hard one', () => {
  const [easy, hard] = ['The city is asked. It can say no.', 'Administrative determinations necessitate deliberation.'];
  expect([easy, hard].map((text) => fleschKincaid(measure(text, syllablesEn)) < 3)).toEqual([true, false]);
  const [facil, dura] = ['La ciudad dice que no.', 'Las determinaciones administrativas necesitan autorizaciones.'];
  expect([facil, dura].map((text) => inflesz(measure(text, syllablesEs)) > 80)).toEqual([true, false]);
});
