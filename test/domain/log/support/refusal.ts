import { LogError, type LogErrorCode } from '../../../../domain/log/errors.ts';

/** The code with which a step is refused; undefined when it is not refused. Anything but a LogError is a fault and passes through. */
export const refusal = (step: () => unknown): LogErrorCode | undefined => {
  try {
    step();
  } catch (error) {
    if (error instanceof LogError) return error.code;
    throw error;
  }
  return undefined;
};
