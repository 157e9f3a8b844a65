import { expect, test } from 'vitest';
import { sourceFiles, textOf } from '../support/projectFiles.ts';

const EXPORT = /^export (?:declare )?(?:async )?(?:abstract )?(?:const|function|class|interface|type|enum) (\w+)/gm;

/**
 * The judge states every rule of the domain a second time and shares none with the deciders, so it uses the same terms: a name
 * can stand once there and once in the rest of the domain.
 */
const inJudge = (path: string): boolean => path.startsWith('domain/judge/');
const isSecondStatement = (paths: ReadonlySet<string>): boolean =>
  paths.size === 2 && [...paths].every((path) => path.startsWith('domain/')) && [...paths].filter(inJudge).length === 1;

/** Lambda calls the export `handler` of each file in functions/handlers, so the name is not free. */
const GIVEN = new Set(['handler']);

test('no exported name stands for two things', () => {
  const files = sourceFiles().filter((path) => !path.startsWith('test/'));
  const places = new Map<string, Set<string>>();
  for (const path of files)
    for (const [, name = ''] of textOf(path).matchAll(EXPORT)) places.set(name, (places.get(name) ?? new Set()).add(path));
  const twice = [...places].filter(([name, paths]) => paths.size > 1 && !GIVEN.has(name) && !isSecondStatement(paths));
  expect(places.size).toBeGreaterThan(1_500);
  expect(twice.map(([name, paths]) => `${name}: ${[...paths].join(', ')}`)).toStrictEqual([]);
});
