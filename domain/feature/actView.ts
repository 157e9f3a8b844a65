import type { DecisionEvent } from './decisionToSign.ts';

/**
 * Returns a decision as an act, without the assertion's signature: an act of a two-hundred-seat body must fit with all its
 * passkeys.
 */
export const actView = <E extends DecisionEvent>({ assertion, ...event }: E, version: number) => ({
  ...event,
  version,
  ...(assertion !== undefined && { passkey: { credential: assertion.credential, enrolled: assertion.enrolled } }),
});
