import { ALWAYS, beginsBetween, intersectWindows, type TimeWindow, windowAround } from '../../domain/feature/due.ts';
import {
  ABSENT,
  type Evaluation,
  type EvaluationContext,
  evaluate,
  type Head,
  headWith,
  UNREADABLE,
} from '../../domain/feature/evaluate.ts';
import { featureStream, prefixesOf } from '../../domain/feature/keys.ts';
import type { FeatureState } from '../../domain/feature/state.ts';
import { latest } from '../../domain/kernel/order.ts';
import { LOG_STREAM } from '../../domain/log/events.ts';
import type { LogTimes } from '../../domain/log/late.ts';
import { headUnder, type RevocationState } from '../../domain/revocation/decide.ts';
import { REVOCATION_STREAM } from '../../domain/revocation/events.ts';
import { commitAt, type DatedHead, headNow } from '../platform/ledger.ts';
import { ifReadable } from '../platform/store/errors.ts';
import { type Aggregate, load, stateAfter } from '../platform/store/load.ts';
import { inTurns, KEYS_PER_TURN } from '../platform/turns.ts';
import { featureAggregate, logAggregate, revocationAggregate } from './aggregates.ts';
import { readRevocations } from './feature.ts';
import type { GatePorts } from './ports.ts';

type HeadPorts = Pick<GatePorts, 'store' | 'clock'>;

/** Returns the later of clock and newest commit (on AWS of the heads read), so that setting the clock back revives nothing. */
const instantOf = async ({ store }: HeadPorts, now: string, heads: readonly DatedHead[]): Promise<string> =>
  latest(now, await store.newestAt(), ...heads.map(({ at }) => at));

/** The states of a key and its prefixes, root first, and the instant at which they are evaluated. */
export interface Heads {
  readonly heads: readonly Head[];
  readonly at: string;
}

/** Reads the heads of a key, strongly consistent. A commit more than five minutes ahead of the clock is unreadable. */
export const headsOf = async (ports: HeadPorts, key: string): Promise<Heads> => {
  const { headsOfKey, at } = await headsNow(ports, [key]);
  return { heads: headsOfKey(key), at };
};

/** Returns which entries of the log are late, with one strongly consistent read of stream `log`. */
export const readLogTimes = async ({ store }: Pick<GatePorts, 'store'>): Promise<LogTimes> =>
  (await load(store, logAggregate, LOG_STREAM)).state;

/** Returns the state of a stream as known at an instant; undefined before its first commit. */
export const stateAtInstant = async <C, S, E, R extends string>(
  ports: Pick<GatePorts, 'store'>,
  aggregate: Aggregate<C, S, E, R>,
  stream: string,
  instant: string,
  times: LogTimes | Promise<LogTimes> = readLogTimes(ports),
): Promise<S | undefined> => {
  const commit = await commitAt(ports.store, stream, instant, times);
  return commit === undefined ? undefined : stateAfter(ports.store, aggregate, commit);
};

/** Reads the revocations recorded by an instant, once for many heads. A rejection reaches every awaiter, even if it happens earlier. */
export const recordedAt = (
  { store }: Pick<GatePorts, 'store'>,
  instant: string,
  times: Promise<LogTimes>,
): Promise<RevocationState> => {
  const recorded = stateAtInstant({ store }, revocationAggregate, REVOCATION_STREAM, instant, times).then((state) => state ?? {});
  recorded.catch(() => undefined);
  return recorded;
};

/** Returns heads as known at an instant; later facts never alter the result. */
export const headsAt = async (ports: Pick<GatePorts, 'store'>, key: string, instant: string): Promise<readonly Head[]> => {
  const times = readLogTimes(ports);
  const recorded = recordedAt(ports, instant, times);
  const headAt = async (prefix: string): Promise<Head> => {
    const state = await stateAtInstant(ports, featureAggregate, featureStream(prefix), instant, times);
    return headUnder(await recorded, state ?? null);
  };
  return Promise.all(prefixesOf(key).map((prefix) => ifReadable(headAt(prefix), () => UNREADABLE)));
};

export const headsFor = async (ports: GatePorts, key: string, instant: string | undefined): Promise<Heads> =>
  instant === undefined ? headsOf(ports, key) : { heads: await headsAt(ports, key, instant), at: instant };

/** Evaluates a key, strongly consistent. Every "yes" of the gate comes from here or from {@link evaluateForNow}. */
export const evaluateKey = async (
  ports: GatePorts,
  key: string,
  context: EvaluationContext,
  instant?: string,
): Promise<Evaluation> => {
  const { heads, at } = await headsFor(ports, key, instant);
  return evaluate(key, heads, context, at);
};

/** An evaluation, and the time window in which it holds while no head changes. */
export interface TimedEvaluation {
  readonly evaluation: Evaluation;
  readonly window: TimeWindow;
}

/** Returns the window of a head; only the present instant if its commit is ahead of the clock. */
const windowOf = ({ head, at: committed }: DatedHead, now: string, at: string): TimeWindow => {
  if (committed !== undefined && committed > now) return { from: at, until: at };
  return head.kind === 'state' ? windowAround(head.state, at) : ALWAYS;
};

/**
 * Evaluates many keys, each on strongly consistent heads. On one machine the heads of a key are read in one turn of the event loop, so no
 * answer mixes moments.
 */
export const evaluateForNow = async (
  ports: HeadPorts,
  keys: readonly string[],
  context: EvaluationContext,
): Promise<ReadonlyMap<string, TimedEvaluation>> => {
  const parts = await inTurns(keys, KEYS_PER_TURN, async (part) => {
    const { heads, now, at, headsOfKey } = await headsNow(ports, part);
    const windows = new Map([...heads].map(([prefix, head]) => [prefix, windowOf(head, now, at)]));
    return part.map((key): readonly [string, TimedEvaluation] => {
      const evaluation = evaluate(key, headsOfKey(key), context, at);
      const window = prefixesOf(key).reduce((narrow, prefix) => intersectWindows(narrow, windows.get(prefix) ?? ALWAYS), ALWAYS);
      return [key, { evaluation, window }];
    });
  });
  return new Map(parts.flat());
};

/**
 * Makes a head unreadable if an approval begins between the clock and the evaluation instant: a clock that ran ahead and was corrected must
 * not begin anything early.
 */
const notBefore = (dated: DatedHead, now: string, at: string): DatedHead =>
  dated.head.kind === 'state' && beginsBetween(dated.head.state, now, at) ? { head: UNREADABLE, at } : dated;

/** Reads the dated heads of keys and their prefixes, each once, and returns them with the evaluation instant. */
const headsNow = async (ports: HeadPorts, keys: readonly string[]) => {
  const prefixes = [...new Set(keys.flatMap(prefixesOf))];
  const now = ports.clock();
  const recorded = readRevocations(ports.store);
  const read = await Promise.all(
    prefixes.map((prefix) => headNow(load(ports.store, featureAggregate, featureStream(prefix)), recorded, now)),
  );
  const at = await instantOf(ports, now, read);
  const heads = new Map(prefixes.map((prefix, index) => [prefix, notBefore(read[index] as DatedHead, now, at)]));
  const headsOfKey = (key: string): readonly Head[] => prefixesOf(key).map((prefix) => heads.get(prefix)?.head ?? ABSENT);
  return { heads, now, at, headsOfKey };
};

export const headsOfKeys = async (ports: HeadPorts, keys: readonly string[]): Promise<ReadonlyMap<string, Heads>> => {
  const parts = await inTurns(keys, KEYS_PER_TURN, async (part) => {
    const { at, headsOfKey } = await headsNow(ports, part);
    return part.map((key) => [key, { heads: headsOfKey(key), at }] as const);
  });
  return new Map(parts.flat());
};

interface AtHand {
  readonly key: string;
  readonly state: FeatureState;
}

const aboveOf = (key: string): readonly string[] => prefixesOf(key).slice(-2, -1);

/** Returns the heads of features whose own states are given; reads only the keys above them, each once. */
export const headsBelow = async (ports: HeadPorts, features: readonly AtHand[]) => {
  const above = await headsOfKeys(ports, [...new Set(features.flatMap(({ key }) => aboveOf(key)))]);
  return ({ key, state }: AtHand): readonly Head[] => [
    ...aboveOf(key).flatMap((each) => above.get(each)?.heads ?? ABSENT),
    headWith(state),
  ];
};

export const headsWith = async (ports: HeadPorts, key: string, state: FeatureState): Promise<readonly Head[]> =>
  (await headsBelow(ports, [{ key, state }]))({ key, state });

export const evaluateKeys = async (
  ports: HeadPorts,
  keys: readonly string[],
  context: EvaluationContext,
): Promise<ReadonlyMap<string, Evaluation>> =>
  new Map([...(await evaluateForNow(ports, keys, context))].map(([key, { evaluation }]) => [key, evaluation]));
