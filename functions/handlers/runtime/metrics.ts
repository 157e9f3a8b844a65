// Wire format: CloudWatch's embedded metric format. Alarms and dashboards find these by namespace, dimension and name.
import type { Bus, CloudEvent } from '../../platform/bus/port.ts';
import { SOURCE } from '../../reactions/relay/cloudEvents.ts';

/**
 * The namespace of the gate's own metrics. Their one dimension is the name of the function that measured, which differs between
 * stages.
 */
export const NAMESPACE = 'Aldergate';
export const DIMENSION = 'FunctionName';

/** The metrics and their units in CloudWatch. */
export const METRICS = {
  /** Notices of changes, revisions included. A repeat after a crash counts again. */
  Notices: 'Count',
  /** Certifications, signatures, ballots, pieces of advice and revocations. */
  Decisions: 'Count',
  /** The time from the acknowledgement of a commit until it is in the published log, for the slowest commit of a checkpoint. */
  PublishDelay: 'Seconds',
  /** Days for which the oldest open change has been waiting. */
  OldestPendingDays: 'None',
  /** Features that were seen on and are not approved. */
  OpenDrifts: 'Count',
} as const;
type Metric = keyof typeof METRICS;
export type Measured = Partial<Readonly<Record<Metric, number>>>;

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

const COUNTED: Readonly<Record<string, Metric>> = {
  ChangeNotified: 'Notices',
  ChangeRevised: 'Notices',
  VoteCertified: 'Decisions',
  SignatureGiven: 'Decisions',
  BallotCast: 'Decisions',
  AdviceGiven: 'Decisions',
  ApprovalRevoked: 'Decisions',
};
const FEATURE_EVENT = new RegExp(`^${SOURCE}\\.feature\\.(?<name>\\w+)\\.v\\d+$`);

const counts = (events: readonly CloudEvent[]): Measured => {
  const names = events.map(({ type }) => COUNTED[FEATURE_EVENT.exec(type)?.groups?.name ?? '']);
  const counted = Map.groupBy(
    names.filter((name) => name !== undefined),
    (name) => name,
  );
  return Object.fromEntries([...counted].map(([name, all]) => [name, all.length]));
};

/** Wraps a bus so that it counts the events it has taken. Every event passes here, however its commit was made. */
export const countingBus = (bus: Bus, record: (measured: Measured) => void): Bus => ({
  publish: async (events) => {
    const unpublished = await bus.publish(events);
    const lost = new Set(unpublished.map(({ event }) => event.id));
    record(counts(events.filter(({ id }) => !lost.has(id))));
    return unpublished;
  },
});
