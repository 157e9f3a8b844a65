import { changesTouched } from '../../domain/feature/eventFacts.ts';
import { FeatureEvent } from '../../domain/feature/events.ts';
import { evolve } from '../../domain/feature/evolve.ts';
import { featureStream } from '../../domain/feature/keys.ts';
import { FeatureState, initialState, STATE_VERSION } from '../../domain/feature/state.ts';
import { commitsAbove } from '../platform/feed/commitsAbove.ts';
import { aggregate } from '../platform/store/aggregate.ts';
import { CorruptStore } from '../platform/store/errors.ts';
import { eventsOf, stateAfter } from '../platform/store/load.ts';
import type { Store, StoredCommit } from '../platform/store/port.ts';
import { assertFollows } from '../platform/store/record.ts';
import type { SideStore } from '../platform/store/sideStore.ts';
import { type ChangeDoc, getChange, getRegister, putChange, type RegisterDoc } from './docs.ts';
import { type DocumentPlace, putDocumentPlace } from './documentPlaces.ts';
import { emptyRegister, Folding } from './fold.ts';

/** Reads stream `feature/<key>` as `featureAggregate` does, without the deciders, which a function that decides nothing need not load. */
const featureFold = aggregate({ initialState, evolve }, STATE_VERSION, FeatureState, FeatureEvent);

/** The ports of the read model. */
export interface ProjectorPorts {
  readonly store: Store;
  readonly sideStore: SideStore;
}

/** A feature as it stands at its head. `changes`: those that are newer than the side store's. */
export interface Snapshot {
  readonly register: RegisterDoc;
  readonly changes: ReadonlyMap<number, ChangeDoc>;
  /** The documents attached by the commits that are newer. */
  readonly documents: readonly DocumentPlace[];
  /** Whether something is not yet in the side store. */
  readonly dirty: boolean;
}

const foldable = (record: StoredCommit) => ({
  version: record.version,
  at: record.at,
  events: eventsOf(featureFold, record),
});

/** Returns the state after the last folded commit. Events that fit no schema or no change make the stream unreadable, as altered bytes do. */
const stateOf = async (store: Store, last: StoredCommit | undefined): Promise<FeatureState> =>
  last === undefined ? initialState : await stateAfter(store, featureFold, last);

/** Runs what folds a record. Throws CorruptStore if the record does not follow from what stands before it. */
const folded = <T>({ stream, version }: StoredCommit, fold: () => T): T => {
  try {
    return fold();
  } catch (cause) {
    if (cause instanceof CorruptStore) throw cause;
    throw new CorruptStore(`${stream}@${version} does not follow from what stands before it`, { cause });
  }
};

/** Folds the whole read model of a feature, up to a version, from its commits alone; undefined if it has none. Throws CorruptStore. */
export const foldAll = async (store: Store, key: string, upTo = Number.MAX_SAFE_INTEGER): Promise<Snapshot | undefined> => {
  const folding = new Folding(emptyRegister(key));
  let [last, state]: [StoredCommit | undefined, FeatureState] = [undefined, initialState];
  for await (const record of commitsAbove(store, featureStream(key), 0)) {
    if (record.version > upTo) break;
    assertFollows(last, record);
    const before = state;
    state = folded(record, () => {
      const commit = foldable(record);
      folding.add(commit);
      return commit.events.reduce(featureFold.decider.evolve, before);
    });
    last = record;
  }
  return last === undefined
    ? undefined
    : { register: folding.register(state), changes: folding.changes, documents: folding.documents, dirty: true };
};

/** Reads the stored documents of changes; undefined if one lags behind the register or cannot be parsed. */
const storedChanges = async (
  sideStore: SideStore,
  register: RegisterDoc,
  numbers: readonly number[],
): Promise<ReadonlyMap<number, ChangeDoc> | undefined> => {
  const docs = await Promise.all(numbers.map((n) => getChange(sideStore, register.key, n)));
  const whole = docs.every((doc, index) => doc !== undefined && !lags(register, numbers[index] ?? 0, doc));
  return whole ? new Map(docs.flatMap((doc) => (doc === undefined ? [] : [[doc.view.number, doc] as const]))) : undefined;
};

/** Reports whether a change's document lacks a commit that the register has, after a late write by a slower run. */
export const lags = ({ touched }: Pick<RegisterDoc, 'touched'>, n: number, doc: ChangeDoc): boolean =>
  doc.version < (touched[String(n)] ?? 0);

const allAbove = async (store: Store, key: string, version: number): Promise<readonly StoredCommit[]> => {
  const above: StoredCommit[] = [];
  for await (const record of commitsAbove(store, featureStream(key), version)) above.push(record);
  return above;
};

/**
 * Reads a feature at its head: what the side store holds, with the commits above it folded in. The side store is attacker-controlled
 * and may lag, so on any discrepancy the whole is folded again. `base`: a document at hand, taken instead of the stored one. Returns
 * undefined if the feature has no commit. Throws CorruptStore.
 */
export const snapshotOf = async (
  { store, sideStore }: ProjectorPorts,
  key: string,
  base?: RegisterDoc,
): Promise<Snapshot | undefined> => {
  const [stored, head] = await Promise.all([base ?? getRegister(sideStore, key), store.head(featureStream(key))]);
  if (head === undefined) return undefined;
  if (stored === undefined || stored.version > head.version || stored.unreadable) return foldAll(store, key);
  if (stored.version === head.version) {
    const register = { ...stored, state: await stateOf(store, head) };
    return { register, changes: new Map(), documents: [], dirty: false };
  }
  const above = head.version === stored.version + 1 ? [head] : await allAbove(store, key, stored.version);
  const commits = above.map(foldable);
  const begun = new Set(
    commits.flatMap(({ events }) => events.filter(({ type }) => type === 'ChangeNotified').map(({ change }) => change)),
  );
  const touched = new Set(commits.flatMap(({ events }) => events.flatMap(changesTouched)));
  const known = await storedChanges(
    sideStore,
    stored,
    [...touched].filter((n) => !begun.has(n)),
  );
  if (known === undefined) return foldAll(store, key);
  const folding = new Folding(stored, known);
  for (const record of above) folded(record, () => folding.add(foldable(record)));
  return {
    register: folding.register(await stateOf(store, above.at(-1))),
    changes: folding.changes,
    documents: folding.documents,
    dirty: true,
  };
};

/** Stores the changes of a snapshot, and where its documents are attached. */
export const putChanges = async (sideStore: SideStore, { changes, documents }: Snapshot): Promise<void> => {
  await Promise.all([
    ...[...changes.values()].map((doc) => putChange(sideStore, doc)),
    ...documents.map((place) => putDocumentPlace(sideStore, place)),
  ]);
};
