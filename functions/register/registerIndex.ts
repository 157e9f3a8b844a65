import type { Evaluation, EvaluationContext, Variant } from '../../domain/feature/evaluate.ts';
import type { RegisterDoc } from './docs.ts';
import type { Facet, FacetOf } from './facet.ts';
import type { FeatureRow } from './rows.ts';
import type { ProjectorPorts } from './snapshot.ts';

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
 * moment at which time changes something. May lag behind the commits, so a "yes" of it is confirmed on the heads.
 */
export interface RegisterIndex {
  /**
   * Resolves once every commit acknowledged before the call is shown, where one process writes and reads; elsewhere at once. Resolves
   * soon whatever happens.
   */
  readonly settled: () => Promise<void>;
  /** Returns all keys, ascending. */
  readonly keys: () => Promise<readonly string[]>;
  /** Returns one document; undefined if the feature has no commit, or could never be read. */
  readonly document: (key: string) => Promise<RegisterDoc | undefined>;
  /** Yields the documents above a key, by key, without those that could never be read. Reads little more than what is taken. */
  readonly documents: (query: { readonly prefix?: string | undefined; readonly after: string }) => AsyncIterable<RegisterDoc>;
  /** Yields the documents above a key in which a change is open, by key, without those that cannot be read. */
  readonly open: (query: { readonly after: string }) => AsyncIterable<RegisterDoc>;
  /** Returns the vendors that have a feature, ascending. */
  readonly vendors: () => Promise<readonly string[]>;
  /** Returns all keys, and which of them an answer for all need not look at. */
  readonly bulk: (query: RowsQuery) => Promise<BulkKeys>;
  /** Returns every feature, by key, with what holds. */
  readonly all: (query: RowsQuery) => Promise<readonly FeatureRow[]>;
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
