import { hash } from 'node:crypto';
import * as z from 'zod';

type Schema = z.core.JSONSchema.BaseSchema;

const LEFT_OUT = ['$schema', 'description', 'examples'];

/** Returns what a value may be, without what is in it. */
const kindOf = (schema: Schema): string => {
  const {
    type,
    $ref,
    properties: _p,
    required: _r,
    items: _i,
    anyOf,
    oneOf,
    additionalProperties,
    propertyNames: _n,
    ...own
  } = schema;
  const choices = [...(anyOf ?? []), ...(oneOf ?? [])] as Schema[];
  const open = type === 'object' && additionalProperties !== false;
  const limits = Object.entries(own)
    .filter(([name]) => !LEFT_OUT.includes(name) && !(name === 'pattern' && own.format !== undefined))
    .filter(([, value]) => Math.abs(Number(value)) !== Number.MAX_SAFE_INTEGER)
    .map(([name, value]) => `${name} ${typeof value === 'string' ? value : JSON.stringify(value)}`);
  return [type, $ref?.split('/').at(-1), ...(open ? ['open'] : []), ...limits, choices.map(kindOf).join(' or ')]
    .filter(Boolean)
    .join(' ');
};

const partsOf = ({ properties = {}, required = [], items, anyOf, oneOf, additionalProperties, propertyNames }: Schema) => {
  const fields = Object.entries(properties).map(([name, each]) => [`.${name}${required.includes(name) ? '' : '?'}`, each]);
  const choices = [...(anyOf ?? []), ...(oneOf ?? [])].map((each) => ['', each]);
  const others = [
    ['.NAME', propertyNames],
    ['.*', additionalProperties],
    ['[]', items],
  ];
  return [...fields, ...others, ...choices].filter((part): part is [string, Schema] => typeof part[1] === 'object');
};

/** Returns one line for each field: its path, then what it may be; of a value that can be one of several, what is in each. */
const linesOf = (schema: Schema, path: string): readonly string[] =>
  partsOf(schema).flatMap(([name, part]) => [
    ...(name === '' ? [] : [`${path}${name}: ${kindOf(part)}`]),
    ...linesOf(part, `${path}${name}`),
  ]);

/**
 * Returns a line for each format: the digest of its fields, and of what each may be, its bounds and whether it can be missing. What
 * a format names by another's id has a line of its own.
 */
export const formatsOf = (formats: Readonly<Record<string, z.ZodType>>): string => {
  const named = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(formats)) named.add(schema, { id });
  const { schemas } = z.toJSONSchema(named, { unrepresentable: 'any', io: 'input' });
  const { __shared: shared, ...own } = schemas;
  const lines = Object.entries({ ...own, ...(shared?.$defs as typeof schemas) }).map(
    ([id, schema]) => `${id} ${hash('sha256', [kindOf(schema), ...linesOf(schema, id)].join('\n')).slice(0, 32)}`,
  );
  return `${lines.join('\n')}\n`;
};
