import { advanceTo } from '../../domain/feature/due.ts';
import { type ChangeStatus, isOpen, openChanges } from '../../domain/feature/state.ts';
import { ifReadable } from '../platform/store/errors.ts';
import { decodeCursor, encodeCursor, type Page } from './cursor.ts';
import { type ChangeDoc, changeDocId, getChange, listChangeDocs, type RegisterDoc } from './docs.ts';
import { linesAt } from './line.ts';
import type { ChangeReading } from './read.ts';
import { presentChange } from './read.ts';
import type { RegisterPorts } from './registerIndex.ts';
import { foldAll, lags, type ProjectorPorts } from './snapshot.ts';

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

/** Reads the stored documents of the changes that can be in the list. Open changes are known from the state, so closed ones are not read for them. */
const storedDocs = async (
  ports: ProjectorPorts,
  register: RegisterDoc,
  { status, now }: ChangesQuery,
): Promise<{ readonly wanted: readonly number[]; readonly docs: readonly ChangeDoc[] }> => {
  if (isOfOpen(status)) {
    const wanted = openChanges(advanceTo(register.state, now)).map(({ number: n }) => n);
    const docs = await Promise.all(wanted.map((n) => getChange(ports.sideStore, register.key, n)));
    return { wanted, docs: docs.filter((doc) => doc !== undefined) };
  }
  // Closed changes are read only where the lines, which hold the newest ones, do not rule them out.
  const { lines, newest, state } = register;
  if (status !== undefined && lines.length === newest && linesAt(lines, state, now).every((line) => line.status !== status))
    return { wanted: [], docs: [] };
  const docs = (await listChangeDocs(ports.sideStore, register.key)).flatMap(({ doc }) => doc ?? []);
  return { wanted: Array.from({ length: newest }, (_, index) => index + 1), docs };
};

/**
 * Returns the documents of the changes that can be in the list, as new as the register. The stored ones lag behind a register kept in
 * memory until the projector has written them; then, and where one is missing, the feature is folded.
 */
const docsOf = async (ports: ProjectorPorts, register: RegisterDoc, query: ChangesQuery): Promise<readonly ChangeDoc[]> => {
  const { wanted, docs } = await storedDocs(ports, register, query);
  const current = new Set(docs.flatMap((doc) => (lags(register, doc.view.number, doc) ? [] : [doc.view.number])));
  if (wanted.every((n) => current.has(n))) return docs;
  const folded = await ifReadable(foldAll(ports.store, register.key, register.version));
  return wanted.flatMap((n) => folded?.changes.get(n) ?? []);
};

const readingsOf = async (ports: ProjectorPorts, register: RegisterDoc, query: ChangesQuery): Promise<ChangeReading[]> => {
  const { status, body, now } = query;
  return (await docsOf(ports, register, query))
    .map(({ view }) => ({
      view: presentChange(view, register.state, now),
      state: register.state,
      version: register.version,
    }))
    .filter(
      ({ view }) =>
        (status === undefined || view.status === status || (status === 'open' && isOpen(view))) &&
        (body === undefined || view.requirements.some((requirement) => requirement.body === body)),
    );
};

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
  const afterKey = after.slice(0, Math.max(0, after.lastIndexOf('/')));
  for await (const register of registers(ports, query, afterKey)) {
    const readings = await readingsOf(ports, register, query);
    const wanted = readings.filter(({ view }) => register.key !== afterKey || changeDocId(view.key, view.number) > after);
    items.push(...wanted.slice(0, query.limit + 1 - items.length));
    if (items.length > query.limit) {
      const last = items[query.limit - 1]?.view;
      return {
        items: items.slice(0, query.limit),
        next: last === undefined ? null : encodeCursor(changeDocId(last.key, last.number)),
      };
    }
  }
  return { items, next: null };
};
