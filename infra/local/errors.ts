import type { HealthCode } from '../../functions/platform/health.ts';
import { codeOf, messageOf } from '../../functions/platform/logging.ts';
import { CorruptStore, StoreUnavailable } from '../../functions/platform/store/errors.ts';

/** A command that cannot be carried out; the message is the reason. Exit code 1. */
export class CommandRefused extends Error {
  override readonly name = 'CommandRefused';
}

/** Runs work, and throws CommandRefused, with `prefix` before the reason, for an error of one of these kinds. */
export const withRefusals = async <T>(
  kinds: readonly (abstract new (...args: never) => Error)[],
  work: () => T | Promise<T>,
  prefix = '',
): Promise<T> => {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Error && kinds.some((kind) => error instanceof kind))
      throw new CommandRefused(`${prefix}${error.message}`);
    throw error;
  }
};

/** The data folder cannot be served as it is; the message names the file and what to do. `code`: `doctor`'s code for it, if any. */
export class UnusableFolder extends Error {
  override readonly name = 'UnusableFolder';
  readonly code: HealthCode | null;

  constructor(message: string, code: HealthCode | null = 'other-keys') {
    super(message);
    this.code = code;
  }
}

/** Another server runs on the folder. */
export class FolderInUse extends Error {
  override readonly name = 'FolderInUse';
}

/** The settings cannot be used; the message names the setting. */
export class BadSettings extends Error {
  override readonly name = 'BadSettings';
}

const COMPLETE = [CommandRefused, BadSettings, FolderInUse, UnusableFolder, StoreUnavailable];
const FULL = /\bE(?:NOSPC|DQUOT|IO)\b|disk I\/O error|disk is full|only its reserve/;
const READ_ONLY = /\bEROFS\b/;
const DENIED = /\bE(?:ACCES|PERM)\b/;
const LOCKED = /database is locked/;
const TOO_MANY = /\bE[MN]FILE\b/;
/** SQLite gives no cause: it also opens files next to a database. */
const UNOPENED = /unable to open|readonly database/;

/** Error codes of files and their disk, of open files, and of addresses to listen on. */
const OF_THE_MACHINE: readonly unknown[] = (
  'EACCES EPERM EROFS ENOSPC EDQUOT EFBIG EIO EBUSY EXDEV ENOENT EEXIST ENOTEMPTY ENOTDIR EISDIR ELOOP ENAMETOOLONG ' +
  'EMFILE ENFILE ERR_WORKER_INIT_FAILED EADDRINUSE EADDRNOTAVAIL ENOTFOUND'
).split(' ');

/** Compares by name, too: an error from another thread arrives as a copy without its class. */
const isA = (error: unknown, kind: typeof CorruptStore | (typeof COMPLETE)[number]): boolean =>
  error instanceof kind || (error instanceof Error && error.name === kind.name);

/** A failed call in Node's words: its code, what happened, the call and its paths. */
const FILE_CALL = /\b(E[A-Z]+): ([^,]+), (\w+)(?: '([^']+)')?(?: -> '[^']+')?/;
const SOCKET_CALL = /\b(?:connect|getaddrinfo|listen) (E[A-Z_]+)(?:: ([a-z ]+\b))?/;

/** What happened, by code, or by code and call, where Node's words are for programmers. */
const WORDS: Readonly<Record<string, string>> = {
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of this path is a file',
  'EEXIST mkdir': 'it is a file, not a folder',
  ECONNREFUSED: 'nothing listens at',
  ENOTFOUND: 'no address is known of',
};

/** Replaces a failed call in a message by what happened, with the path if the message does not begin with it. */
export const plainMessage = (message: string): string =>
  message
    .replace(FILE_CALL, (_, code: string, words: string, call: string, path: string | undefined) => {
      const place = path === undefined || message.startsWith(path) ? '' : `${path}: `;
      return `${place}${WORDS[`${code} ${call}`] ?? WORDS[code] ?? words}`;
    })
    .replace(SOCKET_CALL, (_, code: string, words: string | undefined) => WORDS[code] ?? words ?? code);

/**
 * Returns one line on an error that an operator can fix (settings, the data folder, the disk), with what to do if the error does not
 * state it; undefined for a defect of the program, whose stack is needed.
 */
export const describeForOperator = (error: unknown): string | undefined => {
  const raw = messageOf(error);
  const message = plainMessage(raw);
  if (isA(error, CorruptStore)) return `${message}. \`aldergate doctor\` states what to do`;
  if (!(OF_THE_MACHINE.includes(codeOf(error)) || COMPLETE.some((kind) => isA(error, kind)))) return undefined;
  if (READ_ONLY.test(raw))
    return `${message}. It is mounted read-only: by the unit, for all but its StateDirectory, or by the system, after an error of the disk`;
  // A refusal names a file from the command line, not one of the gate's.
  if (DENIED.test(raw) && !(error instanceof BadSettings || error instanceof CommandRefused))
    return `${message}. The user that runs this has no right to it: all of the data folder must belong to that user, and any other place be open to it`;
  if (TOO_MANY.test(raw)) return `${message}. Raise the limit of open files: \`LimitNOFILE\` of the unit, or \`ulimit -n\``;
  if (LOCKED.test(raw)) return `${message}. Another program holds it, such as a shell of SQLite: end that, and run this again`;
  if (UNOPENED.test(raw))
    return `${message}. All of the data folder must belong to the user that runs this; or the disk has no room for another file (\`df\`, \`df -i\`), too many are open (\`ulimit -n\`), or the path is too long`;
  return FULL.test(raw) ? `${message}. Make room on that disk; if it has room, it may be failing` : message;
};
