import { LogError, type LogErrorCode } from '../../../../domain/log/encoding.ts';

/** Returns the code with which a step is refused; undefined if it is not. Rethrows any error that is not a LogError. */
export const refusal = (step: () => unknown): LogErrorCode | undefined => {
  try {
    step();
  } catch (error) {
    if (error instanceof LogError) return error.code;
    throw error;
  }
  return undefined;
};
