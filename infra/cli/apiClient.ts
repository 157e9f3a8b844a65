import * as z from 'zod';
import { CommandRefused } from '../local/errors.ts';
import { causeOf } from './cause.ts';
import { type ApiClient, type Options, optionalOption } from './usage.ts';

const Problem = z.object({
  title: z.string().optional(),
  detail: z.string().optional(),
  errors: z.array(z.object({ pointer: z.string(), detail: z.string() })).optional(),
});

type Ask = (path: string, init: RequestInit) => Promise<unknown>;

/** Returns why the gate refused. One wrong field is named in the sentence; several have a line each. */
const reason = (status: number, body: unknown): string => {
  const { title, detail, errors = [] } = Problem.safeParse(body).data ?? {};
  const fields = errors.map((error) => `${error.pointer.slice(1) || 'it'}: ${error.detail}`);
  const [only] = errors;
  if (errors.length === 1 && only !== undefined && detail?.includes(only.detail) === true)
    return detail === only.detail ? fields.join('') : detail;
  return [(errors.length > 1 ? title : detail) ?? detail ?? title ?? `the gate answered ${status}`, ...fields].join('\n  ');
};

/**
 * Returns the JSON of an answer, null for an empty one. Throws {@link CommandRefused} with the gate's own words if it refused, or if what
 * answered is no gate.
 */
export const answerOf = async (response: Response): Promise<unknown> => {
  const text = await response.text();
  let json: unknown = null;
  try {
    if (text !== '') json = JSON.parse(text);
  } catch {
    throw new CommandRefused(`the answer, ${response.status}, is not JSON: is this the address of a gate?`);
  }
  if (!response.ok) throw new CommandRefused(reason(response.status, json));
  return json;
};

/** Sends a request and returns its answer as {@link answerOf} does. Throws CommandRefused if it does not come within 30 seconds. */
export const askOver = async (url: string, path: string, init: RequestInit): Promise<unknown> => {
  const base = url.replace(/\/+$/, '');
  try {
    return await answerOf(await fetch(`${base}${path}`, { ...init, signal: AbortSignal.timeout(30_000) }));
  } catch (error) {
    if (error instanceof CommandRefused) throw error;
    throw new CommandRefused(`${url} cannot be reached: ${causeOf(error)}`);
  }
};

/** Returns a client over a transport. */
export const clientThrough = (carry: Ask): ApiClient => {
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
    return carry(path, init);
  };
  return { get: (path) => call('GET', path), send: call };
};

/** Returns the client of another installation, over HTTP with a token. */
export const remoteClient = (url: string, token: string): ApiClient =>
  clientThrough((path, init) => {
    const headers = new Headers(init.headers);
    headers.set('authorization', `Bearer ${token}`);
    return askOver(url, path, { ...init, headers });
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
