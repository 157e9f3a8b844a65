import { expect, test } from 'vitest';
import { textOf } from '../../support/projectFiles.ts';
import { type ResourceJson, schemaOf } from './support/schemas.ts';
import { stacksOf, templates } from './support/templates.ts';

const LONGEST = { stage: 'abcdefghijkl', alarmEmail: 'it@city.example' };

const resourcesOf = (stack?: string): readonly (readonly [string, ResourceJson])[] =>
  [...stacksOf(templates(LONGEST))].flatMap(([name, { Resources: all }]) =>
    stack === undefined || name === stack ? Object.entries(all) : [],
  );

const of = (type: string, stack?: string): readonly ResourceJson[] =>
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
  const permissions = of('AWS::Lambda::Permission').map(({ Properties: properties }) => JSON.stringify(properties?.FunctionName));
  // One statement of a function's policy has some 350 characters, as GetPolicy shows it.
  return [...Map.groupBy(permissions, (each) => each).values()].map((all) => all.length * 350);
};

/** What a stage uses of each row of the table. The sizes of documents may lie below what is written, not above. */
const COUNTED: Readonly<Record<string, () => number>> = {
  'functions at once, of a new account': () => of('AWS::Scheduler::Schedule').length,
  'the same once it was raised': () => of('AWS::Scheduler::Schedule').length,
  'trails of CloudTrail': () => of('AWS::CloudTrail::Trail').length,
  'resource policies of CloudWatch Logs': () => of('AWS::Logs::ResourcePolicy').length,
  'cache policies of CloudFront': () => of('AWS::CloudFront::CachePolicy').length,
  'policies for the headers of its answers': () => of('AWS::CloudFront::ResponseHeadersPolicy').length,
  roles: () => of('AWS::IAM::Role').length,
};
const AT_MOST: Readonly<Record<string, () => number>> = {
  'resources of a stack (`Gate`)': () => resourcesOf('gate').length,
  'characters of a role’s own policies': () =>
    largest(of('AWS::IAM::Policy').map(({ Properties: properties }) => charactersOf(properties?.PolicyDocument))),
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
  const [{ Properties: budget } = { Properties: {} }] = of('AWS::Budgets::Budget');
  expect(budget).toMatchObject({ Budget: { CostFilters: { TagKeyValue: ['user:aldergate-stage$abcdefghijkl'] } } });
});
