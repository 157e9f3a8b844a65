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

export interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required: boolean;
  readonly description?: string;
  readonly schema: Schema;
}

type Content = Readonly<Record<string, { readonly schema: Schema }>>;

/** One operation: what is sent, what comes back. */
export interface Described {
  readonly operationId: string;
  readonly summary: string;
  readonly description?: string;
  readonly parameters?: readonly Parameter[];
  readonly security: readonly unknown[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly description: string; readonly content?: Content }>>;
}

/** The description of the API, OpenAPI 3.1: what `GET /openapi.json` answers. */
export interface Description {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>;
  readonly 'x-problems': readonly { readonly type: string; readonly status: number; readonly title: string }[];
}

/** For whom an operation is there: one page each, so that nobody reads what is not theirs. */
export const GROUPS = ['vendors', 'it', 'records', 'operators'] as const;
export type Group = (typeof GROUPS)[number];

export interface Operation extends Described {
  readonly method: string;
  readonly path: string;
  readonly group: Group;
}

const VENDORS = new Set(['postNotice', 'withdrawChange']);
const RECORDS = /^\/v1\/(?:changes|features\/\{key\}\/history)/;
const HEALTH = /^\/(?:healthz|readyz)$/;
/** Of what an operation is told to need. */
const OPERATED = '`admin`';

const groupOf = (path: string, { operationId, description = '' }: Described): Group => {
  if (VENDORS.has(operationId)) return 'vendors';
  if (description.includes(OPERATED) || HEALTH.test(path)) return 'operators';
  return RECORDS.test(path) ? 'records' : 'it';
};

/** What is asked most comes first: whether something is on, then what else can be read, then what is sent. */
const rankOf = ({ path, method }: Operation): number => (path.startsWith('/ofrep/') ? 0 : method === 'GET' ? 1 : 2);

/** All operations, each with its address and for whom it is. */
export const operationsOf = ({ paths }: Description): readonly Operation[] =>
  Object.entries(paths)
    .flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, described]) => ({
        ...described,
        method: method.toUpperCase(),
        path,
        group: groupOf(path, described),
      })),
    )
    .sort((a, b) => rankOf(a) - rankOf(b));
