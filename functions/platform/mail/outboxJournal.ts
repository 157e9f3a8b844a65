// Storage format of an outbox's journals: one line of JSON a mail, `[name, eml]`.

import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { JoinedRuns } from '../joinedRuns.ts';
import { codeOf } from '../logging.ts';

const JOURNAL = '.journal-';
/** Above this size a journal is emptied: its files are synced, most of which the system has written long before. */
const JOURNAL_BYTES_MAX = 8_388_608;
/** The maximum length of what waits for a flush, in characters. */
const WAITING_MAX = 1_048_576;

const Entry = z.tuple([z.string().regex(/^[A-Za-z0-9-]+\.eml$/), z.string()]);

/** Writes a file all or nothing for its readers. It survives the process, and a power cut only once it is synced. */
const writeWhole = (folder: string, name: string, text: string): void => {
  const draft = join(folder, `.${name}.${process.pid}.new`);
  writeFileSync(draft, text, { mode: 0o600 });
  renameSync(draft, join(folder, name));
};

const synced = async (path: string, text = ''): Promise<void> => {
  const file = await open(path, text === '' ? 'r' : 'a', 0o600);
  try {
    if (text !== '') await file.appendFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
};

const syncedAll = async (folder: string, names: Iterable<string>): Promise<void> => {
  for (const name of names) await synced(join(folder, name)).catch(ifRemoved);
  await synced(folder);
};

const isMissing = (error: unknown): boolean => codeOf(error) === 'ENOENT';

/** A mail that was removed from the outbox needs no sync. */
const ifRemoved = (error: unknown): void => {
  if (!isMissing(error)) throw error;
};

/**
 * The mails of one process that are written and not yet synced. Their text is appended to a journal with one sync for all that
 * {@link flush} finds, so that a file costs none of its own; {@link recoverOutbox} writes what a power cut took.
 */
export class OutboxJournal {
  readonly #folder: string;
  readonly #path: string;
  #waiting: string[] = [];
  #waitingLength = 0;
  #unsynced = new Set<string>();
  #bytes = 0;
  readonly #flushes = new JoinedRuns<void>();

  constructor(folder: string) {
    this.#folder = folder;
    this.#path = join(folder, `${JOURNAL}${randomBytes(6).toString('hex')}`);
  }

  /** Writes a mail, without a sync unless many wait for one. Makes the folder if it is missing. */
  async write(name: string, eml: string): Promise<void> {
    try {
      writeWhole(this.#folder, name, eml);
    } catch (error) {
      if (!isMissing(error)) throw error;
      mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
      writeWhole(this.#folder, name, eml);
    }
    const line = `${JSON.stringify([name, eml] satisfies z.infer<typeof Entry>)}\n`;
    this.#waiting.push(line);
    this.#waitingLength += line.length;
    this.#unsynced.add(name);
    if (this.#waitingLength > WAITING_MAX) await this.flush();
  }

  /** Resolves once a power cut loses none of the mails written before this call. Calls that wait share a sync. */
  flush(): Promise<void> {
    return this.#flushes.run('', () => this.#append());
  }

  /** Syncs every mail and removes the journal. */
  async close(): Promise<void> {
    if (this.#unsynced.size > 0) await this.#empty();
  }

  async #append(): Promise<void> {
    if (this.#waiting.length === 0) return;
    const lines = this.#waiting;
    const length = this.#waitingLength;
    this.#waiting = [];
    this.#waitingLength = 0;
    try {
      // An append that failed may have left half a line.
      await synced(this.#path, `\n${lines.join('')}`);
      if (this.#bytes === 0) await synced(this.#folder);
    } catch (error) {
      this.#waiting = [...lines, ...this.#waiting];
      this.#waitingLength += length;
      throw error;
    }
    this.#bytes = statSync(this.#path).size;
    if (this.#bytes > JOURNAL_BYTES_MAX) await this.#empty();
  }

  async #empty(): Promise<void> {
    const names = this.#unsynced;
    this.#unsynced = new Set();
    try {
      await syncedAll(this.#folder, names);
    } catch (error) {
      this.#unsynced = new Set([...names, ...this.#unsynced]);
      throw error;
    }
    await rm(this.#path, { force: true });
    this.#bytes = 0;
  }
}

const parsed = (line: string): readonly z.infer<typeof Entry>[] => {
  try {
    return [Entry.parse(JSON.parse(line))];
  } catch {
    return [];
  }
};

/** Returns the mails in a journal. A line that is half written or damaged is left out: nothing relied on it. */
const entriesOf = (path: string): readonly z.infer<typeof Entry>[] => readFileSync(path, 'utf8').split('\n').flatMap(parsed);

const isWhole = (path: string, eml: string): boolean => existsSync(path) && readFileSync(path, 'utf8') === eml;

/** Writes the mails that a power cut took from an outbox, before any process writes to it. Does nothing if there is none. */
export const recoverOutbox = async (folder: string): Promise<void> => {
  if (!existsSync(folder)) return;
  const journals = (await readdir(folder)).filter((name) => name.startsWith(JOURNAL));
  for (const journal of journals) {
    const entries = entriesOf(join(folder, journal));
    for (const [name, eml] of entries) if (!isWhole(join(folder, name), eml)) writeWhole(folder, name, eml);
    await syncedAll(
      folder,
      entries.map(([name]) => name),
    );
    await rm(join(folder, journal));
  }
};
