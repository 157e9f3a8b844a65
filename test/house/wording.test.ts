import { dirname, join, normalize } from 'node:path';
import { describe, expect, test } from 'vitest';
import { projectFiles, textOf } from '../support/projectFiles.ts';

const WRITTEN = /\.(?:ts|js|json|md|sh|css|html|ya?ml|toml)$|^\.ci\/run$|^LICENSE$/;
const UNFINISHED = new RegExp(`\\b(?:${['TO', 'DO|FIX', 'ME|X', 'XX|HA', 'CK'].join('')})\\b`);
const FOCUSED = /\b(?:test|it|describe|bench)(?:\.\w+)*\.(?:only|skip|todo|fails)\b/;
const LINK = /\[[^\]]*\]\((?<target>[^)\s#]+)(?:#[^)\s]*)?\)/g;

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

  test('text files end with one newline and have no other line ends', () => {
    expect(written.filter((path) => !textOf(path).endsWith('\n') || textOf(path).includes('\r'))).toEqual([]);
  });
});

describe('links in the documents', () => {
  const files = new Set(projectFiles());
  const isThere = (target: string): boolean =>
    files.has(target) || [...files].some((path) => path.startsWith(`${target.replace(/\/$/, '')}/`));

  test.each(written.filter((path) => path.endsWith('.md')))('%s leads somewhere', (path) => {
    const targets = [...textOf(path).matchAll(LINK)].map(({ groups }) => groups?.target ?? '');
    const local = targets
      .filter((target) => !/^(?:https?|mailto):/.test(target))
      .map((target) => normalize(join(dirname(path), target)));
    expect(local.filter((target) => !isThere(target))).toEqual([]);
  });
});

test.each([
  ['test', '.only('],
  ['describe', '.skip('],
  ['it', '.concurrent.only('],
  ['test', '.todo('],
])('the judge finds %s%s', (name, call) => expect(FOCUSED.test(`${name}${call}'x')`)).toBe(true));
