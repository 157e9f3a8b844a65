import { createHmac, hash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { readToken } from '../../../gate/tokens.ts';
import { errorFields, type Logger } from '../../../platform/logging.ts';
import type { SideStore } from '../../../platform/store/sideStore.ts';
import { nextBoundary } from '../../../register/derived/records.ts';
import { type Answer, problemAnswer } from '../../http/problems.ts';
import { JSON_HEADERS, methodRefused } from '../../http/respond.ts';
import { FLAG_CORS } from './flag.ts';
import { type Basis, type BasisPorts, isStillCurrent, revalidate } from './keptFlags.ts';

const STREAM_PATH = '/ofrep/v1/streams/';

/** A capability is valid in the time step in which it was made and in the next one. */
const STEP_MS = 600_000;
const CAPABILITY = /^([0-9a-f]{64})\.([0-9]{1,12})\.([A-Za-z0-9_-]{43})$/;

const OF_TOKEN_MAX = 200;
const ALL_MAX = 5_000;

const LOOK_EVERY_MS = 100;
const CHECK_EVERY_MS = 1_000;

export interface StreamSink {
  readonly write: (text: string) => void;
  readonly end: () => void;
}

interface StreamsParts {
  readonly ports: BasisPorts & { readonly sideStore: SideStore };
  readonly logger: Logger;
  readonly leaseSeconds: number;
  readonly url: string;
  /** Decides when a capability ends; replaced by tests. */
  readonly wallMs?: () => number;
  /** Decides when events are due, since a wall clock can be set back; replaced by tests. */
  readonly monotonicMs?: () => number;
}

interface Stream {
  readonly token: string;
  readonly sink: StreamSink;
  sentMs: number;
}

type StreamRefusal = 'unknown' | 'too-many';

/**
 * The event streams of OFREP (open-feature/protocol, ADR 8). Each event means "ask again" and carries no answer. A capability in the address
 * opens a stream; it is derived from the requesting token and a time step, and the stream ends with the token. An event is sent when the
 * stream begins, when an answer may have changed, and every third of a lease, since clients cannot see SSE comments.
 */
export class EventStreams {
  readonly #parts: StreamsParts;
  /** New for each process: a client whose capability comes from an earlier process requests another. */
  readonly #key = randomBytes(32);
  readonly #streams = new Set<Stream>();
  readonly #wallMs: () => number;
  readonly #monotonicMs: () => number;
  #basis: Basis | undefined;
  #boundary: string | undefined;
  #state = '';
  #timer: NodeJS.Timeout | undefined;
  #checkedMs = 0;

  constructor(parts: StreamsParts) {
    this.#parts = parts;
    this.#wallMs = parts.wallMs ?? Date.now;
    this.#monotonicMs = parts.monotonicMs ?? (() => performance.now());
  }

  get size(): number {
    return this.#streams.size;
  }

  urlFor(token: string): string {
    const step = Math.floor(this.#wallMs() / STEP_MS);
    return `${this.#parts.url}${STREAM_PATH}${token}.${step}.${this.#mac(token, step)}`;
  }

  #mac(token: string, step: number): string {
    return createHmac('sha256', this.#key).update(`${token}.${step}`).digest('base64url');
  }

  #tokenOf(capability: string): string | undefined {
    const [, token = '', step = '', mac = ''] = CAPABILITY.exec(capability) ?? [];
    const age = Math.floor(this.#wallMs() / STEP_MS) - Number(step);
    const isKnown = mac !== '' && timingSafeEqual(Buffer.from(mac), Buffer.from(this.#mac(token, Number(step))));
    return isKnown && (age === 0 || age === 1) ? token : undefined;
  }

  async #counts(token: string): Promise<boolean> {
    const known = await readToken(this.#parts.ports, token).catch(() => undefined);
    return known !== undefined && known.revokedAt === null;
  }

  /** Returns a function that opens the stream and returns how to end it, or the reason why none is opened. */
  async admit(capability: string): Promise<((sink: StreamSink) => () => void) | StreamRefusal> {
    const token = this.#tokenOf(capability);
    if (token === undefined || !(await this.#counts(token))) return 'unknown';
    // The client asks after the first event, which covers changes before the stream.
    if (this.#basis === undefined) await this.#look();
    const own = [...this.#streams].filter((stream) => stream.token === token).length;
    if (own >= OF_TOKEN_MAX || this.#streams.size >= ALL_MAX) return 'too-many';
    return (sink) => this.#open(token, sink);
  }

  #open(token: string, sink: StreamSink): () => void {
    const stream: Stream = { token, sink, sentMs: 0 };
    this.#streams.add(stream);
    this.#send(stream);
    this.#timer ??= setInterval(() => void this.#work(), LOOK_EVERY_MS).unref();
    return () => {
      this.#streams.delete(stream);
      if (this.#streams.size > 0) return;
      clearInterval(this.#timer);
      this.#timer = undefined;
      this.#basis = undefined;
    };
  }

  #send(stream: Stream): void {
    stream.sentMs = this.#monotonicMs();
    const tag = hash('sha256', this.#state).slice(0, 32);
    stream.sink.write(`id: ${tag}\ndata: {"type":"refetchEvaluation","etag":"\\"${tag}\\""}\n\n`);
  }

  /** Whether an answer may differ from the last check. */
  async #look(): Promise<boolean> {
    const { ports } = this.#parts;
    const now = ports.clock();
    const isPast = this.#boundary !== undefined && this.#boundary <= now;
    if (this.#basis !== undefined && !isPast && isStillCurrent(ports, this.#basis, now)) return false;
    const { basis, changed } = await revalidate(ports, this.#basis);
    this.#basis = basis;
    const before = this.#boundary;
    this.#boundary = await nextBoundary(ports.sideStore, now);
    if (changed?.length === 0 && !isPast) return false;
    this.#state = `${basis.moment} ${before ?? ''}`;
    return true;
  }

  /** The next instant may be named only after its commit was seen. An instant that has passed is left to the next check. */
  async #lookAhead(): Promise<void> {
    const { ports } = this.#parts;
    const now = ports.clock();
    if (this.#boundary === undefined || this.#boundary > now) this.#boundary = await nextBoundary(ports.sideStore, now);
  }

  async #endRevoked(): Promise<void> {
    for (const token of new Set([...this.#streams].map((stream) => stream.token))) {
      if (await this.#counts(token)) continue;
      for (const stream of this.#streams) if (stream.token === token) stream.sink.end();
    }
  }

  #working = false;

  async #work(): Promise<void> {
    if (this.#working) return;
    this.#working = true;
    try {
      const isChanged = await this.#look().catch(() => true);
      const keepAliveMs = (this.#parts.leaseSeconds * 1_000) / 3;
      const nowMs = this.#monotonicMs();
      for (const stream of this.#streams) if (isChanged || nowMs - stream.sentMs >= keepAliveMs) this.#send(stream);
      if (nowMs - this.#checkedMs >= CHECK_EVERY_MS) {
        this.#checkedMs = nowMs;
        await this.#lookAhead();
        await this.#endRevoked();
      }
    } catch (error) {
      this.#parts.logger({ level: 'error', event: 'event streams failed', ...errorFields(error) });
    } finally {
      this.#working = false;
    }
  }

  close(): void {
    for (const { sink } of this.#streams) sink.end();
    clearInterval(this.#timer);
  }
}

/** A client that does not read what it is sent is disconnected, and connects again. */
const UNREAD_BYTES_MAX = 65_536;

const STREAM_HEADERS = {
  ...JSON_HEADERS,
  ...FLAG_CORS,
  'content-type': 'text/event-stream',
  // A proxy that collects an answer before it passes it on would hold events back.
  'x-accel-buffering': 'no',
};

const refuse = (response: ServerResponse, { status, headers, body }: Answer): void =>
  void response.writeHead(status, { ...JSON_HEADERS, ...FLAG_CORS, ...headers }).end(body);

const open = async (streams: EventStreams, request: IncomingMessage, response: ServerResponse): Promise<void> => {
  const [capability = ''] = (request.url ?? '').slice(STREAM_PATH.length).split('?');
  const admitted = await streams.admit(capability);
  if (admitted === 'unknown') return refuse(response, problemAnswer('not-found', { detail: 'this stream is over' }));
  if (admitted === 'too-many') return refuse(response, problemAnswer('too-many-tries', { detail: 'too many streams are open' }));
  if (response.destroyed) return;
  response.writeHead(200, STREAM_HEADERS);
  const close = admitted({
    write: (text) => {
      // A stream that ended with unread data stays open until it is read; a write would fail.
      if (response.writableEnded || response.writableLength > UNREAD_BYTES_MAX) response.destroy();
      else response.write(text);
    },
    end: () => void (response.writableLength > 0 ? response.destroy() : response.end()),
  });
  response.once('close', close);
};

export const withStreams =
  (streams: EventStreams, otherwise: RequestListener): RequestListener =>
  (request, response) => {
    if (request.url?.startsWith(STREAM_PATH) !== true) otherwise(request, response);
    else if (request.method !== 'GET') refuse(response, methodRefused(request.method, ['GET']));
    else void open(streams, request, response).catch(() => response.destroy());
  };
