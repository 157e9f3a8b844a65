import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';

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
