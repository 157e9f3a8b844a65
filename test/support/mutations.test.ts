import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { axeViolations } from './axe.ts';
import { sharedBrowser } from './browser.ts';
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

const CHECK = join(import.meta.dirname, 'check.ts');

let folder = '';
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Runs the checks of a package that has these scripts. */
const check = (scripts: Readonly<Record<string, string>>) => {
  folder = mkdtempSync(join(tmpdir(), 'aldergate-check-'));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ scripts }));
  return spawnSync(process.execPath, [CHECK], { cwd: folder, encoding: 'utf8' });
};

test('a step that fails fails the whole, and is named after the others have run', () => {
  const { status, stdout } = check({
    'check:a': 'echo from a',
    'check:b': 'echo from b >&2; exit 3',
    'check:c': 'true',
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

test('the steps run at the same time: each waits for what the other writes', () => {
  const waitFor = (name: string) => `for i in $(seq 1200); do [ -e ${name} ] && exit 0; sleep 0.1; done; exit 1`;
  const { status } = check({ 'check:a': `touch a; ${waitFor('b')}`, 'check:b': `touch b; ${waitFor('a')}` });
  expect(status).toBe(0);
});

const PAGES: Record<string, string> = {
  '/': '<main><h1>Before</h1><form action="/after"><button>Go on</button></form></main>',
  '/after': '<main><h1>After</h1><p>Done.</p></main>',
  '/faulty': '<main><h1>Faulty</h1><img src="data:image/gif;base64,R0lGODlhAQABAAAAACw="><input type="text"></main>',
};

describe('the browser of the tests', () => {
  let browser: Browser;
  let server: Server;
  let address = '';

  beforeAll(async () => {
    server = createServer((request, response) => {
      const body = PAGES[new URL(request.url ?? '/', 'http://localhost').pathname] ?? '';
      response.setHeader('content-type', 'text/html; charset=utf-8');
      response.setHeader('content-security-policy', "default-src 'none'; img-src data:");
      response.end(`<!doctype html><html lang="en"><title>A page</title>${body}</html>`);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    browser = await sharedBrowser();
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });

  afterAll(() => void server?.close());

  const openPage = async (path: string) => {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(`${address}${path}`);
    return page;
  };

  test('opens a page, draws it and follows a click', async () => {
    const page = await openPage('/');
    const before = await page.screenshot();
    await page.getByRole('button', { name: 'Go on' }).click();
    await page.waitForURL('**/after*');
    expect(await page.getByRole('heading').textContent()).toBe('After');
    expect((await page.screenshot()).equals(before)).toBe(false);
  });

  test('axe accepts a good page and names what is wrong with a bad one', async () => {
    expect(await axeViolations(await openPage('/'))).toEqual([]);
    const found = await axeViolations(await openPage('/faulty'));
    expect(new Set(found.map((line) => line.split(' ', 1)[0]))).toEqual(new Set(['image-alt', 'label']));
    expect(found).toHaveLength(2);
  });
});
