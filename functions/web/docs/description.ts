import type { Tag } from '../routes/route.ts';

/** JSON Schema 2020-12, as far as the description of the API uses it. */
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

/** The components that a `$ref` leads to, by id. */
export type Schemas = Readonly<Record<string, Schema>>;

export interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required: boolean;
  readonly description?: string;
  readonly schema: Schema;
}

type Content = Readonly<Record<string, { readonly schema: Schema }>>;

/** One operation: its request and its responses. */
export interface Described {
  readonly operationId: string;
  readonly tags: readonly [Tag];
  readonly summary: string;
  readonly description?: string;
  readonly parameters?: readonly Parameter[];
  readonly security: readonly unknown[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly description: string; readonly content?: Content }>>;
}

/** The description of the API (OpenAPI 3.1), as `GET /openapi.json` answers it. */
export interface Description {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>;
  readonly components: { readonly schemas: Schemas };
  readonly 'x-problems': readonly { readonly type: string; readonly status: number; readonly title: string }[];
}

/** An operation with its address. */
export interface DescribedOperation extends Described {
  readonly method: string;
  readonly path: string;
}

/** Returns the rank of an operation: first whether a feature is on, then other reads, then what is sent. */
const rankOf = ({ path, method }: DescribedOperation): number => (path.startsWith('/ofrep/') ? 0 : method === 'GET' ? 1 : 2);

/** Returns the operations for one kind of reader. */
export const operationsFor = ({ paths }: Description, tag: Tag): readonly DescribedOperation[] =>
  Object.entries(paths)
    .flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, described]) => ({ ...described, method: method.toUpperCase(), path })),
    )
    .filter(({ tags: [own] }) => own === tag)
    .sort((a, b) => rankOf(a) - rankOf(b));
