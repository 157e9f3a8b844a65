import { createWriteStream } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';

/** Reports whether a path is something that is written as it is, such as a pipe or `/dev/stdout`. */
const isDevice = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => !found.isFile(),
    () => false,
  );

/**
 * Writes the lines of an archive to a file that only its owner may read. The file has its name only once it is whole and on the disk: an
 * archive that was cut off would be imported as an older backup, in which what was switched off since is on. Until then it is `FILE.part`.
 */
export const writeArchive = async (file: string, lines: AsyncIterable<string>): Promise<void> => {
  if (await isDevice(file)) return pipeline(lines, createWriteStream(file));
  const draft = `${file}.part`;
  await rm(draft, { force: true });
  try {
    await pipeline(lines, createWriteStream(draft, { mode: 0o600, flush: true }));
    await rename(draft, file);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
};
