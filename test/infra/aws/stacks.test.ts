import { Queue } from 'aws-cdk-lib/aws-sqs';
import { beforeAll, describe, expect, test } from 'vitest';
import { formatVerifierKey, verifierKey } from '../../../domain/log/note.ts';
import { appOf } from '../../../functions/web/routes/table.ts';
import { tablesOf } from '../../contract/dynamoTables.ts';
import { nameIn, resources, type Templates, templates, withApp } from './support/templates.ts';

const WITNESS = formatVerifierKey(verifierKey('museum.example', 4, new Uint8Array(32).fill(7)));

let deployed: Templates;
beforeAll(() => {
  deployed = templates();
});

const properties = (type: string, template = deployed.gate) =>
  [...resources(template, type).values()].map((each) => each.Properties);

describe('what is kept', () => {
  const tables = () => properties('AWS::DynamoDB::GlobalTable', deployed.records);

  test('the tables are those that the adapters are tested against', () => {
    const shapeOf = ({ AttributeDefinitions, BillingMode, KeySchema, GlobalSecondaryIndexes }: Record<string, unknown>) => ({
      AttributeDefinitions,
      BillingMode,
      KeySchema,
      GlobalSecondaryIndexes,
    });
    const tested = tablesOf({ commits: 'commits', side: 'side', register: 'register' });
    expect(tables().map(shapeOf)).toEqual(tested.map(shapeOf));
    expect(tables().map(({ StreamSpecification: stream }) => stream)).toEqual([
      { StreamViewType: tested[0].StreamSpecification.StreamViewType },
      undefined,
      undefined,
    ]);
  });

  test('restorable to any second, under a key of the city', () => {
    for (const { Replicas: replicas } of tables())
      expect(replicas).toMatchObject([
        {
          PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
          SSESpecification: { KMSMasterKeyId: expect.anything() },
        },
      ]);
    deployed.records.hasResourceProperties('AWS::KMS::Key', { EnableKeyRotation: true });
  });
});

describe('what runs', () => {
  test('the stream nudges two consumers, bisects, gives up into a queue', () => {
    const mappings = properties('AWS::Lambda::EventSourceMapping');
    expect(mappings).toHaveLength(2);
    for (const each of mappings)
      expect(each).toMatchObject({
        BisectBatchOnFunctionError: true,
        MaximumRetryAttempts: 10,
        FunctionResponseTypes: ['ReportBatchItemFailures'],
        DestinationConfig: { OnFailure: { Destination: expect.anything() } },
        StartingPosition: 'TRIM_HORIZON',
      });
    const patterns = mappings.map(({ FunctionName: target, FilterCriteria: filter }) => {
      const { Filters: filters } = filter as { readonly Filters: readonly { readonly Pattern: string }[] };
      return [nameIn(target), filters.map(({ Pattern: pattern }) => JSON.parse(pattern))];
    });
    const inserted = (stream: object) => ({ eventName: ['INSERT'], dynamodb: { Keys: { pk: { S: [stream] } } } });
    // Only the sequencer receives records other than INSERT, and reports them, those of its own stream included.
    expect(patterns).toStrictEqual([
      ['projectorFunction', [inserted({ prefix: 'feature/' })]],
      ['sequencerFunction', [inserted({ 'anything-but': ['log'] }), { eventName: ['MODIFY', 'REMOVE'] }]],
    ]);
  });

  test('mail is sent by TLS only, and returned mail invokes notify', () => {
    deployed.gate.hasResourceProperties('AWS::SES::ConfigurationSet', {
      DeliveryOptions: { TlsPolicy: 'REQUIRE' },
      ReputationOptions: { ReputationMetricsEnabled: true },
      SuppressionOptions: { SuppressedReasons: ['BOUNCE', 'COMPLAINT'] },
    });
    deployed.gate.hasResourceProperties('AWS::SES::ConfigurationSetEventDestination', {
      EventDestination: { Enabled: true, MatchingEventTypes: ['bounce', 'complaint', 'reject'], EventBridgeDestination: {} },
    });
    const [rule, ...others] = properties('AWS::Events::Rule').filter(({ EventBusName: bus }) => bus === undefined);
    expect(others).toHaveLength(0);
    expect(rule).toMatchObject({
      EventPattern: {
        source: ['aws.ses'],
        detail: {
          eventType: ['Bounce', 'Complaint', 'Reject'],
          mail: { tags: { 'ses:configuration-set': [{ Ref: expect.stringContaining('MailConfiguration') }] } },
        },
      },
    });
    expect(JSON.stringify(rule?.Targets)).toContain('notifyFunction');
    const identity = (change: object) => properties('AWS::SES::EmailIdentity', templates({ ...change }).gate);
    expect(identity({})).toMatchObject([{ EmailIdentity: 'city.example' }]);
    expect(identity({ mailIdentity: 'address' })).toMatchObject([{ EmailIdentity: 'aldergate@city.example' }]);
    expect(identity({ mailIdentity: 'existing' })).toEqual([]);
  });

  test('CloudFront’s API leads the API’s addresses to the API, the log’s to the log and every other one to the site', () => {
    const routes = properties('AWS::ApiGatewayV2::Route').map(({ RouteKey: key, Target: target }) => {
      const [, path = ''] = String(key).split(' ');
      return {
        path: path.replaceAll(/\{\w+\+?\}/g, 'x'),
        to: /To(?:Api|Site|Log|Passkeys)/.exec(JSON.stringify(target))?.[0],
      };
    });
    expect(routes.length).toBeGreaterThanOrEqual(14);
    const owner = (path: string): string => `To${appOf(path).replace(/^./, (first) => first.toUpperCase())}`;
    for (const { path, to } of routes) expect({ path, to }).toStrictEqual({ path, to: owner(path) });
  });

  test('the access log holds no path, no query and no address: a path can be an official’s link', () => {
    const [stage] = properties('AWS::ApiGatewayV2::Stage');
    const format = JSON.stringify(stage?.AccessLogSettings);
    expect(format).toContain('routeKey');
    expect(format).not.toMatch(/path|query|sourceIp|identity|userAgent/i);
  });
});

describe('the rules of AWS', () => {
  // What is deployed was synthesised above, which fails when anything is found.
  test('are at work: a queue without TLS is found', () => {
    withApp({}, ({ app, gate }) => {
      new Queue(gate, 'Open');
      expect(() => app.synth()).toThrow('AwsSolutions-SQS4');
    });
  });
});

describe('witnesses', () => {
  const sequencerOf = (change: object): Readonly<Record<string, unknown>> => {
    const [, made] =
      [...resources(templates({ ...change }).gate, 'AWS::Lambda::Function')].find(([id]) => id.startsWith('sequencer')) ?? [];
    return ((made?.Properties.Environment ?? {}) as { Variables: Readonly<Record<string, unknown>> }).Variables;
  };

  test('of the context, as JSON or its text, are those that the sequencer asks; without any it waits for none', () => {
    expect(sequencerOf({})).toMatchObject({ ALDERGATE_WITNESSES: '[]', ALDERGATE_WITNESS_QUORUM: '0' });
    const given = [{ url: 'https://museum.example/gate', vkey: WITNESS }];
    for (const witnesses of [given, JSON.stringify(given)])
      expect(sequencerOf({ witnesses, witnessQuorum: '1' })).toMatchObject({
        ALDERGATE_WITNESSES: JSON.stringify(given),
        ALDERGATE_WITNESS_QUORUM: '1',
      });
  });

  test('as many as there can be, with long names, fit into the variables of a function', () => {
    const long = Array.from({ length: 16 }, (_, index) => {
      const name = `witness-${index}.records.northfield.example`;
      return { url: `https://${name}/tlog`, vkey: formatVerifierKey(verifierKey(name, 4, new Uint8Array(32).fill(index))) };
    });
    const city = { city: 'C'.repeat(100), contact: 'c'.repeat(200), accessibility: 'a'.repeat(2_000), logKey: 2 };
    expect(sequencerOf({ witnesses: long, witnessQuorum: 16, ...city })).toHaveProperty(
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
  [{ mailFrom: 'nobody' }, 'mailFrom'],
  [{ witnesses: 'museum.example' }, 'witnesses'],
  [{ witnesses: [{ url: 'museum.example', vkey: WITNESS }] }, 'witnesses[0].url'],
  [{ witnesses: [{ url: 'https://museum.example', vkey: `${WITNESS}x` }] }, 'witnesses[0].vkey'],
  [{ witnesses: [{ url: 'https://museum.example', vkey: 'log.example+3a2b+AQ' }] }, 'witnesses[0].vkey'],
  [{ witnesses: ['https://one.example', 'https://two.example'].map((url) => ({ url, vkey: WITNESS })) }, 'names a witness twice'],
  [{ witnesses: [{ url: 'https://museum.example', vkey: WITNESS }], witnessQuorum: 2 }, 'witnessQuorum'],
  [{ witnessQuorum: '1' }, 'witnessQuorum'],
  [{ accessibility: 'ü'.repeat(1_000), privacy: 'ß'.repeat(1_000) }, 'ALDERGATE_ACCESSIBILITY and ALDERGATE_PRIVACY'],
  [{ busReaders: '222233334444,me' }, 'busReaders'],
])('a context that cannot be used is refused by its name: %j', (change, name) => {
  expect(() => withApp(change, () => undefined)).toThrow(name);
});
