import { basename } from 'node:path';
import { describe, expect, test } from 'vitest';
import { projectFiles, textOf } from '../support/projectFiles.ts';

const FOLDER = 'docs/decisions/';
const pages = projectFiles()
  .filter((path) => path.startsWith(FOLDER) && basename(path) !== 'README.md')
  .map((path) => basename(path))
  .sort();
/** All that is left of a decision that another one replaced. */
const SUPERSEDED = /^# .+\n\nSuperseded by \[\d{4}\]\(\d{4}-[a-z0-9-]+\.md\)\.\n$/;
const titleOf = (page: string): string => textOf(`${FOLDER}${page}`).split('\n', 1)[0]?.replace(/^# /, '') ?? '';

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

describe.each(pages)('%s', (page) => {
  test('states context, decision, alternatives and cost on one page, or only what took its place', () => {
    const text = textOf(`${FOLDER}${page}`);
    if (SUPERSEDED.test(text)) return;
    const sections = text.split('\n').filter((line) => line.startsWith('## '));
    expect(sections).toStrictEqual(['## Context', '## Decision', '## Alternatives considered', '## What it costs']);
    expect(text.split('\n').length).toBeLessThan(60);
  });
});

test('every link to a decision leads to one', () => {
  const linked = projectFiles()
    .filter((path) => path.endsWith('.md'))
    .flatMap((path) => textOf(path).match(/\b\d{4}-[a-z0-9-]+\.md/g) ?? []);
  expect(linked.length).toBeGreaterThan(pages.length);
  expect(linked.filter((name) => !pages.includes(name))).toStrictEqual([]);
});
