import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import * as z from 'zod';
import { SignedCheckpoint } from '../../../domain/log/checkpoint.ts';
import { parseVerifierKey } from '../../../domain/log/note.ts';
import { readPlainFile } from '../../../functions/platform/files.ts';
import { causeOf, codeOf, messageOf } from '../../../functions/platform/logging.ts';
import { CommandRefused } from '../../local/errors.ts';
import { makeFolder, writeFileAtomically } from '../../local/folders.ts';

export interface LogSource {
  readonly get: (path: string) => Promise<Uint8Array | undefined>;
}

/** The largest file of a log: 256 entries of 65,535 bytes with their lengths. */
const FILE_BYTES_MAX = 256 * 65_537;
const TIMEOUT_MS = 30_000;
const TRIES_MAX = 3;

const isAbsent = (error: unknown): boolean => ['ENOENT', 'ENOTDIR'].includes(String(codeOf(error)));

const folderSource = (folder: string): LogSource => {
  // A data folder contains its log in `log`.
  const root = existsSync(join(folder, 'checkpoint')) ? folder : join(folder, 'log');
  return {
    get: async (path) => {
      const file = join(root, path);
      try {
        return new Uint8Array(readPlainFile(file, FILE_BYTES_MAX));
      } catch (error) {
        if (isAbsent(error)) return undefined;
        throw new CommandRefused(`${file} cannot be read: ${messageOf(error)}`);
      }
    },
  };
};

/** Reads an attacker-controlled response, decompressed, up to `max` bytes. Throws CommandRefused for more. */
const limited = async (response: Response, url: string, max: number): Promise<Uint8Array> => {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > max) throw new CommandRefused(`${url} is larger than what a gate answers there can be`);
    chunks.push(chunk);
  }
  return new Uint8Array(Buffer.concat(chunks));
};

/** Returns a gate's answer, undefined if there is none. Throws CommandRefused if it cannot be read or has more than `max` bytes. */
export const fetched = async (url: string, max = FILE_BYTES_MAX, tries = 1): Promise<Uint8Array | undefined> => {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    // 451: withheld by an order, which is in the log.
    if (response.status === 404 || response.status === 451) return undefined;
    if (!response.ok) throw new Error(`answered ${response.status}`);
    return await limited(response, url, max);
  } catch (error) {
    if (error instanceof CommandRefused) throw error;
    if (tries < TRIES_MAX) return fetched(url, max, tries + 1);
    throw new CommandRefused(`${url} cannot be read: ${causeOf(error)}`);
  }
};

export const isUrl = (where: string): boolean => /^https?:\/\//.test(where);

/** Returns the source of a log: its address (the gate's, or with `/log`) or a folder. */
export const logSource = (where: string): LogSource => {
  if (!isUrl(where)) return folderSource(where);
  const trimmed = where.replace(/\/+$/, '');
  const prefix = trimmed.endsWith('/log') ? trimmed : `${trimmed}/log`;
  return { get: (path) => fetched(`${prefix}/${path}`) };
};

// Storage format: the verified checkpoints, by verifier key, so that a fork or a rollback is noticed the next time.

const Memory = z.record(z.string(), z.string());

type Environment = Readonly<Record<string, string | undefined>>;

/** Returns the default of `--state`, the file of remembered checkpoints. */
export const memoryPath = (env: Environment): string =>
  join(env.XDG_STATE_HOME || join(env.HOME || homedir(), '.local', 'state'), 'aldergate', 'checkpoints.json');

const unreadable = (path: string, error: unknown): CommandRefused => {
  const why = codeOf(error) === undefined ? 'it is not what was written' : messageOf(error);
  return new CommandRefused(`${path} cannot be read, so a fork would not be noticed (${why})`);
};

const readMemory = (path: string): z.infer<typeof Memory> => {
  if (!existsSync(path)) return {};
  try {
    return Memory.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (error) {
    throw unreadable(path, error);
  }
};

/** Returns the verified checkpoints of this log, one for each key, so that a rotation hides no fork. */
export const recallAll = (path: string, origin: string): readonly SignedCheckpoint[] => {
  const memory = Object.entries(readMemory(path));
  try {
    return memory.flatMap(([vkey, note]) => {
      const key = parseVerifierKey(vkey);
      return key.name === origin ? [SignedCheckpoint.open(Buffer.from(note), { origin, keys: [key] })] : [];
    });
  } catch (error) {
    throw unreadable(path, error);
  }
};

/** Returns the largest verified checkpoint of this log under any of its keys. */
export const recall = (path: string, origin: string): SignedCheckpoint | undefined =>
  recallAll(path, origin).toSorted((one, other) => other.size - one.size)[0];

/** Remembers a verified checkpoint; the file is replaced atomically. */
export const rememberCheckpoint = (path: string, vkey: string, { bytes }: SignedCheckpoint): void => {
  const memory = { ...readMemory(path), [vkey]: Buffer.from(bytes).toString('utf8') };
  try {
    makeFolder(dirname(path));
    writeFileAtomically(path, `${JSON.stringify(memory, null, 2)}\n`, 0o666);
  } catch (error) {
    const why = messageOf(error);
    throw new CommandRefused(
      `all of it verifies, but ${path} cannot be written, so a fork would not be noticed; name another with --state (${why})`,
    );
  }
};
