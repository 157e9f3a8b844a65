import type { Template } from 'aws-cdk-lib/assertions';
import { beforeAll, describe, expect, test } from 'vitest';
import { resources, type Templates, templates } from './support/templates.ts';

let full: Templates;
let lean: Templates;
beforeAll(() => {
  full = templates();
  lean = templates({ size: 'lean' });
});

type Properties = Readonly<Record<string, unknown>>;

const propertiesOf = (template: Template, type: string): readonly Properties[] =>
  [...resources(template, type).values()].map(({ Properties: each }) => each);
const all = ({ records, copy, gate, guard, edge }: Templates): readonly Template[] => [
  records,
  ...(copy === undefined ? [] : [copy]),
  gate,
  guard,
  edge,
];
const alarmIds = (stage: Templates): readonly string[] =>
  all(stage).flatMap((template) =>
    [...resources(template, 'AWS::CloudWatch::Alarm').keys()].map((id) => id.replace(/^Watch|.{8}$/g, '')),
  );

test('there is no firewall, and no stack for one', () => {
  expect(Object.keys(lean.guard.toJSON().Resources)).toEqual([]);
  const [{ DistributionConfig: config } = {}] = propertiesOf(lean.gate, 'AWS::CloudFront::Distribution');
  expect(config).toBeDefined();
  expect(config).not.toHaveProperty('WebACLId');
});

describe('alarms', () => {
  test('are a dozen, and one of the copies, each of which a person can do something about', () => {
    expect(alarmIds(lean).toSorted()).toEqual(
      [
        '5xx',
        '5xxattheedgein',
        'copiesold',
        'delayofthelogins',
        'errors',
        'historyaltered',
        'mailsthatcomebackofall',
        'officialsnotreached',
        'oneofallinthequeue',
        'somethingisonwithoutpermission',
        'theoneofallstandsstill',
        'throttles',
        'worknotdone',
      ].toSorted(),
    );
    expect(alarmIds(full).length).toBeGreaterThan(40);
    const described = all(lean).flatMap((template) => propertiesOf(template, 'AWS::CloudWatch::Alarm'));
    for (const { AlarmDescription: advice, AlarmActions: actions } of described) {
      expect(String(advice).length).toBeLessThanOrEqual(1_024);
      expect(actions).toHaveLength(1);
    }
  });

  test('count every line that a full stage has an alarm for, a group in one metric', () => {
    const filtersOf = ({ gate }: Templates) =>
      propertiesOf(gate, 'AWS::Logs::MetricFilter').filter((each) => !String(each.FilterPattern).includes('429'));
    const place = ({ FilterPattern: pattern, LogGroupName: log }: Properties): string => `${pattern} ${JSON.stringify(log)}`;
    expect(filtersOf(lean).map(place).toSorted()).toEqual(filtersOf(full).map(place).toSorted());
    const metrics = filtersOf(lean).map(
      ({ MetricTransformations: made }) => (made as readonly { MetricName: string }[])[0]?.MetricName,
    );
    const watched = propertiesOf(lean.gate, 'AWS::CloudWatch::Alarm').map(({ MetricName: name }) => name);
    expect(new Set(metrics).size).toBe(5);
    for (const metric of metrics) expect(watched).toContain(metric);
  });

  test('of old copies reads a function whose standstill has an alarm, since that of the copies has none', () => {
    const [{ LogGroupName: log } = {}] = propertiesOf(lean.gate, 'AWS::Logs::MetricFilter').filter((each) =>
      String(each.FilterPattern).includes('copies are old'),
    );
    const still = [...resources(lean.gate, 'AWS::CloudWatch::Alarm')].find(([id]) => id.includes('theoneofallstandsstill'));
    const { Ref: clock } = (log as { readonly Ref: string }) ?? {};
    expect(clock).toMatch(/^clockLog/);
    expect(JSON.stringify(still)).toContain('"Ref":"clockFunction');
    expect(JSON.stringify(still)).not.toContain('"Ref":"copiesFunction');
  });

  test('watch every queue and every function that is run each minute, by the worst of them', () => {
    const [queue, still] = ['oneofallinthequeue', 'theoneofallstandsstill'].map((name) => {
      const [, alarm] = [...resources(lean.gate, 'AWS::CloudWatch::Alarm')].find(([id]) => id.includes(name)) ?? [];
      return alarm?.Properties as { readonly Metrics: readonly { readonly Expression?: string; readonly MetricStat?: object }[] };
    });
    const counted = (alarm: typeof queue) => alarm?.Metrics.filter(({ MetricStat: stat }) => stat !== undefined).length;
    expect(counted(queue)).toBe(propertiesOf(lean.gate, 'AWS::SQS::Queue').length);
    expect(counted(still)).toBe(6);
    expect(still).toMatchObject({ ComparisonOperator: 'LessThanThreshold', TreatMissingData: 'breaching', EvaluationPeriods: 3 });
    expect(still?.Metrics[0]?.Expression).toMatch(/^MIN\(\[FILL\(m0, 0\), .*FILL\(m5, 0\)\]\)$/);
    expect(queue?.Metrics[0]?.Expression).toMatch(/^MAX\(/);
  });

  test('a quorum of witnesses has one more', () => {
    const vkey = 'museum.example+656a4954+BAcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcH';
    const witnessed = templates({ size: 'lean', witnesses: [{ url: 'https://museum.example', vkey }], witnessQuorum: 1 });
    expect(alarmIds(witnessed).filter((id) => !alarmIds(lean).includes(id))).toEqual(['sequencerunwitnessed']);
  });
});

describe('tables', () => {
  const tablesOf = ({ records }: Templates) =>
    [...resources(records, 'AWS::DynamoDB::GlobalTable')].map(([id, { Properties: each }]) => [id, each] as const);

  test('are under a key of AWS, and the log keeps its own', () => {
    for (const [, { SSESpecification: encryption }] of tablesOf(lean)) expect(encryption).toEqual({ SSEEnabled: false });
    expect(propertiesOf(lean.records, 'AWS::KMS::Key').map(({ KeyUsage: usage }) => usage)).toEqual(['SIGN_VERIFY']);
  });

  test('from lean to full and back only their encryption changes, which DynamoDB changes in place', () => {
    const others = (stage: Templates) =>
      tablesOf(stage).map(([id, { SSESpecification: _encryption, Replicas: replicas, ...properties }]) => [
        id,
        properties,
        (replicas as readonly Properties[]).map(({ SSESpecification: _ofReplica, ...replica }) => replica),
      ]);
    expect(others(lean)).toEqual(others(full));
    const kept = ({ records }: Templates) => Object.keys(records.toJSON().Resources).toSorted();
    expect(kept(full).filter((id) => !kept(lean).includes(id))).toEqual(['Key961B73FD']);
    expect(kept(lean).filter((id) => !kept(full).includes(id))).toEqual([]);
  });

  test('neither move waits for another stack: what the gate reads of the records is the same, and so is what its functions may do', () => {
    const exported = ({ records }: Templates) =>
      Object.entries<{ readonly Export?: object }>(records.toJSON().Outputs ?? {}).filter(
        ([, { Export: name }]) => name !== undefined,
      );
    expect(exported(lean)).toEqual(exported(full));
    for (const type of ['AWS::IAM::Policy', 'AWS::IAM::Role', 'AWS::Lambda::Function'])
      expect(propertiesOf(lean.gate, type)).toEqual(propertiesOf(full.gate, type));
  });

  test('under a key of their own are used by the functions of this stage alone, through DynamoDB, and by the deployment', () => {
    const [key] = propertiesOf(full.records, 'AWS::KMS::Key').filter(({ KeyUsage: usage }) => usage === undefined);
    const { Statement: statements } = (key?.KeyPolicy ?? {}) as { readonly Statement: readonly Properties[] };
    const [, functions, ...others] = statements;
    expect(others).toEqual([]);
    const { Condition: condition, Action: actions } = functions ?? {};
    expect(actions).not.toContain('kms:*');
    expect(condition).toMatchObject({
      ArnLike: { 'aws:PrincipalArn': expect.anything() },
      StringEquals: { 'kms:CallerAccount': { Ref: 'AWS::AccountId' }, 'kms:ViaService': 'dynamodb.us-west-2.amazonaws.com' },
    });
    expect(JSON.stringify(condition)).toContain(':role/Aldergate-town-Gate-*"');
    // The longest stage, and 13 characters that CloudFormation adds: a longer name would be cut, and not begin as it has to.
    for (const role of resources(full.gate, 'AWS::IAM::Role').keys())
      if (/^[a-z]+Role/.test(role)) expect(`Aldergate-${'s'.repeat(12)}-Gate-${role}-`.length + 13, role).toBeLessThanOrEqual(64);
  });
});
