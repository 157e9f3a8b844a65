import type { Template } from 'aws-cdk-lib/assertions';
import { beforeAll, describe, expect, test } from 'vitest';
import { nameIn, resources, statementsOf, type Templates, templates, withApp } from './support/templates.ts';

const ARN = 'arn:aws:kms:us-east-1:210987654321:key/mrk-0123456789abcdef0123456789abcdef';

const keysIn = (template: Template | undefined, type = 'AWS::KMS::Key') =>
  template === undefined
    ? []
    : [...resources(template, type)].filter(
        ([
          ,
          {
            Properties: { KeyUsage: usage },
          },
        ]) => usage !== undefined || type !== 'AWS::KMS::Key',
      );

/** The keys with which the sequencer may sign, and those that it is given: the newest, then the one before. */
const signingKeys = (gate: Template) => {
  const statements = statementsOf(gate, 'sequencer').filter(({ Action: action }) =>
    [action].flat().some((each) => each.startsWith('kms:Sign') || each === 'kms:GetPublicKey'),
  );
  const sequencer = [...resources(gate, 'AWS::Lambda::Function')].find(([id]) => id.startsWith('sequencer'))?.[1].Properties;
  const { Variables: variables = {} } = (sequencer?.Environment ?? {}) as { Variables?: Readonly<Record<string, unknown>> };
  return {
    allowed: statements.map(({ Action: action, Resource: on }) => [
      [action].flat().join(),
      [on].flat().map(nameIn).sort().join(' '),
    ]),
    given: [variables.ALDERGATE_LOG_KEY, variables.ALDERGATE_LOG_FORMER_KEY].flatMap((each) =>
      each === undefined ? [] : nameIn(each),
    ),
  };
};

let deployed: Templates;
beforeAll(() => {
  deployed = templates();
});

describe('the key of the log', () => {
  test('has a replica in the other region, under a policy of its own', () => {
    const { records, copy } = deployed;
    expect(keysIn(records).map(([, { Properties: each }]) => each)).toMatchObject([
      { KeySpec: 'ECC_NIST_EDWARDS25519', KeyUsage: 'SIGN_VERIFY', MultiRegion: true },
    ]);
    const [[, replica] = [], ...others] = keysIn(copy, 'AWS::KMS::ReplicaKey');
    expect(others).toHaveLength(0);
    expect(replica).toMatchObject({ DeletionPolicy: 'RetainExceptOnCreate', UpdateReplacePolicy: 'Retain' });
    expect(replica?.Properties.PrimaryKeyArn).toStrictEqual({
      'Fn::GetStackOutput': {
        StackName: 'Aldergate-town-Records',
        Region: 'us-west-2',
        OutputName: expect.stringContaining('LogKey15608DC4Arn'),
      },
    });
    const { Statement: statements = [] } = (replica?.Properties.KeyPolicy ?? {}) as { Statement?: readonly object[] };
    expect(statements).toMatchObject([
      { Effect: 'Allow', Action: 'kms:*', Principal: { AWS: { 'Fn::Join': ['', expect.arrayContaining([':root'])] } } },
      { Effect: 'Deny', Action: 'kms:Sign', Principal: { AWS: '*' }, Resource: '*' },
    ]);
    expect(JSON.stringify(statements[1])).toContain('":role/Aldergate-town-Gate-sequencer"');
  });

  test('each key that ever signed has one', () => {
    const { copy } = templates({ logKey: '2', handoverBy: 'arn:aws:iam::123456789012:role/Operator' });
    const replicas = keysIn(copy, 'AWS::KMS::ReplicaKey');
    expect(replicas.map(([, { Properties: each }]) => JSON.stringify(each.PrimaryKeyArn)).sort()).toStrictEqual([
      expect.stringContaining('FnGetAttLogKey15608DC4'),
      expect.stringContaining('FnGetAttLogKey2'),
    ]);
    const output = JSON.stringify(copy?.findOutputs('LogKeyReplica'));
    expect(output).toContain(replicas.map(([id]) => id).find((id) => id.startsWith('LogKey2')));
    // A handover is signed with the primary.
    expect(JSON.stringify(replicas)).not.toContain('Operator');
  });
});

describe('the key of another stage or account', () => {
  test('signs instead of an own one, and is the only one that the sequencer may use', () => {
    const { records, copy, gate } = templates({ logKeyArn: ARN });
    expect([...keysIn(records), ...keysIn(copy, 'AWS::KMS::ReplicaKey')]).toStrictEqual([]);
    expect(signingKeys(gate)).toStrictEqual({
      allowed: [
        ['kms:GetPublicKey', ARN],
        ['kms:Sign', ARN],
      ],
      given: [ARN],
    });
  });

  test('hands over to the first own key of the stage, and that one alone to the second', () => {
    const first = templates({ logKeyArn: ARN, logKey: '1', handoverBy: 'arn:aws:iam::123456789012:role/Operator' });
    expect(keysIn(first.records)).toHaveLength(1);
    expect(keysIn(first.copy, 'AWS::KMS::ReplicaKey')).toHaveLength(1);
    expect(signingKeys(first.gate).given).toStrictEqual(['LogKey', ARN]);
    const second = templates({ logKey: '2' });
    expect(signingKeys(second.gate).given).toStrictEqual(['LogKey2Key', 'LogKey']);
  });

  test.each([
    [{ logKey: '0' }, 'logKey'],
    [{ logKeyArn: 'alias/log' }, 'logKeyArn'],
    // A second stage over the cdk.json of a city that has rotated its key.
    [{ logKeyArn: ARN, logKey: '2' }, 'give logKey=0 to sign with logKeyArn'],
    [{ logKeyArn: ARN, handoverBy: 'arn:aws:iam::123456789012:role/Operator' }, 'handoverBy'],
    [{ copyRegion: 'us-west-2' }, 'copyRegion'],
    [{ copyRegion: 'Oregon' }, 'copyRegion'],
    [{ copyKey: 'AGE-SECRET-KEY-1QQQ' }, 'copyKey'],
    [{ copyTo: 'city-copies' }, 'copyTo'],
  ])('a context that does not fit is refused by its name: %j', (change, name) => {
    expect(() => withApp(change, () => undefined)).toThrow(name);
  });
});

describe('the stack in another region', () => {
  const regionOf = (change: object): string | undefined => withApp({ ...change }, ({ copy }) => copy?.region);

  test('is CloudFront’s unless the gate is there, or the one that was chosen, or there is none', () => {
    expect(regionOf({})).toBe('us-east-1');
    expect(regionOf({ copyRegion: 'eu-central-1' })).toBe('eu-central-1');
    expect(regionOf({ copyRegion: 'none' })).toBeUndefined();
    expect(regionOf({ region: 'us-east-1' })).toBe('us-west-2');
  });

  test('holds the bucket unless the copies go to another account, and does not exist if it would be empty', () => {
    const copyTo = 'arn:aws:s3:::city-copies';
    expect(deployed.copy?.findResources('AWS::S3::Bucket')).not.toEqual({});
    expect(templates({ copyTo }).copy?.findResources('AWS::S3::Bucket')).toEqual({});
    expect(regionOf({ copyTo, logKeyArn: ARN })).toBeUndefined();
  });

  test('keeps a copy for 35 days, and an overwritten one for as long', () => {
    deployed.copy?.hasResource('AWS::S3::Bucket', {
      DeletionPolicy: 'RetainExceptOnCreate',
      Properties: {
        VersioningConfiguration: { Status: 'Enabled' },
        LifecycleConfiguration: {
          Rules: [{ ExpirationInDays: 35, NoncurrentVersionExpiration: { NoncurrentDays: 35 }, Status: 'Enabled' }],
        },
      },
    });
  });
});
