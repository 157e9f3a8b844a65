import { Duration, Stack } from 'aws-cdk-lib';
import { EventBus as Bus, CfnEventBusPolicy, type EventPattern, Rule, type RuleProps } from 'aws-cdk-lib/aws-events';
import { LambdaFunction, SnsTopic } from 'aws-cdk-lib/aws-events-targets';
import { AccountPrincipal, Effect, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { EventSourceMapping, FilterCriteria, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import {
  ContextAttribute,
  type IScheduleTarget,
  Schedule,
  ScheduleExpression,
  ScheduleTargetInput,
} from 'aws-cdk-lib/aws-scheduler';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { Chore } from '../../../functions/handlers/runtime/consumers.ts';
import type { Pattern } from '../../../functions/platform/bus/port.ts';
import { SOURCE } from '../../../functions/reactions/relay/cloudEvents.ts';
import { DeadLetterQueue, type GateFunction } from './gateFunction.ts';
import type { CommitsTable } from './tables.ts';

const SWEEP: Chore = { task: 'sweep', scheduled: ContextAttribute.scheduledTime };

/** A run that Scheduler cannot start is retried once within a minute. */
const RUN_RETRIES = 1;
const RUN_AGE_SECONDS_MAX = 60;

interface ScheduledProps {
  /** Default: a minute. */
  readonly every?: Duration;
  readonly name: string;
  readonly target: GateFunction;
  /** Receives the runs that could not be started. */
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
    // Only for schedules of this account, so that the service cannot act for another.
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
 * Lambda halves a batch that keeps failing until the failing record is alone. That record goes to the dead-letter queue, and the
 * sweep takes over.
 */
const RECORD_RETRIES = 10;
const BATCH = 100;
const RECORD_AGE_HOURS = 6;

interface StreamConsumerProps {
  readonly consumer: GateFunction;
  readonly commits: CommitsTable;
  readonly only: readonly Record<string, unknown>[];
}

/** Invokes a function from the stream of the commits table. A stream supports two readers at most without throttling. */
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

/** How long AWS retries a nudge. */
const EVENT_AGE_HOURS = 2;

const patternOf = ({ source, 'detail-type': detailType, detail }: Pattern): EventPattern =>
  ({ source, detailType, detail }) as unknown as EventPattern;

// biome-ignore lint/suspicious/noTemplateCurlyInString: an IAM policy variable.
const CALLER = '${aws:PrincipalAccount}';

/**
 * The permissions of another account for rules that it made itself: `events:creatorAccount` is the account that made the rule. Each
 * condition that AWS documents for the action is required, since `ForAllValues` alone also matches if the key is missing.
 */
const RULES_OF_READERS = {
  /** A rule that does not exist yet has no creator. A pattern has to name the source. */
  ReadersMakeRules: {
    actions: ['PutRule'],
    conditions: {
      StringEqualsIfExists: { 'events:creatorAccount': CALLER },
      'ForAllValues:StringEquals': { 'events:source': [SOURCE] },
      Null: { 'events:source': 'false' },
    },
  },
  /** Only to a bus of the reader's own account: this account has queues and topics that accept what EventBridge sends. */
  ReadersForward: {
    actions: ['PutTargets'],
    conditions: {
      StringEquals: { 'events:creatorAccount': CALLER },
      'ForAllValues:ArnLike': { 'events:TargetArn': [`arn:*:events:*:${CALLER}:event-bus/*`] },
      Null: { 'events:TargetArn': 'false' },
    },
  },
  ReadersKeepTheirRules: {
    actions: [
      'DeleteRule',
      'DescribeRule',
      'DisableRule',
      'EnableRule',
      'ListTagsForResource',
      'ListTargetsByRule',
      'RemoveTargets',
    ],
    conditions: { StringEquals: { 'events:creatorAccount': CALLER } },
  },
} as const;

/** The bus on which every event is published, with a queue for undelivered events. */
export class EventBus extends Construct {
  readonly bus: Bus;
  readonly undelivered: DeadLetterQueue;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.bus = new Bus(this, 'Bus', { description: 'Aldergate: events of features, policies, rosters and vendors' });
    this.undelivered = new DeadLetterQueue(this, 'Undelivered');
  }

  nudge(id: string, pattern: Pattern, target: GateFunction): void {
    this.#rule(id, { eventBus: this.bus, eventPattern: patternOf(pattern), targets: [this.#lambda(target)] });
  }

  onAccountEvent(id: string, eventPattern: EventPattern, target: GateFunction): void {
    this.#rule(id, { eventPattern, targets: [this.#lambda(target)] });
  }

  #rule(id: string, props: RuleProps): void {
    new Rule(this, id, { ruleName: `${Stack.of(this).stackName}-${id}`, ...props });
  }

  #lambda({ lambda }: GateFunction): LambdaFunction {
    return new LambdaFunction(lambda, {
      deadLetterQueue: this.undelivered,
      maxEventAge: Duration.hours(EVENT_AGE_HOURS),
      retryAttempts: 10,
    });
  }

  notify(id: string, pattern: Pattern, topic: ITopic): void {
    const target = new SnsTopic(topic, { deadLetterQueue: this.undelivered });
    this.#rule(id, { eventBus: this.bus, eventPattern: patternOf(pattern), targets: [target] });
  }

  allowPublishing(target: GateFunction): void {
    target.allow(['events:PutEvents'], [this.bus.eventBusArn]);
  }
  /**
   * Allows other accounts to make their own rules on this bus. They cannot publish, nor read or change a rule that they did not make.
   */
  allowReaders(accounts: readonly string[]): void {
    if (accounts.length === 0) return;
    const { eventBusName } = this.bus;
    const rules = Stack.of(this).formatArn({ service: 'events', resource: 'rule', resourceName: `${eventBusName}/*` });
    let before: CfnEventBusPolicy | undefined;
    for (const [sid, { actions, conditions }] of Object.entries(RULES_OF_READERS)) {
      const policy = new CfnEventBusPolicy(this, sid, {
        eventBusName,
        statementId: sid,
        statement: {
          Effect: 'Allow',
          Principal: { AWS: accounts.map((account) => new AccountPrincipal(account).arn) },
          Action: actions.map((action) => `events:${action}`),
          Resource: rules,
          Condition: conditions,
        },
      });
      // One change of the bus's policy at a time.
      if (before !== undefined) policy.addResourceDependency(before);
      before = policy;
    }
  }
}
