import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT, textOf } from '../support/projectFiles.ts';

const NAMED = /\[([^\]]+)\]\(\.\.\/(test\/[^)]+\.test\.ts)\)/g;
const named = [...textOf('docs/security.md').matchAll(NAMED)].map(([, title = '', path = '']) => ({ title, path }));

test('every attacker of the threat model has rows that name a test', () => {
  const parts = textOf('docs/security.md').split('\n## ').slice(1, -1);
  expect(parts.length).toBe(8);
  expect(parts.filter((part) => !/\.test\.ts\) \|$/m.test(part))).toEqual([]);
});

test.each(named)('$path has the test that docs/security.md names: $title', ({ title, path }) => {
  expect(existsSync(join(ROOT, path))).toBe(true);
  const titles = [...textOf(path).matchAll(/(['"`])((?:(?!\1)[^\\\n]|\\.)+)\1,/g)].map(([, , text = '']) =>
    text.replaceAll("\\'", "'"),
  );
  expect(titles).toContain(title);
});
