import { fstatSync, readdirSync, readSync, statfsSync, statSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';

/** The header stands twice at the start of the file, 48 bytes each. https://www.sqlite.org/walformat.html#the_wal_index_file_format */
const COPY_WORDS = 12;
const HEADER_BYTES = 2 * COPY_WORDS * Uint32Array.BYTES_PER_ELEMENT;

/** The one format of the header that SQLite has had so far. */
const FORMAT = 3_007_000;

/**
 * File systems of Linux on which `read` returns what another process has stored through a shared mapping, because both use the same
 * pages: ext2–4, xfs, btrfs, tmpfs, overlayfs. Network and FUSE file systems need not.
 */
const SHARED_PAGES = new Set([0xef53, 0x58465342, 0x9123683e, 0x01021994, 0x794c7630]);

interface OpenFile {
  readonly descriptor: number;
  readonly device: number;
  readonly inode: number;
}

const isFile = ({ descriptor, device, inode }: OpenFile): boolean => {
  try {
    const { dev, ino } = fstatSync(descriptor);
    return dev === device && ino === inode;
  } catch {
    return false;
  }
};

/**
 * Returns SQLite's own descriptor of a file. A descriptor opened here could not be closed again: `close` drops every POSIX lock that
 * the process holds on the file, those of SQLite included. SQLite has one descriptor of the index for all connections of a process,
 * and closes it with the last of them.
 */
const descriptorOf = (path: string): OpenFile | undefined => {
  if (process.platform !== 'linux') return undefined;
  try {
    if (!SHARED_PAGES.has(statfsSync(path).type)) return undefined;
    const { dev: device, ino: inode } = statSync(path);
    return readdirSync('/proc/self/fd')
      .map((name) => ({ descriptor: Number(name), device, inode }))
      .find(isFile);
  } catch {
    return undefined;
  }
};

/**
 * Watches the header of the index of a write-ahead log (`-shm`). Every commit of every connection changes it before COMMIT returns: its
 * counter of transactions, its last frame and the checksum of all frames. SQLite itself compares these bytes to find out whether the
 * file has changed (`PRAGMA data_version`), after six system calls for its locks; reading them is one.
 */
export class WalIndex {
  readonly #database: DatabaseSync;
  readonly #file: OpenFile | undefined;
  readonly #read = new Uint32Array(2 * COPY_WORDS);
  /** The header as it was when the file was last known not to have changed; zeros, which no header is, if that is not known. */
  readonly #known = new Uint32Array(2 * COPY_WORDS);

  /** `database`: a connection to the file at `path` that has read from it. */
  constructor(database: DatabaseSync, path: string) {
    this.#database = database;
    this.#file = descriptorOf(`${path}-shm`);
  }

  /**
   * Reports whether no connection, this one included, has committed since {@link settle}. False if that is not known: on another system,
   * without a write-ahead log, once the connection is closed, while a header is written.
   */
  isUnchanged(): boolean {
    if (this.#file === undefined || !this.#database.isOpen) return false;
    try {
      if (readSync(this.#file.descriptor, this.#read, 0, HEADER_BYTES, 0) !== HEADER_BYTES) this.#read.fill(0);
    } catch {
      this.#read.fill(0);
    }
    for (let word = 0; word < this.#read.length; word += 1) if (this.#read[word] !== this.#known[word]) return false;
    return this.#known[0] === FORMAT;
  }

  /**
   * Takes the header that the last {@link isUnchanged} read as known. Call it after `PRAGMA data_version`, asked after that: a commit
   * that the pragma did not see yet changes the header that was read before it.
   */
  settle(): void {
    this.#known.fill(0);
    if (this.#file === undefined || !isFile(this.#file)) return;
    const isWhole = this.#read.every((word, index) => word === this.#read[(index + COPY_WORDS) % this.#read.length]);
    if (isWhole && this.#read[0] === FORMAT) this.#known.set(this.#read);
  }
}
