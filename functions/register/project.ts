import { changesTouched, FeatureEvent } from '../../domain/feature/events.ts';
import { evolve } from '../../domain/feature/evolve.ts';
import { changeNamed, featureOf, featureStream, isFeatureStream } from '../../domain/feature/keys.ts';
import { FeatureState, findChange, initialState, isOpen, STATE_VERSION } from '../../domain/feature/state.ts';
import { type ChangeView, foldChange, VIEW_VERSION } from '../../domain/feature/view.ts';
import { type Lateness, withLateness } from '../gate/feature.ts';
import type { Consumer } from '../platform/feed/consumer.ts';
import { CorruptStore, ifReadable } from '../platform/store/errors.ts';
import { aggregate, commitsAbove, eventsOf, stateAfter } from '../platform/store/load.ts';
import type { Store, StoredCommit } from '../platform/store/port.ts';
import { assertFollows } from '../platform/store/record.ts';
import type { SideStore } from '../platform/store/sideStore.ts';
import {
  ACTED_MAX,
  type Acted,
  type ChangeDoc,
  type DocumentPlace,
  getChange,
  getRegister,
  LINES_MAX,
  lineOf,
  putChange,
  putDocumentPlace,
  putRegister,
  type RegisterDoc,
} from './documents.ts';

const TOUCHED_MAX = 2_000;

interface FoldableCommit {
  readonly version: number;
  readonly at: string;
  readonly events: readonly FeatureEvent[];
}

export const emptyRegister = (key: string): RegisterDoc => ({
  viewVersion: VIEW_VERSION,
  stateVersion: STATE_VERSION,
  key,
  version: 0,
  at: null,
  title: null,
  kind: null,
  named: false,
  newest: 0,
  unreadable: false,
  touched: {},
  lines: [],
  acted: {},
  state: initialState,
});

type Headline = Pick<RegisterDoc, 'title' | 'kind' | 'named' | 'newest'>;

/** Folds commits of one feature into a read model. Mutable, so that a long history takes linear time. */
class Folding {
  readonly changes: Map<number, ChangeDoc>;
  readonly documents: DocumentPlace[] = [];
  readonly #touched: Map<number, number>;
  readonly #acted: Map<string, readonly Acted[]>;
  #register: RegisterDoc;

  /** `changes` must hold every change the commits touch, except those they begin. */
  constructor(register: RegisterDoc, changes: ReadonlyMap<number, ChangeDoc> = new Map()) {
    this.#register = register;
    this.changes = new Map(changes);
    this.#touched = new Map(Object.entries(register.touched).map(([n, version]) => [Number(n), version]));
    this.#acted = new Map(Object.entries(register.acted));
  }

  /** Skips changes whose document already has this commit, after a crash between the two writes or a faster run. */
  add({ version, at, events }: FoldableCommit): void {
    const ahead = new Set([...this.changes].filter(([, doc]) => doc.version >= version).map(([n]) => n));
    for (const event of events) {
      if (event.type === 'DocumentAttached') {
        const { sha256, change, revision } = event;
        this.documents.push({ sha256, key: this.#register.key, change, revision });
      }
      if ('holder' in event && 'requirement' in event) this.#noteAct(event.holder, { n: event.change, at: event.at });
      for (const n of changesTouched(event)) {
        this.#touched.set(n, version);
        if (!ahead.has(n)) this.#fold(n, event, version);
      }
      this.#register = { ...this.#register, ...this.#headline(event) };
    }
    this.#register = { ...this.#register, version, at };
  }

  #noteAct(holder: string, act: Acted): void {
    const others = (this.#acted.get(holder) ?? []).filter(({ n }) => n !== act.n);
    this.#acted.set(holder, [...others, act].slice(-ACTED_MAX));
  }

  #fold(n: number, event: FeatureEvent, version: number): void {
    const view = foldChange(this.changes.get(n)?.view, event, version);
    if (view === undefined) throw new Error(`broken invariant: change ${n} was never notified`);
    this.changes.set(n, { viewVersion: VIEW_VERSION, version, view });
  }

  /** Names a feature by the revision that came into force last; until there is one, by the newest notice that is not a removal. */
  #headline(event: FeatureEvent): Headline {
    const { title, kind, named, newest } = this.#register;
    if (event.type === 'ApprovalBegan' || (event.type === 'ChangeApproved' && (event.becomes === 'in-force' || !named))) {
      const notice = this.changes.get(event.change)?.view.revisions.at(-1)?.notice;
      return { title: notice?.title ?? title, kind: notice?.kind ?? kind, named: true, newest };
    }
    if (event.type !== 'ChangeNotified' && event.type !== 'ChangeRevised') return { title, kind, named, newest };
    const counted = Math.max(newest, event.change);
    const keeps = named || (event.notice.kind === 'removal' && title !== null);
    return keeps
      ? { title, kind, named, newest: counted }
      : { title: event.notice.title, kind: event.notice.kind, named: false, newest: counted };
  }

  register(state: FeatureState): RegisterDoc {
    const newest = [...this.#touched].sort(([a], [b]) => a - b).slice(-TOUCHED_MAX);
    return {
      ...this.#register,
      state,
      unreadable: false,
      lines: this.#lines(),
      acted: Object.fromEntries([...this.#acted].map(([holder, acts]) => [holder, [...acts]])),
      touched: Object.fromEntries(newest.map(([n, version]) => [String(n), version])),
    };
  }

  #lines(): RegisterDoc['lines'] {
    const lines = new Map(this.#register.lines.map((line) => [line.n, line]));
    for (const [n, { view }] of this.changes) {
      const line = lineOf(view);
      if (line !== undefined) lines.set(n, line);
    }
    return [...lines.values()].sort((a, b) => a.n - b.n).slice(-LINES_MAX);
  }
}

/** `featureAggregate` without the deciders, which a function that decides nothing need not load. */
export const featureFold = aggregate({ initialState, evolve }, STATE_VERSION, FeatureState, FeatureEvent);

export interface ProjectorPorts {
  readonly store: Store;
  readonly sideStore: SideStore;
}

/** `changes`: those newer than the side store's. */
export interface Snapshot {
  readonly register: RegisterDoc;
  readonly changes: ReadonlyMap<number, ChangeDoc>;
  readonly documents: readonly DocumentPlace[];
  readonly dirty: boolean;
}

const foldable = (record: StoredCommit) => ({
  version: record.version,
  at: record.at,
  events: eventsOf(featureFold, record),
});

const stateOf = async (store: Store, last: StoredCommit | undefined): Promise<FeatureState> =>
  last === undefined ? initialState : await stateAfter(store, featureFold, last);

/** Throws CorruptStore for events that fit no schema or no change, as for altered bytes. */
const folded = <T>({ stream, version }: StoredCommit, fold: () => T): T => {
  try {
    return fold();
  } catch (cause) {
    if (cause instanceof CorruptStore) throw cause;
    throw new CorruptStore(`${stream}@${version} does not follow from what stands before it`, { cause });
  }
};

/** Folds all commits up to version `upTo`. Undefined if there is none. Throws CorruptStore. */
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

const storedChanges = async (
  sideStore: SideStore,
  register: RegisterDoc,
  numbers: readonly number[],
): Promise<ReadonlyMap<number, ChangeDoc> | undefined> => {
  const docs = await Promise.all(numbers.map((n) => getChange(sideStore, register.key, n)));
  const whole = docs.every((doc, index) => doc !== undefined && !isBehindRegister(register, numbers[index] ?? 0, doc));
  return whole ? new Map(docs.flatMap((doc) => (doc === undefined ? [] : [[doc.view.number, doc] as const]))) : undefined;
};

/** Reports whether a change's document lacks a commit that the register has, after a late write by a slower run. */
export const isBehindRegister = ({ touched }: Pick<RegisterDoc, 'touched'>, n: number, doc: ChangeDoc): boolean =>
  doc.version < (touched[String(n)] ?? 0);

const allAbove = async (store: Store, key: string, version: number): Promise<readonly StoredCommit[]> => {
  const above: StoredCommit[] = [];
  for await (const record of commitsAbove(store, featureStream(key), version)) above.push(record);
  return above;
};

/**
 * Reads a feature at its head: the stored document with the commits above it folded in. The side store is attacker-controlled and may
 * lag, so on any discrepancy all commits are folded again. `base`: replaces the stored document. Undefined if there is no commit.
 * Throws CorruptStore.
 */
export const snapshotOf = async (
  { store, sideStore }: ProjectorPorts,
  key: string,
  base?: RegisterDoc,
): Promise<Snapshot | undefined> => {
  const [known, head] = await Promise.all([base ?? getRegister(sideStore, key), store.head(featureStream(key))]);
  if (head === undefined) return undefined;
  // Before the first commit there is nothing to read.
  const stored = known ?? (head.version === 1 ? emptyRegister(key) : undefined);
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
  const changes = await storedChanges(
    sideStore,
    stored,
    [...touched].filter((n) => !begun.has(n)),
  );
  if (changes === undefined) return foldAll(store, key);
  const folding = new Folding(stored, changes);
  for (const record of above) folded(record, () => folding.add(foldable(record)));
  return {
    register: folding.register(await stateOf(store, above.at(-1))),
    changes: folding.changes,
    documents: folding.documents,
    dirty: true,
  };
};

export const putChanges = async (sideStore: SideStore, { changes, documents }: Snapshot): Promise<void> => {
  await Promise.all([
    ...[...changes.values()].map((doc) => putChange(sideStore, doc)),
    ...documents.map((place) => putDocumentPlace(sideStore, place)),
  ]);
};

/** The consumer name, for its marks and its cursor in the feed. */
export const PROJECTOR = 'projector';

/** Lists then show that the feature is unreadable instead of its former state. */
const markUnreadable = async ({ sideStore }: ProjectorPorts, key: string): Promise<RegisterDoc> => {
  const known = (await getRegister(sideStore, key)) ?? emptyRegister(key);
  const marked = { ...known, unreadable: true };
  if (!known.unreadable) await putRegister(sideStore, marked);
  return marked;
};

/** Another run may replace what this one wrote with something older once, hardly twice. */
const WRITES_MAX = 2;

/**
 * Brings the stored read model up to the head; undefined if the feature has no commit. Writes changes before the register:
 * a crash in between repeats a fold, which changes nothing. Reads again after a write, which may have replaced a newer one.
 */
export const catchUp = async (ports: ProjectorPorts, key: string): Promise<RegisterDoc | undefined> => {
  try {
    let snapshot = await snapshotOf(ports, key);
    for (let writes = 0; snapshot?.dirty === true && writes < WRITES_MAX; writes += 1) {
      await putChanges(ports.sideStore, snapshot);
      await putRegister(ports.sideStore, snapshot.register);
      snapshot = await snapshotOf(ports, key);
    }
    return snapshot?.register;
  } catch (error) {
    if (!(error instanceof CorruptStore)) throw error;
    return markUnreadable(ports, key);
  }
};

export const project = async (ports: ProjectorPorts, stream: string): Promise<void> => {
  if (isFeatureStream(stream)) await catchUp(ports, featureOf(stream));
};

/** The register stores its version, so handling a commit twice costs two reads. */
export const projector = (ports: ProjectorPorts): Consumer => ({
  name: PROJECTOR,
  wants: isFeatureStream,
  handle: ({ stream }) => project(ports, stream),
});

/** A change and its feature's state at the same version; `presentChange` derives its form at an instant. */
export interface ChangeReading {
  readonly view: ChangeView;
  readonly state: FeatureState;
}

/** Strongly consistent; undefined if there is no commit. Throws CorruptStore. Writes nothing. */
export const readFeature = async (ports: ProjectorPorts, key: string): Promise<RegisterDoc | undefined> =>
  (await snapshotOf(ports, key))?.register;

/** Reports whether a document fits the state, which holds every open or approved change. */
const agrees = ({ view }: ChangeDoc, { state }: Pick<RegisterDoc, 'state'>): boolean => {
  const known = state.changes.find(({ number: n }) => n === view.number);
  if (known === undefined) return view.status !== 'pending' && view.status !== 'vetoed' && view.status !== 'approved';
  const latest = view.revisions.at(-1);
  return known.status === view.status && known.revision === latest?.revision && known.digest === latest.digest;
};

const docOf = async (
  { sideStore }: Pick<ProjectorPorts, 'sideStore'>,
  feature: Pick<RegisterDoc, 'key' | 'touched' | 'state'>,
  n: number,
  known?: ChangeDoc,
): Promise<ChangeDoc | undefined> => {
  const doc = known ?? (await getChange(sideStore, feature.key, n));
  return doc !== undefined && !isBehindRegister(feature, n, doc) && agrees(doc, feature) ? doc : undefined;
};

/** Takes one read, or more if the document does not fit. Undefined if it does not exist or cannot be read. */
export const readListed = async (ports: ProjectorPorts, feature: RegisterDoc, n: number): Promise<ChangeView | undefined> =>
  (await docOf(ports, feature, n))?.view ?? (await ifReadable(readChange(ports, feature.key, n)))?.view;

/** Returns an open change with the instant from which it can be decided. */
export const withDecidableFrom = async (reading: ChangeReading, lateness: Lateness): Promise<ChangeReading> => {
  const { view, state } = reading;
  const change = isOpen(view) ? findChange(state, view.number) : undefined;
  if (view.pinned === null || change === undefined) return reading;
  const published = await lateness(view.key, change);
  const { from } = published;
  if (from === null || published === change) return reading;
  const changes = state.changes.map((each) => (each === change ? published : each));
  return { view: { ...view, pinned: { ...view.pinned, from } }, state: { ...state, changes } };
};

/** Strongly consistent; undefined if it does not exist. Throws CorruptStore. Writes nothing. */
export const readChange = async (ports: ProjectorPorts, key: string, n: number): Promise<ChangeReading | undefined> => {
  const snapshot = await snapshotOf(ports, key);
  if (snapshot === undefined || n < 1 || n > snapshot.register.newest) return undefined;
  const { register, changes } = snapshot;
  const stored = await docOf(ports, register, n, changes.get(n));
  const whole = stored === undefined ? await foldAll(ports.store, key) : snapshot;
  const doc = stored ?? whole?.changes.get(n);
  if (doc === undefined || whole === undefined) return undefined;
  return withDecidableFrom({ view: doc.view, state: whole.register.state }, withLateness(ports));
};

/** Undefined if the text names no change, or one that is unknown or cannot be read. */
export const readNamedChange = async (ports: ProjectorPorts, name: string): Promise<ChangeReading | undefined> => {
  const named = changeNamed(name);
  return named && ifReadable(readChange(ports, named.key, named.number));
};
