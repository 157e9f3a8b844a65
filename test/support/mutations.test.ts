import { expect, test } from 'vitest';
import { mutableFunctions } from './mutations.ts';

/** What a source becomes by each change of its functions. */
const changed = (source: string): readonly string[] =>
  mutableFunctions('a.ts', source).flatMap(({ mutations }) =>
    mutations.map(({ start, end, text }) => source.slice(0, start) + text + source.slice(end)),
  );

test.each<[string, readonly string[]]>([
  ['const f = (a: number) => a < 3;', ['const f = (a: number) => a <= 3;', 'const f = (a: number) => a < 4;']],
  ['const f = (a: B) => !a.b;', ['const f = (a: B) => a.b;']],
  ['const f = (a: B[]) => a.some(g);', ['const f = (a: B[]) => a.every(g);']],
  ['const f = (a: B[]) => a.filter(g);', ['const f = (a: B[]) => a;']],
  ['function f() { g(); }', ['function f() { ; }']],
  ['const f = (a: B) => (a ? b : c);', ['const f = (a: B) => (false ? b : c);', 'const f = (a: B) => (true ? b : c);']],
  ["const f = (a: string) => a + 'x';", []],
  ['const LIMIT = 3;', []],
  ['type A = 3;', []],
])('%s', (source, becomes) => {
  expect(changed(source)).toEqual(becomes);
});
