import type * as z from 'zod';
import type { Scope } from '../http/tokens.ts';

/** Maximum body of an operation that states no other, in bytes. */
export const REQUEST_BYTES_MAX = 4 * 1024;

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

/** The readers an operation of the API is for; the developers' pages have one page for each. */
export const TAGS = ['vendors', 'it', 'observations', 'records', 'operators', 'rules', 'redactions'] as const;
export type Tag = (typeof TAGS)[number];

/** One operation of the API: who may call it, what is sent, what is answered. */
export interface ApiOperation {
  readonly id: string;
  readonly tag: Tag;
  readonly summary: string;
  /** The scope a token must have; `signature` for a message signed by a vendor, `none` for public operations. */
  readonly auth: Scope | 'signature' | 'none';
  /** The field of a signed body that names its vendor; absent: the key of the address does. */
  readonly signedBy?: 'feature' | 'vendor' | 'change';
  /** Another scope that is sufficient. */
  readonly orScope?: Scope;
  readonly query?: z.ZodObject;
  readonly isList?: true;
  /** The request headers that it reads, besides those of authentication, each with its purpose. All are optional. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: z.ZodType;
  readonly bodyBytesMax?: number;
  /** The body's schema in the description, if the command itself checks the body. */
  readonly describedBody?: z.ZodType;
  readonly bodyOptional?: true;
  /** The status of success. */
  readonly status: 200 | 201 | 202;
  /** Further successful statuses, in words: another 2xx with the same `answer`, or 304 without a body. */
  readonly also?: Readonly<Partial<Record<200 | 202 | 304, string>>>;
  readonly answer: z.ZodType;
  readonly notReady?: z.ZodType;
  /**
   * The meaning of each status in words, for an operation that answers by its status with a plain text; replaces `answer` and problems.
   */
  readonly statuses?: Readonly<Record<number, string>>;
  /** It answers every method alike. */
  readonly anyMethod?: true;
  /** Error statuses besides those that follow from the rest, see `document.ts`. */
  readonly problems?: readonly number[];
}

type PageMethods = Readonly<Partial<Record<'GET' | 'POST', string>>>;

/** Paths are written as in OpenAPI: `{name}` matches one segment, `{name+}` all that follow. */
export type ApiTable = Readonly<Record<string, Readonly<Partial<Record<Method, ApiOperation>>>>>;
export type PageTable = Readonly<Record<string, PageMethods>>;

type NameOf<Parameter extends string> = Parameter extends `${infer Name}+` ? Name : Parameter;

export type ParameterNames<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? NameOf<Name> | ParameterNames<Rest>
  : never;

export const honoPath = (path: string): string => path.replace(/\{(\w+)(\+?)\}/g, (_, name, rest) => `:${name}${rest && '{.+}'}`);

/** Returns the methods a path allows, as the `Allow` header lists them: HEAD wherever GET is allowed. */
export const allowedMethods = (methods: object): readonly string[] => [
  ...Object.keys(methods),
  ...('GET' in methods ? ['HEAD'] : []),
];
