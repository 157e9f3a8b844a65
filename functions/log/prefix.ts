/** The path under which the gate serves the log. */
export const LOG_PREFIX = '/log';
