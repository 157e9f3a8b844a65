import { readFileSync } from 'node:fs';
import { Stack } from 'aws-cdk-lib';
import { beforeAll, describe, expect, test } from 'vitest';
import { documentedCommands } from './support/documented.ts';
import { nameIn } from './support/iam.ts';
import {
  CONTEXTS,
  only,
  propertiesOf,
  type ResourceJson,
  resources,
  resourcesOf,
  stacksOf,
  statementsOf,
  type TemplateJson,
  type Templates,
  templates,
  variablesOf,
  withApp,
} from './support/templates.ts';

// What a stage leaves behind, and what stands in the way of deleting it or of creating it again.

let first: Templates;
let protectedStage: Templates;
beforeAll(() => {
  first = templates();
  protectedStage = templates({ protect: 'true', alarmEmail: 'it@city.gov', mailFrom: 'gate@city.gov' });
});

const IDENTITY = 'AWS::SES::EmailIdentity';

/** Returns the paths at which a property of any depth protects something from deletion. */
const protections = (value: unknown, path = ''): readonly string[] => {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, each]) =>
    /Protection/.test(key) && each === true ? [`${path}.${key}`] : protections(each, `${path}.${key}`),
  );
};

const isKept = ({ DeletionPolicy: policy = 'Delete' }: ResourceJson) => policy !== 'Delete';

const WAY_OUT = documentedCommands('cdk destroy');
const destroyedIn = (commands: string) =>
  commands.split('\n').flatMap((line) => {
    const [, parts] = /for PART in (.*?);.*cdk destroy \$STAGE-\$PART/.exec(line) ?? /cdk destroy \$STAGE-(\w+)/.exec(line) ?? [];
    return parts?.toLowerCase().split(' ') ?? [];
  });
const partOf = ({ stackName }: Stack) => stackName.slice(stackName.lastIndexOf('-') + 1).toLowerCase();

/** How the page deletes what stays. */
const DELETED_BY: Readonly<Record<string, string>> = {
  'AWS::CloudTrail::Trail': 'aws cloudtrail delete-trail --name',
  'AWS::DynamoDB::GlobalTable': 'aws dynamodb delete-table --table-name',
  'AWS::KMS::Key': 'aws kms schedule-key-deletion --key-id',
  'AWS::KMS::ReplicaKey': 'aws kms schedule-key-deletion --key-id',
  'AWS::Logs::LogGroup': 'aws logs delete-log-group',
  'AWS::S3::Bucket': 'aws s3 rb',
  'AWS::S3::BucketPolicy': 'aws s3 rb',
  [IDENTITY]: 'aws sesv2 delete-email-identity --email-identity',
  'AWS::SecretsManager::Secret': 'aws secretsmanager delete-secret --secret-id',
};

describe('a first creation that fails', () => {
  test('can be undone: nothing is protected yet', () => {
    expect(first.terminationProtected).toEqual([]);
    for (const [id, { Properties: properties }] of resourcesOf(first)) expect(protections(properties), id).toEqual([]);
  });

  test('cleans up also what no later deployment deletes', () => {
    for (const [id, each] of resourcesOf(first).filter(([, each]) => isKept(each)))
      expect([each.DeletionPolicy, each.UpdateReplacePolicy], id).toEqual(['RetainExceptOnCreate', 'Retain']);
  });

  test('has no bucket that holds something: the trail, which writes at once, is made after everything else', () => {
    const others = Object.keys(first.records.Resources).filter((id) => !id.startsWith('Writes'));
    const [trail] = resources(first.records, 'AWS::CloudTrail::Trail').values();
    expect(trail?.DependsOn).toEqual(expect.arrayContaining(others));
  });
});

describe('a stage that works', () => {
  test('is protected by the next deployment, and until then a warning says so, as of who hears of an alarm and writes its mails', () => {
    const protect = 'Deploy it again with --context protect=true, and keep that in cdk.json.';
    const others = ['Set alarmEmail.', 'Set mailFrom.'];
    expect(first.warnings).toEqual([protect, ...others].map((each) => expect.stringContaining(each)));
    expect(protectedStage.warnings).toEqual([]);
  });

  test('protected: its records, and a gate whose address would go with it', () => {
    expect(protectedStage.terminationProtected).toEqual(['Aldergate-town-Records', 'Aldergate-town-Copy', 'Aldergate-town-Gate']);
    const tables = propertiesOf(protectedStage.records, 'AWS::DynamoDB::GlobalTable');
    const protectedTable = ['.Replicas.0.DeletionProtectionEnabled'];
    expect(tables.map((each) => protections(each))).toEqual([protectedTable, protectedTable, protectedTable]);
    const named = templates(CONTEXTS['everything set']);
    expect(named.terminationProtected).toEqual(['Aldergate-abcdefghijkl-Records', 'Aldergate-abcdefghijkl-Copy']);
  });

  test('everything that a city keeps stays, whatever is deployed or deleted', () => {
    const kept = resourcesOf(first).filter(([, each]) => isKept(each));
    const types = [...Map.groupBy(kept, ([, { Type: type }]) => type)].map(([type, all]) => [type, all.length]);
    expect(Object.fromEntries(types)).toStrictEqual({
      'AWS::CloudTrail::Trail': 1,
      'AWS::DynamoDB::GlobalTable': 3,
      'AWS::KMS::Key': 2,
      'AWS::KMS::ReplicaKey': 1,
      'AWS::Logs::LogGroup': resources(first.gate, 'AWS::Lambda::Function').size + 2,
      'AWS::S3::Bucket': 3,
      'AWS::S3::BucketPolicy': 3,
      'AWS::SES::EmailIdentity': 1,
      'AWS::SecretsManager::Secret': 5,
    });
    expect(Object.values(first.records.Resources).every(isKept)).toBe(true);
  });

  test('is deleted stack by stack in the order that docs/deploy.md gives: none takes what another still uses', () => {
    const destroyed = destroyedIn(WAY_OUT);
    expect(destroyed.toSorted()).toEqual([...stacksOf(first).keys()].toSorted());
    withApp({}, ({ app }) => {
      const places = (stack: Stack) => destroyed.indexOf(partOf(stack));
      for (const stack of app.node.children.filter(Stack.isStack))
        for (const needed of stack.dependencies) expect(places(stack), stack.stackName).toBeLessThan(places(needed));
    });
    const all = [...stacksOf(first)];
    const having = (text: string) => all.flatMap(([name, template]) => (JSON.stringify(template).includes(text) ? [name] : []));
    expect([having('"Fn::ImportValue"'), having('"Export":')]).toEqual([['gate'], ['records']]);
  });

  test('leaves nothing unnamed: what a stack keeps is listed before it goes, or its command is named', () => {
    const lines = WAY_OUT.split('\n');
    const place = (part: string, command: string) =>
      lines.findIndex((line) => line.includes(command) && line.toLowerCase().includes(`$stage-${part}`));
    const page = readFileSync('docs/deploy.md', 'utf8');
    for (const [part, { Resources: all }] of stacksOf(first)) {
      const kept = Object.values(all).filter(isKept);
      for (const { Type: type } of kept) expect(page, type).toContain(DELETED_BY[type]);
      // Those have one name and one prefix, which the page gives.
      if (kept.every(({ Type: type }) => ['AWS::Logs::LogGroup', IDENTITY].includes(type))) continue;
      expect(place(part, 'describe-stack-resources'), part).toBeGreaterThan(-1);
      expect(place(part, 'describe-stack-resources'), part).toBeLessThan(place(part, 'cdk destroy'));
    }
    // KMS deletes no primary key while a replica of it lives.
    expect(page).toContain("the replica of the log's key first");
    expect(destroyedIn(WAY_OUT).indexOf('copy')).toBeLessThan(destroyedIn(WAY_OUT).indexOf('records'));
  });
});

test('without a trail of its own a stage has neither the trail nor its bucket', () => {
  const { records } = templates(CONTEXTS['without a trail of its own']);
  expect(resources(records, 'AWS::CloudTrail::Trail').size).toBe(0);
  expect(resources(records, 'AWS::S3::Bucket').size).toBe(1);
});

const keysIn = (template: TemplateJson | undefined, type = 'AWS::KMS::Key') =>
  [...resources(template ?? { Resources: {} }, type)].filter(
    ([, { Properties: key }]) => key.KeyUsage !== undefined || type !== 'AWS::KMS::Key',
  );

const ROTATED = CONTEXTS['everything set'];
const OTHERS_KEY = 'signed by a key of another account, with nothing in another region';
const HANDED_OVER = CONTEXTS['signed by a key of another account and then by its own, copied into another account'];
const THEIRS = HANDED_OVER.logKeyArn;

/** The keys with which the sequencer may sign, and those that it is given: the newest, then the one before. */
const signingKeys = (gate: TemplateJson) => {
  const statements = statementsOf(gate, 'sequencer').filter(({ Action: action }) =>
    /kms:(?:Sign|GetPublicKey)/.test(String(action)),
  );
  const variables = variablesOf(gate, 'sequencer');
  return {
    allowed: statements.map(({ Action: action, Resource: on }) => [
      [action].flat().join(),
      [on].flat().map(nameIn).sort().join(' '),
    ]),
    given: [variables.ALDERGATE_LOG_KEY, variables.ALDERGATE_LOG_FORMER_KEY].filter((each) => each !== undefined).map(nameIn),
  };
};

describe('the key of the log', () => {
  test('has a replica in the other region, under a policy of its own', () => {
    const { records, copy } = first;
    expect(keysIn(records).map(([, { Properties: each }]) => each)).toMatchObject([
      { KeySpec: 'ECC_NIST_EDWARDS25519', KeyUsage: 'SIGN_VERIFY', MultiRegion: true },
    ]);
    const replica = only(copy ?? expect.fail(), 'AWS::KMS::ReplicaKey');
    expect(replica.PrimaryKeyArn).toStrictEqual({
      'Fn::GetStackOutput': {
        StackName: 'Aldergate-town-Records',
        Region: 'us-west-2',
        OutputName: expect.stringContaining('LogKey15608DC4Arn'),
      },
    });
    const { Statement: statements } = replica.KeyPolicy;
    expect(statements).toMatchObject([
      { Effect: 'Allow', Action: 'kms:*', Principal: { AWS: { 'Fn::Join': ['', expect.arrayContaining([':root'])] } } },
      { Effect: 'Deny', Action: 'kms:Sign', Principal: { AWS: '*' }, Resource: '*' },
    ]);
    expect(JSON.stringify(statements[1])).toContain('":role/Aldergate-town-Gate-sequencer"');
  });

  test('each key that ever signed has one', () => {
    const { copy } = templates(ROTATED);
    const replicas = keysIn(copy, 'AWS::KMS::ReplicaKey');
    const primaries = replicas.map(([, each]) => JSON.stringify(each.Properties.PrimaryKeyArn)).sort();
    expect(primaries).toStrictEqual(['15608DC4', '2', '3'].map((id) => expect.stringContaining(`FnGetAttLogKey${id}`)));
    const output = JSON.stringify(copy?.Outputs?.LogKeyReplica);
    expect(output).toContain(replicas.map(([id]) => id).find((id) => id.startsWith('LogKey3')));
    // A handover is signed with the primary.
    expect(JSON.stringify(replicas)).not.toContain('role/operator');
  });
});

describe('the key of another stage or account', () => {
  test('signs instead of an own one, and is the only one that the sequencer may use', () => {
    const { records, copy, gate } = templates(CONTEXTS[OTHERS_KEY]);
    expect([...keysIn(records), ...keysIn(copy, 'AWS::KMS::ReplicaKey')]).toStrictEqual([]);
    expect(signingKeys(gate)).toStrictEqual({
      allowed: [
        ['kms:GetPublicKey', THEIRS],
        ['kms:Sign', THEIRS],
      ],
      given: [THEIRS],
    });
  });

  test('hands over to the first own key of the stage, and those before the newest two to nothing', () => {
    const { records, copy, gate } = templates(HANDED_OVER);
    expect(keysIn(records)).toHaveLength(1);
    expect(keysIn(copy, 'AWS::KMS::ReplicaKey')).toHaveLength(1);
    expect(signingKeys(gate).given).toStrictEqual(['LogKey', THEIRS]);
    const rotated = templates(ROTATED);
    expect(keysIn(rotated.records)).toHaveLength(3);
    expect(signingKeys(rotated.gate)).toStrictEqual({
      allowed: ['kms:GetPublicKey', 'kms:Sign'].map((action) => [action, 'LogKey2Key LogKey3Key']),
      given: ['LogKey3Key', 'LogKey2Key'],
    });
  });
});

describe('the stack in another region', () => {
  const regionOf = (change: object) => withApp({ ...change }, ({ copy }) => copy?.region);

  test('is CloudFront’s unless the gate is there, or the one that was chosen, or there is none', () => {
    expect(regionOf({})).toBe('us-east-1');
    expect(regionOf({ copyRegion: 'eu-central-1' })).toBe('eu-central-1');
    expect(regionOf({ copyRegion: 'none' })).toBeUndefined();
    expect(regionOf({ region: 'us-east-1' })).toBe('us-west-2');
  });

  test('holds the bucket unless the copies go to another account, and does not exist if it would be empty', () => {
    const copyTo = 'arn:aws:s3:::city-copies';
    const buckets = ({ copy }: Templates) => copy && resources(copy, 'AWS::S3::Bucket').size;
    expect([buckets(first), buckets(templates(HANDED_OVER))]).toEqual([1, 0]);
    expect(regionOf({ copyTo, logKeyArn: THEIRS })).toBeUndefined();
  });

  test('keeps a copy for 35 days, and an overwritten one for as long', () => {
    expect(only(first.copy ?? expect.fail(), 'AWS::S3::Bucket')).toMatchObject({
      VersioningConfiguration: { Status: 'Enabled' },
      LifecycleConfiguration: {
        Rules: [{ ExpirationInDays: 35, NoncurrentVersionExpiration: { NoncurrentDays: 35 }, Status: 'Enabled' }],
      },
    });
  });
});
