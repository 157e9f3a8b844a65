// Storage format: the checkpoints that were verified, one a log, so that a fork or a rollback is noticed the next time.

import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import * as z from 'zod';
import { SignedCheckpoint } from '../../../domain/log/signedCheckpoint.ts';
import { parseVerifierKey } from '../../../domain/log/verifierKey.ts';
import { messageOf } from '../../../functions/platform/logging.ts';
import { CommandRefused } from '../../local/errors.ts';

/** The signed note seen last, by verifier key. */
const Memory = z.record(z.string(), z.string());

type Environment = Readonly<Record<string, string | undefined>>;

/** Returns the file that remembers checkpoints, if `--state` names no other. */
export const memoryPath = (env: Environment): string =>
  join(env.XDG_STATE_HOME || join(env.HOME || homedir(), '.local', 'state'), 'aldergate', 'checkpoints.json');

const readMemory = (path: string): z.infer<typeof Memory> => {
  if (!existsSync(path)) return {};
  try {
    return Memory.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (error) {
    throw new CommandRefused(`${path} cannot be read, so a fork would not be noticed (${messageOf(error)})`);
  }
};

/** Returns the checkpoints of this log that were verified, one a key, so that a rotation hides no fork. Verifies their signatures again. */
export const recallAll = (path: string, origin: string): readonly SignedCheckpoint[] =>
  Object.entries(readMemory(path)).flatMap(([vkey, note]) => {
    const key = parseVerifierKey(vkey);
    return note.startsWith(`${origin}\n`) ? [SignedCheckpoint.open(Buffer.from(note), { origin, keys: [key] })] : [];
  });

/** Returns the largest checkpoint of this log that was verified, under any of its keys. */
export const recall = (path: string, origin: string): SignedCheckpoint | undefined =>
  recallAll(path, origin).toSorted((one, other) => other.size - one.size)[0];

/** Remembers a verified checkpoint; the file is replaced atomically. */
export const rememberCheckpoint = (path: string, vkey: string, { bytes }: SignedCheckpoint): void => {
  const memory = { ...readMemory(path), [vkey]: Buffer.from(bytes).toString('utf8') };
  try {
    mkdirSync(dirname(path), { recursive: true });
    const draft = `${path}.${process.pid}.new`;
    writeFileSync(draft, `${JSON.stringify(memory, null, 2)}\n`);
    renameSync(draft, path);
  } catch (error) {
    const why = messageOf(error);
    throw new CommandRefused(
      `all of it verifies, but ${path} cannot be written, so a fork would not be noticed; name another with --state (${why})`,
    );
  }
};
