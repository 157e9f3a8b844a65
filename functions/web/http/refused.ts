import type { LimitState, LimitsExceeded } from '../../gate/noticeLimits.ts';
import { type Answer, type Occurrence, type ProblemCode, problemAnswer, rejectionAnswer } from './problems.ts';

/**
 * Ends a request early with a problem document. Only the HTTP layer throws and catches it: what a command refuses stays a value until
 * there.
 */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly answer: Answer;

  constructor(answer: Answer) {
    super(`refused with ${answer.status}`);
    this.answer = answer;
  }
}

/** Returns a problem of this code, to be thrown. */
export const refused = (code: ProblemCode, occurrence?: Occurrence): Refused => new Refused(problemAnswer(code, occurrence));

/** Returns a command's rejection, to be thrown by the HTTP layer. */
export const refusedBy = (rejection: Parameters<typeof rejectionAnswer>[0], occurrence?: Occurrence): Refused =>
  new Refused(rejectionAnswer(rejection, occurrence));

const policyItem = ({ name, quota, windowS }: LimitState): string =>
  `"${name}";q=${quota};w=${windowS}${name === 'notice-bytes' ? ';qu="content-bytes"' : ''}`;

const stateItem = ({ name, remaining, resetS }: LimitState): string => `"${name}";r=${remaining};t=${resetS}`;

/** Returns the headers of an answer over a limit (draft-ietf-httpapi-ratelimit-headers-10). */
const limitHeaders = ({ states, retryAfterS }: LimitsExceeded) => ({
  'retry-after': String(retryAfterS),
  'ratelimit-policy': states.map(policyItem).join(', '),
  ratelimit: states.map(stateItem).join(', '),
});

type Limited = Parameters<typeof refusedBy>[0] & { readonly exceeded?: LimitsExceeded };

/** Returns how a refused notice differs from the table of problems: 409 where it revises what is not there, and the limits it exceeds. */
export const occurrenceOf = ({ code, exceeded }: Limited): Occurrence => ({
  ...(code === 'unknown-change' && { status: 409 }),
  ...(exceeded !== undefined && { headers: limitHeaders(exceeded) }),
});

/** Returns the answer to a refused notice or document, to be thrown by the HTTP layer. */
export const intakeRefused = (rejection: Limited): Refused => refusedBy(rejection, occurrenceOf(rejection));
