import type * as z from 'zod';
import { LOG_PREFIX } from '../../log/prefix.ts';
import type { CitySettings } from './environment.ts';

/** Where the verifier key of the log lies among its files, so that who serves them need not be let at the key that signs. */
export const VKEY_PATH = 'vkey';

/** The log's origin: the one it was given, else its public prefix without the scheme (c2sp.org/tlog-checkpoint). */
export const originOf = ({ ALDERGATE_URL: url, ALDERGATE_LOG_ORIGIN: given }: z.infer<typeof CitySettings>): string =>
  given ?? `${url.replace(/^https?:\/\//, '')}${LOG_PREFIX}`;
