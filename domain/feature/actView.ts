import type { DecisionEvent } from './decisionToSign.ts';

/** A decision as an act: a body of two hundred seats must fit with all its passkeys. */
export const actView = <E extends DecisionEvent>({ assertion, ...event }: E, version: number) => ({
  ...event,
  version,
  ...(assertion !== undefined && { passkey: { credential: assertion.credential, enrolled: assertion.enrolled } }),
});
