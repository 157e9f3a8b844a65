export interface GateOptions {
  /** Address of the gate, such as `https://gate.city.example`. */
  readonly url: string;
  /** A token of the scope `state:read`. */
  readonly token: string;
  /** Time limit for a whole answer in milliseconds. Default 2,000, at most 60,000. */
  readonly timeoutMs?: number;
  /** Replaces `fetch`, for a proxy or a test. */
  readonly fetch?: typeof fetch;
}

/** The agency that asks, and the version of the feature in use. */
export interface GateQuestion {
  readonly agency?: string;
  readonly version?: string;
}

/** What came of a request: the status, the tag and, of a 200, the text. */
export interface GateResponse {
  readonly status: number;
  readonly text: string;
  readonly etag: string | undefined;
}

export const TIMEOUT_MS = 2_000;
const TIMEOUT_MS_MAX = 60_000;

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

/** Returns the text of a response. Throws if it is larger than any answer. By a reader: not every browser can iterate a stream. */
const textOf = async ({ body }: Response, bytesMax: number): Promise<string> => {
  const decoder = new TextDecoder();
  const reader = body?.getReader();
  let [text, bytes] = ['', 0];
  for (let part = await reader?.read(); part?.value !== undefined; part = await reader?.read()) {
    bytes += part.value.length;
    if (bytes > bytesMax) {
      await reader?.cancel();
      throw new RangeError('larger than any answer');
    }
    text += decoder.decode(part.value, { stream: true });
  }
  return text + decoder.decode();
};

/** Asks the gate for one key, or without one for all that the context names. */
export interface GateRequest {
  readonly key?: string;
  readonly context: object;
  readonly etag?: string | undefined;
  /** Asks for an event stream as well. */
  readonly listens?: boolean;
  readonly signal: AbortSignal;
}

/**
 * Returns what sends questions of OFREP to a gate. Throws `TypeError` for an address that is not http(s) and for a token that cannot be a
 * header; `RangeError` for an invalid time limit.
 */
export const requester = ({ url, token, timeoutMs = TIMEOUT_MS, fetch: send = fetch }: GateOptions, bytesMax: number) => {
  const base = new URL(url.endsWith('/') ? url : `${url}/`);
  if (!/^https?:$/.test(base.protocol)) throw new TypeError(`${base.protocol} is not how a gate is reached`);
  if (!(timeoutMs >= 1 && timeoutMs <= TIMEOUT_MS_MAX)) throw new RangeError(`${timeoutMs} ms is not a time limit`);
  const headers = new Headers({
    Authorization: `Bearer ${token}`,
    'Content-Type': 'application/json',
    Accept: 'application/json',
  });
  return async ({ key, context, etag, listens = false, signal }: GateRequest): Promise<GateResponse> => {
    const address = new URL(`ofrep/v1/evaluate/flags${key === undefined ? '' : `/${encodeURIComponent(key)}`}`, base);
    const body = JSON.stringify({ context });
    const own = new Headers(headers);
    if (etag !== undefined) own.set('If-None-Match', etag);
    if (listens) own.set('Aldergate-Streams', '1');
    // A redirect would send the token to another server.
    const response = await send(address, { method: 'POST', headers: own, body, redirect: 'error', cache: 'no-store', signal });
    const { status } = response;
    const tag = response.headers.get('etag') ?? undefined;
    if (status === 200) return { status, text: await textOf(response, bytesMax), etag: tag };
    await response.body?.cancel();
    return { status, text: '', etag: tag };
  };
};
