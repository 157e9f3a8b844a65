// Wire format: CloudWatch's embedded metric format. Alarms and dashboards find these by namespace, dimension and name.
import type { Bus, CloudEvent } from '../../platform/bus/port.ts';
import { SOURCE } from '../../reactions/relay/catalogue.ts';

/** The namespace of the gate's own metrics; their one dimension is the function that measured, whose name tells the stages apart. */
export const NAMESPACE = 'Aldergate';
export const DIMENSION = 'FunctionName';

/** What is measured, and in which unit of CloudWatch. */
export const METRICS = {
  /** Notices of changes, revisions included. A repeat after a crash counts again. */
  Notices: 'Count',
  /** Certifications, signatures, ballots, pieces of advice and revocations. */
  Decisions: 'Count',
  /** From the acknowledgement of a commit until the published log holds it: of the slowest in a checkpoint. */
  PublishDelay: 'Seconds',
  /** Days for which the oldest open change has been waiting. */
  OldestPendingDays: 'None',
  /** Features that were seen on and are not approved. */
  OpenDrifts: 'Count',
} as const;
type Metric = keyof typeof METRICS;
export type Measured = Partial<Readonly<Record<Metric, number>>>;

/** A line of the log out of which CloudWatch makes metrics; costs no call and no library. */
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

/** Measures in a Lambda environment. */
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

/** A bus that counts what it has taken: every event passes here, whoever wrote it and by whichever way it came in. */
export const countingBus = (bus: Bus, tell: (measured: Measured) => void): Bus => ({
  publish: async (events) => {
    const unpublished = await bus.publish(events);
    const lost = new Set(unpublished.map(({ event }) => event.id));
    tell(counts(events.filter(({ id }) => !lost.has(id))));
    return unpublished;
  },
});
