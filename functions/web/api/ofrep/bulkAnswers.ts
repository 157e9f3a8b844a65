import { createHash } from 'node:crypto';
import type { Evaluation, EvaluationContext } from '../../../../domain/feature/evaluate.ts';
import { ALWAYS, isWithin, narrowed, type TimeWindow } from '../../../../domain/feature/instants.ts';
import { featureStream, prefixesOf } from '../../../../domain/feature/keys.ts';
import { evaluateForNow } from '../../../gate/heads.ts';
import { type Basis, type BasisPorts, look } from './basis.ts';
import { type Flag, flagOf, momentText } from './flag.ts';

/** Flags kept over all contexts, some 400 bytes each; above it the context asked least recently is dropped. */
const FLAGS_MAX = 100_000;

const FEATURES = featureStream('');

/** The answers to one context. They hold while the heads are those of `basis`, within `window`. */
interface Kept {
  readonly basis: Basis;
  readonly keys: readonly string[];
  readonly flags: ReadonlyMap<string, Flag>;
  readonly window: TimeWindow;
  readonly etag: string;
}

/** A question: the keys, those known to be off, and who asks. `id`: a digest of the context and of the token's agencies. */
export interface BulkQuestion {
  readonly id: string;
  readonly keys: readonly string[];
  readonly off: ReadonlyMap<string, Evaluation>;
  readonly context: EvaluationContext;
}

/** The answers to a question. `flags`: the JSON of each, with the moment put in. */
export interface BulkAnswers {
  readonly etag: string;
  readonly flags: (asOf: string, checkpoint: string | undefined) => string;
}

/** Returns the keys whose answers may be others now; undefined if any may. */
const changedKeys = (
  { flags, window, keys: before }: Kept,
  keys: readonly string[],
  streams: readonly string[],
  at: string,
): readonly string[] => {
  const changed = new Set(streams.map((stream) => stream.slice(FEATURES.length)));
  if (changed.size === 0 && isWithin(window, at) && keys === before) return [];
  return keys.filter((key) => {
    const flag = flags.get(key);
    return (
      flag === undefined || !isWithin(flag.window, at) || (changed.size > 0 && prefixesOf(key).some((each) => changed.has(each)))
    );
  });
};

const etagOf = (id: string, flags: ReadonlyMap<string, Flag>): string => {
  const hash = createHash('sha256').update(id);
  for (const { text } of flags.values()) hash.update('\n').update(text);
  return `"${hash.digest('hex')}"`;
};

/**
 * Returns a function that answers for many keys and keeps the answers to the contexts asked lately. What is kept is answered again only
 * while the store knows that no head it rests on has changed and no instant in one has passed; anything else is evaluated again on
 * strongly consistent heads. A store that does not know has every key evaluated each time.
 */
export const bulkAnswers = (ports: BasisPorts) => {
  const kept = new Map<string, Kept>();

  const keep = (id: string, answers: Kept): void => {
    kept.delete(id);
    kept.set(id, answers);
    let total = [...kept.values()].reduce((sum, { flags }) => sum + flags.size, 0);
    for (const [oldest, { flags }] of kept) {
      if (total <= FLAGS_MAX) return;
      kept.delete(oldest);
      total -= flags.size;
    }
  };

  const answersTo = async ({ id, keys, off, context }: BulkQuestion): Promise<Kept> => {
    const before = kept.get(id);
    const { basis, at, changed } = await look(ports, before?.basis);
    const isKnown = before !== undefined && changed !== undefined;
    const stale = isKnown ? changedKeys(before, keys, changed, at) : keys;
    if (isKnown && stale.length === 0 && keys.length === before.flags.size) {
      const same = { ...before, basis, keys };
      keep(id, same);
      return same;
    }
    const evaluated = await evaluateForNow(
      ports,
      stale.filter((key) => !off.has(key)),
      context,
    );
    const flags = new Map<string, Flag>();
    for (const key of keys) {
      const evaluation = off.get(key);
      const anew = evaluation === undefined ? evaluated.get(key) : { evaluation, window: ALWAYS };
      const flag = anew === undefined ? before?.flags.get(key) : flagOf(key, anew);
      if (flag !== undefined) flags.set(key, flag);
    }
    const window = [...flags.values()].reduce((narrow, flag) => narrowed(narrow, flag.window), ALWAYS);
    const answers = { basis, keys, flags, window, etag: etagOf(id, flags) };
    keep(id, answers);
    return answers;
  };

  return async (question: BulkQuestion): Promise<BulkAnswers> => {
    const { etag, flags } = await answersTo(question);
    return {
      etag,
      flags: (asOf, checkpoint) => {
        const end = momentText(asOf, checkpoint);
        return [...flags.values()].map(({ text }) => `${text}${end}`).join(',');
      },
    };
  };
};
