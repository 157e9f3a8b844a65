import { type Evaluation, type EvaluationContext, evaluate, type Head } from '../../domain/feature/evaluate.ts';
import { featureStream, prefixesOf } from '../../domain/feature/keys.ts';
import type { Aggregate } from '../platform/store/aggregate.ts';
import { CorruptStore } from '../platform/store/errors.ts';
import { load, stateAfter } from '../platform/store/load.ts';
import type { StoredCommit } from '../platform/store/port.ts';
import { featureAggregate } from './aggregates.ts';
import type { GatePorts } from './ports.ts';

/** A state that cannot be read is no state: the answer made of it is no. Anything else that fails is an outage and says so. */
const unreadable = (error: unknown): 'unreadable' => {
  if (error instanceof CorruptStore) return 'unreadable';
  throw error;
};

/** Nobody can switch anything off in a log that has ended, so nothing is on in it; what was known before its end stays known. */
export const hasEnded = async (
  { end }: { readonly end?: () => Promise<{ readonly at: string } | undefined> },
  instant?: string,
): Promise<boolean> => {
  const ended = await end?.();
  return ended !== undefined && (instant === undefined || instant >= ended.at);
};

/** The ports that an answer for now needs. */
type HeadPorts = Pick<GatePorts, 'store' | 'clock'> & { readonly end?: () => Promise<{ readonly at: string } | undefined> };

const headOf = async (ports: HeadPorts, key: string): Promise<Head> => {
  if (await hasEnded(ports)) return 'ended';
  const { store } = ports;
  try {
    const { head, state } = await load(store, featureAggregate, featureStream(key));
    return head === undefined ? null : state;
  } catch (error) {
    return unreadable(error);
  }
};

/** The strongly consistent states of a key and of all its prefixes, root first. */
export const headsOf = (ports: GatePorts, key: string): Promise<readonly Head[]> =>
  Promise.all(prefixesOf(key).map((prefix) => headOf(ports, prefix)));

/** The last commit of a stream at or before an instant: `at` never falls within a stream, so halving the versions finds it. */
export const commitAt = async (
  { store }: Pick<GatePorts, 'store'>,
  stream: string,
  instant: string,
): Promise<StoredCommit | undefined> => {
  const head = await store.head(stream);
  if (head === undefined || head.at <= instant) return head;
  let found: StoredCommit | undefined;
  for (let [low, high] = [1, head.version - 1]; low <= high; ) {
    const middle = Math.floor((low + high) / 2);
    const [commit] = await store.history(stream, { after: middle - 1, upTo: middle, limit: 1 });
    if (commit === undefined) throw new CorruptStore(`${stream}: version ${middle} is missing`);
    if (commit.at <= instant) {
      found = commit;
      low = middle + 1;
    } else high = middle - 1;
  }
  return found;
};

/** The state of a stream as it was known at an instant; undefined before its first commit. */
export const stateAtInstant = async <C, S, E, R extends string>(
  ports: Pick<GatePorts, 'store'>,
  aggregate: Aggregate<C, S, E, R>,
  stream: string,
  instant: string,
): Promise<S | undefined> => {
  const commit = await commitAt(ports, stream, instant);
  return commit === undefined ? undefined : stateAfter(ports.store, aggregate, commit);
};

/** What was known of a key and its prefixes at an instant; later facts never alter it. */
export const headsAt = (ports: Pick<GatePorts, 'store' | 'end'>, key: string, instant: string): Promise<readonly Head[]> =>
  Promise.all(
    prefixesOf(key).map(async (prefix) => {
      if (await hasEnded(ports, instant)) return 'ended';
      try {
        return (await stateAtInstant(ports, featureAggregate, featureStream(prefix), instant)) ?? null;
      } catch (error) {
        return unreadable(error);
      }
    }),
  );

/** The answer for a key now, or as it was at an instant of the past. Strongly consistent, the only way a "yes" leaves the house. */
export const evaluateKey = async (
  ports: GatePorts,
  key: string,
  context: EvaluationContext,
  instant?: string,
): Promise<Evaluation> => {
  const heads = instant === undefined ? await headsOf(ports, key) : await headsAt(ports, key, instant);
  return evaluate(key, heads, context, instant ?? ports.clock());
};

/** The answers for many keys now, each on strongly consistent heads; a prefix that several keys share is read once. */
export const evaluateKeys = async (
  ports: HeadPorts,
  keys: readonly string[],
  context: EvaluationContext,
): Promise<ReadonlyMap<string, Evaluation>> => {
  const prefixes = [...new Set(keys.flatMap(prefixesOf))];
  const heads = new Map(await Promise.all(prefixes.map(async (prefix) => [prefix, await headOf(ports, prefix)] as const)));
  const now = ports.clock();
  return new Map(
    keys.map((key) => [
      key,
      evaluate(
        key,
        prefixesOf(key).map((prefix) => heads.get(prefix) ?? null),
        context,
        now,
      ),
    ]),
  );
};
