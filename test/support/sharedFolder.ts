import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The names of folders that files of a run share and none of them removes: they go with the run's temporary folder. */
export const SHARED = 'aldergate-shared-';

/** Makes a folder for what several files use and that takes long to make. */
export const sharedFolder = (name: string): string => mkdtempSync(join(tmpdir(), `${SHARED}${name}-`));
