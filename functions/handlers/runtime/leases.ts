/**
 * How long a run of a function has work to itself, in ms; longer than the function may run, since its timeout is made of it
 * (infra/aws/constructs/functions.ts).
 */
export const LEASE_MS = { derived: 65_000, notify: 125_000, webhooks: 125_000 } as const;

/** A clock may be wrong by less, and what was sent before a function was ended has arrived after it. */
const MARGIN_MS = 5_000;

/** The timeout of a function that works under such a lease. */
export const secondsWithin = (leaseMs: number): number => (leaseMs - MARGIN_MS) / 1_000;
