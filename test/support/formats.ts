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

/** Returns a table of formats: of each its fields, and of each field what it may be, its bounds and whether it can be missing. */
export const formatsOf = (formats: Readonly<Record<string, z.ZodType>>): string => {
  const named = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(formats)) named.add(schema, { id });
  const { schemas } = z.toJSONSchema(named, { unrepresentable: 'any', io: 'input' });
  const { __shared: shared, ...own } = schemas;
  const text = Object.entries({ ...own, ...(shared?.$defs as typeof schemas) }).flatMap(([id, schema]) => [
    `${id}: ${kindOf(schema)}`,
    ...linesOf(schema, id),
  ]);
  return `${text.join('\n')}\n`;
};
