import type { Schema } from './description.ts';

/** One field of a body: its place with dots (`impact.purpose`, `documents[].url`), what it holds, whether it has to be there. */
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

const variantsOf = ({ anyOf, oneOf }: Schema): readonly Schema[] => anyOf ?? oneOf ?? [];

/** A schema in a few words: `string ≤ 200`, `"yes" | "no"`, `integer | null`, `list of string`. */
export const typeOf = (schema: Schema): string => {
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  const variants = variantsOf(schema);
  if (variants.length > 0) return [...new Set(variants.map(typeOf))].join(' | ');
  const limits = limitsOf(schema);
  if (schema.type === 'array') return `list of ${typeOf(schema.items ?? {})}${limits === '' ? '' : `, ${limits}`}`;
  const name = typeof schema.type === 'string' ? schema.type : (schema.type?.join(' | ') ?? 'any');
  return limits === '' ? name : `${name} ${limits}`;
};

/** The fields below a schema that have names of their own, whatever list or choice is around them. */
const childOf = (schema: Schema): { readonly of: Schema; readonly mark: string } | undefined => {
  if (schema.properties !== undefined) return { of: schema, mark: '' };
  if (schema.items !== undefined) {
    const child = childOf(schema.items);
    return child && { of: child.of, mark: `[]${child.mark}` };
  }
  return variantsOf(schema)
    .map(childOf)
    .find((child) => child !== undefined);
};

/** All fields of a body, those inside others after them, in the order of the schema. */
export const fieldsOf = (schema: Schema, before = ''): readonly Field[] => {
  const child = childOf(schema);
  if (child === undefined) return [];
  const start = before === '' ? '' : `${before}${child.mark}.`;
  const required = new Set(child.of.required);
  return Object.entries(child.of.properties ?? {}).flatMap(([key, field]) => [
    { name: `${start}${key}`, type: typeOf(field), required: required.has(key), description: field.description },
    ...fieldsOf(field, `${start}${key}`),
  ]);
};
