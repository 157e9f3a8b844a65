import { setImmediate } from 'node:timers/promises';
import { advanceTo } from '../../domain/feature/due.ts';
import { type ChangeStatus, isOpen, openChanges } from '../../domain/feature/state.ts';
import { ifReadable } from '../platform/store/errors.ts';
import { decodeCursor, encodeCursor, type Page } from './cursor.ts';
import { type ChangeDoc, changeDocId, getChange, listChangeDocs, type RegisterDoc } from './docs.ts';
import { linesAt } from './line.ts';
import type { ChangeReading } from './read.ts';
import { presentChange } from './read.ts';
import type { RegisterPorts } from './registerIndex.ts';
import { foldAll, lags, type ProjectorPorts, type Snapshot } from './snapshot.ts';

export interface ChangesQuery {
  /** Only changes of this feature. */
  readonly key?: string | undefined;
  /** `open`: pending or vetoed. */
  readonly status?: ChangeStatus | 'open' | undefined;
  /** Only changes in which this body must act. */
  readonly body?: string | undefined;
  readonly cursor?: string | undefined;
  readonly limit: number;
  readonly now: string;
}

/** Reports whether a list has only changes that are open. */
const isOfOpen = (status: ChangesQuery['status']): boolean => status === 'open' || (status !== undefined && isOpen({ status }));

/** Consecutive changes of one feature that are read at once, in a turn of the event loop. */
const PART = 100;

/** Returns the numbers of the changes after one that can be in the list, in parts. Open changes are known from the state. */
const partsOf = (
  { lines, newest, state }: RegisterDoc,
  { status, now }: ChangesQuery,
  after: number,
): readonly (readonly number[])[] => {
  if (isOfOpen(status)) return [openChanges(advanceTo(state, now)).flatMap(({ number: n }) => (n > after ? [n] : []))];
  // Closed changes are read only where the lines, which hold the newest ones, do not rule them out.
  if (status !== undefined && lines.length === newest && linesAt(lines, state, now).every((line) => line.status !== status))
    return [];
  const parts: number[][] = [];
  for (let from = after + 1; from <= newest; from += PART)
    parts.push(Array.from({ length: Math.min(PART, newest - from + 1) }, (_, index) => from + index));
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

/** Reads changes of a feature, as new as its register, and shows them as they are at an instant. */
class ChangeReader {
  readonly #ports: ProjectorPorts;
  readonly #register: RegisterDoc;
  readonly #now: string;
  #folded: Promise<Snapshot | undefined> | undefined;

  constructor(ports: ProjectorPorts, register: RegisterDoc, now: string) {
    this.#ports = ports;
    this.#register = register;
    this.#now = now;
  }

  async read(numbers: readonly number[]): Promise<readonly ChangeReading[]> {
    const { state, version } = this.#register;
    return (await this.#docs(numbers)).map(({ view }) => ({ view: presentChange(view, state, this.#now), state, version }));
  }

  /**
   * Returns the documents. The stored ones lag behind a register kept in memory until the projector has written them; then, and where one is
   * missing, the feature is folded.
   */
  async #docs(numbers: readonly number[]): Promise<readonly ChangeDoc[]> {
    const register = this.#register;
    const stored = await storedDocs(this.#ports, register.key, numbers);
    const current = new Map(
      stored.flatMap((doc) =>
        doc === undefined || lags(register, doc.view.number, doc) ? [] : [[doc.view.number, doc] as const],
      ),
    );
    if (numbers.every((n) => current.has(n))) return numbers.flatMap((n) => current.get(n) ?? []);
    this.#folded ??= ifReadable(foldAll(this.#ports.store, register.key, register.version));
    const folded = await this.#folded;
    return numbers.flatMap((n) => folded?.changes.get(n) ?? []);
  }
}

const passes = ({ view }: ChangeReading, { status, body }: Pick<ChangesQuery, 'status' | 'body'>): boolean =>
  (status === undefined || view.status === status || (status === 'open' && isOpen(view))) &&
  (body === undefined || view.requirements.some((requirement) => requirement.body === body));

/** Yields the features whose changes can be in the list, from `first` on, by key, without those that cannot be read. */
async function* registers(
  { register }: RegisterPorts,
  { key: only, status }: ChangesQuery,
  first: string,
): AsyncGenerator<RegisterDoc> {
  const one = only ?? first;
  const doc = one === '' || one < first ? undefined : await register.document(one);
  if (doc !== undefined && !doc.unreadable) yield doc;
  if (only !== undefined) return;
  const others = isOfOpen(status) ? register.open({ after: first }) : register.documents({ after: first });
  for await (const each of others) if (!each.unreadable) yield each;
}

/** Lists changes by feature and number, as they are at `now`; may lag. Returns undefined if the cursor is invalid. */
export const listChanges = async (ports: RegisterPorts, query: ChangesQuery): Promise<Page<ChangeReading> | undefined> => {
  const after = decodeCursor(query.cursor);
  if (after === undefined) return undefined;
  await ports.register.settled();
  const items: ChangeReading[] = [];
  const cut = Math.max(0, after.lastIndexOf('/'));
  const [afterKey, afterNumber] = [after.slice(0, cut), Math.max(0, Math.trunc(Number(after.slice(cut + 1))))];
  for await (const register of registers(ports, query, afterKey)) {
    const reader = new ChangeReader(ports, register, query.now);
    for (const [index, part] of partsOf(register, query, register.key === afterKey ? afterNumber : 0).entries()) {
      if (index > 0) await setImmediate();
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

/** How many of a feature's changes to return, and the instant as of which. */
interface NewestQuery {
  readonly limit: number;
  readonly now: string;
}

/**
 * Returns the newest changes of a feature at hand and all that are open or in force, the newest first. Costs what it returns, however many
 * changes the feature has had.
 */
export const newestIn = async (
  ports: ProjectorPorts,
  register: RegisterDoc,
  { limit, now }: NewestQuery,
): Promise<readonly ChangeReading[]> => {
  const { newest, state } = register;
  const oldest = Math.max(0, newest - limit) + 1;
  const earlier = state.changes.flatMap(({ number: n }) => (n < oldest ? [n] : []));
  const reader = new ChangeReader(ports, register, now);
  const latest = await reader.read(Array.from({ length: newest - oldest + 1 }, (_, index) => oldest + index));
  return [...(await reader.read(earlier)), ...latest].sort((one, other) => other.view.number - one.view.number);
};

/** Returns the same of a feature as the register has it; none if the feature cannot be read. */
export const newestChanges = async (ports: RegisterPorts, key: string, query: NewestQuery): Promise<readonly ChangeReading[]> => {
  const register = await ports.register.document(key);
  return register === undefined || register.unreadable ? [] : newestIn(ports, register, query);
};
