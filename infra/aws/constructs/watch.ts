import { Duration, Stack, Validations } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, type IMetric, MathExpression, Metric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { FilterPattern, type ILogGroup, MetricFilter } from 'aws-cdk-lib/aws-logs';
import { type ITopic, Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import { DIMENSION, NAMESPACE } from '../../../functions/handlers/runtime/metrics.ts';
import type { DeploymentSettings } from '../settings.ts';
import type { GateFunction } from './gateFunction.ts';

interface IncidentsProps {
  readonly email: string | undefined;
  readonly publishers: readonly string[];
}

export class Incidents extends Topic {
  constructor(scope: Construct, id: string, { email, publishers }: IncidentsProps) {
    super(scope, id, { displayName: 'Aldergate', enforceSSL: true });
    // A policy of its own replaces the default policy, which would allow the services of the account.
    // For this account only: the topic's name is no secret, and the services act for every account.
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

const PERIOD = Duration.minutes(5);

interface AlarmPlan {
  readonly metric: IMetric;
  readonly most: number;
  readonly below?: boolean;
  readonly periods?: number;
  readonly advice: string;
}

/** What the alarms of several metrics share; `names`: of which of them. */
interface SharedPlan extends Omit<AlarmPlan, 'metric' | 'advice'> {
  readonly id: (names: string) => string;
  readonly advice: (names: string) => string;
}

/** Lines of one event in the log of a function, of which the first above `most` is an alarm. */
export interface LineAlarm {
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

/** Makes alarms. A lean stage has one for several that ask the same of a person, and none that only explains another. */
export class Watch extends Construct {
  readonly isLean: boolean;
  readonly #topic: ITopic;

  constructor(scope: Construct, id: string, { topic, settings }: WatchProps) {
    super(scope, id);
    this.isLean = settings.size === 'lean';
    this.#topic = topic;
  }

  /** Adds an alarm. Missing data raises no alarm, except for a lower threshold. */
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

  /** Adds an alarm for each metric. A lean stage gets one for all, in alarm while any of them would be; AWS asks a price for each metric. */
  alarms(metrics: Readonly<Record<string, IMetric>>, { id, advice, ...plan }: SharedPlan): void {
    if (!this.isLean) {
      for (const [name, metric] of Object.entries(metrics)) this.alarm(id(name), { ...plan, metric, advice: advice(name) });
      return;
    }
    const usingMetrics = Object.fromEntries(Object.values(metrics).map((metric, index) => [`m${index}`, metric]));
    const filled = Object.keys(usingMetrics).map((name) => `FILL(${name}, 0)`);
    const expression = `${plan.below === true ? 'MIN' : 'MAX'}([${filled.join(', ')}])`;
    const metric = new MathExpression({ expression, usingMetrics, period: PERIOD });
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
    return filter.metric({ period: PERIOD, statistic: 'Sum' });
  }
}

/** Returns a metric that a function measures itself (see functions/handlers/runtime/metrics.ts). */
export const ownMetric = ({ lambda }: GateFunction, metricName: string): Metric =>
  new Metric({
    namespace: NAMESPACE,
    metricName,
    dimensionsMap: { [DIMENSION]: lambda.functionName },
    statistic: 'Maximum',
    period: PERIOD,
  });
