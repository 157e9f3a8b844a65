import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { logSource } from '../../../infra/cli/verify/source.ts';
import { CommandRefused } from '../../../infra/local/errors.ts';

// A folder that somebody else made: `verify` ends on whatever stands in it.

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'aldergate-source-'));
  writeFileSync(join(folder, 'checkpoint'), 'a note');
});
afterEach(() => rmSync(folder, { recursive: true }));

test('a file is read, and a missing one is missing', async () => {
  const { get } = logSource(folder);
  expect(Buffer.from((await get('checkpoint')) ?? []).toString()).toBe('a note');
  expect(await get('tile/0/000')).toBe(undefined);
});

test.each<[string, (path: string) => unknown]>([
  ['a device without an end', (path) => symlinkSync('/dev/zero', path)],
  ['a pipe that nobody writes to', (path) => execFileSync('mkfifo', [path])],
  ['a folder', (path) => mkdirSync(path)],
  [
    'more bytes than a file of a log can have',
    (path) => {
      writeFileSync(path, '');
      truncateSync(path, 3e9);
    },
  ],
])('%s is refused', async (_, make) => {
  make(join(folder, 'tile'));
  await expect(logSource(folder).get('tile')).rejects.toThrow(CommandRefused);
});
