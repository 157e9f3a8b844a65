import { LOG_PREFIX } from '../log/app.ts';

/** Where the verifier key of the log lies among its files, so that who serves them need not be let at the key that signs. */
export const VKEY_PATH = 'vkey';

/** The log's origin: its public prefix without the scheme (c2sp.org/tlog-checkpoint). */
export const originOf = (url: string): string => `${url.replace(/^https?:\/\//, '')}${LOG_PREFIX}`;
