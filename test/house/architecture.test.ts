import { describe, expect, test } from 'vitest';
import { arrows, floorOf, picture } from '../support/importPicture.ts';
import { projectFiles, textOf } from '../support/projectFiles.ts';

const PAGE = 'docs/architecture.md';
const page = textOf(PAGE);

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
  test('name at least fifteen steps', () => {
    expect(steps.length).toBeGreaterThanOrEqual(15);
  });

  test.each(steps)('$path is there', ({ path }) => {
    expect(projectFiles()).toContain(path);
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
