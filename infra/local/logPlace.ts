import { join } from 'node:path';
import { LOG_PREFIX } from '../../functions/web/routes/pages.ts';
import type { Settings } from './settings.ts';

/** Returns the folder of the public log within a data folder. Any web server could serve it as it is. */
export const logFolder = ({ data }: Settings): string => join(data, 'log');

/** Returns the log's origin: its public prefix without the scheme (c2sp.org/tlog-checkpoint). */
export const logOrigin = ({ logOrigin: given, url }: Settings): string =>
  given ?? `${url.replace(/^https?:\/\//, '')}${LOG_PREFIX}`;
