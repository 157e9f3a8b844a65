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

/** What kept answers rest on besides their instant. */
export interface Basis {
  readonly moment: string;
  /** The clock then; what was believed of commits ahead of it is not known when it is set back. */
  readonly clock: string;
  /** The newest instant committed, if the store knows it. */
  readonly newest: string | undefined;
}

interface Looked {
  readonly basis: Basis;
  /** The streams of features with another head since the earlier basis; undefined if every answer must be evaluated again. */
  readonly changed: readonly string[] | undefined;
}

export type BasisPorts = Pick<GatePorts, 'store' | 'clock'>;

const RESTS_ON = [FEATURE_STREAMS, REVOCATION_STREAM];

/**
 * Finds out whether answers kept on an earlier basis may be given again: the one rule of what is kept. The store knows of every commit
 * that was acknowledged before the call, by whichever process. Call it before reading any head: what changes in between is then found the
 * next time.
 */
export const revalidate = async (ports: BasisPorts, before: Basis | undefined): Promise<Looked> => {
  const { moment, streams } = await ports.store.changed(RESTS_ON, before?.moment);
  const clock = ports.clock();
  const newest = await ports.store.newestAt();
  const isKnown = before !== undefined && streams !== undefined && clock >= before.clock && !streams.includes(REVOCATION_STREAM);
  return { basis: { moment, clock, newest }, changed: isKnown ? streams : undefined };
};

/** Whether {@link revalidate} would find nothing changed, where that is known without waiting. `now`: the clock. */
export const isStillCurrent = ({ store }: BasisPorts, basis: Basis, now: string): boolean =>
  now >= basis.clock && store.isUnchangedSince(basis.moment);

/** Answers kept, some 1.5 kB each; above it those to the contexts asked least recently are dropped, until this share is left. */
const FLAGS_MAX = 50_000;
const SHARE_LEFT = 0.75;
const TEXTS_PER_TURN = 1_000;

/** `off`: the evaluation it was made of, if the register gave one. */
interface KeptFlag {
  readonly flag: Flag;
  readonly off: Evaluation | undefined;
}

/** The answers to one context. `flags` only grows: what changes makes another map, so an evaluation never writes into a later one. */
interface Kept {
  readonly basis: Basis;
  readonly flags: Map<string, KeptFlag>;
  last?: BulkAnswers;
}

/** The keys asked for, those known to be off, and who asks. `id`: see {@link questionId}. */
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

/** Passes a value on at once if it is there: each promise that an answer awaits costs more than the rest of its step. */
export const whenAvailable = <A, B>(value: A | Promise<A>, to: (value: A) => B | Promise<B>): B | Promise<B> =>
  value instanceof Promise ? value.then(to) : to(value);

const holds = (known: KeptFlag | undefined, off: Evaluation | undefined, at: string): known is KeptFlag =>
  known !== undefined && known.off === off && isWithin(known.flag.window, at);

/** What answers are kept under: all of a context that one depends on, and the keys it names. None of it is secret. */
export const questionId = ({ agencies, own, version }: EvaluationContext, ...added: readonly string[]): string =>
  JSON.stringify([agencies, own, version, ...added]);

const digestOfTexts = async (flags: ReadonlyMap<string, Flag>): Promise<string> => {
  const hash = createHash('sha256');
  await inTurns([...flags.values()], TEXTS_PER_TURN, async (part) => {
    for (const { text } of part) hash.update(text).update('\n');
  });
  return hash.digest('hex');
};

const still = (before: Kept, basis: Basis, streams: readonly string[]): Kept => {
  if (streams.length === 0) return { ...before, basis };
  const changed = new Set(streams.map(featureOf));
  const flags = [...before.flags].filter(([key]) => !prefixesOf(key).some((prefix) => changed.has(prefix)));
  return { basis, flags: new Map(flags) };
};

/** Evaluates keys on kept heads where all of a key are from one question, and else on the newest. */
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

class Keeper {
  readonly #ports: BasisPorts;
  readonly #flagsMax: number;
  readonly #kept = new Map<string, Kept>();
  /** No fewer than are kept: what was added since they were counted. */
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
    const next = before === undefined || changed === undefined ? { basis, flags: new Map() } : still(before, basis, changed);
    // A store that never knows has no moment; where another question was here meanwhile, what it found is kept.
    if (basis.moment !== '' && this.#kept.get(id) === before) {
      this.#kept.delete(id);
      this.#kept.set(id, next);
      // The context counts as one, also where its evaluation then fails.
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

/** What the `STATIC` answers are kept under that all contexts share; no {@link questionId}. */
const SHARED = 'shared';

/** Nothing was committed between two looks, and no clock set back: what was known at the first holds at the second. */
const isOneMoment = (first: Basis, second: Basis): boolean => first.moment === second.moment && first.clock <= second.clock;

/** Those that are the same in each context. Returns how many. */
const copy = (keys: readonly string[], from: Kept, to: Kept): number => {
  const same = keys.flatMap((key) => {
    const known = from.flags.get(key);
    return known?.flag.evaluation.reason === 'STATIC' ? [[key, known] as const] : [];
  });
  for (const [key, known] of same) to.flags.set(key, known);
  return same.length;
};

/**
 * Evaluates one key (`one`) or many, and keeps the answers. A kept answer is given again only while the store knows that no head it rests
 * on has changed and no instant in one has passed. A store that does not know has every key evaluated, on heads as old as `keptHeads`
 * lets them be. `one` returns no promise where nothing had to be awaited.
 */
export const keptFlags = (deps: KeptDeps, flagsMax = FLAGS_MAX) => {
  const { clock } = deps.ports;
  const ports = deps.keptHeads === undefined ? deps.ports : { clock, store: deps.keptHeads.store };
  const evaluate = evaluator(deps, ports);
  const keeper = new Keeper(ports, flagsMax);

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
    keeper.added(keys.length);
    return new Map(parts.flat());
  };

  const anew = async (id: string, key: string, context: EvaluationContext): Promise<Flag> => {
    const found = await keeper.current(id);
    const known = found.flags.get(key);
    if (holds(known, undefined, latest(clock(), found.basis.newest))) return known.flag;
    const flag = (await evaluated(found, [key], NONE, context)).get(key);
    if (flag === undefined) throw new Error(`broken invariant: ${key} was not answered`);
    return flag;
  };

  const one = (key: string, context: EvaluationContext): Flag | Promise<Flag> => {
    const id = questionId(context);
    const before = keeper.get(id);
    if (before === undefined) return anew(id, key, context);
    const { flags, basis } = before;
    const [known, now] = [flags.get(key), clock()];
    return holds(known, undefined, latest(now, basis.newest)) && isStillCurrent(ports, basis, now)
      ? known.flag
      : anew(id, key, context);
  };

  const many = async ({ id, keys, off, context }: BulkQuestion): Promise<BulkAnswers> => {
    let found = await keeper.current(id);
    const isLasting = ({ keys: of, off: by, window }: BulkAnswers): boolean =>
      of === keys && by === off && isWithin(window, latest(clock(), found.basis.newest));
    if (found.last !== undefined && isLasting(found.last)) return found.last;
    // Kept heads belong to one question, and a second look would begin another.
    const shared = deps.keptHeads === undefined && sharesStatic(context) ? await keeper.current(SHARED) : undefined;
    if (shared !== undefined) found = await keeper.current(id);
    const { flags, basis, last } = found;
    const at = latest(clock(), basis.newest);
    const staleOnes = () => keys.filter((key) => !holds(flags.get(key), off.get(key), at));
    if (shared !== undefined && isOneMoment(shared.basis, basis)) keeper.added(copy(staleOnes(), shared, found));
    const stale = staleOnes();
    const fresh = await evaluated(found, stale, off, context);
    if (shared !== undefined) keeper.added(copy(stale, found, shared));
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

/** An OFREP request, whether it came through Hono or past it. `key`: as it stands in the address, decoded; may be any text. */
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
