import { jsonLogger, type Logger } from '../../platform/logging.ts';

export const systemClock = (): string => new Date().toISOString();

let requestId: string | undefined;

const write = jsonLogger(systemClock, (line) => void process.stdout.write(line));

/** Writes one JSON object per line, whose fields CloudWatch can search. */
export const logger: Logger = (entry) => write(requestId === undefined ? entry : { ...entry, requestId });

interface Invocation {
  readonly awsRequestId: string;
}

/** A Lambda handler that logs under the id of its invocation: an environment runs one at a time. */
export const invoked =
  <E, R>(handle: (event: E) => Promise<R>) =>
  (event: E, context: Invocation): Promise<R> => {
    requestId = context.awsRequestId;
    return handle(event);
  };

// Wire format: CloudWatch's embedded metric format. The alarm finds it by namespace, dimension and name.

export const NAMESPACE = 'Aldergate';
export const DIMENSION = 'FunctionName';
/** The time from the acknowledgement of a commit until it is in the published log, for the slowest commit of a checkpoint. */
export const PUBLISH_DELAY = 'PublishDelay';

/** Returns a log line from which CloudWatch makes the metric, without a call or a library. */
export const publishDelayLine = (seconds: number, functionName: string, nowMs: number): string =>
  JSON.stringify({
    _aws: {
      Timestamp: nowMs,
      CloudWatchMetrics: [
        { Namespace: NAMESPACE, Dimensions: [[DIMENSION]], Metrics: [{ Name: PUBLISH_DELAY, Unit: 'Seconds' }] },
      ],
    },
    [DIMENSION]: functionName,
    [PUBLISH_DELAY]: seconds,
  });
