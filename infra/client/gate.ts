import { type GateOptions, type GateQuestion, isRecord, requester, TIMEOUT_MS } from './request.ts';

export { type EventSourceLike, type HeldGate, type HeldGateOptions, heldGate } from './held.ts';
export type { GateOptions, GateQuestion } from './request.ts';

/**
 * An answer. `enabled` is true only if the gate answered so to this question. `because`: the gate's variant, such as `pending` or
 * `revoked`; `unreachable` if no whole answer came in time, `refused` if the gate refused the question (with its HTTP `status`),
 * `unreadable` if the response is not an answer to it.
 */
export interface GateAnswer {
  readonly enabled: boolean;
  readonly because: string;
  readonly status?: number;
  /** When the approval in force ends by itself, as a UTC instant. */
  readonly validUntil?: string;
  /** Set on a `false` that no act or date caused: the gate cannot read its store, or may not trust it yet. */
  readonly fault?: true;
}

export interface Gate {
  /** Reports whether a feature is enabled. Never throws and never exceeds the time limit: every failure is `false`. */
  isEnabled(key: string, question?: GateQuestion): Promise<boolean>;
  /** Returns the answer with its reason. Never throws. */
  ask(key: string, question?: GateQuestion): Promise<GateAnswer>;
}

/** An answer has some hundred bytes; a larger response is not from a gate. */
const ANSWER_BYTES_MAX = 65_536;
const ENABLED = 'enabled';

const no = (because: string, status?: number): GateAnswer => ({
  enabled: false,
  because,
  ...(status !== undefined && { status }),
});

/** Parses a response. Accepts `true` only for the key that was asked for and with a consistent variant. */
const read = (key: string, answer: unknown): GateAnswer => {
  if (!isRecord(answer) || answer['key'] !== key || typeof answer['value'] !== 'boolean') return no('unreadable');
  const variant = typeof answer['variant'] === 'string' ? answer['variant'] : 'unreadable';
  const metadata = isRecord(answer['metadata']) ? answer['metadata'] : {};
  const { validUntil } = metadata;
  if (answer['value'] !== (variant === ENABLED)) return no('unreadable');
  return answer['value']
    ? { enabled: true, because: variant, ...(typeof validUntil === 'string' && { validUntil }) }
    : { ...no(variant), ...(metadata['fault'] === true && { fault: true }) };
};

/** Resolves to a `false` answer when the time is up, whether or not `fetch` honours its signal. */
const timeUp = (signal: AbortSignal): Promise<GateAnswer> =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve(no('unreachable')), { once: true }));

/**
 * Returns a client that answers `false` to every failure: a gate that is away, slow, wrong, moved or answering for another key. It keeps
 * nothing, so a revocation counts from the next question on. Throws `TypeError` for an address that is not http(s) and for a token that
 * cannot be a header; `RangeError` for an invalid time limit.
 */
export const failClosedGate = (options: GateOptions): Gate => {
  const { timeoutMs = TIMEOUT_MS } = options;
  const send = requester(options, ANSWER_BYTES_MAX);

  const answerTo = async (key: string, context: GateQuestion, signal: AbortSignal): Promise<GateAnswer> => {
    const { status, text } = await send({ key, context, signal });
    if (status !== 200) return no('refused', status);
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
