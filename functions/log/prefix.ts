/** Where the log is served, below the address of the gate. */
export const LOG_PREFIX = '/log';
