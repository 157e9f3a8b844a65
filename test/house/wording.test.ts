import { dirname, join, normalize } from 'node:path';
import { describe, expect, test } from 'vitest';
import { projectFiles, textOf } from '../support/projectFiles.ts';

const WRITTEN = /\.(?:ts|js|json|md|sh|css|html|ya?ml|toml)$|^\.ci\/run$|^LICENSE$/;
const UNFINISHED = new RegExp(`\\b(?:${['TO', 'DO|FIX', 'ME|X', 'XX|HA', 'CK'].join('')})\\b`);
const FOCUSED = /\b(?:test|it|describe|bench)(?:\.\w+)*\.(?:only|skip|todo|fails)\b/;
const MANNERED = /\b(?:[Ww]hoever|[Nn]obody|[Bb]efell|[Tt]old|[Tt]ells)\b/;
/** A docstring begins with a verb or with the noun that it names. */
const FRAGMENT = /\/\*\* (?:Of|By(?! default)|That|Whom|To whom|Behind|Beside|But)\b/;
const LINK = /\[[^\]]*\]\((?<target>[^)\s#]*)(?:#(?<anchor>[^)\s]+))?\)/g;
const HEADING = /^#+ (?<title>.+)$/gm;
const NAMED_SECTION = /“(?<title>[^”]+)” in (?<document>docs\/[\w-]+\.md)/g;

const written = projectFiles().filter((path) => WRITTEN.test(path) && path !== 'package-lock.json');
const linesWith = (pattern: RegExp, paths: readonly string[]): readonly string[] =>
  paths.flatMap((path) =>
    textOf(path)
      .split('\n')
      .flatMap((line, index) => (pattern.test(line) ? [`${path}:${index + 1}: ${line.trim()}`] : [])),
  );

describe('what is written is finished', () => {
  test('there is something to read', () => expect(written.length).toBeGreaterThan(30));

  test('no note to oneself is left', () => expect(linesWith(UNFINISHED, written)).toEqual([]));

  test('no test is left out or singled out', () => {
    const tests = written.filter((path) => path.startsWith('test/') && path.endsWith('.ts'));
    expect(linesWith(FOCUSED, tests)).toEqual([]);
  });

  test('no word of a story stands for a result, a caller or a cause', () => {
    const plain = written.filter((path) => !/^test\/|^infra\/demo\/fixtures\//.test(path));
    expect(linesWith(MANNERED, plain)).toEqual([]);
  });

  test('no docstring begins in the middle of a sentence', () => {
    expect(linesWith(FRAGMENT, written)).toEqual([]);
  });

  test('text files end with one newline and have no other line ends', () => {
    expect(written.filter((path) => !textOf(path).endsWith('\n') || textOf(path).includes('\r'))).toEqual([]);
  });
});

const titlesOf = (text: string): readonly string[] => [...text.matchAll(HEADING)].map(({ groups }) => groups?.title ?? '');

const anchorsOf = (path: string): readonly string[] =>
  titlesOf(textOf(path)).map((title) =>
    title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );

describe('links in the documents', () => {
  const files = new Set(projectFiles());
  const isThere = (target: string) =>
    files.has(target) || [...files].some((path) => path.startsWith(`${target.replace(/\/$/, '')}/`));

  test.each(written.filter((path) => path.endsWith('.md')))('%s leads somewhere', (path) => {
    const local = [...textOf(path).matchAll(LINK)]
      .map(({ groups }) => ({ target: groups?.target ?? '', anchor: groups?.anchor }))
      .filter(({ target }) => !/^(?:https?|mailto):/.test(target))
      .map(({ target, anchor }) => ({ target: target === '' ? path : normalize(join(dirname(path), target)), anchor }));
    expect(local.filter(({ target }) => !isThere(target))).toEqual([]);
    expect(local.filter(({ target, anchor }) => anchor !== undefined && !anchorsOf(target).includes(anchor))).toEqual([]);
  });

  test('the sections that messages name are there', () => {
    const named = written
      .filter((path) => path.endsWith('.ts') && !path.startsWith('test/'))
      .flatMap((path) => [...textOf(path).matchAll(NAMED_SECTION)])
      .map(({ groups }) => ({ title: groups?.title ?? '', document: groups?.document ?? '' }));
    expect(named.length).toBeGreaterThan(0);
    const isNamed = (text: string, title: string) => titlesOf(text).includes(title) || text.includes(`**${title}**`);
    expect(named.filter(({ title, document }) => !isNamed(textOf(document), title))).toEqual([]);
  });
});

test('a test that is left out or singled out is found', () => {
  const calls = ['test only', 'describe skip', 'it concurrent.only', 'test todo'].map((call) => call.replace(' ', '.'));
  expect(calls.filter((call) => !FOCUSED.test(`${call}('x')`))).toEqual([]);
});
