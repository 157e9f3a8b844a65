import { describe, expect, test } from 'vitest';
import { projectFiles, textOf } from '../support/projectFiles.ts';

const ROW = /^\| (?<term>[^|]+) \| (?<meaning>[^|]+) \| \[`(?<name>\w+)`\]\(\.\.\/(?<path>[^)]+)\) \|$/;

const lines = textOf('docs/glossary.md')
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| term '));
const rows = lines.flatMap((line) => {
  const { term = '', name = '', path = '' } = ROW.exec(line)?.groups ?? {};
  return term === '' ? [] : [{ term, name, path }];
});

test('every line of the glossary names one declaration', () => {
  expect(rows.length).toBe(lines.length);
  expect(rows.length).toBeGreaterThan(40);
});

test('each term stands once, in the order of the alphabet', () => {
  const terms = rows.map(({ term }) => term.toLowerCase());
  expect(terms).toStrictEqual([...new Set(terms)].sort());
});

describe.each(rows)('$term', ({ name, path }) => {
  test('is declared where the glossary points', () => {
    expect(projectFiles()).toContain(path);
    expect(textOf(path)).toMatch(new RegExp(`\\b${name}\\b`));
  });
});
