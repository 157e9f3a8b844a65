import * as z from 'zod';
import { causeOf } from '../../functions/platform/logging.ts';
import { API_OPERATIONS } from '../../functions/web/routes/api.ts';
import type { ApiOperation } from '../../functions/web/routes/route.ts';
import { CommandRefused } from '../local/errors.ts';
import { type ApiClient, InvalidInput, type Sent } from './usage.ts';

const Problem = z.object({
  title: z.string().optional(),
  detail: z.string().optional(),
  errors: z.array(z.object({ pointer: z.string(), detail: z.string() })).optional(),
});

type Ask = (path: string, init: RequestInit) => Promise<unknown>;

const reason = (status: number, body: unknown): string => {
  const { title, detail, errors = [] } = Problem.safeParse(body).data ?? {};
  const fields = errors.map((error) => `${error.pointer === '' ? 'it' : `${error.pointer.slice(1)}:`} ${error.detail}`);
  const [only] = errors;
  if (errors.length === 1 && only !== undefined && detail?.includes(only.detail) === true)
    return detail === only.detail ? fields.join('') : detail;
  return [(errors.length > 1 ? title : detail) ?? detail ?? title ?? `the gate answered ${status}`, ...fields].join('\n  ');
};

/**
 * Returns the JSON of an answer, null for an empty one. Throws {@link CommandRefused} with the gate's own words if it refused, or if the
 * answer is not a gate's.
 */
export const parseAnswer = async (response: Response): Promise<unknown> => {
  const text = await response.text();
  let json: unknown = null;
  try {
    if (text !== '') json = JSON.parse(text);
  } catch {
    throw new CommandRefused(`the answer, ${response.status}, is not JSON: is this the address of a gate?`);
  }
  if (response.status === 400) throw new InvalidInput(reason(response.status, json), Problem.safeParse(json).data?.errors ?? []);
  if (!response.ok) throw new CommandRefused(reason(response.status, json));
  return json;
};

/** Sends a request and returns its answer as {@link answerOf} does. Throws CommandRefused if it does not come within 30 seconds. */
export const sendRequest = async (url: string, path: string, init: RequestInit): Promise<unknown> => {
  const base = url.replace(/\/+$/, '');
  try {
    // A redirect would send the body or the question elsewhere.
    return await parseAnswer(await fetch(`${base}${path}`, { ...init, redirect: 'error', signal: AbortSignal.timeout(30_000) }));
  } catch (error) {
    if (error instanceof CommandRefused) throw error;
    throw new CommandRefused(`${url} cannot be reached: ${causeOf(error)}`);
  }
};

const addressOf = (path: string, params: Readonly<Record<string, string>> = {}, query: Sent<never>['query'] = {}): string => {
  const place = path.replace(/\{(\w+)\+?\}/g, (_, name: string) => encodeURIComponent(params[name] ?? ''));
  const given = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return given.length === 0 ? place : `${place}?${new URLSearchParams(given)}`;
};

/** Returns an answer that fits the route table. Throws {@link CommandRefused} for any other, such as one of a proxy before the gate. */
export const expectedOf = ({ answer }: Pick<ApiOperation, 'answer'>, what: string, json: unknown): unknown => {
  const parsed = answer.safeParse(json);
  if (!parsed.success) throw new CommandRefused(`${what} gave another answer than expected: is the gate of another version?`);
  return parsed.data;
};

export const clientThrough = (carry: Ask): ApiClient => ({
  call: async (method, path, sent = {}) => {
    const { body, headers } = sent;
    const type = body === undefined ? undefined : { 'content-type': 'application/json' };
    const init = { method, headers: { accept: 'application/json', ...headers, ...type } };
    const json = await carry(
      addressOf(path, sent.params, sent.query),
      body === undefined ? init : { ...init, body: JSON.stringify(body) },
    );
    return expectedOf(API_OPERATIONS[path][method] as ApiOperation, `${method} ${path}`, json) as never;
  },
});

export const remoteClient = (url: string, token: string): ApiClient =>
  clientThrough((path, init) => {
    const headers = new Headers(init.headers);
    headers.set('authorization', `Bearer ${token}`);
    return sendRequest(url, path, { ...init, headers });
  });

export const allPages = async <T>(
  read: (query: Readonly<Record<string, string>>) => Promise<{ readonly items: readonly T[]; readonly next: string | null }>,
): Promise<readonly T[]> => {
  const items: T[] = [];
  for (let next: string | null = ''; next !== null; ) {
    const page = await read(next === '' ? { limit: '1000' } : { limit: '1000', cursor: next });
    items.push(...page.items);
    next = page.next;
  }
  return items;
};
