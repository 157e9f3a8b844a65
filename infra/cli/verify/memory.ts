// Storage format: the checkpoints that were verified, one a log, so that a fork or a rollback is noticed the next time.
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import * as z from 'zod';
import { SignedCheckpoint } from '../../../domain/log/signedCheckpoint.ts';
import { parseVerifierKey } from '../../../domain/log/verifierKey.ts';
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
    throw new CommandRefused(
      `${path} cannot be read, so a fork would not be noticed (${error instanceof Error ? error.message : String(error)})`,
    );
  }
};

/**
 * Returns the largest checkpoint of this log that was verified, under any of its keys, so that a rotation hides no fork. Verifies its
 * signatures again.
 */
export const recall = (path: string, origin: string): SignedCheckpoint | undefined => {
  let largest: SignedCheckpoint | undefined;
  for (const [vkey, note] of Object.entries(readMemory(path))) {
    const key = parseVerifierKey(vkey);
    if (!note.startsWith(`${origin}\n`)) continue;
    const seen = SignedCheckpoint.open(Buffer.from(note), { origin, keys: [key] });
    if (largest === undefined || seen.size > largest.size) largest = seen;
  }
  return largest;
};

/** Remembers a verified checkpoint; the file is replaced atomically. */
export const rememberCheckpoint = (path: string, vkey: string, { bytes }: SignedCheckpoint): void => {
  const memory = { ...readMemory(path), [vkey]: Buffer.from(bytes).toString('utf8') };
  try {
    mkdirSync(dirname(path), { recursive: true });
    const draft = `${path}.${process.pid}.new`;
    writeFileSync(draft, `${JSON.stringify(memory, null, 2)}\n`);
    renameSync(draft, path);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new CommandRefused(
      `all of it verifies, but ${path} cannot be written, so a fork would not be noticed; name another with --state (${why})`,
    );
  }
};
