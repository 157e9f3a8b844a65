import { beforeAll, describe, expect, test } from 'vitest';
import { textOf } from '../../support/projectFiles.ts';
import { CONTEXTS, type ResourceJson, schemaOf, stacksOf, templates } from './support/templates.ts';

// Every name that AWS knows a resource by: short enough, and another one in each stage of an account.

/** Its stage has the longest name. */
const LONGEST = CONTEXTS['with a domain, protected, everything set'] ?? {};
const LONGEST_REGION = 'ap-southeast-1';

/** Where the name of a resource stands, and how long it may be, by the services' own documentation. */
const NAMES: Readonly<Record<string, readonly [string, number]>> = {
  'AWS::ApiGatewayV2::Api': ['Name', 128],
  'AWS::Budgets::Budget': ['Budget.BudgetName', 100],
  'AWS::CloudFront::CachePolicy': ['CachePolicyConfig.Name', 128],
  'AWS::CloudFront::OriginAccessControl': ['OriginAccessControlConfig.Name', 64],
  'AWS::CloudFront::ResponseHeadersPolicy': ['ResponseHeadersPolicyConfig.Name', 128],
  'AWS::CloudTrail::Trail': ['TrailName', 128],
  'AWS::CloudWatch::Alarm': ['AlarmName', 255],
  'AWS::DynamoDB::GlobalTable': ['TableName', 255],
  'AWS::Events::EventBus': ['Name', 256],
  'AWS::Events::Rule': ['Name', 64],
  'AWS::IAM::Policy': ['PolicyName', 128],
  'AWS::IAM::Role': ['RoleName', 64],
  'AWS::Lambda::Function': ['FunctionName', 64],
  'AWS::Logs::DeliveryDestination': ['Name', 60],
  'AWS::Logs::DeliverySource': ['Name', 60],
  'AWS::Logs::LogGroup': ['LogGroupName', 512],
  'AWS::Logs::MetricFilter': ['FilterName', 512],
  'AWS::Logs::ResourcePolicy': ['PolicyName', 255],
  'AWS::S3::Bucket': ['BucketName', 63],
  'AWS::SES::ConfigurationSet': ['Name', 64],
  'AWS::SES::ConfigurationSetEventDestination': ['EventDestination.Name', 64],
  'AWS::SNS::Topic': ['TopicName', 256],
  'AWS::SQS::Queue': ['QueueName', 80],
  'AWS::Scheduler::Schedule': ['Name', 64],
  'AWS::SecretsManager::Secret': ['Name', 512],
  'AWS::WAFv2::WebACL': ['Name', 128],
};

/** Known by an id that AWS makes, or by what they belong to. */
const NAMELESS = [
  'AWS::ApiGatewayV2::Integration',
  'AWS::ApiGatewayV2::Route',
  'AWS::ApiGatewayV2::Stage',
  'AWS::CloudFront::Distribution',
  'AWS::Events::EventBusPolicy',
  'AWS::KMS::Key',
  'AWS::KMS::ReplicaKey',
  'AWS::Lambda::EventInvokeConfig',
  'AWS::Lambda::EventSourceMapping',
  'AWS::Lambda::Permission',
  'AWS::Logs::Delivery',
  'AWS::S3::BucketPolicy',
  'AWS::SES::EmailIdentity',
  'AWS::SNS::Subscription',
  'AWS::SNS::TopicPolicy',
  'AWS::SQS::QueuePolicy',
];

interface Placed extends ResourceJson {
  readonly id: string;
  readonly stack: string;
}

const all = (context: { readonly stage?: string; readonly mailIdentity?: string; readonly region?: string }): readonly Placed[] =>
  [...stacksOf(templates(context))].flatMap(([name, { Resources: resources }]) => {
    const stack = `Aldergate-${context.stage ?? 'town'}-${name.replace(/^./, (letter) => letter.toUpperCase())}`;
    return Object.entries(resources).map(([id, resource]) => ({ ...resource, id, stack }));
  });

/** Returns text as AWS gets it, as far as a template knows: the parts of a joined one, the longest region. */
const resolvedText = (value: unknown): string => {
  if (typeof value === 'string') return value;
  const { Ref: ref, 'Fn::Join': join } = value as { readonly Ref?: string; readonly 'Fn::Join'?: readonly [string, unknown[]] };
  if (ref === 'AWS::Region') return LONGEST_REGION;
  if (join !== undefined) return join[1].map(resolvedText).join(join[0]);
  throw new Error(`a name that the template does not know: ${JSON.stringify(value)}`);
};

const at = (path: string, properties: unknown): unknown =>
  path.split('.').reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], properties);

/** What CloudFormation calls a resource without a name. It cuts what is longer than the service takes. */
const generated = ({ stack, id }: Placed): string => `${stack}-${id}-${'x'.repeat(12)}`;

const nameOf = (resource: Placed): string | undefined => {
  const [path = ''] = NAMES[resource.Type] ?? [];
  const given = at(path, resource.Properties);
  return given === undefined ? undefined : resolvedText(given);
};

describe('a name', () => {
  let longest: readonly Placed[];
  beforeAll(() => {
    longest = all(LONGEST);
  });

  test('has a limit that is known here, or the resource has none', () => {
    const types = new Set(longest.map(({ Type: type }) => type));
    expect([...types].filter((type) => !(type in NAMES) && !NAMELESS.includes(type)).sort()).toEqual([]);
  });

  test('fits, also in the stage and the region with the longest one, and CloudFormation cuts none but those of buckets', () => {
    const tooLong = longest.filter((resource) => {
      const [, most = 0] = NAMES[resource.Type] ?? [];
      return resource.Type in NAMES && (nameOf(resource) ?? generated(resource)).length > most;
    });
    expect(new Set(tooLong.map(({ Type: type }) => type))).toEqual(new Set(['AWS::S3::Bucket']));
    // What is cut ends in characters of its own all the same. Who may be mistaken for whom is said by names that nothing cuts.
    for (const resource of longest)
      if (['AWS::IAM::Role', 'AWS::Lambda::Function', 'AWS::Scheduler::Schedule'].includes(resource.Type))
        expect(nameOf(resource), resource.id).toMatch(/^Aldergate-abcdefghijkl-[A-Za-z-]+$/);
  });

  test('of a metric has at most 255 characters', () => {
    const filters = longest.filter(({ Type: type }) => type === 'AWS::Logs::MetricFilter');
    expect(filters.length).toBeGreaterThan(3);
    for (const { Properties: properties } of filters)
      expect(resolvedText(at('MetricTransformations.0.MetricName', properties)).length).toBeLessThanOrEqual(255);
  });
});

type Leaf = readonly [string, string];

/** The text at every path of a resource that does not stand for something else of its own stage. */
const leavesOf = (value: unknown, path: string): readonly Leaf[] => {
  if (typeof value === 'string') return [[path, value]];
  if (typeof value !== 'object' || value === null) return [];
  const isJoined = 'Fn::Join' in value && !/"(?:Ref|Fn::GetAtt|Fn::ImportValue)":"?\[?"?(?!AWS::)/.test(JSON.stringify(value));
  if (isJoined) return [[path, JSON.stringify(value)]];
  if (Object.keys(value).some((key) => key === 'Ref' || key.startsWith('Fn::'))) return [];
  return Object.entries(value).flatMap(([key, each]) => leavesOf(each, Array.isArray(value) ? path : `${path}.${key}`));
};

/** Of these two stages may have the same, because AWS looks for them within something that a stage has to itself. */
const WITHIN = [
  // Names of what belongs to one table, role, distribution, firewall, bus, trail, topic, interface or function.
  'AWS::ApiGatewayV2::Stage.StageName',
  'AWS::CloudFront::Distribution.DistributionConfig.Origins.OriginCustomHeaders.HeaderName',
  'AWS::CloudFront::Distribution.DistributionConfig.Origins.S3OriginConfig.OriginAccessIdentity',
  'AWS::CloudTrail::Trail.AdvancedEventSelectors.Name',
  'AWS::DynamoDB::GlobalTable.AttributeDefinitions.AttributeName',
  'AWS::DynamoDB::GlobalTable.GlobalSecondaryIndexes.IndexName',
  'AWS::DynamoDB::GlobalTable.GlobalSecondaryIndexes.KeySchema.AttributeName',
  'AWS::DynamoDB::GlobalTable.KeySchema.AttributeName',
  'AWS::DynamoDB::GlobalTable.Replicas.GlobalSecondaryIndexes.IndexName',
  'AWS::IAM::Policy.PolicyName',
  'AWS::SES::ConfigurationSetEventDestination.EventDestination.Name',
  // What a mail is from; not how AWS knows the topic.
  'AWS::SNS::Topic.DisplayName',
  'AWS::WAFv2::WebACL.Rules.Name',
  'AWS::WAFv2::WebACL.Rules.Statement.ManagedRuleGroupStatement.Name',
  'AWS::WAFv2::WebACL.Rules.Statement.ManagedRuleGroupStatement.RuleActionOverrides.Name',
  'AWS::WAFv2::WebACL.Rules.Statement.ManagedRuleGroupStatement.VendorName',
  'AWS::WAFv2::WebACL.Rules.VisibilityConfig.MetricName',
  // Names of a service's own metrics and of its statistics, which its dimensions tell apart.
  'AWS::CloudWatch::Alarm.Dimensions.Name',
  'AWS::CloudWatch::Alarm.MetricName',
  'AWS::CloudWatch::Alarm.Namespace',
  'AWS::Logs::MetricFilter.MetricTransformations.MetricNamespace',
];

const IDENTIFIES = /(?:Name|Identity|Identifier|Namespace|Path|Alias(?:es)?|Export|Sid)$/;

const sharedOf = (one: readonly Placed[], other: readonly Placed[]): readonly string[] => {
  const leaves = (placed: readonly Placed[]) =>
    placed.flatMap(({ Type: type, Properties: properties }) =>
      leavesOf(properties, type)
        .filter(([path]) => IDENTIFIES.test(path))
        .map(([path, text]) => JSON.stringify([path, text])),
    );
  const known = new Set(leaves(one));
  return [...new Set(leaves(other).filter((each) => known.has(each)))].sort();
};

describe('two stages of one account', () => {
  const second = { stage: 'city2', mailIdentity: 'existing' };
  const withoutPolicies = (shared: readonly string[]) =>
    shared.filter((each) => !WITHIN.includes(String(JSON.parse(each)[0])) && !/PolicyDocument|KeyPolicy/.test(each));

  test('have no identifier in common', () => {
    const shared = sharedOf(all({}), all(second));
    expect(shared.length).toBeGreaterThan(5);
    expect(withoutPolicies(shared)).toEqual([]);
  });

  test('nor in two regions, where roles, policies of CloudFront and the stacks of us-east-1 are the account’s', () => {
    const elsewhere = all({ stage: 'city2', mailIdentity: 'existing', region: 'eu-central-1' });
    expect(withoutPolicies(sharedOf(all({}), elsewhere))).toEqual([]);
  });

  test('the comparison is at work: a name without the stage is found', () => {
    const fixed: Placed = { id: 'A', stack: 'S', Type: 'AWS::Events::EventBus', Properties: { Name: 'Aldergate' } };
    expect(withoutPolicies(sharedOf([fixed], [fixed]))).toEqual(['["AWS::Events::EventBus.Name","Aldergate"]']);
  });

  test('export nothing under the same name', () => {
    const exportsOf = (context: Readonly<Record<string, unknown>>): readonly string[] =>
      [...stacksOf(templates(context)).values()].flatMap(({ Outputs: outputs = {} }) =>
        Object.values(outputs).flatMap(({ Export: exported }) => (exported === undefined ? [] : [JSON.stringify(exported)])),
      );
    const first = exportsOf({});
    expect(first.length).toBeGreaterThan(5);
    expect(exportsOf(second).filter((each) => first.includes(each))).toEqual([]);
  });

  test('share the alarms of what AWS counts by account, and no other', () => {
    const fixedAlarms = all(second).flatMap(({ Type: type, Properties: properties = {} }) => {
      if (type !== 'AWS::CloudWatch::Alarm') return [];
      const { Namespace: namespace, MetricName: metric, Dimensions: dimensions, Metrics: metrics } = properties;
      const text = JSON.stringify([namespace, metric, dimensions, metrics]);
      return /"Ref"|"Fn::|city2/.test(text) ? [] : [`${String(namespace)} ${String(metric)}`];
    });
    expect(fixedAlarms.sort()).toEqual(['AWS/Lambda Throttles', 'AWS/SES Reputation.BounceRate']);
  });
});

const resourcesOf = (stack?: string): readonly (readonly [string, ResourceJson])[] =>
  [...stacksOf(templates(LONGEST))].flatMap(([name, { Resources: all }]) =>
    stack === undefined || name === stack ? Object.entries(all) : [],
  );

const ofType = (type: string, stack?: string): readonly ResourceJson[] =>
  resourcesOf(stack).flatMap(([, each]) => (each.Type === type ? [each] : []));

/** The length of a document once CloudFormation has resolved it: a reference becomes an ARN of some eighty characters. */
const charactersOf = (document: unknown): number => {
  const isReference = (value: object): boolean => Object.keys(value).some((key) => key === 'Ref' || key.startsWith('Fn::'));
  return JSON.stringify(document, (_, value: unknown) =>
    typeof value === 'object' && value !== null && isReference(value) ? 'x'.repeat(80) : value,
  ).length;
};

const largest = (sizes: readonly number[]): number => Math.max(...sizes);

const permissionsOf = (): readonly number[] => {
  const permissions = ofType('AWS::Lambda::Permission').map(({ Properties: properties }) =>
    JSON.stringify(properties?.FunctionName),
  );
  // One statement of a function's policy has some 350 characters, as GetPolicy shows it.
  return [...Map.groupBy(permissions, (each) => each).values()].map((all) => all.length * 350);
};

/** What a stage uses of each row of the table. The sizes of documents may lie below what is written, not above. */
const COUNTED: Readonly<Record<string, () => number>> = {
  'functions at once, of a new account': () => ofType('AWS::Scheduler::Schedule').length,
  'the same once it was raised': () => ofType('AWS::Scheduler::Schedule').length,
  'trails of CloudTrail': () => ofType('AWS::CloudTrail::Trail').length,
  'resource policies of CloudWatch Logs': () => ofType('AWS::Logs::ResourcePolicy').length,
  'cache policies of CloudFront': () => ofType('AWS::CloudFront::CachePolicy').length,
  'policies for the headers of its answers': () => ofType('AWS::CloudFront::ResponseHeadersPolicy').length,
  roles: () => ofType('AWS::IAM::Role').length,
};
const AT_MOST: Readonly<Record<string, () => number>> = {
  'resources of a stack (`Gate`)': () => resourcesOf('gate').length,
  'characters of a role’s own policies': () =>
    largest(ofType('AWS::IAM::Policy').map(({ Properties: properties }) => charactersOf(properties?.PolicyDocument))),
  'characters of a function’s policy (`api`)': () => largest(permissionsOf()),
};

const number = (text: string): number => Number(text.replaceAll(',', ''));

const rows = (): readonly (readonly string[])[] => {
  const [, table = ''] = textOf('docs/costs.md').split('<!-- quotas -->');
  const lines = table.trimStart().split('\n\n')[0]?.split('\n').slice(2) ?? [];
  return lines.map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim().replaceAll("'", '’')),
  );
};

test('the table of quotas says what a stage uses, and how many stages fit', () => {
  const table = rows();
  const named = table.map(([name = '']) => name);
  expect(named.sort()).toEqual([...Object.keys(COUNTED), ...Object.keys(AT_MOST)].sort());
  for (const [name = '', , quota = '', used = '', stages = ''] of table) {
    const counted = COUNTED[name]?.();
    const most = AT_MOST[name]?.() ?? 0;
    if (counted === undefined) {
      expect(most, name).toBeLessThanOrEqual(number(used));
      expect(most, `${name}, much more than it is`).toBeGreaterThan(number(used) / 2);
      expect(number(used), name).toBeLessThan(number(quota));
    } else expect([name, used, stages], name).toEqual([name, String(counted), String(Math.floor(number(quota) / counted))]);
  }
});

test('every resource that can have tags has the one by which Billing counts', () => {
  const untagged = resourcesOf().filter(([, { Type: type, Properties: properties = {} }]) => {
    // The tags of a global table are those of its replicas, of which CloudFormation's schema says nothing.
    const where = type === 'AWS::DynamoDB::GlobalTable' ? 'Replicas' : schemaOf(type)?.tagInformation?.tagPropertyName;
    // As a list of pairs, or as a map.
    const tag = /"aldergate-stage"(?:,"Value")?:"abcdefghijkl"/;
    return where !== undefined && !tag.test(JSON.stringify(properties[where] ?? []));
  });
  expect(untagged.map(([id]) => id)).toEqual([]);
  const [{ Properties: budget } = { Properties: {} }] = ofType('AWS::Budgets::Budget');
  expect(budget).toMatchObject({ Budget: { CostFilters: { TagKeyValue: ['user:aldergate-stage$abcdefghijkl'] } } });
});
