import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { makeFolder, placeFile } from '../../../infra/local/folders.ts';
import { openSecrets } from '../../../infra/local/secrets.ts';
import { folderOfTest } from '../../support/folders.ts';

test.each<[string, (path: string) => void]>([
  ['folder', makeFolder],
  ['file', (path) => placeFile(path, 'text', 0o600)],
  ['keys.json', (path) => void openSecrets(path)],
])('%s that is made, beside a draft that is left, is there after a power cut: its name was synced', (name, make) => {
  const folder = folderOfTest('synced');
  // As a process of the same id left it in a container.
  fs.writeFileSync(join(folder, `${name}.${process.pid}.new`), '{');
  let synced: readonly string[] = [];
  vi.spyOn(fs, 'fsyncSync').mockImplementation((file) => {
    if (fs.fstatSync(file).ino === fs.statSync(folder).ino) synced = fs.readdirSync(folder);
  });
  syncBuiltinESMExports();
  onTestFinished(() => {
    vi.restoreAllMocks();
    syncBuiltinESMExports();
  });
  make(join(folder, name));
  expect(synced).toContain(name);
});
