import { type GateOptions, type GateQuestion, type GateResponse, isRecord, requester, TIMEOUT_MS } from './request.ts';

/** The clocks and the timer of a held gate; replaced by tests. */
export interface Clocks {
  /** Wall-clock time in ms; may be set back or forward. */
  readonly wallMs: () => number;
  /** Monotonic time in ms; may stand still while the machine sleeps. */
  readonly monotonicMs: () => number;
  /** Runs `task` after a time, and returns what cancels it. */
  readonly after: (ms: number, task: () => void) => () => void;
}

export interface HeldGateOptions extends GateOptions, GateQuestion {
  /** The keys that the program will ask for, at most 500. Every other key is `false`. */
  readonly keys: readonly string[];
  /** Time between two polls in milliseconds, at least 1,000, at most an hour. Default: a third of the lease that the gate gives. */
  readonly pollMs?: number;
  /**
   * Listens for changes where the gate has event streams. Default: the `EventSource` of the browser; Node 24 has none, so it polls
   * alone.
   */
  readonly eventSource?: EventSourceLike | undefined;
  /** Called after an answer of {@link HeldGate.isOn} changed, at the end of a lease too. What it throws is uncaught, and ends no poll. */
  readonly onChange?: () => void;
  readonly clocks?: Clocks;
}

export type EventSourceLike = new (
  url: string,
) => {
  onmessage: ((event: never) => void) | null;
  onerror: ((event: never) => void) | null;
  readonly readyState: number;
  close(): void;
};

/** A client that holds answers for a lease. */
export interface HeldGate {
  /** Reports whether a key is on by an answer that still counts. Costs no request; `false` whenever there is none. */
  isOn(key: string): boolean;
  /** Asks the gate now. Resolves once the answer, or its failure, counts. Never rejects. */
  refresh(): Promise<void>;
  /** Ends the polls; from then on every answer is `false`. */
  close(): void;
}

const KEYS_MAX = 500;
/** A register of 10,000 features takes some three million. */
const ANSWER_BYTES_MAX = 16_777_216;
const POLL_MS_LIMITS = { min: 1_000, max: 3_600_000 } as const;
const LEASE_S_MAX = 3_600;
/** While there is no answer, so that nothing says how long a lease is. */
const POLL_MS = 10_000;
/** `EventSource.CLOSED` */
const CLOSED = 2;

const runAfter = (ms: number, task: () => void): (() => void) => {
  const timer = setTimeout(task, ms);
  // In Node a timer keeps the process alive unless it is unreferenced.
  (timer as unknown as { unref?: () => void }).unref?.();
  return () => clearTimeout(timer);
};

const CLOCKS: Clocks = { wallMs: () => Date.now(), monotonicMs: () => performance.now(), after: runAfter };

interface Moment {
  readonly wall: number;
  readonly monotonic: number;
}

/** The keys that an answer says are on; for how long it may be held in ms, and for how long each by its end, from its sending. */
interface Answers {
  readonly leaseMs: number;
  readonly on: ReadonlyMap<string, number>;
  /** The address of the event stream; undefined if the gate has none. */
  readonly stream: string | undefined;
}

const instant = (value: unknown): number => (typeof value === 'string' ? Date.parse(value) : Number.NaN);

/** Reads the answer for one key. Throws for what no gate answers: then the whole answer counts for nothing. */
const readFlag = (flag: unknown): { readonly key: string; readonly leaseMs: number; readonly onMs: number | undefined } => {
  const { key, value, variant, metadata } = isRecord(flag) ? flag : {};
  if (typeof key !== 'string' || typeof value !== 'boolean' || !isRecord(metadata)) throw new TypeError('not an answer');
  const { leaseSeconds, asOf, validUntil } = metadata;
  if (typeof leaseSeconds !== 'number' || !(leaseSeconds > 0 && leaseSeconds <= LEASE_S_MAX)) throw new TypeError('no lease');
  if (value !== (variant === 'enabled')) throw new TypeError('a value of another variant');
  // Both by the clock of the gate: that of this machine may be wrong.
  const left = validUntil === undefined ? Number.POSITIVE_INFINITY : instant(validUntil) - instant(asOf);
  if (Number.isNaN(left)) throw new TypeError('no instant');
  return { key, leaseMs: leaseSeconds * 1_000, onMs: value ? left : undefined };
};

const streamIn = (parsed: unknown): string | undefined => {
  const streams = isRecord(parsed) && Array.isArray(parsed['eventStreams']) ? parsed['eventStreams'] : [];
  const url: unknown = streams.map((each) => isRecord(each) && each['type'] === 'sse' && each['url']).find(Boolean);
  return typeof url === 'string' ? url : undefined;
};

const readAnswers = (text: string): Answers => {
  const parsed: unknown = JSON.parse(text);
  const flags = isRecord(parsed) && Array.isArray(parsed['flags']) ? parsed['flags'].map(readFlag) : [];
  if (flags.length === 0) throw new TypeError('not the answers of a gate');
  const keys = new Set(flags.map(({ key }) => key));
  if (keys.size !== flags.length) throw new TypeError('a key is answered twice');
  const on = flags.flatMap(({ key, onMs }) => (onMs === undefined ? [] : [[key, onMs] as const]));
  return { leaseMs: Math.min(...flags.map(({ leaseMs }) => leaseMs)), on: new Map(on), stream: streamIn(parsed) };
};

/** Without what a proxy that compresses adds. */
const bareTag = (tag: string | undefined): string | undefined => tag?.replaceAll(/^W\/|--?(?:br|gzip|zstd)(?="$)/g, '');

class Held implements HeldGate {
  readonly #options: HeldGateOptions;
  readonly #clocks: Clocks;
  readonly #send: ReturnType<typeof requester>;
  #answers: Answers | undefined;
  /** The moment of the 200 that brought the answers. */
  #answered: Moment | undefined;
  /** The moment of the last request that was answered 200 or 304. */
  #renewed: Moment | undefined;
  #etag: string | undefined;
  readonly #eventSource: EventSourceLike | undefined;
  #stream: InstanceType<EventSourceLike> | undefined;
  #asking: Promise<void> | undefined;
  /** Something changed while a question was under way, whose answer may be from before. */
  #askAgain = false;
  #cancel: (() => void)[] = [];
  #shown = '';
  #closed = false;

  constructor(options: HeldGateOptions) {
    if (options.keys.length > KEYS_MAX) throw new RangeError(`${options.keys.length} keys; at most ${KEYS_MAX} can be held`);
    const { pollMs = POLL_MS } = options;
    if (!(pollMs >= POLL_MS_LIMITS.min && pollMs <= POLL_MS_LIMITS.max)) throw new RangeError(`pollMs ${pollMs} is out of range`);
    this.#options = options;
    this.#clocks = options.clocks ?? CLOCKS;
    this.#send = requester(options, ANSWER_BYTES_MAX);
    this.#eventSource =
      'eventSource' in options ? options.eventSource : (globalThis as { EventSource?: EventSourceLike }).EventSource;
    void this.refresh();
  }

  isOn(key: string): boolean {
    const left = this.#answers?.on.get(key);
    return left !== undefined && this.#options.keys.includes(key) && this.#leftMs(left) > 0;
  }

  /** What is left of the lease and of the time of a key, in ms. */
  #leftMs(ofKeyMs: number): number {
    if (this.#closed || this.#answers === undefined || this.#answered === undefined || this.#renewed === undefined) return 0;
    return Math.min(this.#answers.leaseMs - this.#since(this.#renewed), ofKeyMs - this.#since(this.#answered));
  }

  /** Returns the larger difference of both clocks: one can be set back, the other stops during sleep. */
  #since({ wall, monotonic }: Moment): number {
    return Math.max(this.#clocks.wallMs() - wall, this.#clocks.monotonicMs() - monotonic);
  }

  #now(): Moment {
    return { wall: this.#clocks.wallMs(), monotonic: this.#clocks.monotonicMs() };
  }

  refresh(): Promise<void> {
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined;
      this.#wait();
      if (this.#askAgain && !this.#closed) void this.refresh();
      this.#askAgain = false;
    });
    return this.#asking;
  }

  async #ask(): Promise<void> {
    const { agency, version, keys, timeoutMs = TIMEOUT_MS } = this.#options;
    const context = { ...(agency !== undefined && { agency }), ...(version !== undefined && { version }), keys };
    const controller = new AbortController();
    const sent = this.#now();
    const etag = this.#answers === undefined ? undefined : this.#etag;
    let cancel = (): void => undefined;
    const late = new Promise<undefined>((resolve) => {
      cancel = this.#clocks.after(timeoutMs, () => {
        controller.abort();
        resolve(undefined);
      });
    });
    try {
      const response = await Promise.race([
        this.#send({ context, etag, listens: this.#eventSource !== undefined, signal: controller.signal }),
        late,
      ]);
      if (response?.status === 304) this.#renew(sent, etag, response.etag);
      else if (response !== undefined) this.#take(response, sent);
    } catch {
      // What was answered before is held until its lease is over.
    } finally {
      cancel();
    }
  }

  /** A 304 is the gate's only if it has the tag of the question. */
  #renew(sent: Moment, asked: string | undefined, answered: string | undefined): void {
    const tag = bareTag(answered);
    if (tag !== undefined && tag === bareTag(asked)) this.#renewed = sent;
    else this.#etag = undefined;
  }

  #take({ status, text, etag }: GateResponse, sent: Moment): void {
    if (status === 200) {
      this.#answers = undefined;
      this.#answers = readAnswers(text);
      this.#answered = sent;
      this.#renewed = sent;
      this.#etag = etag;
      this.#listen(this.#answers.stream);
    } else if (status === 401 || status === 403) this.#answers = undefined;
  }

  /** An event says no answer: it only has the gate asked. A stream that is closed for good is replaced by that of the next answer. */
  #listen(url: string | undefined): void {
    if (url === undefined || this.#stream !== undefined || this.#eventSource === undefined || this.#closed) return;
    const stream = new this.#eventSource(url);
    this.#stream = stream;
    stream.onmessage = () => {
      this.#askAgain = this.#asking !== undefined;
      void this.refresh();
    };
    stream.onerror = () => {
      if (stream.readyState !== CLOSED) return;
      this.#stream = undefined;
      // The tag of the last answer would be answered 304, without another stream.
      this.#etag = undefined;
    };
  }

  /** Sets the timers: of the next poll, and of the first end of what is held. */
  #wait(): void {
    for (const cancel of this.#cancel) cancel();
    this.#cancel = [];
    this.#show();
    if (this.#closed) return;
    const pollMs = this.#options.pollMs ?? (this.#answers === undefined ? POLL_MS : this.#answers.leaseMs / 3);
    this.#cancel.push(this.#clocks.after(pollMs, () => void this.refresh()));
    const ends = [...(this.#answers?.on.values() ?? [])].map((left) => this.#leftMs(left)).filter((ms) => ms > 0);
    if (ends.length > 0) this.#cancel.push(this.#clocks.after(Math.min(...ends), () => this.#show()));
  }

  #show(): void {
    const shown = this.#options.keys.filter((key) => this.isOn(key)).join(' ');
    if (shown === this.#shown) return;
    this.#shown = shown;
    try {
      this.#options.onChange?.();
    } catch (error) {
      queueMicrotask(() => {
        throw error;
      });
    }
  }

  close(): void {
    this.#closed = true;
    this.#stream?.close();
    this.#wait();
  }
}

/**
 * Returns a client that asks the gate for some keys again and again and holds a `true` for a lease: from the sending of the question that
 * was last answered, for as long as the gate says, and never beyond the end of the approval. Every failure lets the lease run out; a
 * token that is refused ends it at once. Throws as {@link requester} does, and `RangeError` for too many keys or an interval of polls
 * that is out of range.
 */
export const heldGate = (options: HeldGateOptions): HeldGate => new Held(options);
