import { beforeAll, describe, expect, test } from 'vitest';
import { FUNCTIONS } from '../../../infra/aws/constructs/functions.ts';
import { sourceFiles, textOf } from '../../support/projectFiles.ts';
import { tableBehind } from '../../support/texts.ts';
import {
  CONTEXTS,
  only,
  type Part,
  propertiesOf,
  resources,
  resourcesOf,
  type Templates,
  templates,
  withId,
} from './support/templates.ts';

const ALARM = 'AWS::CloudWatch::Alarm';
const FILTER = 'AWS::Logs::MetricFilter';

let full: Templates;
let lean: Templates;
beforeAll(() => {
  full = templates();
  lean = templates({ size: 'lean' });
});

const allOf = (stage: Templates, type: string): readonly Part[] =>
  resourcesOf(stage).flatMap(([, each]) => (each.Type === type ? [each.Properties] : []));

/** The metrics that an alarm reads, where it computes something of several. */
const statsOf = ({ Metrics: metrics = [{ MetricStat: {} }] }: Part): readonly Part[] =>
  metrics.flatMap((each: Part) => each.MetricStat ?? []);

const metricOf = (alarm: Part) => `${alarm.MetricName ?? statsOf(alarm)[0].Metric.MetricName} ${alarm.Threshold}`;

const counted = (lines: readonly string[]): Readonly<Record<string, number>> =>
  Object.fromEntries([...Map.groupBy(lines, (line) => line)].map(([line, all]) => [line, all.length]));

const OF_LINES = [
  'clock/copies-old',
  ...['tampered', 'withheld'].map((what) => `sequencer/sequencer-${what}`),
  ...['unmet', 'behind', 'unreached', 'returned'].map((what) => `notify/notify-${what}`),
  'clock/clock-unticked',
  'sequencer/sequencer-behind',
  ...['api', 'site'].map((name) => `${name}/${name}-secret`),
  'derived/derived-drift',
  ...['projector', 'sequencer', 'derived', 'notify', 'webhooks', 'clock'].map((name) => `${name}/${name}-parked`),
];

describe('alarms', () => {
  test('of what the gate itself does, by these metrics above these numbers', () => {
    expect(counted(propertiesOf(full.gate, ALARM).map(metricOf))).toStrictEqual({
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
      ...counted(OF_LINES.map((name) => `Aldergate-town-Gate/${name} 0`)),
    });
  });

  test('of what only the edge sees, from the region where it is counted', () => {
    expect(propertiesOf(full.edge, ALARM).map(metricOf)).toStrictEqual([
      'BlockedRequests 500',
      'Requests 10000',
      '5xxErrorRate 5',
    ]);
    expect(propertiesOf(full.edge, ALARM)[0]).toMatchObject({
      Namespace: 'AWS/WAFV2',
      Dimensions: [
        { Name: 'Rule', Value: 'ALL' },
        { Name: 'WebACL', Value: 'Aldergate-town-Guard' },
      ],
    });
    expect(only(full.guard, 'AWS::WAFv2::WebACL')).toMatchObject({ VisibilityConfig: { MetricName: 'Aldergate-town-Guard' } });
  });

  test('what to do, each time, by one way', () => {
    for (const { AlarmDescription: advice, AlarmActions: actions } of [...allOf(full, ALARM), ...allOf(lean, ALARM)]) {
      expect(advice).toMatch(/^[^.]+\S.*[.:] .{15,}\.$/s);
      expect(advice.length).toBeLessThanOrEqual(1_024);
      expect(actions, advice).toHaveLength(1);
    }
  });

  test('silence is an alarm only where silence is the fault', () => {
    const all = Map.groupBy(propertiesOf(full.gate, ALARM), (each) => each.TreatMissingData === 'breaching');
    // Each function that runs every minute, and the one that runs every hour.
    expect(all.get(true)).toHaveLength(resources(full.gate, 'AWS::Scheduler::Schedule').size);
    for (const silent of all.get(true) ?? []) {
      const time = silent.AlarmDescription.startsWith('copies ')
        ? { EvaluationPeriods: 3, Period: 3_600 }
        : { EvaluationPeriods: 2, Period: 300 };
      expect(silent).toMatchObject({ MetricName: 'Invocations', ComparisonOperator: 'LessThanThreshold', ...time });
    }
    for (const each of all.get(false) ?? [])
      expect(each).toMatchObject({ TreatMissingData: 'notBreaching', ComparisonOperator: 'GreaterThanThreshold' });
  });

  test('of what the account costs, by the city’s own limit', () => {
    expect(only(full.edge, 'AWS::Budgets::Budget')).toMatchObject({
      Budget: { BudgetType: 'COST', TimeUnit: 'MONTHLY', BudgetLimit: { Amount: 100, Unit: 'USD' } },
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
  const patterns = propertiesOf(full.gate, FILTER).map((each) => String(each.FilterPattern));
  const events = patterns.filter((pattern) => pattern !== '{ $.status = "429" }');
  expect(new Set(events).size).toBe(11);
  for (const pattern of events) expect(sources).toContain(`'${/^\{ \$\.event = "([^"]+)" \}$/.exec(pattern)?.[1]}'`);
});

const alarmIds = (stage: Templates) =>
  resourcesOf(stage).flatMap(([id, each]) => (each.Type === ALARM ? [id.replace(/^Watch|.{8}$/g, '')] : []));

test('a lean stage has no firewall, and no stack for one', () => {
  expect(Object.keys(lean.guard.Resources)).toEqual([]);
  expect(only(lean.gate, 'AWS::CloudFront::Distribution').DistributionConfig).not.toHaveProperty('WebACLId');
});

const OF_LEAN = `5xx 5xxattheedgein copiesold delayofthelogins errors historyaltered mailsthatcomebackofall officialsnotreached
  oneofallinthequeue requests somethingisonwithoutpermission theoneofallstandsstill throttles worknotdone`;

describe('alarms of a lean stage', () => {
  test('are thirteen, and one of the copies, each of which a person can do something about', () => {
    expect(alarmIds(lean).toSorted()).toEqual(OF_LEAN.split(/\s+/));
    expect(alarmIds(full).length).toBeGreaterThan(40);
  });

  test('count every line that a full stage has an alarm for, a group in one metric', () => {
    const filtersOf = ({ gate }: Templates) => propertiesOf(gate, FILTER).filter((each) => !each.FilterPattern.includes('429'));
    const place = ({ FilterPattern: pattern, LogGroupName: log }: Part) => `${pattern} ${JSON.stringify(log)}`;
    expect(filtersOf(lean).map(place).toSorted()).toEqual(filtersOf(full).map(place).toSorted());
    const metrics = new Set(filtersOf(lean).map((each) => each.MetricTransformations[0].MetricName));
    const watched = propertiesOf(lean.gate, ALARM).map((each) => each.MetricName);
    expect(metrics.size).toBe(5);
    expect(watched).toEqual(expect.arrayContaining([...metrics]));
  });

  test('of old copies reads a function whose standstill has an alarm, since that of the copies has none', () => {
    const [filter] = propertiesOf(lean.gate, FILTER).filter((each) => each.FilterPattern.includes('copies are old'));
    expect(filter.LogGroupName.Ref).toMatch(/^clockLog/);
    const still = JSON.stringify(withId(lean.gate, ALARM, 'theoneofallstandsstill'));
    expect(still).toContain('"Ref":"clockFunction');
    expect(still).not.toContain('"Ref":"copiesFunction');
  });

  test('watch every queue and every function that is run each minute, by the worst of them', () => {
    const [queue, still] = ['oneofallinthequeue', 'theoneofallstandsstill'].map((id) => withId(lean.gate, ALARM, id));
    expect(statsOf(queue)).toHaveLength(propertiesOf(lean.gate, 'AWS::SQS::Queue').length);
    expect(statsOf(still)).toHaveLength(6);
    expect(still).toMatchObject({ ComparisonOperator: 'LessThanThreshold', TreatMissingData: 'breaching', EvaluationPeriods: 2 });
    expect(still.Metrics[0].Expression).toMatch(/^MIN\(\[FILL\(m0, 0\), .*FILL\(m5, 0\)\]\)$/);
    expect(queue.Metrics[0].Expression).toMatch(/^MAX\(/);
  });

  test('a quorum of witnesses has one more', () => {
    const witnessed = templates(CONTEXTS['lean, with a quorum of witnesses']);
    expect(alarmIds(witnessed).filter((id) => !alarmIds(lean).includes(id))).toEqual(['sequencerunwitnessed']);
  });
});

describe('tables', () => {
  const TABLE = 'AWS::DynamoDB::GlobalTable';

  test('are under a key of AWS, and the log keeps its own', () => {
    for (const table of propertiesOf(lean.records, TABLE)) expect(table.SSESpecification).toEqual({ SSEEnabled: false });
    expect(propertiesOf(lean.records, 'AWS::KMS::Key').map((key) => key.KeyUsage)).toEqual(['SIGN_VERIFY']);
  });

  test('from lean to full and back only their encryption changes, which DynamoDB changes in place', () => {
    const others = ({ records }: Templates) =>
      JSON.parse(
        JSON.stringify([...resources(records, TABLE)], (name, value) => (name === 'SSESpecification' ? undefined : value)),
      );
    expect(others(lean)).toEqual(others(full));
    const kept = ({ records }: Templates) => Object.keys(records.Resources);
    expect(new Set(kept(full))).toEqual(new Set([...kept(lean), 'Key961B73FD']));
  });

  test('neither move waits for another stack: what the gate reads of the records is the same, and so is what its functions may do', () => {
    const exported = ({ records }: Templates) =>
      Object.entries(records.Outputs ?? {}).filter(([, output]) => output.Export !== undefined);
    expect(exported(lean)).toEqual(exported(full));
    for (const type of ['AWS::IAM::Policy', 'AWS::IAM::Role', 'AWS::Lambda::Function'])
      expect(propertiesOf(lean.gate, type)).toEqual(propertiesOf(full.gate, type));
  });

  test('under a key of their own are used by the functions of this stage alone, through DynamoDB, and by the deployment', () => {
    const [key] = propertiesOf(full.records, 'AWS::KMS::Key').filter((each) => each.KeyUsage === undefined);
    const [, { Condition: condition, Action: actions }, ...others] = key.KeyPolicy.Statement;
    expect(others).toEqual([]);
    expect(actions).not.toContain('kms:*');
    expect(condition).toMatchObject({
      ArnLike: { 'aws:PrincipalArn': expect.anything() },
      StringEquals: { 'kms:CallerAccount': { Ref: 'AWS::AccountId' }, 'kms:ViaService': 'dynamodb.us-west-2.amazonaws.com' },
    });
    expect(JSON.stringify(condition)).toContain(':role/Aldergate-town-Gate-*"');
  });
});

// The table of fixed costs in docs/costs.md, against the templates that it counts.

const rows = new Map(
  tableBehind(textOf('docs/costs.md'), '**Fixed costs.**').map(([name = '', , ...cells]) => [name, cells] as const),
);

const SIZES = ['full', 'lean'] as const;
type Size = (typeof SIZES)[number];

/** Returns the count and the dollars of a cell, such as `42: 4.20`. */
const cellOf = (name: string, size: Size): readonly [number, number] => {
  const [count = '', dollars = count] = (rows.get(name)?.[SIZES.indexOf(size)] ?? expect.fail(`no row ${name}`)).split(': ');
  return [Number(count), Number(dollars)];
};

describe.each(SIZES)('the fixed costs of a stage that is %s', (size) => {
  const every = (type: string): readonly Part[] => allOf(size === 'full' ? full : lean, type);

  test.each<[string, () => number, (count: number) => number]>([
    ['Secrets', () => every('AWS::SecretsManager::Secret').length, (count) => count * 0.4],
    ['KMS, keys', () => every('AWS::KMS::Key').length + every('AWS::KMS::ReplicaKey').length, (count) => count],
    [
      'WAF, rules',
      () => every('AWS::WAFv2::WebACL').flatMap((acl) => acl.Rules).length,
      (count) => (count === 0 ? 0 : 5 + count),
    ],
    // AWS asks a price for each metric that an alarm reads.
    ['Alarms, metrics', () => every(ALARM).flatMap(statsOf).length, (count) => count * 0.1],
  ])('%s', (name, counted, price) => {
    const count = counted();
    expect(cellOf(name, size)).toEqual([count, expect.closeTo(price(count), 4)]);
  });

  test('add up', () => {
    const names = [...rows.keys()];
    const sum = names.slice(0, -1).reduce((total, name) => total + cellOf(name, size)[1], 0);
    expect(sum).toBeGreaterThan(5);
    expect(cellOf(names.at(-1) ?? '', size)[1]).toBeCloseTo(sum, 2);
  });
});
