import { Duration, Stack } from 'aws-cdk-lib';
import { Effect, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { EventSourceMapping, FilterCriteria, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import {
  ContextAttribute,
  type IScheduleTarget,
  Schedule,
  ScheduleExpression,
  ScheduleTargetInput,
} from 'aws-cdk-lib/aws-scheduler';
import { Construct } from 'constructs';
import type { Chore } from '../../../functions/handlers/runtime/consumers.ts';
import { DeadLetterQueue } from './deadLetterQueue.ts';
import type { GateFunction } from './gateFunction.ts';
import type { CommitsTable } from './tables.ts';

const SWEEP: Chore = { task: 'sweep', scheduled: ContextAttribute.scheduledTime };

/** A run that Scheduler cannot start is retried once within a minute. The next run does the same work. */
const RUN_RETRIES = 1;
const RUN_AGE_SECONDS_MAX = 60;

interface ScheduledProps {
  /** Default: a minute. */
  readonly every?: Duration;
  readonly name: string;
  readonly target: GateFunction;
  /** Receives the runs that could not be started. They need not be repeated, but somebody has to know. */
  readonly undelivered: DeadLetterQueue;
}

/** Runs a function at a fixed interval. */
export class Scheduled extends Construct {
  constructor(
    scope: Construct,
    id: string,
    { name, target: { lambda }, undelivered, every = Duration.minutes(1) }: ScheduledProps,
  ) {
    super(scope, id);
    // Only for schedules of this account, so that the service acts for no other one.
    const { account, stackName } = Stack.of(this);
    const conditions = { StringEquals: { 'aws:SourceAccount': account } };
    const role = new Role(this, 'Role', {
      roleName: `${stackName}-schedule-${name}`,
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', { conditions }),
    });
    const allow = (action: string, resource: string): boolean =>
      role.addToPrincipalPolicy(new PolicyStatement({ effect: Effect.ALLOW, actions: [action], resources: [resource] }))
        .statementAdded;
    // The CDK's own target would also allow every version and alias.
    allow('lambda:InvokeFunction', lambda.functionArn);
    allow('sqs:SendMessage', undelivered.queueArn);
    const target: IScheduleTarget = {
      bind: () => ({
        arn: lambda.functionArn,
        role,
        input: ScheduleTargetInput.fromObject(SWEEP),
        retryPolicy: { maximumRetryAttempts: RUN_RETRIES, maximumEventAgeInSeconds: RUN_AGE_SECONDS_MAX },
        deadLetterConfig: { arn: undelivered.queueArn },
      }),
    };
    const schedule = ScheduleExpression.rate(every);
    new Schedule(this, 'Schedule', { scheduleName: `${stackName}-${name}`, schedule, target });
  }
}

/**
 * A batch that keeps failing is halved until the failing record is alone. That goes to the dead-letter queue, and the sweep takes
 * over.
 */
const RECORD_RETRIES = 10;
const BATCH = 100;
const RECORD_AGE_HOURS = 6;

interface StreamConsumerProps {
  readonly consumer: GateFunction;
  readonly commits: CommitsTable;
  readonly only: readonly Record<string, unknown>[];
}

/** Invokes a function by the stream of the commits table. A stream serves two readers well and no more. */
export class StreamConsumer extends Construct {
  readonly setAside: DeadLetterQueue;

  constructor(scope: Construct, id: string, { consumer, commits, only }: StreamConsumerProps) {
    super(scope, id);
    this.setAside = new DeadLetterQueue(this, 'SetAside');
    consumer.allow(
      ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator', 'dynamodb:ListStreams'],
      [commits.streamArn],
    );
    consumer.allow(['sqs:SendMessage'], [this.setAside.queueArn]);
    const mapping = new EventSourceMapping(this, 'Mapping', {
      target: consumer.lambda,
      eventSourceArn: commits.streamArn,
      startingPosition: StartingPosition.TRIM_HORIZON,
      batchSize: BATCH,
      bisectBatchOnError: true,
      retryAttempts: RECORD_RETRIES,
      maxRecordAge: Duration.hours(RECORD_AGE_HOURS),
      reportBatchItemFailures: true,
      onFailure: { bind: () => ({ destination: this.setAside.queueArn }) },
      filters: only.map((pattern) => FilterCriteria.filter(pattern)),
    });
    // AWS rejects the mapping until the role may read the stream.
    mapping.node.addDependency(consumer.role);
  }
}
