import { staleFrom } from '../../../../../domain/feature/arrival.ts';
import { advanceTo } from '../../../../../domain/feature/due.ts';
import { type Evaluation, mayBeOn, type Variant } from '../../../../../domain/feature/evaluate.ts';
import { CITY, changeId, vendorOf } from '../../../../../domain/feature/keys.ts';
import type { NoticeFacts } from '../../../../../domain/feature/notice.ts';
import { lackingPersons } from '../../../../../domain/feature/persons.ts';
import type { FeatureState } from '../../../../../domain/feature/state.ts';
import type { ChangeView } from '../../../../../domain/feature/view.ts';
import { ascending, partitionPoint } from '../../../../../domain/kernel/order.ts';
import type { Roster } from '../../../../../domain/roster/schema.ts';
import { evaluateKeys } from '../../../../gate/heads.ts';
import { readRules } from '../../../../gate/rules.ts';
import { vendorName } from '../../../../gate/vendors.ts';
import { ifReadable } from '../../../../platform/store/errors.ts';
import { decodeCursor, encodeCursor } from '../../../../register/lists.ts';
import { presentChange, readChange } from '../../../../register/read.ts';
import type { FacetOf, FeatureRow } from '../../../../register/rows.ts';
import { BY_VENDOR } from '../../../../register/rows.ts';
import { latestOf } from '../../../../register/views/changeJson.ts';
import { approvalsOf } from '../../../../register/views/featureJson.ts';
import type { SiteDeps } from '../../deps.ts';
import type { Locale } from '../../locale.ts';
import { bodyName, holderName } from '../../names.ts';

/** Wire format. The latest observation of a key at its vendor. */
interface Seen {
  readonly on: boolean;
  readonly observedAt: string;
  readonly source: string;
}

/** By key. */
type SeenOf = Readonly<Record<string, Seen>>;

/** Wire format. Who decided. */
interface DecidedBy {
  readonly name: string;
  readonly fileNumber: string | null;
}

/** Wire format. One task in a vendor's console. */
export interface WorkItem {
  readonly action: 'off' | 'on';
  readonly urgent: boolean;
  readonly vendor: string;
  readonly vendorName: string;
  readonly key: string;
  readonly title: string | null;
  readonly status: Variant;
  readonly since: string | null;
  readonly change: string | null;
  readonly by: readonly DecidedBy[];
  readonly version: string | null;
  readonly validUntil: string | null;
  readonly audience: readonly string[] | null;
  readonly conditions: readonly string[];
  readonly seen: Seen | null;
  readonly hint: { readonly summary: string; readonly documents: NoticeFacts['documents'] } | null;
}

/** A page of the tasks, those that switch off first. `settled`: how many keys of all were seen as they should be. */
export interface Worklist {
  readonly items: readonly WorkItem[];
  readonly next: string | null;
  readonly settled: number;
  /** Changes that every body approved, and that stay off because one person alone acted for them. */
  readonly lackPersons: readonly string[];
  readonly asOf: string;
}

const ENDED: readonly Variant[] = ['revoked', 'expired', 'outdated', 'removed'];

interface Known {
  readonly evaluation: Evaluation;
  readonly seen: Seen | null;
  readonly since: string | null;
  readonly lostAncestor: boolean;
}

type TaskVerdict = 'off-urgent' | 'off' | 'on' | 'settled' | 'none';

/**
 * Compares the evaluation with the observation. A key seen on that may not be on is drift, for whatever reason. An approval that ended must
 * be switched off until it was seen off afterwards. A key that may be on is to be switched on until it was seen on. A key that was never
 * approved and never seen on gives no task.
 */
export const judge = ({ evaluation, seen, since, lostAncestor }: Known): TaskVerdict => {
  if (seen?.on === true && !mayBeOn(evaluation.variant)) return 'off-urgent';
  if (mayBeOn(evaluation.variant)) return seen?.on === true ? 'settled' : 'on';
  const ended = ENDED.includes(evaluation.variant) || (evaluation.variant === 'blocked' && lostAncestor);
  if (!ended) return seen === null ? 'none' : 'settled';
  const seenOffSince = seen !== null && (since === null || seen.observedAt >= since);
  return seenOffSince ? 'settled' : 'off';
};

const RANKS = ['off-urgent', 'off', 'on'] as const satisfies readonly TaskVerdict[];
type Rank = (typeof RANKS)[number];

const isTask = (verdict: TaskVerdict): verdict is Rank => RANKS.some((rank) => rank === verdict);

/** A key to look at. `row`: of the register; undefined if it was only seen at the vendor. `place`: orders tasks and is unique for each. */
interface Task {
  readonly key: string;
  readonly row: FeatureRow | undefined;
  readonly place: string;
}

interface VendorTasks {
  readonly tasks: readonly Task[];
  readonly settled: number;
}

interface Dates {
  readonly approved: string | null;
  readonly ended: string | null;
}

/** Returns since when a key is what it is: its approval, its end, or when its approved words became untrue. */
const sinceOf = ({ variant }: Evaluation, state: FeatureState | undefined, change: Dates | undefined): string | null => {
  if (variant === 'removed') return state?.removal?.effectiveAt ?? null;
  if (variant === 'outdated' && state !== undefined) return staleFrom(state);
  return (mayBeOn(variant) ? change?.approved : change?.ended) ?? null;
};

const seenIn = (features: SeenOf | undefined, key: string): Seen | null =>
  features !== undefined && Object.hasOwn(features, key) ? (features[key] ?? null) : null;

const judgeRow = ({ key, evaluation, stateNow, lostAncestor, linesNow }: FeatureRow, features: SeenOf) => {
  const line = linesNow.find(({ n }) => n === evaluation.change);
  return judge({ evaluation, seen: seenIn(features, key), since: sinceOf(evaluation, stateNow, line), lostAncestor });
};

const judgeVendor = (rows: readonly FeatureRow[], features: SeenOf): VendorTasks => {
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

// What was seen is derived from the log, and is not read here yet.
const NOTHING_SEEN: SeenOf = {};

interface KeptTasks extends VendorTasks {
  readonly rows: readonly FeatureRow[];
  readonly features: SeenOf;
}

/** The tasks of all vendors, by the register and the observations. A vendor is judged again only after something changed there. */
export class TaskIndex {
  #kept: ReadonlyMap<string, KeptTasks> = new Map();

  update(byVendor: ReadonlyMap<string, readonly FeatureRow[]>): void {
    const vendors = [...byVendor.keys()].filter((vendor) => vendor !== CITY);
    this.#kept = new Map(
      vendors.map((vendor) => {
        const [rows, features] = [byVendor.get(vendor) ?? [], NOTHING_SEEN];
        const known = this.#kept.get(vendor);
        const holds = known !== undefined && known.features === features && (known.rows === rows || rows.length === 0);
        return [vendor, holds ? known : { ...judgeVendor(rows, features), rows, features }] as const;
      }),
    );
  }

  get settled(): number {
    return [...this.#kept.values()].reduce((sum, { settled }) => sum + settled, 0);
  }

  after(place: string, limit: number): readonly Task[] {
    const candidates = [...this.#kept.values()].flatMap(({ tasks }) => {
      const first = partitionPoint(tasks, (task) => task.place <= place);
      return tasks.slice(first, first + limit);
    });
    return candidates.sort((a, b) => ascending(a.place, b.place)).slice(0, limit);
  }
}

const decidersOf = (
  { variant }: Evaluation,
  view: ChangeView | undefined,
  { roster, locale, asOf: now }: Facts,
): readonly DecidedBy[] => {
  if (view === undefined) return [];
  if (variant === 'revoked')
    return view.acts.flatMap((act) =>
      act.type === 'ApprovalRevoked' ? [{ name: bodyName(locale, roster, act.body), fileNumber: act.fileNumber }] : [],
    );
  if (!mayBeOn(variant)) return [];
  const acts = approvalsOf(view, roster, now).filter(({ purpose }) => purpose !== 'correct');
  return acts.map(({ body, holder, fileNumber, instrument }) => ({
    name: instrument === 'certification' ? bodyName(locale, roster, body ?? '') : holderName(roster, holder),
    fileNumber: fileNumber ?? null,
  }));
};

interface Facts {
  readonly asOf: string;
  readonly locale: Locale;
  readonly roster: Roster | null;
}

/** Reads a task, judged on the evaluation of its heads; undefined if it is none by them. */
const itemOf = async (
  { ports }: SiteDeps,
  { key, row }: Task,
  evaluation: Evaluation,
  facts: Facts,
): Promise<WorkItem | undefined> => {
  const { asOf } = facts;
  const { change, variant: status, version, effectiveUntil: validUntil, audience, conditions } = evaluation;
  const reading = change === null ? undefined : await ifReadable(readChange(ports, key, change));
  const view = reading === undefined ? undefined : presentChange(reading.view, reading.state, asOf);
  const state = reading === undefined ? row?.stateNow : advanceTo(reading.state, asOf);
  const dates = view && { approved: view.approved?.at ?? null, ended: view.ended?.at ?? null };
  const since = sinceOf(evaluation, state, dates);
  const seen = seenIn(NOTHING_SEEN, key);
  const verdict = judge({ evaluation, seen, since, lostAncestor: row?.lostAncestor === true });
  if (!isTask(verdict)) return undefined;
  const notice = view === undefined ? undefined : latestOf(view).notice;
  return {
    action: verdict === 'on' ? 'on' : 'off',
    urgent: verdict === 'off-urgent',
    vendor: vendorOf(key),
    vendorName: await vendorName(ports, key),
    key,
    title: notice?.title ?? row?.title ?? null,
    status,
    since,
    change: change === null ? null : changeId(key, change),
    by: decidersOf(evaluation, view, facts),
    version,
    validUntil,
    audience,
    conditions,
    seen,
    hint: notice === undefined ? null : { summary: notice.summary, documents: notice.documents },
  };
};

const urgentFirst = (a: WorkItem, b: WorkItem): number =>
  Number(b.urgent) - Number(a.urgent) || ascending(a.action, b.action) || ascending(a.key, b.key);

interface WorklistQuery {
  readonly agencies: readonly string[];
  readonly locale: Locale;
  readonly cursor?: string | undefined;
  readonly limit: number;
}

/**
 * Reads what IT must do in vendors' consoles, a page at a time. Which keys are on the page may lag; each is evaluated and judged on
 * strongly consistent heads, so that nothing is to be switched on that may not be. Returns undefined if the cursor is invalid. `index`:
 * kept from one question to the next.
 */
export const readWorklist = async (
  deps: SiteDeps,
  index: TaskIndex,
  { agencies, locale, cursor, limit }: WorklistQuery,
): Promise<Worklist | undefined> => {
  const { ports } = deps;
  const after = decodeCursor(cursor);
  if (after === undefined) return undefined;
  const asOf = ports.clock();
  const [byVendor, lacking, { roster }] = await Promise.all([
    ports.register.facet(BY_VENDOR, { now: asOf }),
    ports.register.facet(LACKING_PERSONS, { now: asOf }),
    readRules(ports),
  ]);
  const facts = { asOf, locale, roster: roster?.roster ?? null };
  index.update(byVendor);
  const { settled } = index;
  const found = index.after(after, limit + 1);
  const tasks = found.slice(0, limit);
  const evaluations = await evaluateKeys(
    ports,
    tasks.map(({ key }) => key),
    { agencies },
  );
  const items = await Promise.all(
    tasks.flatMap((task) => {
      const evaluation = evaluations.get(task.key);
      return evaluation === undefined ? [] : [itemOf(deps, task, evaluation, facts)];
    }),
  );
  return {
    items: items.filter((item) => item !== undefined).sort(urgentFirst),
    next: found.length > limit ? encodeCursor(tasks.at(-1)?.place ?? '') : null,
    settled,
    lackPersons: (lacking.get('') ?? []).map(({ key, n }) => changeId(key, n)),
    asOf,
  };
};
