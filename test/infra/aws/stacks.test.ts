import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CfnFunction } from 'aws-cdk-lib/aws-lambda';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { formatVerifierKey, verifierKey } from '../../../domain/log/note.ts';
import { ORIGIN_SECRET_HEADER } from '../../../functions/handlers/runtime/secrets.ts';
import { appOf } from '../../../functions/web/routes/table.ts';
import { FUNCTIONS } from '../../../infra/aws/constructs/functions.ts';
import { operatorProgram } from '../../../infra/aws/operatorProgram.ts';
import { recordsOutputs } from '../../../infra/aws/outputs.ts';
import { tablesOf } from '../../contract/dynamoTables.ts';
import { folderOfFile } from '../../support/folders.ts';
import { nameIn } from './support/iam.ts';
import {
  CONTEXTS,
  LOG_KEY_ARN,
  only,
  type Part,
  propertiesOf,
  type ResourceJson,
  resources,
  type Templates,
  templates,
  variablesOf,
  withApp,
  withId,
} from './support/templates.ts';

const WITNESS = formatVerifierKey(verifierKey('museum.example', 4, new Uint8Array(32).fill(7)));

let deployed: Templates;
beforeAll(() => {
  deployed = templates();
});

const properties = (type: string) => propertiesOf(deployed.gate, type);

test('the tables are those that the adapters are tested against, and restorable to any second under a key of the city', () => {
  const tables = propertiesOf(deployed.records, 'AWS::DynamoDB::GlobalTable');
  const shapeOf = ({ AttributeDefinitions, BillingMode, KeySchema, GlobalSecondaryIndexes }: Part) => ({
    AttributeDefinitions,
    BillingMode,
    KeySchema,
    GlobalSecondaryIndexes,
  });
  const tested = tablesOf({ commits: 'commits', side: 'side', register: 'register' });
  expect(tables.map(shapeOf)).toEqual(tested.map(shapeOf));
  const { StreamViewType } = tested[0].StreamSpecification;
  expect(tables.map((table) => table.StreamSpecification)).toEqual([{ StreamViewType }, undefined, undefined]);
  for (const { Replicas: replicas } of tables)
    expect(replicas).toMatchObject([
      {
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        SSESpecification: { KMSMasterKeyId: expect.anything() },
      },
    ]);
  expect(propertiesOf(deployed.records, 'AWS::KMS::Key')).toContainEqual(expect.objectContaining({ EnableKeyRotation: true }));
});

describe('what runs', () => {
  test('the stream nudges two consumers, bisects, gives up into a queue', () => {
    const mappings = properties('AWS::Lambda::EventSourceMapping');
    for (const each of mappings)
      expect(each).toMatchObject({
        BisectBatchOnFunctionError: true,
        MaximumRetryAttempts: 10,
        FunctionResponseTypes: ['ReportBatchItemFailures'],
        DestinationConfig: { OnFailure: { Destination: expect.anything() } },
        StartingPosition: 'TRIM_HORIZON',
      });
    const patternsOf = ({ FilterCriteria: { Filters: filters } }: Part) =>
      filters.map(({ Pattern: pattern }: Part) => JSON.parse(pattern));
    const inserted = (stream: object) => ({ eventName: ['INSERT'], dynamodb: { Keys: { pk: { S: [stream] } } } });
    // Only the sequencer receives records other than INSERT, and reports them, those of its own stream included.
    expect(mappings.map((each) => [nameIn(each.FunctionName), patternsOf(each)])).toStrictEqual([
      ['projectorFunction', [inserted({ prefix: 'feature/' })]],
      ['sequencerFunction', [inserted({ 'anything-but': ['log'] }), { eventName: ['MODIFY', 'REMOVE'] }]],
    ]);
  });

  test('mail is sent by TLS only, and returned mail invokes notify', () => {
    expect(only(deployed.gate, 'AWS::SES::ConfigurationSet')).toMatchObject({
      DeliveryOptions: { TlsPolicy: 'REQUIRE' },
      ReputationOptions: { ReputationMetricsEnabled: true },
      SuppressionOptions: { SuppressedReasons: ['BOUNCE', 'COMPLAINT'] },
    });
    expect(only(deployed.gate, 'AWS::SES::ConfigurationSetEventDestination')).toMatchObject({
      EventDestination: { Enabled: true, MatchingEventTypes: ['bounce', 'complaint', 'reject'], EventBridgeDestination: {} },
    });
    const rules = properties('AWS::Events::Rule').filter((rule) => rule.EventBusName === undefined);
    expect(rules).toMatchObject([
      {
        EventPattern: {
          source: ['aws.ses'],
          detail: {
            eventType: ['Bounce', 'Complaint', 'Reject'],
            mail: { tags: { 'ses:configuration-set': [{ Ref: expect.stringContaining('MailConfiguration') }] } },
          },
        },
      },
    ]);
    expect(JSON.stringify(rules[0].Targets)).toContain('notifyFunction');
  });

  test.each<[string, Parameters<typeof templates>[0], readonly string[]]>([
    ['of its domain', {}, ['city.example']],
    ['of one address', CONTEXTS['without a trail of its own'], ['aldergate@city.example']],
    ['that is there', CONTEXTS['everything set'], []],
  ])('mail is sent under an identity %s', (_, change, identities) => {
    const made = propertiesOf(templates(change).gate, 'AWS::SES::EmailIdentity');
    expect(made.map((each) => each.EmailIdentity)).toEqual(identities);
  });

  test('CloudFront’s API leads the API’s addresses to the API, the log’s to the log and every other one to the site', () => {
    const routes = properties('AWS::ApiGatewayV2::Route').map(({ RouteKey: key, Target: target }) => ({
      path: key.split(' ')[1]?.replaceAll(/\{\w+\+?\}/g, 'x') ?? '',
      to: /To(?:Api|Site|Log|Passkeys)/.exec(JSON.stringify(target))?.[0].slice('To'.length).toLowerCase(),
    }));
    expect(routes.length).toBeGreaterThanOrEqual(14);
    for (const { path, to } of routes) expect({ path, to }).toStrictEqual({ path, to: appOf(path) });
  });

  test('the access log holds no path, no query and no address: a path can be an official’s link', () => {
    const format = JSON.stringify(only(deployed.gate, 'AWS::ApiGatewayV2::Stage').AccessLogSettings);
    expect(format).toContain('routeKey');
    expect(format).not.toMatch(/path|query|sourceIp|identity|userAgent/i);
  });
});

test.each([
  ['ALDERGATE_CITY', ['site', 'passkeys', 'notify']],
  ['ALDERGATE_LOG_ORIGIN', ['sequencer']],
])('only what uses it is given %s', (variable, users) => {
  const { gate } = templates(CONTEXTS['everything set']);
  expect(Object.keys(FUNCTIONS).filter((name) => variable in variablesOf(gate, name))).toStrictEqual(users);
});

describe('the rules of AWS, with CloudFormation’s own schemas', () => {
  beforeEach(() => void vi.stubEnv('CDK_VALIDATION', 'true'));

  test.each(Object.entries(CONTEXTS))('find nothing in any template: %s', (_, context) => {
    expect(() => withApp(context, ({ app }) => app.synth())).not.toThrow();
  });

  test('are at work: a queue without TLS is found, a property that there is not, and a reference to nothing', async () => {
    const synthesise = () =>
      withApp({}, ({ app, gate }) => {
        new Queue(gate, 'Open');
        const [one, other] = gate.node.findAll().filter((each) => each instanceof CfnFunction);
        one?.addPropertyOverride('Memory', 512);
        other?.addPropertyOverride('Role', { Ref: 'Nothing' });
        app.synth();
      });
    const said = await Promise.resolve().then(synthesise).then(String, String);
    for (const each of ['AwsSolutions-SQS4', "'Memory' was unexpected", "'Nothing' is not one of"]) expect(said).toContain(each);
  });
});

describe('witnesses', () => {
  const sequencerOf = (change: object) => variablesOf(templates({ ...change }).gate, 'sequencer');

  test('of the context, as JSON or its text, are those that the sequencer asks; without any it waits for none', () => {
    expect(sequencerOf({})).toMatchObject({ ALDERGATE_WITNESSES: '[]', ALDERGATE_WITNESS_QUORUM: '0' });
    const quorum = CONTEXTS['lean, with a quorum of witnesses'];
    expect(sequencerOf(quorum)).toMatchObject({
      ALDERGATE_WITNESSES: JSON.stringify(quorum.witnesses),
      ALDERGATE_WITNESS_QUORUM: '1',
    });
  });

  test('as many as there can be, with long names, fit into the variables of a function', () => {
    const long = Array.from({ length: 16 }, (_, index) => {
      const name = `witness-${index}.records.northfield.example`;
      return { url: `https://${name}/tlog`, vkey: formatVerifierKey(verifierKey(name, 4, new Uint8Array(32).fill(index))) };
    });
    const city = { city: 'C'.repeat(100), contact: 'c'.repeat(200), accessibility: 'a'.repeat(2_000), logKey: 2 };
    expect(sequencerOf({ witnesses: JSON.stringify(long), witnessQuorum: 16, ...city })).toHaveProperty(
      'ALDERGATE_WITNESSES',
      JSON.stringify(long),
    );
  });
});

test.each([
  [{ stage: 'Upper Case' }, 'stage'],
  [{ stage: 'thirteenchars' }, 'stage'],
  [{ domain: 'https://gate.example' }, 'domain'],
  [{ domain: 'gate.example' }, 'certificate'],
  [{ domain: 'gate.example', certificate: 'arn:aws:acm:us-west-2:123456789012:certificate/0' }, 'certificate'],
  [{ logOrigin: 'with a space' }, 'logOrigin'],
  [{ budgetUsd: 'much' }, 'budgetUsd'],
  [{ timeZone: 'Denver' }, 'timeZone'],
  [{ bulkMaxAge: '10' }, 'bulkMaxAge'],
  [{ bulkMaxAge: 'PT31S' }, 'bulkMaxAge'],
  [{ bulkMaxAge: 'PT1M', leaseSeconds: '59' }, 'bulkMaxAge'],
  [{ mailFrom: 'Aldergate <aldergate@city.example' }, 'mailFrom'],
  [{ alarmMail: 'it@city.example' }, 'alarmMail'],
  [{ region: 'us-wset-2' }, 'where the gate is to be'],
  [{ witnesses: 'museum.example' }, 'witnesses'],
  [{ witnesses: [{ url: 'museum.example', vkey: WITNESS }] }, 'witnesses[0].url'],
  [{ witnesses: [{ url: 'https://museum.example', vkey: `${WITNESS}x` }] }, 'witnesses[0].vkey'],
  [{ witnesses: [{ url: 'https://museum.example', vkey: 'log.example+3a2b+AQ' }] }, 'witnesses[0].vkey'],
  [{ witnesses: ['https://one.example', 'https://two.example'].map((url) => ({ url, vkey: WITNESS })) }, 'names a witness twice'],
  [{ witnesses: [{ url: 'https://museum.example', vkey: WITNESS }], witnessQuorum: 2 }, 'witnessQuorum'],
  [{ witnessQuorum: '1' }, 'witnessQuorum'],
  [{ accessibility: 'ü'.repeat(1_000), privacy: 'ß'.repeat(1_000) }, 'ALDERGATE_ACCESSIBILITY and ALDERGATE_PRIVACY'],
  [{ busReaders: '222233334444,me' }, 'busReaders'],
  [{ logKey: '0' }, 'logKey'],
  [{ logKeyArn: 'alias/log' }, 'logKeyArn'],
  // A second stage over the cdk.json of a city that has rotated its key.
  [{ logKeyArn: LOG_KEY_ARN, logKey: '2' }, 'give logKey=0 to sign with logKeyArn'],
  [{ logKeyArn: LOG_KEY_ARN, handoverBy: 'arn:aws:iam::123456789012:role/Operator' }, 'handoverBy'],
  [{ copyRegion: 'us-west-2' }, 'copyRegion'],
  [{ copyRegion: 'us-wset-2' }, 'copyRegion'],
  [{ copyKey: 'AGE-SECRET-KEY-1QQQ' }, 'copyKey'],
  [{ copyTo: 'city-copies' }, 'copyTo'],
])('a context that cannot be used is refused by its name: %j', (change, name) => {
  expect(() => withApp(change, () => undefined)).toThrow(name);
});

test('a minute is as long as sixty seconds', () => {
  expect(withApp({ bulkMaxAge: 'PT1M', leaseSeconds: '60' }, () => true)).toBe(true);
});

// What an upgrade, a second stage or an outage of a service must not lose.

/**
 * CloudFormation knows a resource by its id and replaces it when its id, its key or its kind of key is another one: the old table would be
 * left alone, with all that a city decided, and an empty one would answer. No name here may ever change.
 */
test('the resources that a city keeps have the ids, and the properties that cannot be changed, that they had at first', () => {
  const fixed = ({ Type: type, Properties: { KeySchema: schema = [], KeySpec: spec, KeyUsage: usage } }: ResourceJson) => {
    const keys = schema.map((each: Part) => `${each.AttributeName} ${each.KeyType}`);
    return [type, ...keys, spec, usage].filter((each) => each !== undefined).join(' ');
  };
  const all = Object.entries(deployed.records.Resources);
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

test('each further key of the log can be deployed: what the gate of before reads of the records is still there', () => {
  const stages = [deployed, templates({ logKey: '2' }), templates({ logKey: '3' })];
  for (const [index, { records }] of stages.slice(1).entries()) {
    const read = JSON.stringify(stages[index]?.gate).matchAll(/"Fn::ImportValue":"([^"]+)"/g);
    const given = Object.values(records.Outputs ?? {}).map((output) => output.Export?.Name);
    expect(given).toEqual(expect.arrayContaining([...read].map(([, name]) => name)));
  }
});

test('CloudTrail records every write to the table of commits, and no read', () => {
  const { EventSelectors: older, AdvancedEventSelectors: selectors, ...rest } = only(deployed.records, 'AWS::CloudTrail::Trail');
  expect(older).toBeUndefined();
  expect(rest).toMatchObject({ IsLogging: true, EnableLogFileValidation: true });
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
  const configured = properties('AWS::Lambda::EventInvokeConfig');
  const isKept = (each: Part) => each.DestinationConfig !== undefined;
  expect(configured.filter(isKept)).toMatchObject([
    {
      FunctionName: { Ref: expect.stringContaining('notifyFunction') },
      MaximumRetryAttempts: 2,
      MaximumEventAgeInSeconds: 21_600,
      DestinationConfig: { OnFailure: { Destination: { 'Fn::GetAtt': [expect.stringContaining('EventsUndelivered'), 'Arn'] } } },
    },
  ]);
  const dropped = configured.filter((each) => !isKept(each));
  expect(dropped).toHaveLength(resources(deployed.gate, 'AWS::Scheduler::Schedule').size - 1);
  for (const each of dropped) expect(each).toMatchObject({ MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 });
});

test('old versions of what the sequencer replaces or removes go after a time, and those of nothing else', () => {
  const { LifecycleConfiguration: life } = withId(deployed.records, 'AWS::S3::Bucket', 'PublicLog');
  const rule = (Prefix: string, NoncurrentDays: number) => ({
    Prefix,
    NoncurrentVersionExpiration: { NoncurrentDays },
    Status: 'Enabled',
  });
  expect(life).toStrictEqual({ Rules: [rule('log/checkpoint', 400), rule('log/tile/', 400), rule('log/judged', 7)] });
});

const distribution = () => only(deployed.gate, 'AWS::CloudFront::Distribution').DistributionConfig;

// AWS's own policies, by the ids that its documentation gives them.
const CACHING_DISABLED = '4135ea2d-6df8-44a3-9df3-4b5a84be39ad';
const ALL_VIEWER_EXCEPT_HOST_HEADER = 'b689b0a8-53d0-40ab-baf2-68738e2966ac';

describe('CloudFront', () => {
  test('passes on every method, header, cookie and query, and neither caches nor changes an answer', () => {
    expect(distribution().DefaultCacheBehavior).toStrictEqual({
      AllowedMethods: ['GET', 'HEAD', 'OPTIONS', 'PUT', 'PATCH', 'POST', 'DELETE'],
      CachePolicyId: CACHING_DISABLED,
      Compress: false,
      OriginRequestPolicyId: ALL_VIEWER_EXCEPT_HOST_HEADER,
      TargetOriginId: expect.any(String),
      ViewerProtocolPolicy: 'redirect-to-https',
    });
  });

  test('caches the tiles of the log, which never change, by their path alone and for as long as they say; what an order can withhold it does not', () => {
    expect(distribution().CacheBehaviors).toMatchObject([{ PathPattern: '/log/tile/*', AllowedMethods: ['GET', 'HEAD'] }]);
    const { CachePolicyConfig: policy } = only(deployed.gate, 'AWS::CloudFront::CachePolicy');
    expect(policy).toMatchObject({
      MinTTL: 0,
      DefaultTTL: 0,
      ParametersInCacheKeyAndForwardedToOrigin: {
        CookiesConfig: { CookieBehavior: 'none' },
        HeadersConfig: { HeaderBehavior: 'none' },
        QueryStringsConfig: { QueryStringBehavior: 'none' },
      },
    });
  });

  test('reads them from the bucket, which shows nothing else to CloudFront and nothing to anybody else', () => {
    const { PolicyDocument: document } = withId(deployed.records, 'AWS::S3::BucketPolicy', 'PublicLog');
    const allowed = document.Statement.filter((each: Part) => each.Effect === 'Allow');
    expect(allowed).toMatchObject([
      {
        Action: 's3:GetObject',
        Principal: { Service: 'cloudfront.amazonaws.com' },
        Condition: { ArnLike: { 'aws:SourceArn': expect.anything() } },
        Resource: expect.anything(),
      },
    ]);
    expect(JSON.stringify(allowed).match(/\/log\/[a-z*]+/g)).toEqual(['/log/tile']);
    expect(only(deployed.gate, 'AWS::CloudFront::OriginAccessControl')).toMatchObject({
      OriginAccessControlConfig: { OriginAccessControlOriginType: 's3', SigningBehavior: 'always', SigningProtocol: 'sigv4' },
    });
  });

  test('caches no error', () => {
    const { CustomErrorResponses: responses } = distribution();
    const codes = [400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504];
    expect(responses).toStrictEqual(codes.map((ErrorCode) => ({ ErrorCode, ErrorCachingMinTTL: 0 })));
  });

  test('shows the origin secret, which stands in no template, over TLS 1.2', () => {
    const origins = distribution().Origins.filter((each: Part) => each.OriginCustomHeaders !== undefined);
    expect(origins).toMatchObject([
      {
        CustomOriginConfig: { OriginProtocolPolicy: 'https-only', OriginSSLProtocols: ['TLSv1.2'] },
        OriginCustomHeaders: [{ HeaderName: ORIGIN_SECRET_HEADER }],
      },
    ]);
    expect(JSON.stringify(origins)).toMatch(/resolve:secretsmanager:.*OriginSecret.*:SecretString:::/);
  });

  test('writes down no path, no query, no cookie and no address: a path can be an official’s link', () => {
    const { RecordFields: fields } = only(deployed.edge, 'AWS::Logs::Delivery');
    expect(fields).toContain('sc-status');
    expect(String(fields)).not.toMatch(/uri|c-ip|cookie|referer|user-agent|host|forwarded/i);
    expect(only(deployed.edge, 'AWS::Logs::DeliverySource')).toMatchObject({ LogType: 'ACCESS_LOGS' });
    expect(distribution()).not.toHaveProperty('Logging');
  });
});

test('the firewall is where CloudFront takes one from, and before CloudFront, across regions, without a function that carries its name', () => {
  expect(only(deployed.guard, 'AWS::WAFv2::WebACL')).toMatchObject({ Scope: 'CLOUDFRONT' });
  expect(distribution().WebACLId).toMatchObject({ 'Fn::GetStackOutput': { Region: 'us-east-1' } });
  for (const template of [deployed.guard, deployed.edge]) expect(resources(template, 'AWS::Lambda::Function').size).toBe(0);
});

const folder = folderOfFile('outputs');

const RECORDS = {
  CommitsTable: 'c',
  SideTable: 's',
  RegisterTable: 'r',
  CommitSecret: 'k',
  LinkSecret: 'l',
  TextSecret: 't',
  RosterSecret: 'o',
  OriginSecret: 'g',
  LogKey: 'y',
  LogBucket: 'b',
};

const read = (stacks: unknown, stage?: string) => {
  const outputs = join(folder, 'cdk-outputs.json');
  writeFileSync(outputs, typeof stacks === 'string' ? stacks : JSON.stringify(stacks));
  return recordsOutputs({ outputs, stage });
};

test('a file of one stage is that stage; of several, one has to be named', () => {
  const edge = { 'Aldergate-city-Edge': {} };
  expect(read({ 'Aldergate-city-Records': { ...RECORDS, ExportsOutputRef: 'x' }, ...edge })).toStrictEqual(RECORDS);
  const both = { 'Aldergate-city-Records': RECORDS, 'Aldergate-city-2-Records': { ...RECORDS, CommitsTable: 'c2' }, Other: {} };
  expect(read(both, 'city-2')).toMatchObject({ CommitsTable: 'c2' });
  expect(read(both, 'city')).toMatchObject({ CommitsTable: 'c' });
  expect(() => read(both)).toThrow('has several stages, city and city-2: choose one with --stage');
  expect(() => read(both, 'town')).toThrow('has no stage town');
});

test('what is missing is named', () => {
  const { LogKey: _key, SideTable: _side, ...rest } = RECORDS;
  const lacking = /lacks SideTable, LogKey of Aldergate-city-Records: deploy it again with --outputs-file /;
  expect(() => read({ 'Aldergate-city-Records': rest })).toThrow(lacking);
  expect(() => read({ 'Aldergate-city-Records': { ...rest, LogKey: '', SideTable: '' } })).toThrow(lacking);
  expect(() => read({ 'Aldergate-city-Gate': {} })).toThrow(
    'has no stack Aldergate-city-Records: deploy it with --outputs-file ',
  );
  expect(() => read({})).toThrow('has no stage');
  for (const file of ['{', '[]', '{"Aldergate-city-Records":{"LogKey":1}}'])
    expect(() => read(file)).toThrow('is not what cdk deploy --outputs-file');
  expect(() => recordsOutputs({ outputs: join(folder, 'none.json') })).toThrow('none.json is not what cdk deploy');
});

test.each([
  ['of a service', { $metadata: {} }],
  ['about credentials', { tryNextLink: true }],
])('an operator is told an error %s in a line', async (_, mark) => {
  const said = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  const error = Object.assign(new Error('not authorized to perform: kms:Sign'), mark);
  await operatorProgram('', () => Promise.reject(error));
  expect([said.mock.lastCall, process.exitCode]).toEqual([[error.message], 1]);
  process.exitCode = undefined;
});

test('the stacks give their outputs exactly the names that docs/deploy.md uses', () => {
  const { records, gate } = deployed;
  const namesOf = (outputs: object) => Object.keys(outputs).filter((name) => !/^(?:Exports|Publish)Output/.test(name));
  expect(namesOf(records.Outputs ?? {})).toStrictEqual(Object.keys(RECORDS));
  const functions = [...resources(gate, 'AWS::Lambda::Function').keys()].map((id) =>
    id.replace(/^./, (first) => first.toUpperCase()).replace(/Function.*$/, 'Function'),
  );
  expect(namesOf(gate.Outputs ?? {}).sort()).toStrictEqual([...functions, 'Url', 'Domain', 'Bus', 'LogOrigin'].sort());
  expect(templates(CONTEXTS['everything set']).gate.Outputs).toMatchObject({
    LogOrigin: { Value: 'gate.city.example/log' },
  });
});
