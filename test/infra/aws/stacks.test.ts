import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Function as Lambda } from 'aws-cdk-lib/aws-lambda';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { beforeAll, describe, expect, test } from 'vitest';
import { CLOCK_RULE, NOTIFY_RULE, WEBHOOKS_RULE } from '../../../functions/handlers/runtime/busRules.ts';
import { TAMPERED_RULE } from '../../../functions/reactions/relay/cloudEvents.ts';
import { APPS, appOf, ROUTES } from '../../../functions/web/routes/table.ts';
import { FrontDoor } from '../../../infra/aws/constructs/frontDoor.ts';
import { FUNCTIONS } from '../../../infra/aws/constructs/functions.ts';
import { tablesOf } from '../../contract/dynamoTables.ts';
import { nameIn, resources, type Templates, templates, withApp } from './support/templates.ts';

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

  test('protected from deletion, restorable to any second, under a key of the city', () => {
    for (const { Replicas: replicas } of tables())
      expect(replicas).toMatchObject([
        {
          DeletionProtectionEnabled: true,
          PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
          SSESpecification: { KMSMasterKeyId: expect.anything() },
        },
      ]);
    deployed.records.hasResourceProperties('AWS::KMS::Key', { EnableKeyRotation: true });
  });

  test('and left in place by every deployment', () => {
    const all = Object.values(deployed.records.toJSON().Resources as Record<string, { DeletionPolicy?: string; Type: string }>);
    expect(all).toHaveLength(15);
    for (const { DeletionPolicy: policy, Type: type } of all)
      if (type !== 'AWS::S3::BucketPolicy') expect(policy, type).toBe('Retain');
  });
});

describe('what runs', () => {
  test('every function on Node 24, on ARM, with a log group, a limit and its source maps', () => {
    const functions = properties('AWS::Lambda::Function');
    expect(functions).toHaveLength(Object.keys(FUNCTIONS).length);
    for (const each of functions)
      expect(each).toMatchObject({
        Runtime: 'nodejs24.x',
        Architectures: ['arm64'],
        Handler: 'index.handler',
        LoggingConfig: { LogGroup: expect.anything() },
        Timeout: expect.any(Number),
        MemorySize: expect.any(Number),
        Environment: { Variables: { NODE_OPTIONS: '--enable-source-maps' } },
      });
    for (const { RetentionInDays: days } of properties('AWS::Logs::LogGroup')) expect(days).toBe(90);
  });

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

  test('the rules of the bus are those of the functions, each target with a queue', () => {
    const rules = properties('AWS::Events::Rule');
    const own = rules.filter(({ EventBusName: bus }) => bus !== undefined);
    expect(own.map(({ EventPattern: pattern }) => pattern)).toStrictEqual([
      NOTIFY_RULE,
      WEBHOOKS_RULE,
      CLOCK_RULE,
      TAMPERED_RULE,
    ]);
    for (const { Targets: targets } of rules) expect(targets).toMatchObject([{ DeadLetterConfig: expect.anything() }]);
    deployed.gate.hasResourceProperties('AWS::Events::Archive', { RetentionDays: 400 });
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

  test('five chores run every minute', () => {
    const schedules = properties('AWS::Scheduler::Schedule');
    expect(schedules).toHaveLength(5);
    for (const each of schedules)
      expect(each).toMatchObject({
        ScheduleExpression: 'rate(1 minute)',
        Target: {
          Input: '{"task":"sweep"}',
          RetryPolicy: { MaximumRetryAttempts: 1, MaximumEventAgeInSeconds: 60 },
          DeadLetterConfig: { Arn: { 'Fn::GetAtt': [expect.stringContaining('Chores'), 'Arn'] } },
        },
      });
  });

  test('CloudFront’s API leads the API’s addresses to the API, the log’s to the log and every other one to the site', () => {
    const routes = properties('AWS::ApiGatewayV2::Route').map(({ RouteKey: key, Target: target }) => {
      const [, path = ''] = String(key).split(' ');
      return {
        path: path.replaceAll(/\{\w+\+?\}/g, 'x'),
        to: /To(?:Api|Site|Log|Passkeys|Docs)/.exec(JSON.stringify(target))?.[0],
      };
    });
    expect(routes.length).toBeGreaterThanOrEqual(14);
    const owner = (path: string): string => `To${appOf(path).replace(/^./, (first) => first.toUpperCase())}`;
    for (const { path, to } of routes) expect({ path, to }).toStrictEqual({ path, to: owner(path) });
  });

  test('a route added to the table is deployed, to the function of its app', () =>
    withApp({}, ({ app, records, guard }) => {
      const stack = new Stack(app, 'Planted', { env: { region: 'us-west-2' } });
      const { originSecret, publicLog } = records;
      const webAclArn = guard.firewall.acl.attrArn;
      const settings = { domain: undefined, certificate: undefined, originSecretVersion: undefined };
      const door = new FrontDoor(stack, 'FrontDoor', { originSecret, logFiles: publicLog.bucket, webAclArn, settings });
      const arnOf = (name: string): string => `arn:aws:lambda:us-west-2:123456789012:function:${name}`;
      const functions = APPS.map((name) => [name, { lambda: Lambda.fromFunctionArn(stack, name, arnOf(name)) }]);
      door.open(Object.fromEntries(functions), { ...ROUTES, docs: { ...ROUTES.docs, '/planted/{key}': { GET: 'planted' } } });
      const routes = resources(Template.fromStack(stack), 'AWS::ApiGatewayV2::Route');
      const planted = [...routes.values()].find(({ Properties: route }) => route.RouteKey === 'ANY /planted/{key}');
      expect(JSON.stringify(planted)).toContain('ToDocs');
    }));

  test('a role that hands the log over signs beside the sequencer, as long as the deployment names it', () => {
    const handoverBy = 'arn:aws:iam::123456789012:role/operators';
    return withApp({ handoverBy }, ({ records }) => {
      const [key] = [...resources(Template.fromStack(records), 'AWS::KMS::Key').values()].filter(
        ({ Properties: each }) => each.KeyUsage === 'SIGN_VERIFY',
      );
      expect(JSON.stringify(key)).toContain(`"ArnNotLike":{"aws:PrincipalArn":[`);
      expect(JSON.stringify(key)).toContain(`"${handoverBy}"]`);
    });
  });

  test('the access log holds no path, no query and no address: a path can be an official’s link', () => {
    const [stage] = properties('AWS::ApiGatewayV2::Stage');
    const format = JSON.stringify(stage?.AccessLogSettings);
    expect(format).toContain('routeKey');
    expect(format).not.toMatch(/path|query|sourceIp|identity|userAgent/i);
  });

  test('nothing has a physical name, so a second stage fits beside the first', () => {
    const named = /^(?:TableName|FunctionName|BucketName|QueueName|TopicName|RoleName|LogGroupName|AlarmName|DashboardName)$/;
    const all = Object.values<{ readonly Type: string; readonly Properties: object }>(deployed.gate.toJSON().Resources);
    for (const { Properties: each, Type: type } of all)
      for (const [name, value] of Object.entries(each ?? {}))
        if (named.test(name)) expect(`${type} ${name} ${typeof value}`).toBe(`${type} ${name} object`);
  });

  test('operators are notified of incidents, and CloudWatch may publish to their topic', () => {
    const [policy] = properties('AWS::SNS::TopicPolicy');
    expect(policy).toMatchObject({
      PolicyDocument: {
        Statement: expect.arrayContaining([
          expect.objectContaining({
            Effect: 'Allow',
            Action: 'sns:Publish',
            Principal: { Service: 'cloudwatch.amazonaws.com' },
            Condition: { ArnLike: { 'aws:SourceArn': expect.anything() } },
          }),
        ]),
      },
    });
    for (const { AlarmActions: actions } of properties('AWS::CloudWatch::Alarm')) expect(actions).toHaveLength(1);
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

test.each([
  [{ stage: 'Upper Case' }, 'stage'],
  [{ stage: 'thirteenchars' }, 'stage'],
  [{ domain: 'https://gate.example' }, 'domain'],
  [{ domain: 'gate.example' }, 'certificate'],
  [{ domain: 'gate.example', certificate: 'arn:aws:acm:us-west-2:123456789012:certificate/0' }, 'certificate'],
  [{ logOrigin: 'with a space' }, 'logOrigin'],
  [{ budgetUsd: 'much' }, 'budgetUsd'],
  [{ timeZone: 'Denver' }, 'timeZone'],
  [{ mailFrom: 'nobody' }, 'mailFrom'],
])('a context that cannot be used is refused by its name: %j', (change, name) => {
  expect(() => withApp(change, () => undefined)).toThrow(name);
});
