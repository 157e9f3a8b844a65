import type { Schema, Schemas } from './description.ts';

/** One field of a body: its name with dots (`impact.purpose`, `documents[].url`), its type, and whether it is required. */
export interface Field {
  readonly name: string;
  readonly type: string;
  readonly required: boolean;
  readonly description: string | undefined;
}

const LENGTHY = 1_000_000;

const limitsOf = ({ minLength, maxLength, minimum, maximum, maxItems }: Schema): string => {
  const from =
    minimum !== undefined && minimum > 0 ? `≥ ${minimum}` : minLength !== undefined && minLength > 1 ? `≥ ${minLength}` : '';
  const most = maxLength ?? maxItems ?? (maximum !== undefined && maximum <= LENGTHY ? maximum : undefined);
  return [from, most === undefined ? '' : `≤ ${most}`].filter((part) => part !== '').join(', ');
};

/** Returns the schema that a reference leads to; any other as it is. */
const resolved = (schema: Schema, schemas: Schemas): Schema => {
  const target = schema.$ref === undefined ? undefined : schemas[schema.$ref.slice('#/components/schemas/'.length)];
  return target ?? schema;
};

const variantsOf = ({ anyOf, oneOf }: Schema): readonly Schema[] => anyOf ?? oneOf ?? [];

/** Returns a schema in a few words: `string ≤ 200`, `"yes" | "no"`, `integer | null`, `list of string`. */
export const typeInWords = (given: Schema, schemas: Schemas): string => {
  const schema = resolved(given, schemas);
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  const variants = variantsOf(schema);
  if (variants.length > 0) return [...new Set(variants.map((variant) => typeInWords(variant, schemas)))].join(' | ');
  const limits = limitsOf(schema);
  if (schema.type === 'array') return `list of ${typeInWords(schema.items ?? {}, schemas)}${limits === '' ? '' : `, ${limits}`}`;
  const name = typeof schema.type === 'string' ? schema.type : (schema.type?.join(' | ') ?? 'any');
  return limits === '' ? name : `${name} ${limits}`;
};

/** Returns the nested schema that has named fields, looking through lists and choices. */
const childOf = (given: Schema, schemas: Schemas): { readonly of: Schema; readonly mark: string } | undefined => {
  const schema = resolved(given, schemas);
  if (schema.properties !== undefined) return { of: schema, mark: '' };
  if (schema.items !== undefined) {
    const child = childOf(schema.items, schemas);
    return child && { of: child.of, mark: `[]${child.mark}` };
  }
  return variantsOf(schema)
    .map((variant) => childOf(variant, schemas))
    .find((child) => child !== undefined);
};

/** Returns all fields of a body, those inside others after them, in the order of the schema. */
export const fieldsOf = (schema: Schema, schemas: Schemas, before = ''): readonly Field[] => {
  const child = childOf(schema, schemas);
  if (child === undefined) return [];
  const start = before === '' ? '' : `${before}${child.mark}.`;
  const required = new Set(child.of.required);
  return Object.entries(child.of.properties ?? {}).flatMap(([key, field]) => [
    { name: `${start}${key}`, type: typeInWords(field, schemas), required: required.has(key), description: field.description },
    ...fieldsOf(field, schemas, `${start}${key}`),
  ]);
};
