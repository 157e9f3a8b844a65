import { type Answer, type Occurrence, type ProblemCode, problemAnswer, rejectionAnswer } from './problems.ts';

/**
 * Ends a request early with a problem. Only code of the HTTP layer throws it, and only the HTTP layer catches it: what a command
 * refuses stays a value all the way up.
 */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly answer: Answer;

  constructor(answer: Answer) {
    super(`refused with ${answer.status}`);
    this.answer = answer;
  }
}

/** A problem of this code, to be thrown. */
export const refused = (code: ProblemCode, occurrence?: Occurrence): Refused => new Refused(problemAnswer(code, occurrence));

/** A command's refusal, to be thrown once it has come up to HTTP. */
export const refusedBy = (rejection: Parameters<typeof rejectionAnswer>[0], occurrence?: Occurrence): Refused =>
  new Refused(rejectionAnswer(rejection, occurrence));
