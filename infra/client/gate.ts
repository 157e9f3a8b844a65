/** What {@link failClosedGate} is made of. */
export interface GateOptions {
  /** Where the gate is reached, such as `https://gate.city.example`. */
  readonly url: string;
  /** A token of the scope `state:read`. */
  readonly token: string;
  /** After so many milliseconds without the whole answer it is a no. Default 2,000, at most 60,000. */
  readonly timeoutMs?: number;
  /** Another `fetch`, for a proxy or a test. */
  readonly fetch?: typeof fetch;
}

/** Who asks, and in which version the feature is used. */
export interface GateQuestion {
  readonly agency?: string;
  readonly version?: string;
}

/**
 * An answer. `enabled` is true only when the gate itself said so, now. `because`: the gate's variant, such as `pending` or `revoked`;
 * `unreachable` when no whole answer came in time, `refused` when the gate did not take the question (`status` says how), `unreadable` when
 * what came back is no answer to it.
 */
export interface GateAnswer {
  readonly enabled: boolean;
  readonly because: string;
  readonly status?: number;
  /** When the approval that is in force ends by itself, as a UTC instant. */
  readonly validUntil?: string;
}

/** Asks one gate. */
export interface Gate {
  /** Whether a feature is enabled. Never throws and never waits longer than the time limit: whatever goes wrong is `false`. */
  isEnabled(key: string, question?: GateQuestion): Promise<boolean>;
  /** The same with its reason. Never throws. */
  ask(key: string, question?: GateQuestion): Promise<GateAnswer>;
}

const TIMEOUT_MS = 2_000;
const TIMEOUT_MS_MAX = 60_000;
/** An answer has some hundred bytes; more comes from somebody else. */
const ANSWER_BYTES_MAX = 65_536;
const ENABLED = 'enabled';

const no = (because: string, status?: number): GateAnswer => ({
  enabled: false,
  because,
  ...(status !== undefined && { status }),
});

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null;

/** The text of an answer. Throws when it is larger than any answer is. */
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

/** Reads what came back: a yes is a yes to this very key, in words that agree with each other. */
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

/** Ends with a no when the time is up, whatever `fetch` makes of its signal. */
const timeUp = (signal: AbortSignal): Promise<GateAnswer> =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve(no('unreachable')), { once: true }));

/**
 * A client for whom every failure is a no: the gate away, slow, wrong, moved or answering for another key. It keeps nothing, so a
 * revocation counts from the next question on. Throws `TypeError` at once for an address that is not http(s) and for a token that no
 * header can carry: such a program would never hear a yes; `RangeError` for a time limit that is none.
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
    // A redirect would carry the question, and the token, to somebody else.
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
