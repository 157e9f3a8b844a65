import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { makeFolder, writeFileAtomically } from '../../../infra/local/folders.ts';
import { openSecrets } from '../../../infra/local/secrets.ts';
import { readSettings, recordRunningServer, withServerSettings } from '../../../infra/local/settings.ts';
import { folderOfTest } from '../../support/folders.ts';

/** Has the mocks of this test in force, until its end. */
const mocked = () => {
  syncBuiltinESMExports();
  onTestFinished(() => {
    vi.restoreAllMocks();
    syncBuiltinESMExports();
  });
};

test.each<[string, (path: string) => void]>([
  ['folder', makeFolder],
  ['file', (path) => writeFileAtomically(path, 'text', 0o600)],
  ['keys.json', (path) => void openSecrets(path)],
])('%s that is made, beside a draft that is left, is there after a power cut: its name was synced', (name, make) => {
  const folder = folderOfTest('synced');
  // As a process of the same id left it in a container.
  fs.writeFileSync(join(folder, `${name}.${process.pid}.new`), '{');
  let synced: readonly string[] = [];
  vi.spyOn(fs, 'fsyncSync').mockImplementation((file) => {
    if (fs.fstatSync(file).ino === fs.statSync(folder).ino) synced = fs.readdirSync(folder);
  });
  mocked();
  make(join(folder, name));
  expect(synced).toContain(name);
});

test('where names may be made and not read, a folder and a file are made', () => {
  const folder = folderOfTest('unread');
  const { openSync } = fs;
  vi.spyOn(fs, 'openSync').mockImplementation((path, ...rest) => {
    if (path === folder) throw Object.assign(new Error('denied'), { code: 'EACCES' });
    return openSync(path, ...rest);
  });
  mocked();
  makeFolder(join(folder, 'folder'));
  writeFileAtomically(join(folder, 'file'), 'text', 0o600);
  expect(fs.readdirSync(folder)).toEqual(['file', 'folder']);
});

test('a server that starts on a full disk leaves commands no settings of the one before', () => {
  const [data, secrets] = [folderOfTest('full'), { commitKeys: [new Uint8Array(32)] } as const];
  const settings = readSettings({ ALDERGATE_DATA: data });
  recordRunningServer({ ...settings, url: 'https://gate.city.gov' }, secrets);
  vi.spyOn(fs, 'writeFileSync').mockImplementation(() => {
    throw Object.assign(new Error('full'), { code: 'ENOSPC' });
  });
  mocked();
  recordRunningServer(settings, secrets);
  expect(withServerSettings(settings, secrets)).toBe(settings);
});
