// The demo, played with `--exit`, and by a program that nobody reads.

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { folderOfTest } from '../support/folders.ts';
import { ROOT } from '../support/projectFiles.ts';

test('the demo with --exit ends after the story, and leaves nothing behind', () => {
  const folder = folderOfTest('demo-exit');
  const env = { ...process.env, TMPDIR: folder };
  const ended = spawnSync(process.execPath, ['infra/demo/main.ts', '--exit'], { cwd: ROOT, env, encoding: 'utf8' });
  expect(ended).toMatchObject({ status: 0, stderr: '' });
  expect(ended.stdout).toMatch(/All \d+ steps did what they should\.\nThe public log verifies: \d+ commits, .*\.\n$/);
  expect(readdirSync(folder)).toEqual([]);
});

test('the demo ends and leaves nothing behind when nobody reads any more', async () => {
  const folder = folderOfTest('demo-unread');
  const child = spawn(process.execPath, ['infra/demo/main.ts'], { cwd: ROOT, env: { ...process.env, TMPDIR: folder } });
  const ended = once(child, 'close');
  const complaints = text(child.stderr);
  await once(child.stdout, 'data');
  child.stdout.destroy();
  expect(await ended).toEqual([130, null]);
  expect(await complaints).toBe('');
  expect(readdirSync(folder)).toEqual([]);
});
