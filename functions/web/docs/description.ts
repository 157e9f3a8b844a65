import { exampleOf } from '../api/openapi/fields.ts';
import { TAGS, type Tag } from '../routes/route.ts';

/** The part of JSON Schema 2020-12 that the API description uses. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly description?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxItems?: number;
}

export type Schemas = Readonly<Record<string, Schema>>;

export interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required: boolean;
  readonly description?: string;
  readonly schema: Schema;
}

type ContentByType = Readonly<Record<string, { readonly schema: Schema }>>;

export interface Described {
  readonly operationId: string;
  readonly tags: readonly [Tag];
  readonly summary: string;
  readonly description?: string;
  readonly parameters?: readonly Parameter[];
  readonly security: readonly unknown[];
  readonly requestBody?: { readonly content: ContentByType };
  readonly responses: Readonly<Record<string, { readonly description: string; readonly content?: ContentByType }>>;
}

/** The description of the API (OpenAPI 3.1), as `GET /openapi.json` answers it. */
export interface Description {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>;
  readonly components: { readonly schemas: Schemas };
}

export interface DescribedOperation extends Described {
  readonly method: string;
  readonly path: string;
}

/** Sorts operations: whether a feature is on, other reads, then writes. */
const rankOf = ({ path, method }: DescribedOperation): number => (path.startsWith('/ofrep/') ? 0 : method === 'GET' ? 1 : 2);

export const operationsFor = ({ paths }: Description, tag: Tag): readonly DescribedOperation[] =>
  Object.entries(paths)
    .flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, described]) => ({ ...described, method: method.toUpperCase(), path })),
    )
    .filter(({ tags: [own] }) => own === tag)
    .sort((a, b) => rankOf(a) - rankOf(b));

/** One field of a body: its name with dots (`impact.purpose`, `documents[].url`), its type, and whether it is required. */
export interface Field {
  readonly name: string;
  readonly type: string;
  readonly required: boolean;
  readonly description: string | undefined;
  /** The component that the page describes by itself; undefined if the field's own fields follow it. */
  readonly shape: string | undefined;
}

const LENGTHY = 1_000_000;

const limitsOf = ({ minLength, maxLength, minimum, maximum, maxItems }: Schema): string => {
  const from =
    minimum !== undefined && minimum > 0 ? `≥ ${minimum}` : minLength !== undefined && minLength > 1 ? `≥ ${minLength}` : '';
  const most = maxLength ?? maxItems ?? (maximum !== undefined && maximum <= LENGTHY ? maximum : undefined);
  return [from, most === undefined ? '' : `≤ ${most}`].filter((part) => part !== '').join(', ');
};

const idOf = ({ $ref }: Schema): string | undefined => $ref?.slice('#/components/schemas/'.length);

const resolved = (schema: Schema, schemas: Schemas): Schema => schemas[idOf(schema) ?? ''] ?? schema;

const variantsOf = ({ anyOf, oneOf }: Schema): readonly Schema[] => anyOf ?? oneOf ?? [];

/** `string ≤ 200`, `yes | no`, `integer | null`, `list of string`. */
export const typeInWords = (given: Schema, schemas: Schemas): string => {
  const schema = resolved(given, schemas);
  if (schema.const !== undefined) return typeof schema.const === 'string' ? schema.const : JSON.stringify(schema.const);
  if (schema.enum !== undefined) return schema.enum.join(' | ');
  const variants = variantsOf(schema);
  if (variants.length > 0) return [...new Set(variants.map((variant) => typeInWords(variant, schemas)))].join(' | ');
  const limits = limitsOf(schema);
  if (schema.type === 'array') return `list of ${typeInWords(schema.items ?? {}, schemas)}${limits === '' ? '' : `, ${limits}`}`;
  const name = typeof schema.type === 'string' ? schema.type : (schema.type?.join(' | ') ?? 'any');
  return limits === '' ? name : `${name} ${limits}`;
};

interface Child {
  readonly of: Schema;
  readonly id: string | undefined;
  /** The suffix of a field's name: `[]` for each list. */
  readonly mark: string;
}

/** Returns the object schema of a value, also if it is inside lists and choices. */
export const nestedSchema = (given: Schema, schemas: Schemas): Child | undefined => {
  const schema = resolved(given, schemas);
  if (schema.properties !== undefined) return { of: schema, id: idOf(given), mark: '' };
  if (schema.items !== undefined) {
    const child = nestedSchema(schema.items, schemas);
    return child && { ...child, mark: `[]${child.mark}` };
  }
  return variantsOf(schema)
    .map((variant) => nestedSchema(variant, schemas))
    .find((child) => child !== undefined);
};

const componentsIn = (schema: Schema, schemas: Schemas): readonly string[] => {
  const child = nestedSchema(schema, schemas);
  if (child === undefined) return [];
  const inside = Object.values(child.of.properties ?? {}).flatMap((field) => componentsIn(field, schemas));
  return child.id === undefined ? inside : [child.id, ...inside];
};

const JSON_TYPE = 'application/json';
export type Content = ContentByType[string];

export const sentContent = (described: Described['requestBody']): Content | undefined => described?.content[JSON_TYPE];

export const successResponse = ({
  responses,
}: Described): { readonly status: string; readonly content: Content | undefined } | undefined => {
  const good = Object.entries(responses).find(([status]) => status.startsWith('2'));
  return good && { status: good[0], content: good[1].content?.[JSON_TYPE] };
};

/** Returns the request and response bodies of an operation that have fields. */
export const bodiesOf = (operation: Described): readonly Content[] =>
  [sentContent(operation.requestBody), successResponse(operation)?.content].filter((one) => one !== undefined);

export const namedSchemaOf = ({ schema }: Content, schemas: Schemas): string | undefined => nestedSchema(schema, schemas)?.id;

/**
 * Returns, for each component that is a whole body on several pages, the page with most uses of it. The other pages link to it, since
 * repeating a large one would slow each of them.
 */
export const schemaPages = (description: Description): ReadonlyMap<string, Tag> => {
  const { schemas } = description.components;
  const pages = TAGS.map((tag) => ({ tag, bodies: operationsFor(description, tag).flatMap(bodiesOf) }));
  const wholes = pages.flatMap(({ bodies }) => [...new Set(bodies.flatMap((body) => namedSchemaOf(body, schemas) ?? []))]);
  const several = new Set(wholes.filter((id, index) => wholes.indexOf(id) !== index));
  const usesOf = (id: string, bodies: readonly Content[]): number =>
    bodies.filter(({ schema }) => componentsIn(schema, schemas).includes(id)).length;
  return new Map(
    [...several].map((id) => {
      const most = Math.max(...pages.map(({ bodies }) => usesOf(id, bodies)));
      return [id, pages.find(({ bodies }) => usesOf(id, bodies) === most)?.tag ?? TAGS[0]] as const;
    }),
  );
};

/** Returns the components used more than once in the bodies of a page, which the page describes separately. */
export const sharedIn = (bodies: readonly Schema[], schemas: Schemas): ReadonlySet<string> => {
  const all = bodies.flatMap((body) => componentsIn(body, schemas));
  return new Set(all.filter((id, index) => all.indexOf(id) !== index));
};

/** Returns the fields in schema order, nested ones after their parent, without those inside a shared component. */
export const fieldsOf = (schema: Schema, schemas: Schemas, shared: ReadonlySet<string>, before = ''): readonly Field[] => {
  const child = nestedSchema(schema, schemas);
  if (child === undefined) return [];
  const start = before === '' ? '' : `${before}${child.mark}.`;
  const required = new Set(child.of.required);
  return Object.entries(child.of.properties ?? {}).flatMap(([key, field]) => {
    const name = `${start}${key}`;
    const id = nestedSchema(field, schemas)?.id;
    const shape = id !== undefined && shared.has(id) ? id : undefined;
    const { description } = field;
    const own = { name, type: typeInWords(field, schemas), required: required.has(key), description, shape };
    return shape === undefined ? [own, ...fieldsOf(field, schemas, shared, name)] : [own];
  });
};

const MARK = '\u0001';

interface Named {
  readonly schemas: Schemas;
  readonly shared: ReadonlySet<string>;
}

/** Replaces a component that the page describes separately by its name. `id`: of the schema, if it has one. */
export const exampleText = (schema: Schema, { schemas, shared }: Named, id?: string): string => {
  const named = (of: string): string | undefined => (shared.has(of) ? `${MARK}${of}${MARK}` : undefined);
  const example = exampleOf({ ...schema }, { ...schemas } as never, id === undefined ? [] : [id], named);
  return JSON.stringify(example, null, 1).replaceAll(/"\\u0001(\w+)\\u0001"/g, '$1');
};

/** A program to copy. `name`: the language and its library, not translated. */
export interface Example {
  readonly id: string;
  readonly name: string;
  readonly lang: 'bash' | 'js' | 'python';
  readonly install?: string;
  readonly code: string;
}
