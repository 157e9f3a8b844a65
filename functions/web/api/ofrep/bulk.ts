import { createHash, hash } from 'node:crypto';
import { ALWAYS, isWithin, narrowed, type TimeWindow } from '../../../../domain/feature/due.ts';
import type { Evaluation, EvaluationContext } from '../../../../domain/feature/evaluate.ts';
import { featureStream, prefixesOf } from '../../../../domain/feature/keys.ts';
import { canonical, digestOf } from '../../../../domain/kernel/canonical.ts';
import type { JsonObject } from '../../../../domain/kernel/json.ts';
import { FeatureKey } from '../../../../domain/kernel/zodTypes.ts';
import { REVOCATION_STREAM } from '../../../../domain/revocation/events.ts';
import { evaluateForNow, KEYS_PER_TURN, type TimedEvaluation } from '../../../gate/heads.ts';
import { inTurns } from '../../../platform/turns.ts';
import type { BytesAnswer } from '../../http/respond.ts';
import type { Caller } from '../../http/tokens.ts';
import type { ApiDeps } from '../bind.ts';
import {
  type AnswerMoment,
  evaluationContextOf,
  type Flag,
  flagOf,
  momentText,
  ofrepRefusal,
  readContext,
  unknownFlag,
} from './flag.ts';
import { type Basis, type BasisPorts, look } from './keptFlags.ts';

/** Bytes kept over all questions, at most; above it the question asked least recently is dropped, never the newest. */
const BYTES_MAX = 67_108_864;
/** Bytes of a flag beside its text, at most: its evaluation, its window and its place in the table. A character of its text takes two at most. */
const FLAG_BYTES = 600;
const TEXTS_PER_TURN = 1_000;

const FEATURES = featureStream('');

/** The answers to one question. They hold while the heads are those of `basis`, within `window`. `bytes`: that they take in memory, at most. */
interface Kept extends Pick<BulkQuestion, 'keys' | 'off'> {
  readonly basis: Basis;
  readonly flags: ReadonlyMap<string, Flag>;
  readonly window: TimeWindow;
  readonly digest: string;
  readonly bytes: number;
}

/** The keys asked for, those known to be off, and who asks. `id`: the same for the same keys and context. */
interface BulkQuestion {
  readonly id: string;
  readonly keys: readonly string[];
  readonly off: ReadonlyMap<string, Evaluation>;
  readonly context: EvaluationContext;
}

/** `digest`: of the answers without their moment; `byKey`: each; `flags`: the JSON of each, in parts of many with commas between them. */
interface BulkAnswers {
  readonly digest: string;
  readonly byKey: ReadonlyMap<string, Flag>;
  readonly flags: (moment: AnswerMoment) => Promise<readonly Buffer[]>;
}

interface BulkDeps extends Pick<ApiDeps, 'keptHeads'> {
  readonly ports: BasisPorts;
}

const changedKeys = (before: Kept, { keys, off }: BulkQuestion, streams: readonly string[], at: string) => {
  const changed = new Set(streams.map((stream) => stream.slice(FEATURES.length)));
  if (changed.size === 0 && isWithin(before.window, at) && keys === before.keys && off === before.off) return [];
  return keys.filter((key) => {
    const flag = before.flags.get(key);
    if (flag === undefined || !isWithin(flag.window, at) || off.get(key) !== before.off.get(key)) return true;
    return prefixesOf(key).some((each) => changed.has(each));
  });
};

const digestOfTexts = async (flags: ReadonlyMap<string, Flag>): Promise<string> => {
  const hash = createHash('sha256');
  await inTurns([...flags.values()], TEXTS_PER_TURN, async (part) => {
    for (const { text } of part) hash.update(text).update('\n');
  });
  return hash.digest('hex');
};

const portsOn = ({ ports, keptHeads }: BulkDeps): BasisPorts =>
  keptHeads === undefined ? ports : { clock: ports.clock, store: keptHeads.store };

/** Evaluates keys on kept heads where all of a key are from one question, and else on the newest. */
const evaluator = (deps: BulkDeps) => {
  const { ports, keptHeads } = deps;
  const keptPorts = portsOn(deps);
  const isHeld = (key: string): boolean => keptHeads?.holds([REVOCATION_STREAM, ...prefixesOf(key).map(featureStream)]) ?? true;
  return async (keys: readonly string[], context: EvaluationContext): Promise<ReadonlyMap<string, TimedEvaluation>> => {
    const by = Map.groupBy(keys, isHeld);
    const [held, newest] = await Promise.all([
      evaluateForNow(keptPorts, by.get(true) ?? [], context),
      evaluateForNow(ports, by.get(false) ?? [], context),
    ]);
    return new Map([...held, ...newest]);
  };
};

/**
 * Returns a function that answers for many keys and keeps the answers to the questions asked lately. What is kept is answered again only
 * while the store knows that no head it rests on has changed and no instant in one has passed; anything else is evaluated again on
 * strongly consistent heads. A store that does not know has every key evaluated each time, on heads that are as old as `keptHeads` lets
 * them be.
 */
export const bulkAnswers = ({ ports, keptHeads }: BulkDeps, bytesMax = BYTES_MAX) => {
  const keptPorts = portsOn({ ports, keptHeads });
  const evaluatePart = evaluator({ ports, keptHeads });
  const kept = new Map<string, Kept>();

  const keep = ({ id }: BulkQuestion, answers: Kept): void => {
    // A store that never knows has no moment.
    if (answers.basis.moment === '') return;
    kept.delete(id);
    kept.set(id, answers);
    let total = [...kept.values()].reduce((sum, { bytes }) => sum + bytes, 0);
    for (const [oldest, { bytes }] of kept) {
      if (total <= bytesMax || oldest === id) return;
      kept.delete(oldest);
      total -= bytes;
    }
  };

  const evaluated = async (keys: readonly string[], { off, context }: BulkQuestion): Promise<ReadonlyMap<string, Flag>> => {
    const flagFor = (key: string, evaluations: ReadonlyMap<string, TimedEvaluation>): Flag => {
      const known = off.get(key);
      const evaluation = known === undefined ? evaluations.get(key) : { evaluation: known, window: ALWAYS };
      if (evaluation === undefined) throw new Error(`broken invariant: ${key} was not evaluated`);
      return flagOf(key, evaluation);
    };
    const parts = await inTurns(keys, KEYS_PER_TURN, async (part) => {
      const asked = part.filter((key) => !off.has(key));
      const all = await evaluatePart(asked, context);
      return part.map((key) => [key, flagFor(key, all)] as const);
    });
    return new Map(parts.flat());
  };

  const answersTo = async (question: BulkQuestion): Promise<Kept> => {
    const { id, keys, off } = question;
    const before = kept.get(id);
    const { basis, at, changed } = await look(keptPorts, before?.basis);
    const isKnown = before !== undefined && changed !== undefined;
    const stale = isKnown ? changedKeys(before, question, changed, at) : keys;
    if (isKnown && stale.length === 0 && keys.length === before.flags.size) {
      const same = { ...before, basis, keys, off };
      keep(question, same);
      return same;
    }
    const anew = await evaluated(stale, question);
    const flags = new Map<string, Flag>();
    for (const key of keys) {
      const flag = anew.get(key) ?? before?.flags.get(key);
      if (flag !== undefined) flags.set(key, flag);
    }
    const window = [...flags.values()].reduce((narrow, flag) => narrowed(narrow, flag.window), ALWAYS);
    const bytes = [...flags.values()].reduce((sum, { text }) => sum + 2 * text.length + FLAG_BYTES, 0);
    const answers = { basis, keys, off, flags, window, digest: await digestOfTexts(flags), bytes };
    keep(question, answers);
    return answers;
  };

  return async (question: BulkQuestion): Promise<BulkAnswers> => {
    const { digest, flags } = await answersTo(question);
    return {
      digest,
      byKey: flags,
      flags: (moment) => {
        const end = momentText(moment);
        // Bytes: a text of megabytes stays in the heap until all of it is collected.
        return inTurns([...flags.values()], TEXTS_PER_TURN, async (part) =>
          Buffer.from(part.map(({ text }) => `${text}${end}`).join(',')),
        );
      },
    };
  };
};

export type BulkAnswerer = ReturnType<typeof bulkAnswers>;

const NAMED_MAX = 500;
const KEY_CHARS_MAX = 512;

const isKey = (key: string): boolean => FeatureKey.safeParse(key).success;

/**
 * Returns the `keys` of a context: those that the client will ask for. A client that caches a bulk answer uses its own default for a
 * missing key, and that default may be yes. A key named here is therefore answered even if the register does not have it.
 */
const namedKeys = ({ keys }: JsonObject): readonly string[] =>
  Array.isArray(keys)
    ? [
        ...new Set(
          keys.slice(0, NAMED_MAX).filter((key): key is string => typeof key === 'string' && key.length <= KEY_CHARS_MAX),
        ),
      ]
    : [];

interface BulkRequest {
  readonly caller: Caller;
  readonly contentType: string | null;
  readonly body: Uint8Array;
  readonly ifNoneMatch: string | undefined;
  /** Whether the client wants to listen for changes. */
  readonly wantsStreams?: boolean;
}

const OPEN = Buffer.from('{"flags":[');
const COMMA = Buffer.from(',');
const close = (stream: string | undefined): Buffer =>
  Buffer.from(stream === undefined ? ']}' : `],"eventStreams":[${JSON.stringify({ type: 'sse', url: stream })}]}`);

const WEAK = /^W\//;

/**
 * Reports whether one of the listed tags matches by weak comparison (RFC 9110, section 13.1.2). `*` matches none: it does not say which
 * answers the client would keep.
 */
export const matches = (ifNoneMatch: string | undefined, etag: string): boolean =>
  ifNoneMatch?.split(',').some((tag) => tag.trim().replace(WEAK, '') === etag) ?? false;

const unknownFlags = (named: readonly string[], moment: AnswerMoment): readonly string[] =>
  named.filter((key) => !isKey(key)).map((key) => unknownFlag(key) + momentText(moment));

/**
 * Returns what answers `POST /ofrep/v1/evaluate/flags`: every key of the register and those that the context names. Each that may be on
 * is evaluated on strongly consistent heads; on AWS the others are answered from the register, which may lag, and cost no read. The ETag
 * covers the context, the token's agencies, the lease, the stream and the answers without `asOf` and `checkpoint`, so that unchanged answers give 304; on one
 * machine that evaluates nothing.
 */
export const bulkEvaluator = (deps: ApiDeps, answersTo = bulkAnswers(deps)) => {
  const { ports, checkpoint, leaseSeconds, streams } = deps;
  return async ({ caller, contentType, body, ifNoneMatch, wantsStreams = false }: BulkRequest): Promise<BytesAnswer> => {
    const read = readContext(contentType, body);
    if (!read.ok) return ofrepRefusal(read);
    const asOf = ports.clock();
    const context = evaluationContextOf(read.context, caller.agencies);
    const { keys: registered, off } = await ports.register.bulk({ now: asOf, context });
    const named = namedKeys(read.context);
    const known = new Set(named.length === 0 ? [] : registered);
    const added = named.filter((key) => !known.has(key) && isKey(key));
    const { digest, flags } = await answersTo({
      id: digestOf(JSON.stringify([context.agencies, context.own, context.version, added])),
      keys: added.length === 0 ? registered : [...registered, ...added],
      off,
      context,
    });
    const stream = wantsStreams ? streams?.urlFor(caller.id) : undefined;
    const etag = `"${hash('sha256', canonical({ context: read.context, agencies: caller.agencies, digest, leaseSeconds, stream: stream ?? null }))}"`;
    if (matches(ifNoneMatch, etag)) return { status: 304, headers: { etag }, body: '' };
    const moment = { asOf, checkpoint: checkpoint(), leaseSeconds };
    const unknown = unknownFlags(named, moment).map((text) => Buffer.from(text));
    const parts = [...(await flags(moment)), ...unknown].flatMap((part, index) => (index === 0 ? [part] : [COMMA, part]));
    return {
      status: 200,
      headers: { 'content-type': 'application/json', etag },
      body: Buffer.concat([OPEN, ...parts, close(stream)]),
    };
  };
};
