// The story of the demo, played with `--exit`.

import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
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
