import { staleFrom } from '../../domain/feature/arrival.ts';
import { awaitedActs } from '../../domain/feature/awaited.ts';
import { advanceTo, due } from '../../domain/feature/due.ts';
import {
  type Evaluation,
  type EvaluationContext,
  evaluate,
  type Head,
  headWith,
  mayBeOn,
  stateIn,
  UNREADABLE,
  type Variant,
} from '../../domain/feature/evaluate.ts';
import { prefixesOf, vendorOf } from '../../domain/feature/keys.ts';
import {
  type ChangeState,
  counts,
  decidableUntil,
  type FeatureState,
  openChanges,
  requirementsOf,
  shownApproval,
} from '../../domain/feature/state.ts';
import { ascending } from '../../domain/kernel/order.ts';
import { type ChangeLine, linesAt, type RegisterDoc } from './documents.ts';
import type { ProjectorPorts } from './project.ts';
import { type FeatureView, viewOf } from './read.ts';

/** An open change and the bodies whose turn it is. */
interface WaitingChange {
  readonly change: ChangeState;
  readonly bodies: readonly string[];
  /** The instant until which it can be decided; null without a window. */
  readonly until: string | null;
}

/** Returns the bodies whose turn it is. Advice is requested but never awaited. */
const bodiesOf = (state: FeatureState, change: ChangeState): readonly string[] => {
  const rules = requirementsOf(state, change);
  const statusOf = (id: string) => change.requirements[id]?.status;
  const awaited = new Set(awaitedActs({ ...change, rules, statusOf }).map(({ requirement }) => requirement));
  return [...new Set(rules.filter((rule) => counts(rule) && awaited.has(rule.id)).map(({ body }) => body))];
};

/** Returns the open changes of a feature, each with the bodies it waits for. `state`: at an instant, with what time alone has done. */
export const waitingIn = (state: FeatureState): readonly WaitingChange[] =>
  openChanges(state).map((change) => ({
    change,
    bodies: bodiesOf(state, change),
    until: decidableUntil(change),
  }));

/**
 * One feature of the register at an instant. `evaluation` may lag: a "yes" in it must be confirmed on the heads before it is answered.
 * `stateNow` and `linesNow`: its state and its lines with what time alone has done; `waiting`: its open changes with whom each waits for,
 * none while its stream cannot be read; `lostAncestor`: whether an approval above it was in force and has ended. An index may give the same row again while none of these has
 * changed.
 */
export interface FeatureRow extends FeatureView {
  readonly evaluation: Evaluation;
  readonly stateNow: FeatureState;
  readonly lostAncestor: boolean;
  readonly waiting: readonly WaitingChange[];
  readonly linesNow: readonly ChangeLine[];
}

/** Reports whether a feature is on for every agency or for some, as the register has it. */
export const isOn = ({ evaluation }: FeatureRow): boolean => mayBeOn(evaluation.variant);

/** Returns the head of a feature as its document has it. */
export const headOf = (doc: RegisterDoc | undefined): Head =>
  doc?.unreadable === true ? UNREADABLE : headWith(doc?.state ?? null);

/** Reports whether an approval in a state was in force and has ended. */
const hasLost = (state: FeatureState): boolean => {
  const approval = shownApproval(state);
  return approval !== undefined && (approval.status !== 'approved' || state.removal !== null || staleFrom(state) !== null);
};

/** Returns the row of a feature, of which this is the view, at an instant. `heads`: see `evaluate`. */
export const rowOf = (view: FeatureView, heads: readonly Head[], context: EvaluationContext, now: string): FeatureRow => {
  const stateNow = advanceTo(view.state, now);
  const above = heads.slice(0, -1).flatMap((head) => stateIn(head) ?? []);
  return {
    ...view,
    evaluation: evaluate(view.key, heads, context, now),
    stateNow,
    lostAncestor: above.some((state) => hasLost(advanceTo(state, now))),
    waiting: view.unreadable ? [] : waitingIn(stateNow),
    linesNow: linesAt(view.lines, view.state, now),
  };
};

/** Returns the row of a document, with the heads above it as the register has them. */
export const rowAmong = (
  doc: RegisterDoc,
  documentOf: (key: string) => RegisterDoc | undefined,
  { context = {}, now }: RowsQuery,
): FeatureRow => {
  const heads = prefixesOf(doc.key).map((each) => headOf(documentOf(each)));
  return rowOf(viewOf(doc), heads, context, now);
};

/** Reports whether there is something that only a commit can record: what time has done, or the policy for a change from before any. */
export const hasWork = (state: FeatureState, now: string, unpinned: boolean): boolean =>
  due(state, now).length > 0 || (unpinned && openChanges(advanceTo(state, now)).some(({ pin }) => pin === null));

/**
 * One way to list what the register holds: the entries that a row adds, each in a group, and their order within it. Entries of a group
 * that compare as equal are interchangeable. Both functions depend on their arguments alone, so that an index can keep the lists while
 * rows change. Define it once, as a constant: an index knows it by its identity.
 */
export interface FacetOf<T> {
  readonly entriesOf: (row: FeatureRow) => Iterable<readonly [group: string, entry: T]>;
  readonly order: (a: T, b: T) => number;
}

/** The entries of a facet by group, in order; a group without an entry is absent. Does not change when the register does. */
export type Facet<T> = ReadonlyMap<string, readonly T[]>;

/** Returns the lists that a facet makes of rows. `known`: gives what a row adds. */
export const facetOf = <T>(
  { entriesOf, order }: FacetOf<T>,
  rows: Iterable<FeatureRow>,
  known: FacetOf<T>['entriesOf'] = entriesOf,
): Facet<T> => {
  const groups = new Map<string, T[]>();
  for (const row of rows)
    for (const [group, entry] of known(row)) {
      const list = groups.get(group);
      if (list === undefined) groups.set(group, [entry]);
      else list.push(entry);
    }
  for (const list of groups.values()) list.sort(order);
  return groups;
};

const byKey = (a: FeatureRow, b: FeatureRow): number => ascending(a.key, b.key);

/** All features by key, in one group. */
export const BY_KEY: FacetOf<FeatureRow> = { entriesOf: (row) => [['', row]], order: byKey };

/** Features by what holds in each, by key. */
export const BY_STATUS: FacetOf<FeatureRow> = { entriesOf: (row) => [[row.evaluation.variant, row]], order: byKey };

/** Features by vendor, by key. */
export const BY_VENDOR: FacetOf<FeatureRow> = { entriesOf: (row) => [[vendorOf(row.key), row]], order: byKey };

/** Features by their newest commits, the newest first, in one group. */
export const NEWEST: FacetOf<FeatureRow> = {
  entriesOf: (row) => [['', row]],
  order: (a, b) => ascending(b.at ?? '', a.at ?? '') || byKey(a, b),
};

/** A feature is on, off while a change of it waits, or off with nothing to wait for. */
type FeatureSum = 'on' | 'waiting' | 'off';

/** The register in three numbers that add up to all features. */
export type FeatureCounts = Readonly<Record<FeatureSum, number>>;

/** Classifies a feature. One that is on for some agencies is on, whatever else waits. */
export const sumOf = (row: FeatureRow): FeatureSum => (isOn(row) ? 'on' : row.waiting.length > 0 ? 'waiting' : 'off');

/** Keys by {@link sumOf}. */
export const BY_SUM: FacetOf<string> = { entriesOf: (row) => [[sumOf(row), row.key]], order: ascending };

/** Counts features by {@link sumOf}. Every page and format states these numbers by this function. */
export const countFeatures = (bySum: Facet<string>): FeatureCounts => {
  const count = (sum: FeatureSum): number => bySum.get(sum)?.length ?? 0;
  return { on: count('on'), waiting: count('waiting'), off: count('off') };
};

/** When the open changes first arrived, the longest ago first, in one group. */
export const WAITING_SINCE: FacetOf<string> = {
  entriesOf: ({ waiting }) => waiting.map(({ change }) => ['', change.since] as const),
  order: ascending,
};

/** Selects features, and the instant. */
export interface RowsQuery {
  /** A key: only it and the keys beneath it. */
  readonly prefix?: string | undefined;
  readonly now: string;
  readonly context?: EvaluationContext | undefined;
}

/** A part of a list: the features above `after`, at most `limit` of them. */
export interface PageQuery extends RowsQuery {
  readonly status?: Variant | undefined;
  readonly after: string;
  readonly limit: number;
}

/** Selects documents. `open`: see {@link RegisterIndex}. */
export interface DocumentsQuery {
  readonly prefix?: string | undefined;
  readonly after: string;
  readonly open?: boolean;
}

/**
 * The keys of an answer for all features. `off`: what holds in those that are off by the register, so that only the heads of the others
 * are read; empty where reading a head costs next to nothing.
 */
export interface BulkKeys {
  readonly keys: readonly string[];
  readonly off: ReadonlyMap<string, Evaluation>;
}

/**
 * The register as lists, figures and the clock read it: by key, by vendor (the first segment of a key), by what holds and by the next
 * moment at which time changes something. Where one process writes and reads, every commit acknowledged before a call is shown; elsewhere it
 * may lag. So a "yes" of it is confirmed on the heads.
 */
export interface RegisterIndex {
  /** Returns one document; undefined if the feature has no commit, or could never be read. */
  readonly document: (key: string) => Promise<RegisterDoc | undefined>;
  /**
   * Yields the documents above a key, by key, without those that could never be read. `open`: only those that can be read and in which a
   * change is open. Reads little more than what is taken.
   */
  readonly documents: (query: DocumentsQuery) => AsyncIterable<RegisterDoc>;
  /** Returns the vendors that have a feature, ascending. */
  readonly vendors: () => Promise<readonly string[]>;
  /** Returns all keys, and which of them an answer for all need not look at. */
  readonly bulk: (query: RowsQuery) => Promise<BulkKeys>;
  /** Returns the lists of a facet. With a context that says who asks it costs a look at each feature. */
  readonly facet: <T>(of: FacetOf<T>, query: RowsQuery) => Promise<Facet<T>>;
  /** Returns one page of all features. */
  readonly page: (query: PageQuery) => Promise<readonly FeatureRow[]>;
  /**
   * Returns the features in which time alone has done something by `now` that no commit records; `unpinned`: also those with an open
   * change to which no policy is bound.
   */
  readonly due: (now: string, unpinned: boolean) => Promise<readonly RegisterDoc[]>;
}

/** The ports of lists. */
export interface RegisterPorts extends ProjectorPorts {
  readonly register: RegisterIndex;
}
