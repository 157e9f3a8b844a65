import { jsonLogger, type Logger } from '../../platform/logging.ts';

/** Returns the time of Lambda's clock, as a UTC instant with milliseconds. */
export const systemClock = (): string => new Date().toISOString();

let requestId: string | undefined;

const write = jsonLogger(systemClock, (line) => void process.stdout.write(line));

/** Writes one JSON object a line, whose fields CloudWatch can search. `requestId` ties together the lines of one invocation. */
export const logger: Logger = (entry) => write(requestId === undefined ? entry : { ...entry, requestId });

/** The part of Lambda's context that the handlers use. */
export interface Invocation {
  readonly awsRequestId: string;
}

/** Makes a handler of Lambda, which logs under the id of its invocation: an environment runs one invocation at a time. */
export const invoked =
  <E, R>(handle: (event: E) => Promise<R>) =>
  (event: E, context: Invocation): Promise<R> => {
    requestId = context.awsRequestId;
    return handle(event);
  };
