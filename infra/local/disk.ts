import { closeSync, openSync, rmSync, statfsSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { StoreUnavailable } from '../../functions/platform/store/errors.ts';

const MB = 1_048_576;

/** Kept for officials' decisions on the disk of the data folder: below it the gate is not ready and takes nothing else. */
export const DISK_RESERVE_BYTES = 64 * MB;
/** The part of the reserve that a file occupies, so that no other program can fill it. Some hundred decisions fit. */
export const HELD_BYTES = 16 * MB;
/** With less than this left, the next decision needs the held part. */
const ROOM_BYTES_MIN = 4 * MB;

/** Returns the bytes that an unprivileged process may still write to the disk of a folder. Throws StoreUnavailable if the folder is gone. */
export const freeBytes = (folder: string): number => {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  } catch (error) {
    throw new StoreUnavailable('the data folder cannot be reached', { cause: error });
  }
};

export interface DiskReserve {
  readonly left: () => number;
  readonly isBelow: () => boolean;
  readonly hold: () => void;
  /** Removes that file if the disk is nearly full. Call it before a write that an official's decision needs. */
  readonly makeRoom: () => void;
}

/** Writes a file whose bytes a file system cannot compress to nothing. */
const occupy = (path: string): void => {
  const piece = crypto.getRandomValues(new Uint8Array(65_536));
  const file = openSync(path, 'w', 0o600);
  try {
    for (let written = 0; written < HELD_BYTES; written += piece.length) writeSync(file, piece);
  } finally {
    closeSync(file);
  }
};

/** Returns the reserve of a data folder. `free`: the bytes left on the disk of a folder. */
export const diskReserve = (folder: string, free: (folder: string) => number = freeBytes): DiskReserve => {
  const path = join(folder, 'reserve');
  const held = (): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  const left = (): number => free(folder) + held();
  return {
    left,
    isBelow: () => free(folder) < DISK_RESERVE_BYTES && left() < DISK_RESERVE_BYTES,
    hold: () => {
      if (held() === HELD_BYTES || free(folder) < 2 * HELD_BYTES) return;
      try {
        occupy(path);
      } catch {
        // Another program was faster: without the file the reserve is only what is left free.
        rmSync(path, { force: true });
      }
    },
    makeRoom: () => {
      if (free(folder) < ROOM_BYTES_MIN) rmSync(path, { force: true });
    },
  };
};
