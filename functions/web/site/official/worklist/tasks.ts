import { staleFrom } from '../../../../../domain/feature/arrival.ts';
import { type Evaluation, mayBeOn, type Variant } from '../../../../../domain/feature/evaluate.ts';
import { CITY, vendorOf } from '../../../../../domain/feature/keys.ts';
import { lackingPersons } from '../../../../../domain/feature/persons.ts';
import type { FeatureState } from '../../../../../domain/feature/state.ts';
import { ascending, partitionPoint } from '../../../../../domain/kernel/order.ts';
import { isDrift } from '../../../../../domain/observation/drift.ts';
import type { ObservationState } from '../../../../../domain/observation/state.ts';
import type { FacetOf } from '../../../../register/facet.ts';
import type { FeatureRow } from '../../../../register/rows.ts';
import type { Seen } from './item.ts';

/** Variants of an approval that has ended. */
const ENDED: readonly Variant[] = ['revoked', 'expired', 'outdated', 'removed'];

/** The facts about one key. */
export interface Known {
  readonly evaluation: Evaluation;
  readonly seen: Seen | null;
  /** Since when the evaluation is what it is, as far as the record shows. */
  readonly since: string | null;
  /** True if its own approval stands and an ancestor's approval has ended. */
  readonly lostAncestor: boolean;
}

/** The task for a key, if any. */
type TaskVerdict = 'off-urgent' | 'off' | 'on' | 'settled' | 'none';

/**
 * Compares the evaluation with the observation. A key seen on that may not be on is drift, for whatever reason. An approval that ended must
 * be switched off until it was seen off afterwards. A key that may be on is to be switched on until it was seen on. A key that was never
 * approved and never seen on gives no task.
 */
export const judge = ({ evaluation, seen, since, lostAncestor }: Known): TaskVerdict => {
  if (isDrift(seen?.on === true, evaluation.variant)) return 'off-urgent';
  if (mayBeOn(evaluation.variant)) return seen?.on === true ? 'settled' : 'on';
  const ended = ENDED.includes(evaluation.variant) || (evaluation.variant === 'blocked' && lostAncestor);
  if (!ended) return seen === null ? 'none' : 'settled';
  const seenOffSince = seen !== null && (since === null || seen.observedAt >= since);
  return seenOffSince ? 'settled' : 'off';
};

/** The order of tasks: on without permission, then to switch off, then to switch on. */
const RANKS = ['off-urgent', 'off', 'on'] as const satisfies readonly TaskVerdict[];
type Rank = (typeof RANKS)[number];

/** Reports whether a verdict is a task. */
export const isTask = (verdict: TaskVerdict): verdict is Rank => RANKS.some((rank) => rank === verdict);

/** A key to look at. `row`: of the register; undefined if it was only seen at the vendor. `place`: orders tasks and is unique for each. */
export interface Task {
  readonly key: string;
  readonly row: FeatureRow | undefined;
  readonly place: string;
}

/** The tasks at a vendor, in their order, and how many keys were seen as they should be. */
interface VendorTasks {
  readonly tasks: readonly Task[];
  readonly settled: number;
}

/** The dates of a change. */
interface Dates {
  readonly approved: string | null;
  readonly ended: string | null;
}

/** Returns since when a key is what it is: its approval, its end, or when its approved words became untrue. */
export const sinceOf = ({ variant }: Evaluation, state: FeatureState | undefined, change: Dates | undefined): string | null => {
  if (variant === 'removed') return state?.removal?.effectiveAt ?? null;
  if (variant === 'outdated' && state !== undefined) return staleFrom(state);
  return (mayBeOn(variant) ? change?.approved : change?.ended) ?? null;
};

/** Returns what was last seen of a key. */
export const seenIn = (features: ObservationState['features'] | undefined, key: string): Seen | null =>
  features !== undefined && Object.hasOwn(features, key) ? (features[key] ?? null) : null;

const judgeRow = ({ key, evaluation, stateNow, lostAncestor, linesNow }: FeatureRow, features: ObservationState['features']) => {
  const line = linesNow.find(({ n }) => n === evaluation.change);
  return judge({ evaluation, seen: seenIn(features, key), since: sinceOf(evaluation, stateNow, line), lostAncestor });
};

/** Judges the features of a vendor, and what else was seen there, by the register alone. */
const judgeVendor = (rows: readonly FeatureRow[], features: ObservationState['features']): VendorTasks => {
  const known = new Set(rows.map(({ key }) => key));
  const strange = Object.entries(features).filter(([key]) => !known.has(key));
  const judged: readonly (readonly [TaskVerdict, string, FeatureRow?])[] = [
    ...rows.map((row) => [judgeRow(row, features), row.key, row] as const),
    ...strange.map(([key, { on }]) => [on ? 'off-urgent' : 'settled', key] as const),
  ];
  const tasks = judged.flatMap(([verdict, key, row]): Task[] =>
    isTask(verdict) ? [{ key, row, place: `${RANKS.indexOf(verdict)} ${key}` }] : [],
  );
  return {
    tasks: tasks.sort((a, b) => ascending(a.place, b.place)),
    settled: judged.filter(([verdict]) => verdict === 'settled').length,
  };
};

/** Open changes that every required body has approved, and that stay off because one person alone acted for them. */
export const LACKING_PERSONS: FacetOf<{ readonly key: string; readonly n: number }> = {
  entriesOf: ({ key, stateNow }) =>
    vendorOf(key) === CITY ? [] : lackingPersons(stateNow).map(({ number: n }) => ['', { key, n }] as const),
  order: (a, b) => ascending(a.key, b.key) || a.n - b.n,
};

const NOTHING_SEEN: ObservationState['features'] = {};

interface KeptTasks extends VendorTasks {
  readonly rows: readonly FeatureRow[];
  readonly features: ObservationState['features'];
}

/** The tasks of all vendors, by the register and the observations. A vendor is judged again only after something changed there. */
export class TaskIndex {
  #kept: ReadonlyMap<string, KeptTasks> = new Map();

  /** Brings the tasks up to date. `byVendor`: all features; `observed`: what was seen at each vendor. The city's own keys have none. */
  update(
    byVendor: ReadonlyMap<string, readonly FeatureRow[]>,
    observed: ReadonlyMap<string, Pick<ObservationState, 'features'> | undefined>,
  ): void {
    const vendors = [...new Set([...byVendor.keys(), ...observed.keys()])].filter((vendor) => vendor !== CITY);
    this.#kept = new Map(
      vendors.map((vendor) => {
        const [rows, features] = [byVendor.get(vendor) ?? [], observed.get(vendor)?.features ?? NOTHING_SEEN];
        const known = this.#kept.get(vendor);
        const holds = known !== undefined && known.features === features && (known.rows === rows || rows.length === 0);
        return [vendor, holds ? known : { ...judgeVendor(rows, features), rows, features }] as const;
      }),
    );
  }

  get settled(): number {
    return [...this.#kept.values()].reduce((sum, { settled }) => sum + settled, 0);
  }

  /** Returns at most so many tasks behind a place. */
  after(place: string, limit: number): readonly Task[] {
    const candidates = [...this.#kept.values()].flatMap(({ tasks }) => {
      const first = partitionPoint(tasks, (task) => task.place <= place);
      return tasks.slice(first, first + limit);
    });
    return candidates.sort((a, b) => ascending(a.place, b.place)).slice(0, limit);
  }
}
