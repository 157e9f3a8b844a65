/** Now, as a UTC instant with milliseconds, by Lambda's clock. */
export const systemClock = (): string => new Date().toISOString();
