// Wire format: CloudWatch's embedded metric format. Alarms find these by namespace, dimension and name.

/**
 * The namespace of the gate's own metrics. Their one dimension is the name of the function that measured, which differs between
 * stages.
 */
export const NAMESPACE = 'Aldergate';
export const DIMENSION = 'FunctionName';

/** The metrics and their units in CloudWatch. */
export const METRICS = {
  /** The time from the acknowledgement of a commit until it is in the published log, for the slowest commit of a checkpoint. */
  PublishDelay: 'Seconds',
  /** Days for which the oldest open change has been waiting. */
  OldestPendingDays: 'None',
  /** Features that were seen on and are not approved. */
  OpenDrifts: 'Count',
} as const;
type Metric = keyof typeof METRICS;
type Measured = Partial<Readonly<Record<Metric, number>>>;

/** Returns a log line from which CloudWatch makes metrics, without a call and without a library. */
export const emf = (measured: Measured, functionName: string, nowMs: number): string =>
  JSON.stringify({
    _aws: {
      Timestamp: nowMs,
      CloudWatchMetrics: [
        {
          Namespace: NAMESPACE,
          Dimensions: [[DIMENSION]],
          Metrics: (Object.keys(measured) as Metric[]).map((Name) => ({ Name, Unit: METRICS[Name] })),
        },
      ],
    },
    [DIMENSION]: functionName,
    ...measured,
  });

/** Writes metrics to the log of a Lambda environment. */
export const measure = (measured: Measured): void => {
  if (Object.keys(measured).length > 0)
    process.stdout.write(`${emf(measured, process.env.AWS_LAMBDA_FUNCTION_NAME ?? 'unknown', Date.now())}\n`);
};
