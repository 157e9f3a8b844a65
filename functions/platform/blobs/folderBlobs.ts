import { randomBytes } from 'node:crypto';
import { constants, type FileHandle, link, lstat, mkdir, open, rename, rm, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isPlain, WITHOUT_WAIT } from '../files.ts';
import { codeOf } from '../logging.ts';
import { JoinedRuns } from '../turns.ts';
import { assertBlobPath, type Blobs, notReached, type OpenBlob, same } from './port.ts';

/** ENXIO: the path is a socket; ELOOP: a symbolic link. */
const isAbsence = (error: unknown): boolean => ['ENOENT', 'ENOTDIR', 'ENXIO', 'ELOOP'].includes(String(codeOf(error)));

/** A symbolic link is not a blob: a link to a file outside the folder, such as the keys, would make that public. */
const openToRead = (path: string): Promise<FileHandle> => open(path, WITHOUT_WAIT | constants.O_NOFOLLOW);

const PIECE_BYTES = 65_536;

/** Opens the file at the first read, so that a request for the headers alone leaves nothing to close. */
const streamOf = (path: string): ReadableStream<Uint8Array> => {
  let file: FileHandle | undefined;
  return new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        file ??= await openToRead(path);
        const { bytesRead, buffer } = await file.read(new Uint8Array(PIECE_BYTES), 0, PIECE_BYTES);
        if (bytesRead > 0) return controller.enqueue(buffer.subarray(0, bytesRead));
        await file.close();
        controller.close();
      },
      cancel: async () => file?.close(),
    },
    { highWaterMark: 0 },
  );
};

const openFile = async (path: string): Promise<OpenBlob | undefined> => {
  try {
    const found = await lstat(path);
    return isPlain(found) ? { bytes: found.size, stream: streamOf(path) } : undefined;
  } catch (error) {
    if (isAbsence(error)) return undefined;
    throw notReached(path, error);
  }
};

const read = async (path: string): Promise<Uint8Array | undefined> => {
  let file: FileHandle | undefined;
  try {
    file = await openToRead(path);
    const stats = await file.stat();
    if (!isPlain(stats)) return undefined;
    const { buffer, byteOffset, length } = stats.size === 0 ? new Uint8Array() : await file.readFile();
    return new Uint8Array(buffer, byteOffset, length);
  } catch (error) {
    if (isAbsence(error)) return undefined;
    throw notReached(path, error);
  } finally {
    await file?.close();
  }
};

const synced = async (file: FileHandle, work?: () => Promise<void>): Promise<void> => {
  try {
    await work?.();
    await file.sync();
  } finally {
    await file.close();
  }
};

const syncs = new JoinedRuns<void>();

/** Syncs a folder. Waiting calls share one sync. */
const syncFolder = (folder: string): Promise<void> =>
  syncs.run(folder, async () => synced(await open(folder, constants.O_RDONLY)));

/** Syncs folders upward to the parent of `first`, since a name survives a power cut only once its folder is synced. */
const syncFolders = async (from: string, first: string | undefined): Promise<void> => {
  const top = first === undefined ? from : dirname(first);
  for (let folder = from; ; folder = dirname(folder)) {
    await syncFolder(folder);
    if (folder === top || folder === dirname(folder)) return;
  }
};

/** Creates a file and its folders. `made`: the first folder that was missing. */
const newFile = async (path: string): Promise<{ readonly file: FileHandle; readonly made: string | undefined }> => {
  try {
    return { file: await open(path, 'wx', 0o644), made: undefined };
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
    const made = await mkdir(dirname(path), { recursive: true });
    return { file: await open(path, 'wx', 0o644), made };
  }
};

/** Writes and syncs a draft next to its destination, then lets `place` give it its name atomically. */
const placed = async (path: string, bytes: Uint8Array, place: (draft: string) => Promise<boolean>): Promise<boolean> => {
  const folder = dirname(path);
  const draft = join(folder, `.${randomBytes(8).toString('hex')}.new`);
  try {
    const { file, made } = await newFile(draft);
    await synced(file, () => file.writeFile(bytes));
    const isPlaced = await place(draft);
    if (isPlaced) await syncFolders(folder, made);
    return isPlaced;
  } finally {
    await unlink(draft).catch(() => undefined);
  }
};

/** Returns false if the name is taken. */
const linked = async (draft: string, path: string): Promise<boolean> => {
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
};

/** Stores blobs in a folder. `replace` compares within this process only: one server holds the data folder. */
export const folderBlobs = (root: string): Blobs => {
  let replacing: Promise<unknown> = Promise.resolve();
  const at = (path: string): string => {
    assertBlobPath(path);
    return join(root, path);
  };
  return {
    get: async (path) => read(at(path)),
    open: async (path) => openFile(at(path)),
    putIfAbsent: async (path, bytes) => {
      const file = at(path);
      return placed(file, bytes, async (draft) => {
        if (await linked(draft, file)) return true;
        // Anything but a regular file counts as absent and must not block a blob.
        if ((await openFile(file)) !== undefined) return false;
        await rm(file, { recursive: true, force: true });
        return linked(draft, file);
      });
    },
    replace: async (path, bytes, known) => {
      const file = at(path);
      const work = async (): Promise<boolean> =>
        same(await read(file), known) &&
        placed(file, bytes, async (draft) => {
          await rename(draft, file);
          return true;
        });
      const done = replacing.then(work, work);
      replacing = done.catch(() => undefined);
      return done;
    },
    remove: async (path) => rm(at(path), { recursive: true, force: true }),
  };
};
