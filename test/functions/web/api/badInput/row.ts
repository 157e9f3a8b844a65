import type { ProblemCode } from '../../../../../functions/web/http/problems.ts';

/** A request that is refused, and the problem that says why. */
export interface Row {
  readonly name: string;
  readonly path: string;
  readonly method?: string;
  readonly body?: string | Uint8Array;
  /** Signed by the vendor acme, or sent with a token good for everything; `none`: neither. */
  readonly as?: 'vendor' | 'token' | 'none';
  readonly headers?: Readonly<Record<string, string>>;
  readonly code: ProblemCode;
  readonly status?: number;
  readonly pointer?: string;
}

export const json = (value: unknown): string => JSON.stringify(value);

/** Lists in lists. */
export const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);

/** A body sent with a token, to be refused. */
export const into = (name: string, path: string, body: string, code: ProblemCode, pointer?: string): Row => ({
  name,
  path,
  as: 'token',
  body,
  code,
  ...(pointer !== undefined && { pointer }),
});
