import { statfsSync } from 'node:fs';

/** Kept free on the disk of the data folder: below it the gate is not ready, while what officials decide still fits. */
export const DISK_RESERVE_BYTES = 64 * 1024 * 1024;

/** Returns the bytes that an unprivileged process may still write to the disk of a folder. */
export const freeBytes = (folder: string): number => {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
};
