import { advanceTo } from '../../domain/feature/due.ts';
import { ABSENT, type EvaluationContext, type Head, UNREADABLE } from '../../domain/feature/evaluate.ts';
import { featureStream, prefixesOf } from '../../domain/feature/keys.ts';
import { presentChange } from '../../domain/feature/present.ts';
import { type ChangeStatus, isOpen, openChanges } from '../../domain/feature/state.ts';
import type { ChangeView } from '../../domain/feature/view.ts';
import { ascending } from '../../domain/kernel/order.ts';
import type { LogTimes } from '../../domain/log/late.ts';
import { headUnder, type RevocationState } from '../../domain/revocation/decide.ts';
import { type Lateness, withLateness } from '../gate/feature.ts';
import { readLogTimes, recordedAt } from '../gate/heads.ts';
import { commitAt } from '../platform/ledger.ts';
import { ifReadable } from '../platform/store/errors.ts';
import { eachTurn, KEYS_PER_TURN } from '../platform/turns.ts';
import { type ChangeDoc, changeDocId, getChange, linesAt, listChangeDocs, type RegisterDoc } from './documents.ts';
import {
  type ChangeReading,
  foldAll,
  isBehindRegister,
  type ProjectorPorts,
  type Snapshot,
  snapshotOf,
  withDecidableFrom,
} from './project.ts';
import { BY_KEY, BY_WORK, type FeatureRow, type PageQuery, type RegisterPorts, type RowsQuery, rowOf } from './rows.ts';

/** Clients must treat it as opaque. */
export const encodeCursor = (place: string): string => Buffer.from(place).toString('base64url');

/** Returns '' without a cursor, undefined if it is invalid. */
export const decodeCursor = (cursor: string | undefined): string | undefined => {
  if (cursor === undefined) return '';
  const place = Buffer.from(cursor, 'base64url').toString();
  return place !== '' && place.isWellFormed() && encodeCursor(place) === cursor ? place : undefined;
};

/** `next`: null at the end. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}

interface FeaturesQuery extends Omit<PageQuery, 'after'> {
  readonly cursor?: string | undefined;
}

/** Returns all features, or `prefix` and those beneath it, as of `now`; may lag. */
export const allFeatures = async (
  { register }: Pick<RegisterPorts, 'register'>,
  query: RowsQuery,
): Promise<readonly FeatureRow[]> => (await register.facet(BY_KEY, query)).get('') ?? [];

/** Returns features with time events by `now` that no commit records. `unpinned`: also those with an open change without a policy. */
export const dueFeatures = async (
  { register }: Pick<RegisterPorts, 'register'>,
  now: string,
  unpinned: boolean,
): Promise<readonly FeatureRow[]> => {
  const byWork = await register.facet(BY_WORK, { now });
  const found = new Set([...(byWork.get('time') ?? []), ...((unpinned && byWork.get('unpinned')) || [])]);
  return [...found].sort((one, other) => ascending(one.key, other.key));
};

/** Returns one page by key, as of `now`; may lag. Undefined if the cursor is invalid. */
export const listFeatures = async ({ register }: RegisterPorts, query: FeaturesQuery): Promise<Page<FeatureRow> | undefined> => {
  const after = decodeCursor(query.cursor);
  if (after === undefined) return undefined;
  const rows = await register.page({ ...query, after, limit: query.limit + 1 });
  const items = rows.slice(0, query.limit);
  return { items, next: rows.length > query.limit ? encodeCursor(items.at(-1)?.key ?? '') : null };
};

export interface ChangesQuery {
  readonly key?: string | undefined;
  /** `open`: pending or vetoed. */
  readonly status?: ChangeStatus | 'open' | undefined;
  readonly cursor?: string | undefined;
  readonly limit: number;
  readonly now: string;
}

const isOfOpen = (status: ChangesQuery['status']): boolean => status === 'open' || (status !== undefined && isOpen({ status }));

const partsOf = (
  { lines, newest, state }: RegisterDoc,
  { status, now }: ChangesQuery,
  after: number,
): readonly (readonly number[])[] => {
  if (isOfOpen(status)) return [openChanges(advanceTo(state, now)).flatMap(({ number: n }) => (n > after ? [n] : []))];
  // Closed changes are read only if the lines do not rule out a match.
  if (status !== undefined && lines.length === newest && linesAt(lines, state, now).every((line) => line.status !== status))
    return [];
  const parts: number[][] = [];
  for (let from = after + 1; from <= newest; from += KEYS_PER_TURN)
    parts.push(Array.from({ length: Math.min(KEYS_PER_TURN, newest - from + 1) }, (_, index) => from + index));
  return parts;
};

const storedDocs = async (
  { sideStore }: ProjectorPorts,
  key: string,
  numbers: readonly number[],
): Promise<readonly (ChangeDoc | undefined)[]> => {
  const [first = 0] = numbers;
  const isRun = numbers.every((n, index) => n === first + index);
  if (!isRun || numbers.length <= 1) return Promise.all(numbers.map((n) => getChange(sideStore, key, n)));
  return (await listChangeDocs(sideStore, key, { after: first - 1, limit: numbers.length })).map(({ doc }) => doc);
};

class ChangeReader {
  readonly #ports: ProjectorPorts;
  readonly #register: RegisterDoc;
  readonly #now: string;
  readonly #lateness: Lateness;
  #folded: Promise<Snapshot | undefined> | undefined;

  constructor(ports: ProjectorPorts, register: RegisterDoc, now: string, lateness: Lateness) {
    this.#ports = ports;
    this.#register = register;
    this.#now = now;
    this.#lateness = lateness;
  }

  async read(numbers: readonly number[]): Promise<readonly ChangeReading[]> {
    const { state } = this.#register;
    const shown = (await this.#docs(numbers)).map(({ view }) => ({ view: presentChange({ view, state }, this.#now), state }));
    return Promise.all(shown.map((each) => withDecidableFrom(each, this.#lateness)));
  }

  /**
   * Folds the feature if a stored document is missing or lags behind the register in memory, as it does until the projector has
   * written it.
   */
  async #docs(numbers: readonly number[]): Promise<readonly ChangeDoc[]> {
    const register = this.#register;
    const stored = await storedDocs(this.#ports, register.key, numbers);
    const current = new Map(
      stored.flatMap((doc) =>
        doc === undefined || isBehindRegister(register, doc.view.number, doc) ? [] : [[doc.view.number, doc] as const],
      ),
    );
    if (numbers.every((n) => current.has(n))) return numbers.flatMap((n) => current.get(n) ?? []);
    this.#folded ??= ifReadable(foldAll(this.#ports.store, register.key, register.version));
    const folded = await this.#folded;
    return numbers.flatMap((n) => folded?.changes.get(n) ?? []);
  }
}

const passes = ({ view }: ChangeReading, { status }: Pick<ChangesQuery, 'status'>): boolean =>
  status === undefined || view.status === status || (status === 'open' && isOpen(view));

async function* registers(
  { register }: RegisterPorts,
  { key: only, status }: ChangesQuery,
  first: string,
): AsyncGenerator<RegisterDoc> {
  const one = only ?? first;
  const doc = one === '' || one < first ? undefined : await register.document(one);
  if (doc !== undefined && !doc.unreadable) yield doc;
  if (only !== undefined) return;
  const others = register.documents({ after: first, open: isOfOpen(status) });
  for await (const each of others) if (!each.unreadable) yield each;
}

/** Lists changes by feature and number, as of `now`; may lag. Undefined if the cursor is invalid. */
export const listChanges = async (ports: RegisterPorts, query: ChangesQuery): Promise<Page<ChangeReading> | undefined> => {
  const after = decodeCursor(query.cursor);
  if (after === undefined) return undefined;
  const items: ChangeReading[] = [];
  const cut = Math.max(0, after.lastIndexOf('/'));
  const [afterKey, afterNumber] = [after.slice(0, cut), Math.max(0, Math.trunc(Number(after.slice(cut + 1))))];
  const turn = eachTurn(KEYS_PER_TURN);
  const lateness = withLateness(ports);
  for await (const register of registers(ports, query, afterKey)) {
    await turn();
    const reader = new ChangeReader(ports, register, query.now, lateness);
    for (const part of partsOf(register, query, register.key === afterKey ? afterNumber : 0)) {
      await turn(part.length);
      items.push(...(await reader.read(part)).filter((reading) => passes(reading, query)));
      if (items.length > query.limit) {
        const last = items[query.limit - 1]?.view;
        return {
          items: items.slice(0, query.limit),
          next: last === undefined ? null : encodeCursor(changeDocId(last.key, last.number)),
        };
      }
    }
  }
  return { items, next: null };
};

interface NewestQuery {
  readonly limit: number;
  readonly now: string;
  /** Shared by a caller that reads many features. */
  readonly lateness?: Lateness;
}

/** Returns the newest changes and all that are open or in force, newest first. Reads only what it returns. */
const newestIn = async (
  ports: ProjectorPorts,
  register: RegisterDoc,
  { limit, now, lateness = withLateness(ports) }: NewestQuery,
): Promise<readonly ChangeReading[]> => {
  const { newest, state } = register;
  const oldest = Math.max(0, newest - limit) + 1;
  const earlier = state.changes.flatMap(({ number: n }) => (n < oldest ? [n] : []));
  const reader = new ChangeReader(ports, register, now, lateness);
  const latest = await reader.read(Array.from({ length: newest - oldest + 1 }, (_, index) => oldest + index));
  return [...(await reader.read(earlier)), ...latest].sort((one, other) => other.view.number - one.view.number);
};

export const newestChanges = async (ports: RegisterPorts, key: string, query: NewestQuery): Promise<readonly ChangeReading[]> => {
  const register = await ports.register.document(key);
  return register === undefined || register.unreadable ? [] : newestIn(ports, register, query);
};

const PAST_CHANGES_MAX = 100;

/** `version`: its last commit by then. */
interface PastFeature extends RegisterDoc {
  /** The newest and all that were open or in force, oldest first. */
  readonly changes: readonly ChangeView[];
}

/**
 * Returns a feature as of an instant, from the commits that counted then only. Undefined if it had none.
 * Throws CorruptStore.
 */
export const featureAt = async (ports: RegisterPorts, key: string, instant: string): Promise<PastFeature | undefined> => {
  const found = await snapshotAt(ports, key, instant, readLogTimes(ports));
  if (found === undefined) return undefined;
  const { isHead, register, changes } = found;
  if (isHead) {
    const readings = await newestIn(ports, register, { limit: PAST_CHANGES_MAX, now: instant });
    return { ...register, changes: readings.map(({ view }) => view).reverse() };
  }
  const views = [...changes.values()].map(({ view }) => presentChange({ view, state: register.state }, instant));
  return { ...register, changes: views.sort((a, b) => a.number - b.number) };
};

/** Folds up to the commit that counted at an instant; the newest can use the stored document. */
const snapshotAt = async (
  ports: ProjectorPorts,
  key: string,
  instant: string,
  times: Promise<LogTimes>,
): Promise<(Snapshot & { readonly isHead: boolean }) | undefined> => {
  const stream = featureStream(key);
  const commit = await commitAt(ports.store, stream, instant, times);
  if (commit === undefined) return undefined;
  const isHead = commit.version === (await ports.store.head(stream))?.version;
  const snapshot = isHead ? await snapshotOf(ports, key) : await foldAll(ports.store, key, commit.version);
  return snapshot && { ...snapshot, isHead };
};

interface Line {
  readonly head: Head;
  readonly doc?: RegisterDoc;
}

interface Then {
  readonly times: Promise<LogTimes>;
  readonly recorded: Promise<RevocationState>;
}

const lineAt = async (ports: RegisterPorts, key: string, instant: string, { times, recorded }: Then): Promise<Line> => {
  const found = await snapshotAt(ports, key, instant, times);
  if (found === undefined) return { head: ABSENT };
  return { head: headUnder(await recorded, found.register.state), doc: found.register };
};

/** False if unknown: the first change may have left the lines. */
const cameLater = (doc: RegisterDoc, instant: string): boolean =>
  !doc.unreadable && doc.lines[0]?.n === 1 && doc.lines[0].since > instant;

interface PastQuery {
  readonly at: string;
  readonly prefix?: string | undefined;
  readonly cursor?: string | undefined;
  readonly limit: number;
  readonly context?: EvaluationContext | undefined;
}

/**
 * Undefined if the cursor is invalid. Examines `limit` features, so a page that skips some is shorter and still has a
 * `next`.
 */
export const listPast = async (ports: RegisterPorts, query: PastQuery): Promise<Page<FeatureRow> | undefined> => {
  const { at, prefix, limit, context = {} } = query;
  const after = decodeCursor(query.cursor);
  if (after === undefined) return undefined;
  const times = readLogTimes(ports);
  times.catch(() => undefined);
  const standing = { times, recorded: recordedAt(ports, at, times) };
  const known = new Map<string, Promise<Line>>();
  const lineOf = (key: string): Promise<Line> => {
    const read = known.get(key) ?? ifReadable(lineAt(ports, key, at, standing), (): Line => ({ head: UNREADABLE }));
    known.set(key, read);
    return read;
  };
  const items: FeatureRow[] = [];
  let [examined, last] = [0, ''];
  const turn = eachTurn(KEYS_PER_TURN);
  for await (const doc of ports.register.documents({ prefix, after })) {
    const { key } = doc;
    await turn();
    if (cameLater(doc, at)) continue;
    if (examined === limit) return { items, next: encodeCursor(last) };
    [examined, last] = [examined + 1, key];
    const { doc: then } = await lineOf(key);
    if (then === undefined) continue;
    const heads = await Promise.all(prefixesOf(key).map(async (each) => (await lineOf(each)).head));
    items.push(rowOf(then, heads, context, at));
  }
  return { items, next: null };
};
