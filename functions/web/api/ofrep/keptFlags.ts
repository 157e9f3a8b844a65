import { createHash } from 'node:crypto';
import { ALWAYS, intersectWindows, isWithin, type TimeWindow } from '../../../../domain/feature/due.ts';
import { type Evaluation, type EvaluationContext, sharesStatic } from '../../../../domain/feature/evaluate.ts';
import { FEATURE_STREAMS, featureOf, featureStream, prefixesOf } from '../../../../domain/feature/keys.ts';
import { latest } from '../../../../domain/kernel/order.ts';
import { FeatureKey } from '../../../../domain/kernel/zodTypes.ts';
import { REVOCATION_STREAM } from '../../../../domain/revocation/events.ts';
import { evaluateForNow, type TimedEvaluation } from '../../../gate/heads.ts';
import type { GatePorts } from '../../../gate/ports.ts';
import { inTurns, KEYS_PER_TURN } from '../../../platform/turns.ts';
import type { Answer } from '../../http/problems.ts';
import { errorAnswer } from '../../http/respond.ts';
import type { Caller } from '../../http/tokens.ts';
import type { ApiDeps } from '../bind.ts';
import { evaluationContextOf, type Flag, flagOf, momentText, ofrepRefusal, readContext, unknownFlag } from './flag.ts';

/** The state of the store for which cached answers are valid. */
export interface Basis {
  readonly moment: string;
  /** The clock at that time. If it is set back, commits dated ahead of it must be judged again. */
  readonly clock: string;
  /** The newest instant committed, if the store knows it. */
  readonly newest: string | undefined;
}

interface Revalidation {
  readonly basis: Basis;
  /** The streams of features with another head since the earlier basis; undefined if every answer must be evaluated again. */
  readonly changed: readonly string[] | undefined;
}

export type BasisPorts = Pick<GatePorts, 'store' | 'clock'>;

const RESTS_ON = [FEATURE_STREAMS, REVOCATION_STREAM];

/**
 * Decides which cached answers of an earlier basis are still valid; no other rule may. The store knows every commit that any process
 * acknowledged before the call. Call it before reading any head, so that the next call finds what changes in between.
 */
export const revalidate = async (ports: BasisPorts, before: Basis | undefined): Promise<Revalidation> => {
  const { moment, streams } = await ports.store.changed(RESTS_ON, before?.moment);
  const clock = ports.clock();
  const newest = await ports.store.newestAt();
  const isKnown = before !== undefined && streams !== undefined && clock >= before.clock && !streams.includes(REVOCATION_STREAM);
  return { basis: { moment, clock, newest }, changed: isKnown ? streams : undefined };
};

/** Reports whether {@link revalidate} would find nothing changed, if that is known without waiting. `now`: the clock. */
export const isStillCurrent = ({ store }: BasisPorts, basis: Basis, now: string): boolean =>
  now >= basis.clock && store.isUnchangedSince(basis.moment);

/** Maximum cached answers, some 1.5 kB each. Above it the least recently used contexts are evicted until this share is left. */
const FLAGS_MAX = 50_000;
const SHARE_LEFT = 0.75;
const TEXTS_PER_TURN = 1_000;

/** `off`: the evaluation from the register it was built from, if any. */
interface KeptFlag {
  readonly flag: Flag;
  readonly off: Evaluation | undefined;
}

/** The answers to one context. `flags` only grows: a change makes another map, so an evaluation never writes into a later one. */
interface Kept {
  readonly basis: Basis;
  readonly flags: Map<string, KeptFlag>;
  last?: BulkAnswers;
}

/** The requested keys, those known to be off, and the context. `id`: see {@link questionId}. */
interface BulkQuestion {
  readonly id: string;
  readonly keys: readonly string[];
  readonly off: ReadonlyMap<string, Evaluation>;
  readonly context: EvaluationContext;
}

/** `digest`: of the answers without their moment. */
interface BulkAnswers extends Pick<BulkQuestion, 'keys' | 'off'> {
  readonly flags: ReadonlyMap<string, Flag>;
  readonly window: TimeWindow;
  readonly digest: string;
}

interface KeptDeps extends Pick<ApiDeps, 'keptHeads'> {
  readonly ports: BasisPorts;
}

/** Calls `to` synchronously if the value is not a promise: each promise on the hot path costs more than the rest of its step. */
export const whenAvailable = <A, B>(value: A | Promise<A>, to: (value: A) => B | Promise<B>): B | Promise<B> =>
  value instanceof Promise ? value.then(to) : to(value);

const isValid = (known: KeptFlag | undefined, off: Evaluation | undefined, at: string): known is KeptFlag =>
  known !== undefined && known.off === off && isWithin(known.flag.window, at);

/** Returns the cache key of a question: everything in the context that affects the answer, and the keys it names. Not secret. */
export const questionId = ({ agencies, own, version }: EvaluationContext, ...added: readonly string[]): string =>
  JSON.stringify([agencies, own, version, ...added]);

const digestOfTexts = async (flags: ReadonlyMap<string, Flag>): Promise<string> => {
  const hash = createHash('sha256');
  await inTurns([...flags.values()], TEXTS_PER_TURN, async (part) => {
    for (const { text } of part) hash.update(text).update('\n');
  });
  return hash.digest('hex');
};

const withoutChanged = (before: Kept, basis: Basis, streams: readonly string[]): Kept => {
  if (streams.length === 0) return { ...before, basis };
  const changed = new Set(streams.map(featureOf));
  const flags = [...before.flags].filter(([key]) => !prefixesOf(key).some((prefix) => changed.has(prefix)));
  return { basis, flags: new Map(flags) };
};

/** Evaluates a key on cached heads if all its heads come from one read, else on the newest heads. */
const evaluator =
  ({ ports, keptHeads }: KeptDeps, keptPorts: BasisPorts) =>
  async (keys: readonly string[], context: EvaluationContext): Promise<ReadonlyMap<string, TimedEvaluation>> => {
    if (keptHeads === undefined) return evaluateForNow(ports, keys, context);
    const by = Map.groupBy(keys, (key) => keptHeads.holds([REVOCATION_STREAM, ...prefixesOf(key).map(featureStream)]));
    const [held, newest] = await Promise.all([
      evaluateForNow(keptPorts, by.get(true) ?? [], context),
      evaluateForNow(ports, by.get(false) ?? [], context),
    ]);
    return new Map([...held, ...newest]);
  };

class AnswerCache {
  readonly #ports: BasisPorts;
  readonly #flagsMax: number;
  readonly #kept = new Map<string, Kept>();
  /** An upper bound of the cached answers, exact after each count. */
  #atMost = 0;

  constructor(ports: BasisPorts, flagsMax: number) {
    this.#ports = ports;
    this.#flagsMax = flagsMax;
  }

  get(id: string): Kept | undefined {
    return this.#kept.get(id);
  }

  async current(id: string): Promise<Kept> {
    const before = this.#kept.get(id);
    const { basis, changed } = await revalidate(this.#ports, before?.basis);
    const next =
      before === undefined || changed === undefined ? { basis, flags: new Map() } : withoutChanged(before, basis, changed);
    // A store that cannot know what changed has an empty moment. If a concurrent call stored its result meanwhile, that one stays.
    if (basis.moment !== '' && this.#kept.get(id) === before) {
      this.#kept.delete(id);
      this.#kept.set(id, next);
      // The context itself counts as one answer, even if its evaluation fails later.
      if (before === undefined) this.added(1);
    }
    return next;
  }

  /** Counts only when there may be too many, so that a call costs the same however many there are. */
  added(answers: number): void {
    this.#atMost += answers;
    if (this.#atMost <= this.#flagsMax) return;
    this.#atMost = [...this.#kept.values()].reduce((sum, { flags }) => sum + flags.size + 1, 0);
    for (const [id, { flags }] of this.#kept) {
      if (this.#kept.size === 1 || this.#atMost <= this.#flagsMax * SHARE_LEFT) return;
      this.#kept.delete(id);
      this.#atMost -= flags.size + 1;
    }
  }
}

const NONE: ReadonlyMap<string, Evaluation> = new Map();

/** The cache key of the `STATIC` answers that all contexts share; never a {@link questionId}. */
const SHARED = 'shared';

/** Reports whether nothing was committed and the clock was not set back between two bases: answers of the first hold for the second. */
const isOneMoment = (first: Basis, second: Basis): boolean => first.moment === second.moment && first.clock <= second.clock;

/** Copies the answers that are the same in every context. Returns how many. */
const copy = (keys: readonly string[], from: Kept, to: Kept): number => {
  const same = keys.flatMap((key) => {
    const known = from.flags.get(key);
    return known?.flag.evaluation.reason === 'STATIC' ? [[key, known] as const] : [];
  });
  for (const [key, known] of same) to.flags.set(key, known);
  return same.length;
};

/**
 * Evaluates one key (`one`) or many, and caches the answers. A cached answer is reused only while the store knows that no head behind it
 * has changed and no instant in one has passed. If the store cannot know, every key is evaluated, on heads as old as `keptHeads` allows.
 * `one` returns no promise if nothing had to be awaited.
 */
export const keptFlags = (deps: KeptDeps, flagsMax = FLAGS_MAX) => {
  const { clock } = deps.ports;
  const ports = deps.keptHeads === undefined ? deps.ports : { clock, store: deps.keptHeads.store };
  const evaluate = evaluator(deps, ports);
  const cache = new AnswerCache(ports, flagsMax);

  const evaluated = async ({ flags }: Kept, keys: readonly string[], off: BulkQuestion['off'], context: EvaluationContext) => {
    const parts = await inTurns(keys, KEYS_PER_TURN, async (part) => {
      const asked = part.filter((key) => !off.has(key));
      const found = await evaluate(asked, context);
      return part.map((key) => {
        const known = off.get(key);
        const evaluation = known === undefined ? found.get(key) : { evaluation: known, window: ALWAYS };
        if (evaluation === undefined) throw new Error(`broken invariant: ${key} was not evaluated`);
        const flag = flagOf(key, evaluation);
        flags.set(key, { flag, off: known });
        return [key, flag] as const;
      });
    });
    cache.added(keys.length);
    return new Map(parts.flat());
  };

  const anew = async (id: string, key: string, context: EvaluationContext): Promise<Flag> => {
    const found = await cache.current(id);
    const known = found.flags.get(key);
    if (isValid(known, undefined, latest(clock(), found.basis.newest))) return known.flag;
    const flag = (await evaluated(found, [key], NONE, context)).get(key);
    if (flag === undefined) throw new Error(`broken invariant: ${key} was not answered`);
    return flag;
  };

  const one = (key: string, context: EvaluationContext): Flag | Promise<Flag> => {
    const id = questionId(context);
    const before = cache.get(id);
    if (before === undefined) return anew(id, key, context);
    const { flags, basis } = before;
    const [known, now] = [flags.get(key), clock()];
    return isValid(known, undefined, latest(now, basis.newest)) && isStillCurrent(ports, basis, now)
      ? known.flag
      : anew(id, key, context);
  };

  const many = async ({ id, keys, off, context }: BulkQuestion): Promise<BulkAnswers> => {
    let found = await cache.current(id);
    const isLasting = ({ keys: of, off: by, window }: BulkAnswers): boolean =>
      of === keys && by === off && isWithin(window, latest(clock(), found.basis.newest));
    if (found.last !== undefined && isLasting(found.last)) return found.last;
    // Cached heads belong to one question, and revalidating again would begin another.
    const shared = deps.keptHeads === undefined && sharesStatic(context) ? await cache.current(SHARED) : undefined;
    if (shared !== undefined) found = await cache.current(id);
    const { flags, basis, last } = found;
    const at = latest(clock(), basis.newest);
    const staleOnes = () => keys.filter((key) => !isValid(flags.get(key), off.get(key), at));
    if (shared !== undefined && isOneMoment(shared.basis, basis)) cache.added(copy(staleOnes(), shared, found));
    const stale = staleOnes();
    const fresh = await evaluated(found, stale, off, context);
    if (shared !== undefined) cache.added(copy(stale, found, shared));
    const answers = new Map(
      keys.flatMap((key) => {
        const flag = fresh.get(key) ?? flags.get(key)?.flag;
        return flag === undefined ? [] : [[key, flag] as const];
      }),
    );
    const isSame = last?.keys === keys && [...answers].every(([key, flag]) => last.flags.get(key) === flag);
    const window = [...answers.values()].reduce((narrow, flag) => intersectWindows(narrow, flag.window), ALWAYS);
    found.last = { keys, off, flags: answers, window, digest: isSame ? last.digest : await digestOfTexts(answers) };
    return found.last;
  };

  return { one, many };
};
export type KeptFlags = ReturnType<typeof keptFlags>;

/** An OFREP request, routed by Hono or not. `key`: decoded from the address; may be any text. */
interface FlagRequest {
  readonly key: string;
  readonly header: (name: string) => string | null | undefined;
  readonly body: () => Uint8Array | Promise<Uint8Array>;
}

export const FLAG_PATH = '/ofrep/v1/evaluate/flags/';

/** Longest key echoed; a valid key is far shorter. */
const KEY_CHARS_MAX = 512;

/** Answers `POST /ofrep/v1/evaluate/flags/{key}`, errors included: never throws or rejects. The hot route: no promise without need. */
export const flagEvaluator = ({ ports, logger, checkpoint, leaseSeconds, authenticate }: ApiDeps, { one }: KeptFlags) => {
  const good = (text: string, asOf: string): Answer => ({
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: text + momentText({ asOf, checkpoint: checkpoint(), leaseSeconds }),
  });
  const answerTo = ({ agencies }: Caller, { key, header }: FlagRequest, body: Uint8Array): Answer | Promise<Answer> => {
    const found = readContext(header('content-type') ?? null, body);
    if (!found.ok) return ofrepRefusal(found, key.slice(0, KEY_CHARS_MAX));
    const asOf = ports.clock();
    return FeatureKey.safeParse(key).success
      ? whenAvailable(one(key, evaluationContextOf(found.context, agencies)), ({ text }) => good(text, asOf))
      : good(unknownFlag(key.slice(0, KEY_CHARS_MAX)), asOf);
  };
  return (request: FlagRequest): Answer | Promise<Answer> => {
    const failed = (error: unknown): Answer => errorAnswer(logger, error, `POST ${FLAG_PATH}:key`);
    try {
      const answer = whenAvailable(authenticate(request.header, 'state:read'), (caller) =>
        whenAvailable(request.body(), (body) => answerTo(caller, request, body)),
      );
      return answer instanceof Promise ? answer.catch(failed) : answer;
    } catch (error) {
      return failed(error);
    }
  };
};
