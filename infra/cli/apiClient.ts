import * as z from 'zod';
import { CommandRefused } from '../local/errors.ts';
import { causeOf } from './cause.ts';
import { type ApiClient, type Options, optionalOption } from './usage.ts';

const Problem = z.object({
  title: z.string().optional(),
  detail: z.string().optional(),
  errors: z.array(z.object({ pointer: z.string(), detail: z.string() })).optional(),
});

type Fetch = (path: string, init: RequestInit) => Promise<Response>;

/** Returns why the gate refused. One wrong field is named in the sentence; several have a line each. */
const reason = (status: number, body: unknown): string => {
  const { title, detail, errors = [] } = Problem.safeParse(body).data ?? {};
  const fields = errors.map((error) => `${error.pointer.slice(1) || 'it'}: ${error.detail}`);
  const [only] = errors;
  if (errors.length === 1 && only !== undefined && detail?.includes(only.detail) === true)
    return detail === only.detail ? fields.join('') : detail;
  return [(errors.length > 1 ? title : detail) ?? detail ?? title ?? `the gate answered ${status}`, ...fields].join('\n  ');
};

/** Returns a client over a transport. A refusal of the gate becomes {@link CommandRefused} with the gate's own words. */
export const clientThrough = (carry: Fetch): ApiClient => {
  const call = async (
    method: string,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<unknown> => {
    const sent = { accept: 'application/json', ...headers };
    const init: RequestInit =
      body === undefined
        ? { method, headers: sent }
        : { method, headers: { ...sent, 'content-type': 'application/json' }, body: JSON.stringify(body) };
    const response = await carry(path, init);
    const text = await response.text();
    const json: unknown = text === '' ? null : JSON.parse(text);
    if (!response.ok) throw new CommandRefused(reason(response.status, json));
    return json;
  };
  return { get: (path) => call('GET', path), send: call };
};

/** Returns the client of another installation, over HTTP with a token. */
export const remoteClient = (url: string, token: string): ApiClient =>
  clientThrough(async (path, init) => {
    const headers = new Headers(init.headers);
    headers.set('authorization', `Bearer ${token}`);
    try {
      return await fetch(`${url.replace(/\/+$/, '')}${path}`, { ...init, headers, signal: AbortSignal.timeout(30_000) });
    } catch (error) {
      throw new CommandRefused(`${url} cannot be reached: ${causeOf(error)}`);
    }
  });

/** Returns a path with those of the options that were given as its parameters. */
export const withQuery = (path: string, options: Options, names: readonly string[]): string => {
  const given = names.flatMap((name): [string, string][] => {
    const value = optionalOption(options, name);
    return value === undefined ? [] : [[name, value]];
  });
  return given.length === 0 ? path : `${path}?${new URLSearchParams(given)}`;
};

/** Returns all items of a paged list. */
export const allPages = async <T>(
  apiClient: ApiClient,
  path: string,
  page: z.ZodType<{ items: T[]; next: string | null }>,
): Promise<T[]> => {
  const items: T[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const joined: string = `${path}${path.includes('?') ? '&' : '?'}limit=1000${cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`}`;
    const read = page.parse(await apiClient.get(joined));
    items.push(...read.items);
    cursor = read.next;
  }
  return items;
};
