import { beforeAll, expect, test } from 'vitest';
import { resources, type Templates, templates } from './support/templates.ts';

// What an upgrade, a second stage or an outage of a service must not lose.

let deployed: Templates;
let city2: Templates;
beforeAll(() => {
  deployed = templates();
  city2 = templates({ stage: 'city2', mailIdentity: 'existing' });
});

interface Any {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
}

/**
 * CloudFormation knows a resource by its id and replaces it when its id, its key or its kind of key is another one: the old table would be
 * left alone, with all that a city decided, and an empty one would answer. No name here may ever change.
 */
test('the resources that a city keeps have the ids, and the properties that cannot be changed, that they had at first', () => {
  const all = Object.entries<Any>(deployed.records.toJSON().Resources);
  const fixed = ({ Type: type, Properties: properties }: Any): string => {
    const { KeySchema: schema, KeySpec: spec, KeyUsage: usage } = properties;
    const keys = ((schema ?? []) as readonly { readonly AttributeName: string; readonly KeyType: string }[]).map(
      ({ AttributeName: name, KeyType: key }) => `${name} ${key}`,
    );
    return [type, ...keys, ...[spec, usage].filter((each) => typeof each === 'string')].join(' ');
  };
  expect(Object.fromEntries(all.map(([id, each]) => [id, fixed(each)]))).toStrictEqual({
    Key961B73FD: 'AWS::KMS::Key',
    CommitsTable4F48641D: 'AWS::DynamoDB::GlobalTable pk HASH sk RANGE',
    SideTableD0CA8511: 'AWS::DynamoDB::GlobalTable pk HASH sk RANGE',
    RegisterTable67B31D64: 'AWS::DynamoDB::GlobalTable pk HASH sk RANGE',
    WritesBucket4F6BFFC8: 'AWS::S3::Bucket',
    WritesBucketPolicy5C13BCEC: 'AWS::S3::BucketPolicy',
    WritesTrail392422EC: 'AWS::CloudTrail::Trail',
    PublicLogBucket64FCCAA6: 'AWS::S3::Bucket',
    PublicLogBucketPolicy38A40BDF: 'AWS::S3::BucketPolicy',
    LogKey15608DC4: 'AWS::KMS::Key ECC_NIST_EDWARDS25519 SIGN_VERIFY',
    LinkKeySecret36D20CC5: 'AWS::SecretsManager::Secret',
    TextKeySecret3F584C7B: 'AWS::SecretsManager::Secret',
    RosterSaltSecretE975262E: 'AWS::SecretsManager::Secret',
    OriginSecret9A421E71: 'AWS::SecretsManager::Secret',
    CommitKeySecret89062B66: 'AWS::SecretsManager::Secret',
  });
});

const namesIn = ({ gate, guard, edge, records }: Templates): readonly string[] => {
  const found: string[] = [];
  for (const template of [gate, guard, edge, records])
    for (const { Type: type, Properties: properties = {} } of Object.values<Any>(template.toJSON().Resources))
      for (const name of ['Name', 'EmailIdentity', 'DashboardName', 'TrailName'])
        if (typeof properties[name] === 'string' && type !== 'AWS::ApiGatewayV2::Api') found.push(`${type} ${properties[name]}`);
  return found;
};

test('a second stage, such as the one that a restored city moves to, has no name of the first one', () => {
  const first = new Set(namesIn(deployed));
  expect(first.size).toBeGreaterThan(3);
  expect(namesIn(city2).filter((name) => first.has(name))).toEqual([]);
  const [identity] = [...resources(deployed.gate, 'AWS::SES::EmailIdentity').values()];
  expect(first).toContain(`AWS::SES::EmailIdentity ${String(identity?.Properties.EmailIdentity)}`);
  const { Rules: rules, ...acl } = [...resources(city2.guard, 'AWS::WAFv2::WebACL').values()][0]?.Properties ?? {};
  expect(rules).toBeDefined();
  expect(acl).toMatchObject({ VisibilityConfig: { MetricName: 'Aldergate-city2-Guard' } });
});

test('CloudTrail records every write to the table of commits, and no read', () => {
  const [trail, ...others] = [...resources(deployed.records, 'AWS::CloudTrail::Trail').values()];
  expect(others).toHaveLength(0);
  const { EventSelectors: older, AdvancedEventSelectors: selectors, ...properties } = trail?.Properties ?? {};
  expect(older).toBeUndefined();
  expect(properties).toMatchObject({ IsLogging: true, EnableLogFileValidation: true });
  expect(selectors).toMatchObject([
    {
      FieldSelectors: [
        { Field: 'eventCategory', Equals: ['Data'] },
        { Field: 'resources.type', Equals: ['AWS::DynamoDB::Table'] },
        { Field: 'resources.ARN', Equals: [{ 'Fn::GetAtt': ['CommitsTable4F48641D', 'Arn'] }] },
        { Field: 'readOnly', Equals: ['false'] },
      ],
    },
  ]);
});

test('an event that a function could not handle is dropped if the next minute does its work, and kept if nothing else does', () => {
  const configured = [...resources(deployed.gate, 'AWS::Lambda::EventInvokeConfig').values()].map(({ Properties: each }) => each);
  const [kept, ...others] = configured.filter(({ DestinationConfig: destination }) => destination !== undefined);
  expect(others).toHaveLength(0);
  expect(JSON.stringify(kept?.FunctionName)).toContain('notifyFunction');
  expect(kept).toMatchObject({
    MaximumRetryAttempts: 2,
    MaximumEventAgeInSeconds: 21_600,
    DestinationConfig: { OnFailure: { Destination: { 'Fn::GetAtt': [expect.stringContaining('EventsUndelivered'), 'Arn'] } } },
  });
  const dropped = configured.filter((each) => each !== kept);
  expect(dropped).toHaveLength(resources(deployed.gate, 'AWS::Scheduler::Schedule').size - 1);
  for (const each of dropped) expect(each).toMatchObject({ MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 });
});

test('old versions of what the sequencer replaces or removes go after a time, and those of nothing else', () => {
  const [bucket] = [...resources(deployed.records, 'AWS::S3::Bucket')].filter(([id]) => id.startsWith('PublicLog'));
  const { LifecycleConfiguration: life } = bucket?.[1].Properties ?? {};
  const rule = (prefix: string, days: number) => ({
    Prefix: prefix,
    NoncurrentVersionExpiration: { NoncurrentDays: days },
    Status: 'Enabled',
  });
  expect(life).toStrictEqual({ Rules: [rule('log/checkpoint', 400), rule('log/tile/', 400), rule('log/judged', 7)] });
});
