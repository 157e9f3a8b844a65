import { isDeepStrictEqual } from 'node:util';

/** Throws, with the difference as its message, unless both are deeply equal. */
export const expectSame = (what: string, actual: unknown, expected: unknown): void => {
  if (!isDeepStrictEqual(actual, expected))
    throw new Error(`${what} should be ${JSON.stringify(expected)} and is ${JSON.stringify(actual)}`);
};

const PATIENCE_MS = 20_000;

interface Asked {
  readonly token?: string;
  readonly json?: unknown;
  readonly body?: string | URLSearchParams | Uint8Array<ArrayBuffer>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Sends one request; redirects are not followed. `json`: the body as JSON; `undefined` if it is not JSON. */
export const request = async (method: string, url: string, { token, json, body, headers }: Asked = {}) => {
  const sent = new Headers({ accept: 'application/json', ...headers });
  if (token !== undefined) sent.set('authorization', `Bearer ${token}`);
  if (json !== undefined) sent.set('content-type', 'application/json');
  const payload = json === undefined ? (body ?? null) : JSON.stringify(json);
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const response = await fetch(url, { method, headers: sent, redirect: 'manual', signal, body: payload });
  const text = await response.text();
  const isJson = /json/.test(response.headers.get('content-type') ?? '') && text !== '';
  return { status: response.status, text, json: isJson ? (JSON.parse(text) as unknown) : undefined };
};

/** Sends a request whose response must have this status; otherwise throws with the response's text. */
export const requestFor = async (status: number, method: string, url: string, asked: Asked = {}) => {
  const answer = await request(method, url, asked);
  const said = answer.status === status ? '' : `: ${answer.text.slice(0, 300)}`;
  expectSame(`the status of ${method} ${new URL(url).pathname.replace(/^\/d\/.*/, '/d/…')}${said}`, answer.status, status);
  return answer;
};
