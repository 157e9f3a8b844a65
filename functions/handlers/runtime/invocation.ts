import { jsonLogger, type Logger } from '../../platform/logging.ts';

export const systemClock = (): string => new Date().toISOString();

let requestId: string | undefined;

const write = jsonLogger(systemClock, (line) => void process.stdout.write(line));

/** One JSON object a line, whose fields CloudWatch can search. */
export const logger: Logger = (entry) => write(requestId === undefined ? entry : { ...entry, requestId });

export interface Invocation {
  readonly awsRequestId: string;
}

/** A handler of Lambda, which logs under the id of its invocation: an environment runs one at a time. */
export const invoked =
  <E, R>(handle: (event: E) => Promise<R>) =>
  (event: E, context: Invocation): Promise<R> => {
    requestId = context.awsRequestId;
    return handle(event);
  };
