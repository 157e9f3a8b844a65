import type { LimitState, LimitsExceeded } from '../../gate/noticeLimits.ts';
import type { Occurrence } from './problems.ts';
import { type Refused, refusedBy } from './refused.ts';

const policyItem = ({ name, quota, windowS }: LimitState): string =>
  `"${name}";q=${quota};w=${windowS}${name === 'notice-bytes' ? ';qu="content-bytes"' : ''}`;

const stateItem = ({ name, remaining, resetS }: LimitState): string => `"${name}";r=${remaining};t=${resetS}`;

/** Returns the headers of an answer over a limit (draft-ietf-httpapi-ratelimit-headers-10). */
const limitHeaders = ({ states, retryAfterS }: LimitsExceeded) => ({
  'retry-after': String(retryAfterS),
  'ratelimit-policy': states.map(policyItem).join(', '),
  ratelimit: states.map(stateItem).join(', '),
});

/** Why something that counts against a limit is refused, and the limits that it exceeds. */
type Limited = Parameters<typeof refusedBy>[0] & { readonly exceeded?: LimitsExceeded };

/** Returns how a refused notice differs from the table of problems: 409 where it revises what is not there, and the limits it exceeds. */
export const occurrenceOf = ({ code, exceeded }: Limited): Occurrence => ({
  ...(code === 'unknown-change' && { status: 409 }),
  ...(exceeded !== undefined && { headers: limitHeaders(exceeded) }),
});

/** Returns the answer to a refused notice or document, to be thrown by the HTTP layer. */
export const intakeRefused = (rejection: Limited): Refused => refusedBy(rejection, occurrenceOf(rejection));
