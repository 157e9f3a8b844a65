import { Duration, Stack, Validations } from 'aws-cdk-lib';
import { CfnBudget } from 'aws-cdk-lib/aws-budgets';
import type { Distribution } from 'aws-cdk-lib/aws-cloudfront';
import { Alarm, ComparisonOperator, type IMetric, MathExpression, Metric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Function as Lambda } from 'aws-cdk-lib/aws-lambda';
import { FilterPattern, type ILogGroup, MetricFilter } from 'aws-cdk-lib/aws-logs';
import { type ITopic, Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import { DIMENSION, NAMESPACE, PUBLISH_DELAY } from '../../../functions/handlers/runtime/invocation.ts';
import { type DeploymentSettings, STAGE_TAG } from '../settings.ts';
import type { Firewall } from '../stacks/guardStack.ts';
import type { FrontDoor } from './edge.ts';
import type { CoreFunction } from './functions.ts';
import type { DeadLetterQueue, GateFunction } from './gateFunction.ts';

interface IncidentsProps {
  readonly email: string | undefined;
  readonly publishers: readonly string[];
}

export class Incidents extends Topic {
  constructor(scope: Construct, id: string, { email, publishers }: IncidentsProps) {
    super(scope, id, { displayName: 'Aldergate', enforceSSL: true });
    // This policy replaces the default one, which would allow the services of the account.
    // For this account only: the topic's name is not secret, and the services act for every account.
    const { partition, account } = Stack.of(this);
    for (const publisher of publishers) {
      const [service] = publisher.split('.');
      const conditions = { ArnLike: { 'aws:SourceArn': `arn:${partition}:${service}:*:${account}:*` } };
      this.grantPublish(new ServicePrincipal(publisher, { conditions }));
    }
    if (email === undefined) return;
    Validations.of(this.addSubscription(new EmailSubscription(email))).acknowledge({
      id: 'Serverless-SNSRedrivePolicy',
      reason: 'SNS tries a mail for hours; the alarm stays red in the console whether the mail came or not.',
    });
  }
}

const FIVE_MINUTES = Duration.minutes(5);
const SUM = { period: FIVE_MINUTES, statistic: 'Sum' } as const;
const MAXIMUM = { period: FIVE_MINUTES, statistic: 'Maximum' } as const;

interface AlarmPlan {
  readonly metric: IMetric;
  readonly most: number;
  readonly below?: boolean;
  readonly periods?: number;
  readonly advice: string;
}

/** The settings that the alarms of several metrics share; `names`: the metrics that an alarm covers. */
interface SharedPlan extends Omit<AlarmPlan, 'metric' | 'advice'> {
  readonly id: (names: string) => string;
  readonly advice: (names: string) => string;
}

/** An alarm that is raised if the log of a function has more than `most` lines of one event. */
interface LineAlarm {
  readonly id: string;
  readonly from: GateFunction;
  readonly event: string;
  readonly most?: number;
  readonly advice: string;
}

interface WatchProps {
  readonly topic: ITopic;
  readonly settings: Pick<DeploymentSettings, 'size'>;
}

/** Makes alarms. A lean stage merges those that need the same action, and omits those that only explain others. */
export class Watch extends Construct {
  readonly isLean: boolean;
  readonly #topic: ITopic;

  constructor(scope: Construct, id: string, { topic, settings }: WatchProps) {
    super(scope, id);
    this.isLean = settings.size === 'lean';
    this.#topic = topic;
  }

  /** Missing data raises no alarm, except for a lower threshold. */
  alarm(id: string, { metric, most, below = false, periods = 1, advice }: AlarmPlan): void {
    const alarm = new Alarm(this, id, {
      metric,
      threshold: most,
      evaluationPeriods: periods,
      comparisonOperator: below ? ComparisonOperator.LESS_THAN_THRESHOLD : ComparisonOperator.GREATER_THAN_THRESHOLD,
      treatMissingData: below ? TreatMissingData.BREACHING : TreatMissingData.NOT_BREACHING,
      alarmDescription: advice,
    });
    alarm.addAlarmAction(new SnsAction(this.#topic));
  }

  /** Adds an alarm that only explains others. */
  detail(id: string, plan: AlarmPlan): void {
    if (!this.isLean) this.alarm(id, plan);
  }

  /**
   * Adds an alarm for each metric. A lean stage gets one for all, in alarm while any of them would be; AWS bills each metric.
   */
  alarms(metrics: Readonly<Record<string, IMetric>>, { id, advice, ...plan }: SharedPlan): void {
    if (!this.isLean) {
      for (const [name, metric] of Object.entries(metrics)) this.alarm(id(name), { ...plan, metric, advice: advice(name) });
      return;
    }
    const usingMetrics = Object.fromEntries(Object.values(metrics).map((metric, index) => [`m${index}`, metric]));
    const filled = Object.keys(usingMetrics).map((name) => `FILL(${name}, 0)`);
    const expression = `${plan.below === true ? 'MIN' : 'MAX'}([${filled.join(', ')}])`;
    const metric = new MathExpression({ expression, usingMetrics, period: FIVE_MINUTES });
    this.alarm(id('one of all'), { ...plan, metric, advice: advice(Object.keys(metrics).join(' or ')) });
  }

  /** Adds an alarm for lines of each event; a lean stage counts all of a group in one metric. */
  lines(group: string, all: readonly LineAlarm[]): void {
    const counted = all.map((line) => {
      const name = this.isLean ? `${this.node.path}/${group}` : `${line.from.node.path}/${line.id}`;
      const pattern = FilterPattern.stringValue('$.event', '=', line.event);
      return { most: 0, ...line, metric: this.#counted(line.id, name, line.from.logGroup, pattern) };
    });
    const [first] = counted;
    if (!this.isLean || first === undefined)
      for (const { id, metric, most, advice } of counted) this.alarm(id, { metric, most, advice });
    else this.alarm(group, { ...first, advice: [...new Set(all.map(({ advice }) => advice))].join(' ') });
  }

  status(id: string, logGroup: ILogGroup, status: number): Metric {
    return this.#counted(id, `${this.node.path}/${id}`, logGroup, FilterPattern.stringValue('$.status', '=', String(status)));
  }

  #counted(id: string, name: string, logGroup: ILogGroup, filterPattern: ReturnType<typeof FilterPattern.stringValue>): Metric {
    const filter = new MetricFilter(this, `Lines ${id}`, {
      logGroup,
      filterPattern,
      metricNamespace: NAMESPACE,
      metricName: name.replaceAll(/[^A-Za-z0-9/]/g, '-'),
    });
    return filter.metric(SUM);
  }
}

/** Refused requests in five minutes. */
const BLOCKED_MAX = 500;
const ERRORS_PERCENT_MAX = 5;
/** Requests in five minutes: many times a city's usual load. The budget shows the costs of a flood a day late. */
const REQUESTS_MAX = 10_000;

export const edgeAlarms = (watch: Watch, distribution: Distribution, firewall: Firewall | undefined): void => {
  if (firewall !== undefined)
    watch.alarm('requests blocked', {
      metric: firewall.blocked(SUM),
      most: BLOCKED_MAX,
      advice:
        'The firewall refuses many requests. Its counts by rule say why: a flood, or a city hall behind one address that is too busy.',
    });
  const ofEdge = (metricName: string, statistic: string): Metric =>
    new Metric({
      namespace: 'AWS/CloudFront',
      metricName,
      dimensionsMap: { DistributionId: distribution.distributionId, Region: 'Global' },
      statistic,
      period: FIVE_MINUTES,
    });
  watch.alarm('requests', {
    metric: ofEdge('Requests', 'Sum'),
    most: REQUESTS_MAX,
    advice: 'Many requests come, each of which costs. The access log says for what; docs/deploy.md has how to lower the limit.',
  });
  watch.alarm('5xx at the edge, in %', {
    metric: ofEdge('5xxErrorRate', 'Average'),
    most: ERRORS_PERCENT_MAX,
    advice:
      'CloudFront gets errors from the gate or, if the gate itself has no 5xx, cannot reach it. docs/deploy.md has what is there.',
  });
};

interface SpendingProps {
  /** US dollars a month. */
  readonly limit: number;
  readonly topic: ITopic;
  readonly stage: string;
}

export const watchSpending = (scope: Construct, id: string, { limit, topic, stage }: SpendingProps): void => {
  const subscribers = [{ subscriptionType: 'SNS', address: topic.topicArn }];
  const when = (notificationType: 'ACTUAL' | 'FORECASTED', threshold: number) => ({
    notification: { notificationType, threshold, comparisonOperator: 'GREATER_THAN', thresholdType: 'PERCENTAGE' },
    subscribers,
  });
  new CfnBudget(scope, id, {
    budget: {
      budgetType: 'COST',
      timeUnit: 'MONTHLY',
      budgetLimit: { amount: limit, unit: 'USD' },
      // This stage only. Works once the tag is activated in Billing.
      costFilters: { TagKeyValue: [`user:${STAGE_TAG}$${stage}`] },
    },
    notificationsWithSubscribers: [when('ACTUAL', 80), when('FORECASTED', 100)],
  });
};

type Functions = Readonly<Record<CoreFunction, GateFunction>>;

const AN_HOUR = Duration.hours(1);

/** The longest lag of a stream reader, in ms, in which several sweeps run. */
const BEHIND_MS_MAX = 5 * 60_000;
const LATENCY_MS_MAX = 5_000;
/** An acknowledged commit should be public within a minute; twice that is a fault. */
const PUBLISH_SECONDS_MAX = 120;
/** AWS reviews an account when 5 % of its mails come back, and stops its mail at 10 %. */
const BOUNCE_RATE_MAX = 0.05;
const THROTTLED_REQUESTS_MAX = 50;

type Line = readonly [from: CoreFunction, worry: string, event: string, advice: string];

/** Grouped by the action that they need. */
const LINES: Readonly<Record<string, readonly Line[]>> = {
  'history altered': [
    [
      'sequencer',
      'tampered',
      'store tampered',
      'Somebody with rights of the account changed a commit. Find out who (CloudTrail), run fsck against the public log, restore.',
    ],
    [
      'sequencer',
      'withheld',
      'stream is kept out of the public log',
      'A stream does not continue what was signed; nothing of it enters the log. Treat it as tampering: fsck, CloudTrail, restore.',
    ],
  ],
  'officials not reached': [
    [
      'notify',
      'unmet',
      'requirement cannot be met',
      'No one holds a seat that must decide; the change stays off. Put a roster forward.',
    ],
    [
      'notify',
      'behind',
      'consumer is behind',
      'A mail waits: SES takes none, refused it, or a commit fails. The line says of which change; the account’s page of SES says whether it may send.',
    ],
    ['notify', 'unreached', 'no mail address', 'A holder has no address in the directory. Set the roster with one.'],
    [
      'notify',
      'returned',
      'mail came back',
      'An official did not get a mail. The line names the holder: ask them, set the roster with an address that works, reissue the link.',
    ],
  ],
  'something is on without permission': [
    [
      'derived',
      'drift',
      'drift',
      'Something is on at a vendor without permission, or for more than is allowed. The line names the feature: open /on-without-permission, have it switched off.',
    ],
  ],
  'work not done': [
    [
      'clock',
      'unticked',
      'clock could not tick',
      'The clock cannot write on a feature; answers are right all the same. The line says why.',
    ],
    [
      'sequencer',
      'behind',
      'consumer is behind',
      'EventBridge takes no events, or a commit does not enter the log: rules on the bus hear nothing.',
    ],
    ...(['api', 'site'] as const).map(
      (name): Line => [
        name,
        'secret',
        'origin secret refused',
        'CloudFront shows a secret that no function takes, so everyone gets 403: deploy the newest originSecretVersion. Or somebody guesses it.',
      ],
    ),
  ],
};

/** Failures in five minutes: the sequencer retries each minute, and a witness may be unreachable for one. */
const UNWITNESSED_MAX = 2;

const SCHEDULED = ['projector', 'sequencer', 'derived', 'notify', 'webhooks', 'clock'] as const;

const HEALED = 'The sweep has healed it:';

/** The contents of a queue that no sweep repairs. */
const NOT_HEALED: Readonly<Record<string, string>> = {
  bus: 'The sweep has healed it, but for a mail that came back (source aws.ses), for which notify is invoked with that event again:',
  sequencer: 'The sweep has healed it, but for a record other than INSERT: treat that as tampering (archive.ts check);',
};

const healed = (names: string): string =>
  names
    .split(' or ')
    .flatMap((name) => NOT_HEALED[name] ?? [])
    .join(' ') || HEALED;

const PARKED = 'A commit was given up after five tries. Mend the cause, then invoke its function with {"task":"replay"}.';

const lines = (watch: Watch, functions: Functions): void => {
  const parked = SCHEDULED.map((name): Line => [name, 'parked', 'parked', PARKED]);
  for (const [group, listed] of Object.entries(LINES)) {
    const all = group === 'work not done' ? [...listed, ...parked] : listed;
    watch.lines(
      group,
      all.map(([name, worry, event, advice]) => ({ id: `${name} ${worry}`, from: functions[name], event, advice })),
    );
  }
};

const unwitnessed = (watch: Watch, { sequencer }: Functions): void =>
  watch.lines('sequencer unwitnessed', [
    {
      id: 'sequencer unwitnessed',
      from: sequencer,
      event: 'checkpoint waits for witnesses',
      most: UNWITNESSED_MAX,
      advice: 'Too few witnesses cosign. The public log stands still, answers do not; /readyz names the witnesses to ask.',
    },
  ]);

const errors = (watch: Watch, functions: Functions): void => {
  const plan = { most: 0, advice: 'Its log says why; a consumer tries again by itself within a minute.' };
  // An expression takes ten metrics, at the price of ten: a lean stage watches the one metric of all functions of the account.
  if (watch.isLean)
    watch.alarm('errors', {
      ...plan,
      metric: Lambda.metricAllErrors(SUM),
      advice: `A function of this account ended with an error. ${plan.advice}`,
    });
  else
    for (const [name, { lambda }] of Object.entries(functions))
      watch.alarm(`${name} errors`, {
        ...plan,
        metric: lambda.metricErrors(SUM),
        advice: `The function ${name} ended with an error. ${plan.advice}`,
      });
};

const whatRuns = (watch: Watch, functions: Functions, queues: Readonly<Record<string, DeadLetterQueue>>): void => {
  errors(watch, functions);
  watch.alarm('throttles', {
    metric: Lambda.metricAllThrottles(SUM),
    most: 0,
    advice: 'Lambda had no room for a call. Ask AWS for a higher limit of concurrent executions in this account.',
  });
  for (const name of ['projector', 'sequencer'] as const)
    watch.detail(`${name} is behind, in ms`, {
      metric: functions[name].lambda.metric('IteratorAge', MAXIMUM),
      most: BEHIND_MS_MAX,
      advice: `${name} does not keep up with the stream of commits. Lists are late, answers are not. Look for a commit that fails.`,
    });
  const waiting = Object.entries(queues).map(([name, queue]) => [name, queue.metricApproximateNumberOfMessagesVisible(MAXIMUM)]);
  watch.alarms(Object.fromEntries(waiting), {
    id: (names) => `${names} in the queue`,
    most: 0,
    advice: (names) => `AWS gave up delivering to ${names}. ${healed(names)} find out why, then purge the queue.`,
  });
  const runs = SCHEDULED.map((name) => [name, functions[name].lambda.metricInvocations(SUM)]);
  watch.alarms(Object.fromEntries(runs), {
    id: (names) => `the ${names} stands still`,
    most: 1,
    below: true,
    // Ten minutes: after fifteen without a comparison by the sequencer nothing is on.
    periods: 2,
    advice: (names) => `${names} was not run for ten minutes. Look at the schedules in EventBridge Scheduler and at their roles.`,
  });
};

const ofFrontDoor = (watch: Watch, { stage, accessLog }: FrontDoor): void => {
  watch.alarm('5xx', {
    metric: stage.metricServerError(SUM),
    most: 0,
    advice: 'Somebody was answered with a 5xx. The access log has the request’s id, the function’s log the cause.',
  });
  watch.detail('latency, p99 in ms', {
    metric: stage.metricLatency({ period: FIVE_MINUTES, statistic: 'p99' }),
    most: LATENCY_MS_MAX,
    advice: 'Answers take seconds. The functions’ REPORT lines show cold starts and the time of each call.',
  });
  if (watch.isLean) return;
  watch.alarm('requests turned away', {
    metric: watch.status('requests turned away', accessLog, 429),
    most: THROTTLED_REQUESTS_MAX,
    advice:
      'More came than a route takes. The access log says which route: a flood is for the firewall, a city that grew for the limits.',
  });
};

const theCity = (watch: Watch, { sequencer }: Functions): void => {
  watch.alarm('delay of the log, in s', {
    metric: new Metric({
      ...MAXIMUM,
      namespace: NAMESPACE,
      metricName: PUBLISH_DELAY,
      dimensionsMap: { [DIMENSION]: sequencer.lambda.functionName },
    }),
    most: PUBLISH_SECONDS_MAX,
    advice: 'Commits are public late. Look at the log of the sequencer: KMS, S3, or a history that was just imported.',
  });
  watch.alarm('mails that come back, of all', {
    metric: new Metric({ namespace: 'AWS/SES', metricName: 'Reputation.BounceRate', statistic: 'Maximum', period: AN_HOUR }),
    most: BOUNCE_RATE_MAX,
    advice: 'Too many mails come back; AWS stops the account’s mail at a tenth. Correct the addresses in the roster.',
  });
};

interface GateParts {
  readonly functions: Functions;
  readonly frontDoor: FrontDoor;
  readonly queues: Readonly<Record<string, DeadLetterQueue>>;
  readonly settings: Pick<DeploymentSettings, 'witnessQuorum'>;
}

export const gateAlarms = (watch: Watch, { functions, frontDoor, queues, settings }: GateParts): void => {
  theCity(watch, functions);
  ofFrontDoor(watch, frontDoor);
  lines(watch, functions);
  if (settings.witnessQuorum > 0) unwitnessed(watch, functions);
  whatRuns(watch, functions, queues);
};
