import { jsonLog, type Log } from '../../platform/logging.ts';
import { systemClock } from './clock.ts';

let requestId: string | undefined;

const write = jsonLog(systemClock, (line) => void process.stdout.write(line));

/** One JSON object a line, as CloudWatch finds fields in it; `requestId` ties together what one invocation did. */
export const log: Log = (entry) => write(requestId === undefined ? entry : { ...entry, requestId });

/** The part of Lambda's context that is used here. */
export interface Invocation {
  readonly awsRequestId: string;
}

/** An entry of Lambda. An environment runs one invocation at a time, so whatever is logged meanwhile belongs to it. */
export const invoked =
  <E, R>(handle: (event: E) => Promise<R>) =>
  (event: E, context: Invocation): Promise<R> => {
    requestId = context.awsRequestId;
    return handle(event);
  };
