import { expect, test } from 'vitest';
import { projectFiles, sourceFiles, textOf } from '../support/projectFiles.ts';

const FOLDERS = ['.ci', 'docs', 'domain', 'functions', 'infra', 'test'];
const LINES_MAX = 600;

const linesOf = (path: string): number => textOf(path).trimEnd().split('\n').length;

test('the top level shows the concepts and nothing else', () => {
  const folders = projectFiles().flatMap((path) => (path.includes('/') ? path.split('/', 1) : []));
  expect(FOLDERS).toEqual(expect.arrayContaining([...new Set(folders)]));
});

test(`no file is longer than ${LINES_MAX} lines`, () => {
  const files = sourceFiles();
  expect(files.length).toBeGreaterThan(20);
  expect(files.filter((path) => linesOf(path) > LINES_MAX)).toEqual([]);
});
