import { expect, test } from 'vitest';
import { projectFiles, sourceFiles, textOf } from '../support/projectFiles.ts';

const FOLDERS = ['.ci', 'docs', 'domain', 'functions', 'infra', 'test'];
const LINES_MAX = 250;
const LINES_USUAL = 150;

const linesOf = (path: string): number => textOf(path).trimEnd().split('\n').length;

test('the top level shows the concepts and nothing else', () => {
  const folders = projectFiles().flatMap((path) => (path.includes('/') ? path.split('/', 1) : []));
  expect(FOLDERS).toEqual(expect.arrayContaining([...new Set(folders)]));
});

test(`no file is longer than ${LINES_MAX} lines`, () => {
  expect(sourceFiles().filter((path) => linesOf(path) > LINES_MAX)).toEqual([]);
});

test(`four of five files have at most ${LINES_USUAL} lines`, () => {
  const files = sourceFiles();
  const long = files.filter((path) => linesOf(path) > LINES_USUAL);
  expect(files.length).toBeGreaterThan(20);
  expect(long.length, long.join('\n')).toBeLessThanOrEqual(files.length / 5);
});
