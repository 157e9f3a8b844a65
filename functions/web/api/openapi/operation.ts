import type * as z from 'zod';

/** One operation of the API, as its description tells it. `problems`: the statuses it answers with beside those every route has. */
export interface Operation {
  readonly method: 'get' | 'post' | 'put' | 'delete';
  readonly path: string;
  readonly id: string;
  readonly summary: string;
  readonly auth: 'token' | 'signature' | 'none';
  readonly scope?: string;
  readonly parameters?: Readonly<Record<string, z.ZodType>>;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  readonly status: 200 | 201 | 202;
  readonly answer: z.ZodType;
  readonly problems: readonly number[];
  /** What it answers with 503 instead of a problem document. */
  readonly notReady?: z.ZodType;
}
