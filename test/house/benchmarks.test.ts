import { expect, test } from 'vitest';
import { placesIn, withPart } from '../bench/document.ts';
import { PARTS } from '../bench/parts.ts';
import { textOf } from '../support/projectFiles.ts';

const document = textOf('docs/benchmarks.md');

test('docs/benchmarks.md has a place for each part, and says what each measures', () => {
  expect([...placesIn(document)].sort()).toEqual(Object.keys(PARTS).sort());
  for (const name of Object.keys(PARTS)) expect(document).toContain(`| \`${name}\` |`);
});

test('a part is written to its place, and nothing else changes', () => {
  const [first = '', second = ''] = placesIn(document);
  const written = withPart(document, first, 'a table');
  expect(withPart(written, first, 'a table')).toBe(written);
  expect(written).toContain(`<!-- measured: ${first} -->\n\na table\n\n<!-- end -->`);
  expect(written.slice(written.indexOf(`<!-- measured: ${second}`))).toBe(
    document.slice(document.indexOf(`<!-- measured: ${second}`)),
  );
  expect(() => withPart(document, 'no-part', '')).toThrow('no place');
});
