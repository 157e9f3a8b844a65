import { closeSync, constants, fstatSync, openSync, readFileSync, type Stats } from 'node:fs';

/** More than any file of a data folder: the judge's state for 100,000 features takes 150 MB. */
const FILE_BYTES_MAX = 256 * 1_048_576;

/** Opens a pipe without waiting for a writer. */
export const WITHOUT_WAIT = constants.O_RDONLY | constants.O_NONBLOCK;

/**
 * Reports whether a file can be read to its end. Others may have replaced it by a pipe or a device, which block or never end, or by a link
 * to a system file that claims to be empty.
 */
export const isPlain = (stats: Stats, bytesMax = FILE_BYTES_MAX): boolean => stats.isFile() && stats.size <= bytesMax;

/** Reads a whole file. Throws if it is not {@link isPlain}. */
export const readPlainFile = (path: string, bytesMax?: number): Buffer => {
  const file = openSync(path, WITHOUT_WAIT);
  try {
    const stats = fstatSync(file);
    if (!isPlain(stats, bytesMax)) throw new Error(`${path} is not a file, or too large`);
    return stats.size === 0 ? Buffer.alloc(0) : readFileSync(file);
  } finally {
    closeSync(file);
  }
};
