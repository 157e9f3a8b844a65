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
