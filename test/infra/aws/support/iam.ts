import { isLike } from '../../../support/permitted.ts';
import type { Part } from './templates.ts';

export interface Ask {
  readonly action: string;
  readonly resource: string;
  readonly keys: readonly string[];
}

const OF_KMS = new Set(['kms:MessageType', 'kms:SigningAlgorithm']);

/** Buckets of this cloud have their names as ARNs. */
const OF_S3 = /^arn:.+:s3:::/;

/** Whether a policy allows a call, as AWS would judge it: by action, resource and the leading keys of partitions, or a mail's sender. */
export const allows = (statements: readonly Part[], { action, resource, keys }: Ask): boolean =>
  statements.some(({ Action: actions, Resource: resources, Condition: condition = {} }) => {
    if (![actions].flat().includes(action)) return false;
    if (![resources].flat().some((each) => isLike(nameIn(each).replace(OF_S3, ''), resource))) return false;
    return Object.entries<Part>(condition).every(
      ([test, { 'dynamodb:LeadingKeys': patterns = [], 'ses:FromAddress': from, ...others }]) => {
        if (from !== undefined) return test === 'StringEquals' && keys.every((key) => [from].flat().includes(key));
        // How a message is signed is the signer's own affair: KMS in these tests looks at it.
        if (Object.keys(others).every((key) => OF_KMS.has(key)) && patterns.length === 0) return true;
        if (!test.startsWith('ForAllValues:')) throw new Error(`a condition that this judge does not know: ${test}`);
        return keys.every((key) => patterns.some((pattern: string) => isLike(pattern, key)));
      },
    );
  });

interface Call {
  readonly TableName?: string;
  readonly IndexName?: string;
  readonly Key?: { readonly pk: { readonly S: string } };
  readonly Item?: { readonly pk: { readonly S: string } };
  readonly KeyConditionExpression?: string;
  readonly ExpressionAttributeValues?: Readonly<Record<string, { readonly S?: string }>>;
  readonly RequestItems?: Readonly<Record<string, { readonly Keys: readonly { readonly pk: { readonly S: string } }[] }>>;
}

/** What a request to DynamoDB asks for, table by table. */
export const asksOf = (operation: string, call: Call): readonly Ask[] => {
  const action = `dynamodb:${operation}`;
  if (call.RequestItems !== undefined)
    return Object.entries(call.RequestItems).map(([resource, { Keys: keys }]) => ({
      action,
      resource,
      keys: keys.map(({ pk }) => pk.S),
    }));
  const { TableName: table = '', IndexName: index } = call;
  const variable = /\bpk = (?<name>:\w+)/.exec(call.KeyConditionExpression ?? '')?.groups?.name;
  const keys = [call.Key?.pk.S, call.Item?.pk.S, variable && call.ExpressionAttributeValues?.[variable]?.S];
  return [
    {
      action,
      resource: index === undefined ? table : `${table}/index/${index}`,
      keys: keys.filter((key): key is string => typeof key === 'string' && key !== ''),
    },
  ];
};

/** The name in a reference to something of this stack or of the other, without the hash that the CDK adds; text as it is. */
export const nameIn = (value: Part): string => {
  if (typeof value === 'string') return value;
  if ('Ref' in value) return short(value.Ref);
  if ('Fn::GetAtt' in value) return short(value['Fn::GetAtt'].join(''));
  if ('Fn::ImportValue' in value) return short(value['Fn::ImportValue'].replace(/^.*:ExportsOutput(?:FnGetAtt|Ref)/, ''));
  if ('Fn::GetStackOutput' in value)
    return short(value['Fn::GetStackOutput'].OutputName.replace(/^PublishOutput(?:FnGetAtt|Ref)/, ''));
  if ('Fn::Join' in value) return value['Fn::Join'][1].map(nameIn).join('');
  throw new Error(`a value that is no reference: ${JSON.stringify(value)}`);
};

const short = (id: string) => id.replace(/[0-9A-F]{8}(?<stream>StreamArn)?.*$/, (_, stream) => (stream ? '.stream' : ''));
