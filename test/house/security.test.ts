import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { FUNCTIONS } from '../../infra/aws/constructs/functions.ts';
import { ROOT, textOf } from '../support/projectFiles.ts';

const NAMED = /\[([^\]]+)\]\(\.\.\/(test\/[^)]+\.ts)\)/g;
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
  const isNamed = (each: string): boolean => (title.endsWith('…') ? each.startsWith(title.slice(0, -1)) : each === title);
  expect(new Set(titles.filter(isNamed)).size).toBe(1);
});

test('the table of records names each kind that a function may read or write, and no other', () => {
  const [, part = ''] = textOf('docs/security.md').split('### Records beside the commits');
  const cells = [...(part.split('\n## ')[0] ?? '').matchAll(/^\| (`[a-z-]+`(?:, `[a-z-]+`)*) \|/gm)].map(
    ([, kinds = '']) => kinds,
  );
  const listed = cells.flatMap((kinds) => kinds.replaceAll('`', '').split(', ')).sort();
  const accessed = Object.values(FUNCTIONS).flatMap(({ access }) =>
    access === null ? [] : [...access.reads, ...access.writes, ...(access.register.length > 0 ? ['register'] : [])],
  );
  expect(listed).toEqual([...new Set(['health', ...accessed])].sort());
});
