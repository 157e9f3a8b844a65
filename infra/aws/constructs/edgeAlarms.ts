import { Duration } from 'aws-cdk-lib';
import { CfnBudget } from 'aws-cdk-lib/aws-budgets';
import type { Distribution } from 'aws-cdk-lib/aws-cloudfront';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { STAGE_TAG } from '../settings.ts';
import type { Firewall } from './firewall.ts';
import type { Watch } from './watch.ts';

const FIVE_MINUTES = Duration.minutes(5);
/** The most refused requests in five minutes. A scanner causes fewer; a flood, or a rule that hits the city, causes more. */
const BLOCKED_MAX = 500;
const ERRORS_PERCENT_MAX = 5;

export const edgeAlarms = (watch: Watch, distribution: Distribution, firewall: Firewall | undefined): void => {
  if (firewall !== undefined)
    watch.alarm('requests blocked', {
      metric: firewall.blocked({ period: FIVE_MINUTES, statistic: 'Sum' }),
      most: BLOCKED_MAX,
      advice:
        'The firewall refuses many requests. Its counts by rule say why: a flood, or a city hall behind one address that is too busy.',
    });
  watch.alarm('5xx at the edge, in %', {
    metric: new Metric({
      namespace: 'AWS/CloudFront',
      metricName: '5xxErrorRate',
      dimensionsMap: { DistributionId: distribution.distributionId, Region: 'Global' },
      statistic: 'Average',
      period: FIVE_MINUTES,
    }),
    most: ERRORS_PERCENT_MAX,
    advice: 'CloudFront cannot reach the gate or gets errors from it. If the gate itself has no 5xx, look at the origin secret.',
  });
};

export interface SpendingProps {
  /** In dollars a month. */
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
      // Of this stage alone. Billing knows the tag once it was activated there.
      costFilters: { TagKeyValue: [`user:${STAGE_TAG}$${stage}`] },
    },
    notificationsWithSubscribers: [when('ACTUAL', 80), when('FORECASTED', 100)],
  });
};
