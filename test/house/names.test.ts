import { expect, test } from 'vitest';
import { sourceFiles, textOf } from '../support/projectFiles.ts';

const EXPORT = /^export (?:declare )?(?:async )?(?:abstract )?(?:const|function|class|interface|type|enum) (\w+)/gm;

/**
 * The judge states every rule a second time and shares none with the deciders (see domain/judge), so it uses the same terms.
 */
const SECOND_STATEMENT = 'domain/judge/';

/** Lambda calls the export `handler` of each file in functions/handlers, so the name is not free. */
const GIVEN = new Set(['handler']);

test('no exported name stands for two things', () => {
  const files = sourceFiles().filter((path) => !path.startsWith('test/') && !path.startsWith(SECOND_STATEMENT));
  const places = new Map<string, Set<string>>();
  for (const path of files)
    for (const [, name = ''] of textOf(path).matchAll(EXPORT)) places.set(name, (places.get(name) ?? new Set()).add(path));
  const twice = [...places].filter(([name, paths]) => paths.size > 1 && !GIVEN.has(name));
  expect(places.size).toBeGreaterThan(1_500);
  expect(twice.map(([name, paths]) => `${name}: ${[...paths].join(', ')}`)).toStrictEqual([]);
});
