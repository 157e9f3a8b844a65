import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { axeViolations } from './axe.ts';
import { sharedBrowser } from './browser.ts';
import { folderOfTest } from './folders.ts';
import { answering } from './listening.ts';
import { mutableFunctions } from './mutations.ts';

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

const CHECK = join(import.meta.dirname, 'check.ts');

const check = (scripts: Readonly<Record<string, string>>) => {
  const folder = folderOfTest('check');
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ scripts }));
  return spawnSync(process.execPath, [CHECK], { cwd: folder, encoding: 'utf8' });
};

test('the steps run at the same time; one that fails fails the whole, and is named after the others have run', () => {
  const waitFor = (name: string) => `for i in $(seq 1200); do [ -e ${name} ] && exit 0; sleep 0.1; done; exit 1`;
  const { status, stdout } = check({
    'check:a': `touch a; echo from a; ${waitFor('c')}`,
    'check:b': 'echo from b >&2; exit 3',
    'check:c': `touch c; ${waitFor('a')}`,
    other: 'exit 1',
  });
  expect(status).toBe(1);
  expect(stdout).toMatch(/^ok a, .*\n {2}from a$/m);
  expect(stdout).toMatch(/^FAILED b, .*\n {2}from b$/m);
  expect(stdout).toMatch(/^ok c, /m);
  expect(stdout.trimEnd().split('\n').at(-1)).toBe('failed: b');
});

test('the whole passes when every step does', () => {
  const { status, stdout } = check({ 'check:a': 'true', 'check:b': 'true' });
  expect([status, stdout.trimEnd().split('\n').at(-1)]).toStrictEqual([0, '2 checks passed']);
});

const PAGES: Record<string, string> = {
  '/': '<main><h1>Before</h1><form action="/after"><button>Go on</button></form></main>',
  '/faulty': '<main><h1>Faulty</h1><img src="data:image/gif;base64,R0lGODlhAQABAAAAACw="><input type="text"></main>',
};

test('axe accepts a good page and names what is wrong with a bad one', async () => {
  const address = await answering((request, response) => {
    response.setHeader('content-type', 'text/html; charset=utf-8');
    response.setHeader('content-security-policy', "default-src 'none'; img-src data:");
    response.end(`<!doctype html><html lang="en"><title>A page</title>${PAGES[request.url ?? '/'] ?? ''}</html>`);
  });
  const context = await (await sharedBrowser()).newContext();
  const violations = async (path: string) => {
    const page = await context.newPage();
    await page.goto(`${address}${path}`);
    return axeViolations(page);
  };
  expect(await violations('/')).toEqual([]);
  const found = await violations('/faulty');
  expect(new Set(found.map((line) => line.split(' ', 1)[0]))).toEqual(new Set(['image-alt', 'label']));
  expect(found).toHaveLength(2);
  await context.close();
});
