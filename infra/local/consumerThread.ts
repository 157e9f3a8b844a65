import { Worker } from 'node:worker_threads';
import type { LogTree } from '../../functions/log/verify/readLog.ts';
import type { HealthCheck } from '../../functions/platform/health.ts';
import { codeOf, errorFields, type LogEntry, type Logger, messageOf } from '../../functions/platform/logging.ts';
import { CorruptStore, type StoreFault, StoreUnavailable } from '../../functions/platform/store/errors.ts';
import { commitsAbove } from '../../functions/platform/store/load.ts';
import type { Appended, StoredCommit } from '../../functions/platform/store/port.ts';
import { isSideKind } from '../../functions/platform/store/sideStore.ts';
import { STOP_MS } from './consumers.ts';
import type { Installation } from './installation.ts';
import { endsWithin } from './loops.ts';
import type { LogEnds } from './sequencing.ts';
import type { Settings } from './settings.ts';

const WORKER = new URL('./consumerWorker.ts', import.meta.url);
/** Pauses before a thread that ended by itself is restarted; the last one repeats. */
const RESTART_MS = [100, 1_000, 5_000, 30_000];
/** The heap for short-lived objects. V8's default takes 200 MB more for the thread and is no faster. */
const YOUNG_MB = 12;
const REPORTED_MS = 60_000;
/** Commits within this time wake the thread once, so that it works in larger batches under load. */
const GATHER_MS = 20;
const CLOCK_EVERY_MS = 100;

interface Settling {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

interface Ending {
  readonly at: string;
  readonly atMs: number;
  readonly detail: string;
}

/**
 * The answering thread's handle of the consumers' thread: passes on which streams have new commits, appends what that thread
 * decides, and restarts it if it ends.
 */
export class ConsumerThread {
  readonly #installation: Installation;
  readonly #logger: Logger;
  readonly #nudged = new Set<string>();
  readonly #settling = new Map<number, Settling>();
  readonly #ready = Promise.withResolvers<void>();
  readonly #compared = Promise.withResolvers<void>();
  #worker: Worker | undefined;
  #checkpoint: string | undefined;
  #last = 0;
  #endings = 0;
  #ending: Ending | undefined;
  #timer: NodeJS.Timeout | undefined;
  #ticking: NodeJS.Timeout | undefined;
  #gathering: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(installation: Installation, logger: Logger) {
    this.#installation = installation;
    this.#logger = logger;
    installation.onAppend((stream) => this.#nudge(stream));
    if (installation.instant !== undefined) this.#ticking = setInterval(() => this.#tick(), CLOCK_EVERY_MS);
    this.#ticking?.unref();
    this.#ready.promise.catch(() => undefined);
    this.#start();
  }

  /** Resolves once the thread first runs. Rejects if it cannot be started. */
  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  get compared(): Promise<void> {
    return this.#compared.promise;
  }

  readonly checkpoint = (): string | undefined => this.#checkpoint;

  settle(): Promise<void> {
    if (this.#worker === undefined) return Promise.reject(new Error('the consumers ended'));
    this.#flushNudges();
    return new Promise((resolve, reject) => {
      this.#last += 1;
      this.#settling.set(this.#last, { resolve, reject });
      this.#send({ type: 'settle', id: this.#last });
    });
  }

  readonly check: HealthCheck = async () =>
    this.#ending === undefined || (this.#worker !== undefined && performance.now() - this.#ending.atMs > REPORTED_MS)
      ? []
      : [{ code: 'consumers-stuck', since: this.#ending.at, detail: this.#ending.detail }];

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    clearInterval(this.#ticking);
    const worker = this.#worker;
    if (worker === undefined) return;
    this.#flushNudges();
    this.#send({ type: 'stop' });
    const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
    if (await endsWithin(STOP_MS, ended)) return;
    this.#logger({ level: 'warn', event: 'consumers ended before they had finished' });
    await worker.terminate();
  }

  #start(): void {
    const { settings, instant } = this.#installation;
    this.#tick();
    const start: ThreadStart = { settings, instant };
    const worker = new Worker(WORKER, {
      workerData: start,
      name: 'consumers',
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
    });
    this.#worker = worker;
    let cause: unknown;
    worker.on('message', (message: FromConsumers) => this.#receive(worker, message));
    worker.on('error', (error) => {
      cause = error;
      if (this.#stopped) this.#logger({ level: 'error', event: 'consumers failed while they stopped', ...errorFields(error) });
    });
    worker.on('exit', (code) => this.#ended(worker, cause ?? new Error(`exit code ${code}`)));
  }

  #ended(worker: Worker, cause: unknown): void {
    if (this.#worker === worker) this.#worker = undefined;
    for (const { reject } of this.#settling.values()) reject(new Error('the consumers ended'));
    this.#settling.clear();
    this.#ready.reject(cause);
    if (this.#stopped) return;
    const { name, message } = errorFields(cause);
    this.#ending = {
      at: this.#installation.ports.clock(),
      atMs: performance.now(),
      detail: `The consumers (mails, public log, register) ended and are started again: ${name}: ${message}.`,
    };
    this.#logger({ level: 'error', event: 'consumers ended', ...errorFields(cause) });
    const pause = RESTART_MS[Math.min(this.#endings, RESTART_MS.length - 1)];
    this.#endings += 1;
    this.#timer = setTimeout(() => this.#start(), pause);
  }

  #receive(worker: Worker, message: FromConsumers): void {
    if (message.type === 'ready') this.#ready.resolve();
    else if (message.type === 'compared') this.#compared.resolve();
    else if (message.type === 'logged') this.#installation.expect(message.ends);
    else if (message.type === 'older') this.#installation.restored.holdBack(message.tree);
    else if (message.type === 'append') void this.#append(worker, message);
    else if (message.type === 'log') this.#logger(message.entry);
    else if (message.type === 'checkpoint') this.#checkpoint = message.size;
    else if (message.type === 'altered') void this.#readAgain(message.name);
    else if (message.type === 'settled') {
      const settling = this.#settling.get(message.id);
      this.#settling.delete(message.id);
      if (message.failure === undefined) settling?.resolve();
      else settling?.reject(errorOf(message.failure));
    }
  }

  /** Appends for a worker and answers only that worker: its successor has its own numbering. */
  async #append(worker: Worker, { id, records }: Extract<FromConsumers, { type: 'append' }>): Promise<void> {
    const answer = await this.#installation.everything.append(records).then(
      (appended): ToConsumers => ({ type: 'appended', id, answer: appended }),
      (error: unknown): ToConsumers => ({ type: 'not-appended', id, failure: failureOf(error) }),
    );
    worker.postMessage(answer);
  }

  /** Reads an altered row, record or file again, so that the answering thread detects it, too. */
  async #readAgain(name: string): Promise<void> {
    const [kind, ...rest] = name.split('/');
    const { everything, ports, sealed } = this.#installation;
    try {
      const [of = '', ...id] = rest;
      if (kind === 'seal') await sealed.find(({ file }) => file === of)?.verify();
      else if (kind === 'record' && isSideKind(of)) await ports.sideStore.get(of, id.join('/'));
      else if (kind !== 'record') for await (const _ of commitsAbove(everything, rest.join('/'), 0));
    } catch {
      // Reading an unreadable row records the fault, then throws.
    }
  }

  #tick(): void {
    // Reading the clock shares its value.
    this.#installation.ports.clock();
  }

  #nudge(stream: string): void {
    this.#nudged.add(stream);
    this.#gathering ??= setTimeout(() => this.#flushNudges(), GATHER_MS).unref();
  }

  #flushNudges(): void {
    clearTimeout(this.#gathering);
    this.#gathering = undefined;
    const streams = [...this.#nudged];
    this.#nudged.clear();
    if (streams.length > 0) this.#send({ type: 'nudge', streams });
  }

  #send(message: ToConsumers): void {
    this.#tick();
    this.#worker?.postMessage(message);
  }
}

/**
 * The inputs of the consumers' thread. `instant`: the clock in milliseconds, for a gate with its own clock; undefined for the
 * machine's.
 */
export interface ThreadStart {
  readonly settings: Settings;
  readonly instant: Float64Array<SharedArrayBuffer> | undefined;
}

interface Failure {
  readonly name: string;
  readonly message: string;
  readonly code: string | undefined;
}

export type ToConsumers =
  | { readonly type: 'nudge'; readonly streams: readonly string[] }
  | { readonly type: 'settle'; readonly id: number }
  | { readonly type: 'appended'; readonly id: number; readonly answer: Appended }
  | { readonly type: 'not-appended'; readonly id: number; readonly failure: Failure }
  | { readonly type: 'stop' };

export type FromConsumers =
  | { readonly type: 'ready' }
  | { readonly type: 'compared' }
  | { readonly type: 'logged'; readonly ends: LogEnds }
  | { readonly type: 'older'; readonly tree: LogTree }
  | { readonly type: 'append'; readonly id: number; readonly records: readonly StoredCommit[] }
  | { readonly type: 'settled'; readonly id: number; readonly failure: Failure | undefined }
  | { readonly type: 'checkpoint'; readonly size: string }
  | { readonly type: 'altered'; readonly name: string }
  | { readonly type: 'log'; readonly entry: LogEntry };

export const failureOf = (error: unknown): Failure => {
  const code = codeOf(error);
  const name = error instanceof Error ? error.name : 'Error';
  return { name, message: messageOf(error), code: typeof code === 'string' ? code : undefined };
};

/** Returns the error that a failure describes: an error of the store with its class, any other as an Error. */
export const errorOf = ({ name, message, code }: Failure): Error => {
  if (name === 'CorruptStore') return new CorruptStore(message, { code: code as StoreFault });
  if (name === 'StoreUnavailable') return new StoreUnavailable(message, { code: code as StoreUnavailable['code'] });
  return new Error(`${name}: ${message}`);
};
