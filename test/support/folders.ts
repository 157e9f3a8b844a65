import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, onTestFinished } from 'vitest';

const made = (name: string, atEnd: (work: () => void) => void): string => {
  const folder = mkdtempSync(join(tmpdir(), `aldergate-${name}-`));
  atEnd(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
};

/** Makes a folder that is gone when the tests of the file, or of the `describe` around the call, are over. */
export const folderOfFile = (name: string): string => made(name, (work) => afterAll(work));

/** Makes a folder that is gone when the test is over. */
export const folderOfTest = (name: string): string => made(name, (work) => onTestFinished(work));
