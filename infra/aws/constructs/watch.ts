import { Duration, Stack, Validations } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, type IMetric, Metric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { FilterPattern, type ILogGroup, MetricFilter } from 'aws-cdk-lib/aws-logs';
import { type ITopic, Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import { DIMENSION, NAMESPACE } from '../../../functions/handlers/runtime/metrics.ts';
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

export class Watch extends Construct {
  readonly #topic: ITopic;

  constructor(scope: Construct, id: string, { topic }: { readonly topic: ITopic }) {
    super(scope, id);
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

  line(id: string, { logGroup, node }: GateFunction, event: string, advice: string): void {
    const metric = this.#lines(id, logGroup, FilterPattern.stringValue('$.event', '=', event), node.path);
    this.alarm(id, { metric, most: 0, advice });
  }

  status(id: string, logGroup: ILogGroup, status: number): Metric {
    return this.#lines(id, logGroup, FilterPattern.stringValue('$.status', '=', String(status)), this.node.path);
  }

  #lines(id: string, logGroup: ILogGroup, filterPattern: ReturnType<typeof FilterPattern.stringValue>, path: string): Metric {
    const filter = new MetricFilter(this, `Lines ${id}`, {
      logGroup,
      filterPattern,
      metricNamespace: NAMESPACE,
      metricName: `${path}/${id}`.replaceAll(/[^A-Za-z0-9/]/g, '-'),
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
