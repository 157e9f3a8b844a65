import { beforeAll, describe, expect, test } from 'vitest';
import { FUNCTIONS } from '../../../infra/aws/constructs/functions.ts';
import { sourceFiles, textOf } from '../../support/projectFiles.ts';
import { resources, type Templates, templates } from './support/templates.ts';

let deployed: Templates;
beforeAll(() => {
  deployed = templates({ budgetUsd: 75 });
});

interface Alarm {
  readonly MetricName?: string;
  readonly Namespace?: string;
  readonly Metrics?: readonly { readonly MetricStat?: { readonly Metric: { readonly MetricName: string } } }[];
  readonly Threshold: number;
  readonly ComparisonOperator: string;
  readonly TreatMissingData: string;
  readonly EvaluationPeriods: number;
  readonly Period?: number;
  readonly AlarmDescription: string;
  readonly AlarmActions: readonly unknown[];
}
const alarmsOf = (template: Templates['gate']): readonly Alarm[] =>
  [...resources(template, 'AWS::CloudWatch::Alarm').values()].map(({ Properties: each }) => each as unknown as Alarm);

const metricOf = ({ MetricName: name, Metrics: metrics = [], Threshold: most }: Alarm): string =>
  `${name ?? metrics.flatMap(({ MetricStat: stat }) => stat?.Metric.MetricName ?? [])[0]} ${most}`;

const counted = (lines: readonly string[]): Readonly<Record<string, number>> =>
  Object.fromEntries([...Map.groupBy(lines, (line) => line)].map(([line, all]) => [line, all.length]));

describe('alarms', () => {
  test('of what the gate itself does, by these metrics above these numbers', () => {
    expect(counted(alarmsOf(deployed.gate).map(metricOf))).toStrictEqual({
      'PublishDelay 120': 1,
      'Reputation.BounceRate 0.05': 1,
      '5xx 0': 1,
      'Latency 5000': 1,
      'Aldergate-town-Gate/Watch/requests-turned-away 50': 1,
      'Errors 0': Object.keys(FUNCTIONS).length,
      'Throttles 0': 1,
      'IteratorAge 300000': 2,
      'ApproximateNumberOfMessagesVisible 0': 4,
      'Invocations 1': 7,
      'Aldergate-town-Gate/clock/copies-old 0': 1,
      'Aldergate-town-Gate/sequencer/sequencer-tampered 0': 1,
      'Aldergate-town-Gate/notify/notify-unmet 0': 1,
      'Aldergate-town-Gate/notify/notify-unreached 0': 1,
      'Aldergate-town-Gate/notify/notify-returned 0': 1,
      'Aldergate-town-Gate/clock/clock-unticked 0': 1,
      'Aldergate-town-Gate/derived/derived-drift 0': 1,
      'Aldergate-town-Gate/sequencer/sequencer-withheld 0': 1,
      'Aldergate-town-Gate/projector/projector-parked 0': 1,
      'Aldergate-town-Gate/sequencer/sequencer-parked 0': 1,
      'Aldergate-town-Gate/derived/derived-parked 0': 1,
      'Aldergate-town-Gate/notify/notify-parked 0': 1,
      'Aldergate-town-Gate/webhooks/webhooks-parked 0': 1,
      'Aldergate-town-Gate/clock/clock-parked 0': 1,
    });
  });

  test('of what only the edge sees, from the region where it is counted', () => {
    expect(alarmsOf(deployed.edge).map(metricOf)).toStrictEqual(['BlockedRequests 500', '5xxErrorRate 5']);
    deployed.edge.hasResourceProperties('AWS::CloudWatch::Alarm', {
      Namespace: 'AWS/WAFV2',
      Dimensions: [
        { Name: 'Rule', Value: 'ALL' },
        { Name: 'WebACL', Value: 'Aldergate-town-Guard' },
      ],
    });
    deployed.guard.hasResourceProperties('AWS::WAFv2::WebACL', { VisibilityConfig: { MetricName: 'Aldergate-town-Guard' } });
  });

  test('what to do, each time, by one way', () => {
    for (const alarm of [...alarmsOf(deployed.gate), ...alarmsOf(deployed.edge)]) {
      expect(alarm.AlarmDescription).toMatch(/^[^.]+\S.*[.:] .{15,}\.$/);
      expect(alarm.AlarmActions, alarm.AlarmDescription).toHaveLength(1);
    }
  });

  test('silence is an alarm only where silence is the fault', () => {
    const all = Map.groupBy(alarmsOf(deployed.gate), ({ TreatMissingData: missing }) => missing === 'breaching');
    // Each function that runs every minute, and the one that runs every hour.
    expect(all.get(true)).toHaveLength(resources(deployed.gate, 'AWS::Scheduler::Schedule').size);
    for (const silent of all.get(true) ?? [])
      expect(silent).toMatchObject({
        MetricName: 'Invocations',
        ComparisonOperator: 'LessThanThreshold',
        EvaluationPeriods: 3,
        Period: silent.AlarmDescription.startsWith('copies ') ? 3_600 : 300,
      });
    for (const each of all.get(false) ?? [])
      expect(each).toMatchObject({ TreatMissingData: 'notBreaching', ComparisonOperator: 'GreaterThanThreshold' });
  });

  test('of what the account costs, by the city’s own limit', () => {
    deployed.edge.hasResourceProperties('AWS::Budgets::Budget', {
      Budget: { BudgetType: 'COST', TimeUnit: 'MONTHLY', BudgetLimit: { Amount: 75, Unit: 'USD' } },
      NotificationsWithSubscribers: [
        { Notification: { NotificationType: 'ACTUAL', Threshold: 80 } },
        { Notification: { NotificationType: 'FORECASTED', Threshold: 100 } },
      ],
    });
  });
});

test('a filter counts lines that the functions write', () => {
  const sources = sourceFiles()
    .filter((path) => path.startsWith('functions/'))
    .map((path) => textOf(path))
    .join('\n');
  const patterns = [...resources(deployed.gate, 'AWS::Logs::MetricFilter').values()].map(({ Properties: each }) =>
    String(each.FilterPattern),
  );
  const events = patterns.filter((pattern) => pattern !== '{ $.status = "429" }');
  expect(new Set(events).size).toBe(9);
  for (const pattern of events) expect(sources).toContain(`'${/^\{ \$\.event = "([^"]+)" \}$/.exec(pattern)?.[1]}'`);
});
