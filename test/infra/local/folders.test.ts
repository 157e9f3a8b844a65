import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { makeFolder, placeFile } from '../../../infra/local/folders.ts';
import { openSecrets } from '../../../infra/local/secrets.ts';
import { folderOfTest } from '../../support/folders.ts';

/** Runs work, and returns the folders in which it gave a name and which it did not sync afterwards. */
const unsynced = (work: () => void): readonly string[] => {
  const left = new Map<number, string>();
  const named = (path: unknown) => void left.set(fs.statSync(dirname(String(path))).ino, dirname(String(path)));
  const { mkdirSync, renameSync, linkSync, fsyncSync } = fs;
  onTestFinished(() => {
    vi.restoreAllMocks();
    syncBuiltinESMExports();
  });
  vi.spyOn(fs, 'mkdirSync').mockImplementation((path, options) => {
    mkdirSync(path, options);
    return named(path) ?? '';
  });
  vi.spyOn(fs, 'renameSync').mockImplementation((from, to) => named(renameSync(from, to) ?? to));
  vi.spyOn(fs, 'linkSync').mockImplementation((from, to) => named(linkSync(from, to) ?? to));
  vi.spyOn(fs, 'fsyncSync').mockImplementation((file) => {
    left.delete(fs.fstatSync(file).ino);
    fsyncSync(file);
  });
  syncBuiltinESMExports();
  work();
  return [...left.values()];
};

test.each<[string, (folder: string) => void]>([
  ['a folder', (folder) => makeFolder(join(folder, 'a/b'))],
  ['a file', (folder) => placeFile(join(folder, 'file'), 'text', 0o600)],
  ['the keys of an installation', (folder) => void openSecrets(join(folder, 'keys.json'))],
])('%s that was made is there after a power cut', (_, make) => {
  const folder = folderOfTest('synced');
  expect(unsynced(() => make(folder))).toEqual([]);
});
