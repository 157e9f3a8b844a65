import { expect, test } from 'vitest';
import { placesIn } from '../bench/document.ts';
import { PARTS } from '../bench/parts.ts';
import { textOf } from '../support/projectFiles.ts';

const document = textOf('docs/benchmarks.md');

test('docs/benchmarks.md has a place for each part, and says what each measures', () => {
  expect([...placesIn(document)].sort()).toEqual(Object.keys(PARTS).sort());
  for (const name of Object.keys(PARTS)) expect(document).toContain(`| \`${name}\` |`);
});
