import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { type AtEnd, atEndOfTest } from './shared.ts';

/** Makes a folder that is gone at the end that the caller has. */
export const folderUntil = (name: string, atEnd: AtEnd): string => {
  const folder = mkdtempSync(join(tmpdir(), `aldergate-${name}-`));
  atEnd(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
};

/** Makes a folder that is gone when the tests of the file, or of the `describe` around the call, are over. */
export const folderOfFile = (name: string): string => folderUntil(name, (work) => afterAll(() => void work()));

/** Makes a folder that is gone when the test is over. */
export const folderOfTest = (name: string): string => folderUntil(name, atEndOfTest);
