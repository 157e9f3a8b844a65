import { codeOf, messageOf } from '../../functions/platform/logging.ts';
import { CorruptStore, StoreUnavailable } from '../../functions/platform/store/errors.ts';

/** A command that cannot be carried out, with the reason as its message. Exit code 1. */
export class CommandRefused extends Error {
  override readonly name = 'CommandRefused';
}

/** Runs work, and throws CommandRefused, with `prefix` before the reason, for an error of one of these kinds. */
export const refusing = async <T>(
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

/** The data folder cannot be served as it is; the message names the file and what to do. */
export class UnusableFolder extends Error {
  override readonly name: string = 'UnusableFolder';
}

/** The data folder lacks what was public. */
export class OlderFolder extends UnusableFolder {
  override readonly name = 'OlderFolder';
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
const DENIED = /\bE(?:ACCES|PERM|ROFS)\b|unable to open|readonly database/;

const OF_THE_DISK: readonly unknown[] = 'EACCES EPERM EROFS ENOSPC EDQUOT EIO ENOENT ENOTDIR EISDIR ELOOP ENAMETOOLONG'.split(
  ' ',
);

/**
 * Returns one line on an error that an operator can mend (settings, the data folder, the disk), with what to do where the error does not
 * name it; undefined for a defect of the program, of which the stack is needed.
 */
export const operatorsLine = (error: unknown): string | undefined => {
  const message = messageOf(error);
  if (error instanceof CorruptStore) return `${message}. \`npx aldergate doctor\` states what to do`;
  if (!(OF_THE_DISK.includes(codeOf(error)) || COMPLETE.some((kind) => error instanceof kind))) return undefined;
  return DENIED.test(message) ? `${message}. All of the data folder must belong to the user that runs this` : message;
};
