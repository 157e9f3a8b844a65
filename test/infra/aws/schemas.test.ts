import { describe, expect, test } from 'vitest';
import { schemaFaults, type TemplateJson } from './support/schemas.ts';
import { CONTEXTS, stacksOf, templates } from './support/templates.ts';

test.each(Object.entries(CONTEXTS))('CloudFormation’s schemas find nothing wrong in any template: %s', (_, context) => {
  for (const [name, template] of stacksOf(templates(context))) expect(schemaFaults(template), name).toEqual([]);
});

describe('the schemas are at work: a template is refused', () => {
  type Change = (resource: Record<string, never>, properties: Record<string, never>) => void;
  const set =
    (name: string, value: unknown): Change =>
    (_, properties) =>
      Object.assign(properties, { [name]: value });
  const BROKEN: readonly (readonly [string, string, Change, string])[] = [
    ['a property that is unknown', 'AWS::Lambda::Function', set('Memory', 512), 'Memory is unknown'],
    ['one that is missing', 'AWS::Lambda::Function', (_, properties) => delete properties.Role, 'Role is missing'],
    ['one of another type', 'AWS::Lambda::Function', set('MemorySize', '512 MB'), '"512 MB" is not of type integer'],
    ['a list where there is one value', 'AWS::Lambda::Function', set('Handler', ['index.handler']), 'is not of type string'],
    ['a value where there is a list', 'AWS::Lambda::Function', set('Architectures', 'arm64'), 'is not a list'],
    ['a value that is none of those allowed', 'AWS::Lambda::Function', set('PackageType', 'Tar'), '"Tar" is none of'],
    ['a reference to nothing', 'AWS::Lambda::Function', set('Role', { Ref: 'Nothing' }), 'refers to Nothing, which is not there'],
    [
      'an attribute that is unknown',
      'AWS::Scheduler::Schedule',
      set('Target', { Arn: { 'Fn::GetAtt': ['apiFunction2C95D0E5', 'Name'] }, RoleArn: 'arn' }),
      'has no attribute Name',
    ],
    ['a fault below a list', 'AWS::Events::Rule', set('Targets', [{ Id: 'one' }]), 'Targets[0]: Arn is missing'],
    ['a fault in a tag', 'AWS::SNS::Topic', set('Tags', [{ Key: 'aldergate-stage' }]), 'Tags[0]: Value is missing'],
    [
      'a type that there is not',
      'AWS::SNS::Topic',
      (resource) => Object.assign(resource, { Type: 'AWS::SNS::Theme' }),
      'is no resource',
    ],
    [
      'an attribute of the resource',
      'AWS::SNS::Topic',
      (resource) => Object.assign(resource, { DeletionPolice: 'Retain' }),
      'DeletionPolice is no attribute',
    ],
    [
      'a policy of deletion',
      'AWS::SNS::Topic',
      (resource) => Object.assign(resource, { DeletionPolicy: 'Keep' }),
      'DeletionPolicy',
    ],
    [
      'a dependency on nothing',
      'AWS::SNS::Topic',
      (resource) => Object.assign(resource, { DependsOn: ['Nothing'] }),
      'depends on Nothing',
    ],
  ];
  test.each(BROKEN)('for %s', (_, type, change, fault) => {
    const template = structuredClone(templates().gate.toJSON()) as TemplateJson;
    const found = Object.values(template.Resources).find(({ Type: each }) => each === type);
    change(found as never, (found?.Properties ?? {}) as never);
    expect(schemaFaults(template)).toEqual([expect.stringContaining(fault)]);
  });
});
