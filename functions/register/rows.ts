import { outdatedFrom } from '../../domain/feature/arrival.ts';
import { askedActs, turnEndIn } from '../../domain/feature/awaited.ts';
import { advanceTo, due } from '../../domain/feature/due.ts';
import {
  type ApprovalEnd,
  type Evaluation,
  type EvaluationContext,
  effectiveEnd,
  evaluate,
  type Head,
  headWith,
  mayBeOn,
  ownEnd,
  UNREADABLE,
  type Variant,
} from '../../domain/feature/evaluate.ts';
import { POLICY_KEY, prefixesOf, vendorOf } from '../../domain/feature/keys.ts';
import {
  type ChangeState,
  counts,
  type FeatureState,
  inForceIn,
  openChanges,
  waitingApproval,
} from '../../domain/feature/state.ts';
import { ascending } from '../../domain/kernel/order.ts';
import { type Acted, type ChangeLine, linesAt, type RegisterDoc, titleOfChange } from './documents.ts';
import type { ProjectorPorts } from './project.ts';

export interface WaitingChange {
  readonly change: ChangeState;
  readonly bodies: readonly string[];
  /** When the bodies must have acted; null without a deadline. */
  readonly until: string | null;
}

/** The bodies whose turn it is. Advice is requested but never awaited. */
const bodiesOf = (state: FeatureState, change: ChangeState): readonly string[] => [
  ...new Set(askedActs(state, change).flatMap(({ rule, actors }) => (counts(rule) ? actors.body : []))),
];

/** `state`: advanced to an instant. */
export const waitingIn = (state: FeatureState): readonly WaitingChange[] =>
  openChanges(state).map((change) => ({
    change,
    bodies: bodiesOf(state, change),
    until: turnEndIn(state, change),
  }));

/**
 * One feature at an instant. `evaluation` may lag: a "yes" in it must be confirmed on the heads. `stateNow`, `linesNow`: advanced to
 * that instant; `waiting`: empty while the stream cannot be read; `ends`: until when each approval lets it be on, by change, unless
 * the next one, here or above, continues it; `untrueFrom`: when the words that are on become untrue, null for never.
 */
export interface FeatureRow extends RegisterDoc {
  readonly evaluation: Evaluation;
  readonly stateNow: FeatureState;
  readonly waiting: readonly WaitingChange[];
  readonly ends: ReadonlyMap<number, ApprovalEnd>;
  readonly untrueFrom: string | null;
  readonly linesNow: readonly ChangeLine[];
}

/** Reports whether it is on for all or some agencies, by the register. */
export const mayBeOnInRegister = ({ evaluation }: FeatureRow): boolean => mayBeOn(evaluation.variant);

export const headOf = (doc: Pick<RegisterDoc, 'state' | 'unreadable'> | undefined): Head =>
  doc?.unreadable === true ? UNREADABLE : headWith(doc?.state ?? null);

const endsOf = (key: string, heads: readonly Head[], state: FeatureState, now: string): FeatureRow['ends'] => {
  const approvals = [inForceIn(state), waitingApproval(state)].filter((each) => each !== undefined);
  return new Map(
    approvals.flatMap((each) => {
      const ends = [effectiveEnd(key, heads, now, each.number), ownEnd(key, state, each, now)];
      const end = ends.find((found) => found !== null && found.by !== 'next');
      return end == null ? [] : [[each.number, end] as const];
    }),
  );
};

export const rowOf = (doc: RegisterDoc, heads: readonly Head[], context: EvaluationContext, now: string): FeatureRow => {
  const stateNow = advanceTo(doc.state, now);
  const evaluation = evaluate(doc.key, heads, context, now);
  const inForce = mayBeOn(evaluation.variant) ? inForceIn(stateNow) : undefined;
  return {
    ...doc,
    evaluation,
    stateNow,
    waiting: doc.unreadable ? [] : waitingIn(stateNow),
    ends: endsOf(doc.key, heads, stateNow, now),
    untrueFrom: (inForce && outdatedFrom(stateNow, inForce, now)?.at) ?? null,
    linesNow: linesAt(doc.lines, doc.state, now),
  };
};

export const rowAmong = (
  doc: RegisterDoc,
  documentOf: (key: string) => RegisterDoc | undefined,
  { context = {}, now }: RowsQuery,
): FeatureRow => {
  const heads = prefixesOf(doc.key).map((each) => headOf(documentOf(each)));
  return rowOf(doc, heads, context, now);
};

/**
 * One way to list the register: the entries that a row adds, each in a group, and their order. Both functions depend only on
 * their arguments. Define it once, as a constant: an index identifies it by reference.
 */
export interface FacetOf<T> {
  readonly entriesOf: (row: FeatureRow) => Iterable<readonly [group: string, entry: T]>;
  readonly order: (a: T, b: T) => number;
}

/** Ordered entries by group; a group without an entry is absent. Does not change when the register does. */
export type Facet<T> = ReadonlyMap<string, readonly T[]>;

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

export const BY_KEY: FacetOf<FeatureRow> = { entriesOf: (row) => [['', row]], order: byKey };

export const BY_STATUS: FacetOf<FeatureRow> = { entriesOf: (row) => [[row.evaluation.variant, row]], order: byKey };

const isUnpinned = ({ pin }: ChangeState): boolean => pin === null;

/** Whether something needs a commit: time events, or, if `unpinned`, the policy of a change that came before any policy. */
export const needsCommit = (state: FeatureState, now: string, unpinned: boolean): boolean =>
  due(state, now).length > 0 || (unpinned && openChanges(advanceTo(state, now)).some(isUnpinned));

/** Groups features by whether they need a commit, see {@link needsCommit}. */
export const BY_WORK: FacetOf<FeatureRow> = {
  entriesOf: (row) => {
    if (row.unreadable) return [];
    const work = [row.stateNow === row.state ? [] : 'time', openChanges(row.stateNow).some(isUnpinned) ? 'unpinned' : []].flat();
    return work.map((each) => [each, row] as const);
  },
  order: byKey,
};

export const BY_VENDOR: FacetOf<FeatureRow> = { entriesOf: (row) => [[vendorOf(row.key), row]], order: byKey };

export const NEWEST: FacetOf<FeatureRow> = {
  entriesOf: (row) => [['', row]],
  order: (a, b) => ascending(b.at ?? '', a.at ?? '') || byKey(a, b),
};

export const ACTED: FacetOf<Acted & { readonly key: string }> = {
  entriesOf: ({ key, acted }) =>
    Object.entries(acted).flatMap(([holder, acts]) => acts.map((act) => [holder, { key, ...act }] as const)),
  order: (a, b) => ascending(b.at, a.at) || ascending(a.key, b.key) || b.n - a.n,
};

/** On, off with a waiting change, or off without one. */
type FeatureSum = 'on' | 'waiting' | 'off';

/** Adds up to all vendors' features, and the city's own rules while a change of them waits. */
export type FeatureCounts = Readonly<Record<FeatureSum, number>>;

/** On for some agencies counts as on, also if a change waits. The city's own rules can wait but are neither on nor off. */
export const headlineGroup = (row: FeatureRow): FeatureSum | undefined => {
  const waits = row.waiting.length > 0 ? 'waiting' : undefined;
  if (row.key === POLICY_KEY) return waits;
  return mayBeOnInRegister(row) ? 'on' : (waits ?? 'off');
};

export const BY_HEADLINE_GROUP: FacetOf<string> = {
  entriesOf: (row) => {
    const sum = headlineGroup(row);
    return sum === undefined ? [] : [[sum, row.key]];
  },
  order: ascending,
};

export const countFeatures = (bySum: Facet<string>): FeatureCounts => {
  const count = (sum: FeatureSum): number => bySum.get(sum)?.length ?? 0;
  return { on: count('on'), waiting: count('waiting'), off: count('off') };
};

export const WAITING_SINCE: FacetOf<string> = {
  entriesOf: ({ waiting }) => waiting.map(({ change }) => ['', change.since] as const),
  order: ascending,
};

export interface RowsQuery {
  readonly prefix?: string | undefined;
  readonly now: string;
  readonly context?: EvaluationContext | undefined;
}

/** The features above `after`, at most `limit` of them. */
export interface PageQuery extends RowsQuery {
  readonly status?: Variant | undefined;
  readonly after: string;
  readonly limit: number;
}

export interface DocumentsQuery {
  readonly prefix?: string | undefined;
  readonly after: string;
  readonly open?: boolean;
}

/**
 * `off`: the evaluations of those that are off by the register, so that only the heads of the others are read; empty if reading
 * a head costs next to nothing.
 */
export interface BulkKeys {
  readonly keys: readonly string[];
  readonly off: ReadonlyMap<string, Evaluation>;
}

/**
 * The register as lists, figures and the clock read it. If one process writes and reads, it shows every commit acknowledged before a
 * call; otherwise it may lag. So a "yes" from it is confirmed on the heads.
 */
export interface RegisterIndex {
  /** Undefined if the feature has no commit, or could never be read. */
  readonly document: (key: string) => Promise<RegisterDoc | undefined>;
  /**
   * Yields the documents above a key, by key. `open`: only readable ones with an open change. Reads little more than the caller
   * takes.
   */
  readonly documents: (query: DocumentsQuery) => AsyncIterable<RegisterDoc>;
  /** Returns all keys, and which of them need no read of the head. */
  readonly bulk: (query: RowsQuery) => Promise<BulkKeys>;
  /** Evaluates each feature if the context names agencies or a version. */
  readonly facet: <T>(of: FacetOf<T>, query: RowsQuery) => Promise<Facet<T>>;
  readonly page: (query: PageQuery) => Promise<readonly FeatureRow[]>;
  /** Whether the last update found an unreadable feature. An index without a memory returns false. */
  readonly holdsBack: () => boolean;
}

export interface RegisterPorts extends ProjectorPorts {
  readonly register: RegisterIndex;
}

export interface ContractEnd {
  readonly at: string;
  readonly key: string;
  readonly n: number;
  readonly title: string;
}

/** The ends of the contracts in force, soonest first, in one group. A contract that the next one continues does not end. */
export const CONTRACT_ENDS: FacetOf<ContractEnd> = {
  entriesOf: (row) => {
    const { key, stateNow, ends, unreadable } = row;
    const contract = inForceIn(stateNow);
    const end = contract?.kind === 'contract' && !unreadable && mayBeOnInRegister(row) ? ends.get(contract.number) : undefined;
    if (contract === undefined || end === undefined) return [];
    const n = contract.number;
    return [['', { at: end.at, key, n, title: titleOfChange(row, n) }]];
  },
  order: (a, b) => ascending(a.at, b.at) || ascending(a.key, b.key),
};
