/** Options of {@link failClosedGate}. */
export interface GateOptions {
  /** Address of the gate, such as `https://gate.city.example`. */
  readonly url: string;
  /** A token of the scope `state:read`. */
  readonly token: string;
  /** Time limit for the whole answer in milliseconds; after it the answer is `false`. Default 2,000, at most 60,000. */
  readonly timeoutMs?: number;
  /** Replaces `fetch`, for a proxy or a test. */
  readonly fetch?: typeof fetch;
}

/** The agency that asks, and the version of the feature in use. */
export interface GateQuestion {
  readonly agency?: string;
  readonly version?: string;
}

/**
 * An answer. `enabled` is true only if the gate answered so to this question. `because`: the gate's variant, such as `pending` or `revoked`;
 * `unreachable` if no whole answer came in time, `refused` if the gate refused the question (with its HTTP `status`), `unreadable` if
 * the response is not an answer to it.
 */
export interface GateAnswer {
  readonly enabled: boolean;
  readonly because: string;
  readonly status?: number;
  /** When the approval in force ends by itself, as a UTC instant. */
  readonly validUntil?: string;
}

/** A client of one gate. */
export interface Gate {
  /** Reports whether a feature is enabled. Never throws and never exceeds the time limit: every failure is `false`. */
  isEnabled(key: string, question?: GateQuestion): Promise<boolean>;
  /** Returns the answer with its reason. Never throws. */
  ask(key: string, question?: GateQuestion): Promise<GateAnswer>;
}

const TIMEOUT_MS = 2_000;
const TIMEOUT_MS_MAX = 60_000;
/** An answer has some hundred bytes; a larger response is not from a gate. */
const ANSWER_BYTES_MAX = 65_536;
const ENABLED = 'enabled';

const no = (because: string, status?: number): GateAnswer => ({
  enabled: false,
  because,
  ...(status !== undefined && { status }),
});

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null;

/** Returns the text of a response. Throws if it is larger than any answer. */
const textOf = async ({ body }: Response): Promise<string> => {
  const decoder = new TextDecoder();
  let [text, bytes] = ['', 0];
  for await (const chunk of (body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    if (bytes > ANSWER_BYTES_MAX) throw new RangeError('larger than any answer');
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
};

/** Parses a response. Accepts `true` only for the key that was asked for and with a consistent variant. */
const read = (key: string, answer: unknown): GateAnswer => {
  if (!isRecord(answer) || answer['key'] !== key || typeof answer['value'] !== 'boolean') return no('unreadable');
  const variant = typeof answer['variant'] === 'string' ? answer['variant'] : 'unreadable';
  const metadata = isRecord(answer['metadata']) ? answer['metadata'] : {};
  const { validUntil } = metadata;
  if (answer['value'] !== (variant === ENABLED)) return no('unreadable');
  return answer['value']
    ? { enabled: true, because: variant, ...(typeof validUntil === 'string' && { validUntil }) }
    : no(variant);
};

/** Resolves to a `false` answer when the time is up, whether or not `fetch` honours its signal. */
const timeUp = (signal: AbortSignal): Promise<GateAnswer> =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve(no('unreachable')), { once: true }));

/**
 * Returns a client that answers `false` to every failure: a gate that is away, slow, wrong, moved or answering for another key. It keeps
 * nothing, so a revocation counts from the next question on. Throws `TypeError` for an address that is not http(s) and for a token that
 * cannot be a header; `RangeError` for an invalid time limit.
 */
export const failClosedGate = ({ url, token, timeoutMs = TIMEOUT_MS, fetch: send = fetch }: GateOptions): Gate => {
  const base = new URL(url.endsWith('/') ? url : `${url}/`);
  if (!/^https?:$/.test(base.protocol)) throw new TypeError(`${base.protocol} is not how a gate is reached`);
  if (!(timeoutMs >= 1 && timeoutMs <= TIMEOUT_MS_MAX)) throw new RangeError(`${timeoutMs} ms is not a time limit`);
  const headers = new Headers({
    Authorization: `Bearer ${token}`,
    'Content-Type': 'application/json',
    Accept: 'application/json',
  });

  const answerTo = async (key: string, context: GateQuestion, signal: AbortSignal): Promise<GateAnswer> => {
    const address = new URL(`ofrep/v1/evaluate/flags/${encodeURIComponent(key)}`, base);
    const body = JSON.stringify({ context });
    // A redirect would send the token to another server.
    const response = await send(address, { method: 'POST', headers, body, redirect: 'error', cache: 'no-store', signal });
    if (response.status !== 200) {
      await response.body?.cancel();
      return no('refused', response.status);
    }
    const text = await textOf(response);
    try {
      return read(key, JSON.parse(text));
    } catch {
      return no('unreadable');
    }
  };

  const ask = (key: string, { agency, version }: GateQuestion = {}): Promise<GateAnswer> => {
    const signal = AbortSignal.timeout(timeoutMs);
    const context = { ...(agency !== undefined && { agency }), ...(version !== undefined && { version }) };
    return Promise.race([answerTo(key, context, signal).catch(() => no('unreachable')), timeUp(signal)]);
  };

  return { ask, isEnabled: async (key, question) => (await ask(key, question)).enabled };
};
