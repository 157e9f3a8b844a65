import { codeOf, messageOf } from '../../functions/platform/logging.ts';
import { CorruptStore, StoreUnavailable } from '../../functions/platform/store/errors.ts';
import { CommandRefused, UnusableFolder } from './errors.ts';
import { FolderInUse } from './lock.ts';
import { BadSettings } from './settings.ts';

const COMPLETE = [CommandRefused, BadSettings, FolderInUse, UnusableFolder, StoreUnavailable];
const DENIED = /\bE(?:ACCES|PERM|ROFS)\b|unable to open|readonly database/;

const OF_THE_DISK: readonly unknown[] = 'EACCES EPERM EROFS ENOSPC EDQUOT EIO ENOENT ENOTDIR EISDIR'.split(' ');

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
