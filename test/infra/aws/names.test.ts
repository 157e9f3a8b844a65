import { beforeAll, describe, expect, test } from 'vitest';
import { textOf } from '../../support/projectFiles.ts';
import { tableBehind } from '../../support/texts.ts';
import { CONTEXTS, type Part, type ResourceJson, resourcesOf, schemaOf, stacksOf, templates } from './support/templates.ts';

// Every name that AWS knows a resource by: short enough, and another one in each stage of an account.

/** Its stage has the longest name. */
const LONGEST = CONTEXTS['everything set'];
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
const NAMELESS: Readonly<Record<string, readonly string[]>> = {
  ApiGatewayV2: ['Integration', 'Route', 'Stage'],
  CloudFront: ['Distribution'],
  Events: ['EventBusPolicy'],
  KMS: ['Key', 'ReplicaKey'],
  Lambda: ['EventInvokeConfig', 'EventSourceMapping', 'Permission'],
  Logs: ['Delivery'],
  S3: ['BucketPolicy'],
  SES: ['EmailIdentity'],
  SNS: ['Subscription', 'TopicPolicy'],
  SQS: ['QueuePolicy'],
};
const isNameless = (type: string) => {
  const [, service = '', kind = ''] = type.split('::');
  return NAMELESS[service]?.includes(kind) ?? false;
};

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
const resolvedText = (value: Part) => {
  if (typeof value === 'string') return value;
  if (value.Ref === 'AWS::Region') return LONGEST_REGION;
  if ('Fn::Join' in value) return value['Fn::Join'][1].map(resolvedText).join(value['Fn::Join'][0]);
  throw new Error(`a name that the template does not know: ${JSON.stringify(value)}`);
};

const at = (path: string, properties: Part) => path.split('.').reduce((value, key) => value?.[key], properties);

/** What CloudFormation calls a resource without a name. It cuts what is longer than the service takes. */
const generated = ({ stack, id }: Placed) => `${stack}-${id}-${'x'.repeat(12)}`;

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
    expect([...types].filter((type) => !(type in NAMES) && !isNameless(type)).sort()).toEqual([]);
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
    const filters = longest.filter((each) => each.Type === 'AWS::Logs::MetricFilter');
    const lengths = filters.map((each) => resolvedText(each.Properties.MetricTransformations[0].MetricName).length);
    expect(lengths.length).toBeGreaterThan(3);
    expect(Math.max(...lengths)).toBeLessThanOrEqual(255);
  });
});

const isReference = (value: unknown) =>
  typeof value === 'object' && value !== null && Object.keys(value).some((key) => key === 'Ref' || key.startsWith('Fn::'));

type Leaf = readonly [string, string];

/** The text at every path of a resource that does not stand for something else of its own stage. */
const leavesOf = (value: unknown, path: string): readonly Leaf[] => {
  if (typeof value === 'string') return [[path, value]];
  if (typeof value !== 'object' || value === null) return [];
  const isJoined = 'Fn::Join' in value && !/"(?:Ref|Fn::GetAtt|Fn::ImportValue)":"?\[?"?(?!AWS::)/.test(JSON.stringify(value));
  if (isJoined) return [[path, JSON.stringify(value)]];
  if (isReference(value)) return [];
  return Object.entries(value).flatMap(([key, each]) => leavesOf(each, Array.isArray(value) ? path : `${path}.${key}`));
};

/** Names that two stages may share, because AWS resolves them within a resource of the stage. */
const WITHIN: Readonly<Record<string, RegExp>> = {
  'AWS::ApiGatewayV2::Stage': /^StageName$/,
  'AWS::CloudFront::Distribution': /\.Origins\.(?:OriginCustomHeaders\.HeaderName|S3OriginConfig\.OriginAccessIdentity)$/,
  'AWS::CloudTrail::Trail': /^AdvancedEventSelectors\.Name$/,
  'AWS::DynamoDB::GlobalTable': /\b(?:Attribute|Index)Name$/,
  'AWS::IAM::Policy': /^PolicyName$/,
  'AWS::SES::ConfigurationSetEventDestination': /^EventDestination\.Name$/,
  // What a mail is from; not how AWS knows the topic.
  'AWS::SNS::Topic': /^DisplayName$/,
  'AWS::WAFv2::WebACL': /^Rules\./,
  // Names of a service's own metrics and of its statistics, which its dimensions tell apart.
  'AWS::CloudWatch::Alarm': /^(?:Dimensions\.Name|MetricName|Namespace)$/,
  'AWS::Logs::MetricFilter': /^MetricTransformations\.MetricNamespace$/,
};

const isWithin = (path: string) => {
  const [type = '', ...rest] = path.split('.');
  return WITHIN[type]?.test(rest.join('.')) ?? false;
};

const IDENTIFIES = /(?:Name|Identity|Identifier|Namespace|Path|Alias(?:es)?|Export|Sid)$/;

const sharedOf = (one: readonly Placed[], other: readonly Placed[]) => {
  const leaves = (placed: readonly Placed[]) =>
    placed.flatMap(({ Type: type, Properties: properties }) =>
      leavesOf(properties, type)
        .filter(([path]) => IDENTIFIES.test(path))
        .map(([path, text]) => JSON.stringify([path, text])),
    );
  const known = new Set(leaves(one));
  return [...new Set(leaves(other).filter((each) => known.has(each)))].sort();
};

/** The name that a template gives, not that of another resource in it, by which AWS would know a second resource as the first one. */
const givenName = ({ Type: type, Properties: properties = {} }: ResourceJson): unknown => {
  const [name = '', ...others] = schemaOf(type)?.primaryIdentifier ?? [];
  const given = others.length === 0 ? properties[name] : undefined;
  return given?.Ref === undefined ? given : undefined;
};

describe('two stages of one account', () => {
  const second = { stage: 'city2', mailIdentity: 'existing' };
  const withoutPolicies = (shared: readonly string[]) =>
    shared.filter((each) => !isWithin(String(JSON.parse(each)[0])) && !/PolicyDocument|KeyPolicy/.test(each));

  test('have no identifier in common', () => {
    const shared = sharedOf(all({}), all(second));
    expect(shared.length).toBeGreaterThan(5);
    expect(withoutPolicies(shared)).toEqual([]);
  });

  test('nor in two regions, where roles, policies of CloudFront and the stacks of us-east-1 are the account’s', () => {
    expect(withoutPolicies(sharedOf(all({}), all({ ...second, region: 'eu-central-1' })))).toEqual([]);
  });

  test('the comparison is at work: a name without the stage is found', () => {
    const fixed: Placed = { id: 'A', stack: 'S', Type: 'AWS::Events::EventBus', Properties: { Name: 'Aldergate' } };
    expect(withoutPolicies(sharedOf([fixed], [fixed]))).toEqual(['["AWS::Events::EventBus.Name","Aldergate"]']);
  });

  test('export nothing under the same name', () => {
    const exportsOf = (context: Readonly<Record<string, unknown>>) =>
      [...stacksOf(templates(context)).values()].flatMap(({ Outputs: outputs = {} }) =>
        Object.values(outputs).flatMap(({ Export: exported }) => (exported === undefined ? [] : [JSON.stringify(exported)])),
      );
    const first = exportsOf({});
    expect(first.length).toBeGreaterThan(5);
    expect(exportsOf(second).filter((each) => first.includes(each))).toEqual([]);
  });

  test('can follow each other: what the first leaves behind has no name from its template, but what the second takes as `existing`', () => {
    const kept = all({}).filter(({ DeletionPolicy: policy = 'Delete' }) => policy !== 'Delete');
    expect(kept.filter((each) => givenName(each) !== undefined).map(({ Type: type }) => type)).toEqual([
      'AWS::SES::EmailIdentity',
    ]);
  });

  test('share the alarms of what AWS counts by account, and no other', () => {
    const alarms = all(second).flatMap((each) => (each.Type === 'AWS::CloudWatch::Alarm' ? [each.Properties] : []));
    const fixed = alarms.filter(
      ({ Namespace, MetricName, Dimensions, Metrics }) =>
        !/"Ref"|"Fn::|city2/.test(JSON.stringify([Namespace, MetricName, Dimensions, Metrics])),
    );
    expect(fixed.map((each) => `${each.Namespace} ${each.MetricName}`).sort()).toEqual([
      'AWS/Lambda Throttles',
      'AWS/SES Reputation.BounceRate',
    ]);
  });
});

const ofType = (type: string): readonly Part[] =>
  resourcesOf(templates(LONGEST)).flatMap(([, each]) => (each.Type === type ? [each.Properties] : []));

/** The length of a document once CloudFormation has resolved it: a reference becomes an ARN of some eighty characters. */
const charactersOf = (document: unknown) =>
  JSON.stringify(document, (_, value: unknown) => (isReference(value) ? 'x'.repeat(80) : value)).length;

/** One statement of a function's policy has some 350 characters, as GetPolicy shows it. */
const charactersOfPermissions = (): readonly number[] => {
  const permissions = Map.groupBy(ofType('AWS::Lambda::Permission'), (each) => JSON.stringify(each.FunctionName));
  return [...permissions.values()].map((all) => all.length * 350);
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
  'resources of a stack (`Gate`)': () => Object.keys(templates(LONGEST).gate.Resources).length,
  'characters of a role’s own policies': () =>
    Math.max(...ofType('AWS::IAM::Policy').map((each) => charactersOf(each.PolicyDocument))),
  'characters of a function’s policy (`api`)': () => Math.max(...charactersOfPermissions()),
};

const number = (text: string) => Number(text.replaceAll(',', ''));

test('the table of quotas says what a stage uses, and how many stages fit', () => {
  const table = tableBehind(textOf('docs/costs.md').replaceAll("'", '’'), '<!-- quotas -->');
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
  const untagged = resourcesOf(templates(LONGEST)).filter(([, { Type: type, Properties: properties = {} }]) => {
    // The tags of a global table are those of its replicas, of which CloudFormation's schema says nothing.
    const where = type === 'AWS::DynamoDB::GlobalTable' ? 'Replicas' : schemaOf(type)?.tagInformation?.tagPropertyName;
    // As a list of pairs, or as a map.
    const tag = /"aldergate-stage"(?:,"Value")?:"abcdefghijkl"/;
    return where !== undefined && !tag.test(JSON.stringify(properties[where] ?? []));
  });
  expect(untagged.map(([id]) => id)).toEqual([]);
  const tagged = { TagKeyValue: ['user:aldergate-stage$abcdefghijkl'] };
  expect(ofType('AWS::Budgets::Budget')).toMatchObject([{ Budget: { CostFilters: tagged } }]);
});
