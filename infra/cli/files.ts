import { readFileSync } from 'node:fs';
import { type JsonValue, parseStrict } from '../../domain/kernel/json.ts';
import { messageOf } from '../../functions/platform/logging.ts';
import { CommandRefused } from '../local/errors.ts';

/** Returns why a `fetch` failed: its own message is generic, the reason is in the cause. */
export const causeOf = (error: unknown): string => {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error ? cause.message || cause.name : String(cause);
};

export const readBytes = (path: string): Uint8Array => {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new CommandRefused(`${path} cannot be read: ${messageOf(error)}`);
  }
};

/** Reads a JSON file, as strictly as a request body. */
export const readJson = (path: string): JsonValue => {
  const parsed = parseStrict(readBytes(path));
  if (!parsed.ok) throw new CommandRefused(`${path}: ${parsed.pointer || 'the file'} ${parsed.detail}`);
  return parsed.value;
};
