import { expectSame } from './expect.ts';

const PATIENCE_MS = 20_000;

export interface Asked {
  readonly token?: string;
  readonly json?: unknown;
  readonly body?: string | Uint8Array<ArrayBuffer>;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Answered {
  readonly status: number;
  readonly text: string;
  /** The body as JSON; `undefined` if it is not JSON. */
  readonly json: unknown;
}

const jsonOf = (response: Response, text: string): unknown =>
  /json/.test(response.headers.get('content-type') ?? '') && text !== '' ? JSON.parse(text) : undefined;

/** Sends one request; redirects are not followed. */
export const request = async (method: string, url: string, { token, json, body, headers }: Asked = {}): Promise<Answered> => {
  const sent = new Headers({ accept: 'application/json', ...headers });
  if (token !== undefined) sent.set('authorization', `Bearer ${token}`);
  if (json !== undefined) sent.set('content-type', 'application/json');
  const response = await fetch(url, {
    method,
    headers: sent,
    redirect: 'manual',
    signal: AbortSignal.timeout(PATIENCE_MS),
    ...(json !== undefined ? { body: JSON.stringify(json) } : body !== undefined && { body }),
  });
  const text = await response.text();
  return { status: response.status, text, json: jsonOf(response, text) };
};

/** Sends a request whose response must have this status; otherwise throws with the response's text. */
export const requestFor = async (status: number, method: string, url: string, asked: Asked = {}): Promise<Answered> => {
  const answer = await request(method, url, asked);
  const said = answer.status === status ? '' : `: ${answer.text.slice(0, 300)}`;
  expectSame(`the status of ${method} ${new URL(url).pathname.replace(/^\/d\/.*/, '/d/…')}${said}`, answer.status, status);
  return answer;
};
