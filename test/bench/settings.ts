import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DEFAULT_NOTICE_LIMITS } from '../../functions/gate/noticeLimits.ts';
import { LEASE_SECONDS } from '../../functions/web/api/ofrep/flag.ts';
import type { Settings } from '../../infra/local/settings.ts';

/** The settings of a data folder as the benchmarks use it: the limits of `npm start`, mails into the outbox. */
export const settingsOf = (data: string): Settings => ({
  data,
  port: 0,
  host: '127.0.0.1',
  url: 'http://127.0.0.1',
  logOrigin: undefined,
  timeZone: 'UTC',
  city: { name: 'City', contact: undefined },
  itMail: undefined,
  noticeLimits: DEFAULT_NOTICE_LIMITS,
  leaseSeconds: LEASE_SECONDS,
  expectCheckpoint: undefined,
  witnesses: { witnesses: [], quorum: 0 },
  smtpUrl: undefined,
  mailFrom: 'gate@city.example',
});

/** Inside the project, not in the folder for temporary files, which is often in memory, where an fsync costs nothing. */
const PARENT = join(import.meta.dirname, '../../node_modules/.cache/aldergate-bench');

const made: string[] = [];

/**
 * Makes a temporary folder on the project's disk. It is removed when the process ends: an ext4 file system without a journal looks at each
 * file that was removed in the minutes before whenever it makes a new one.
 */
export const makeFolder = (): string => {
  mkdirSync(PARENT, { recursive: true });
  const path = mkdtempSync(join(PARENT, 'run-'));
  if (made.length === 0)
    process.on('exit', () => {
      for (const one of made) rmSync(one, { recursive: true, force: true });
    });
  made.push(path);
  return path;
};
