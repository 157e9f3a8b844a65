import { KeyRecord, SourceRecord } from '../../../domain/derived/record.ts';
import { Task } from '../../../domain/derived/tasks.ts';
import type { JsonValue } from '../../../domain/kernel/json.ts';
import type { SideEntry, SideStore } from '../../platform/store/sideStore.ts';
import { decodeCursor, encodeCursor, type Page } from '../lists.ts';
import { CASE_SCOPES, DERIVED, Figures, ListedCase, NO_FIGURES, ONLY, taskScope } from './records.ts';

/** The side kinds that these functions read; on AWS a role may read no kind that is not named. */
export const LISTED_KINDS = [DERIVED.key, DERIVED.source, DERIVED.task, DERIVED.case, DERIVED.figures] as const;

/** What is derived of a key; undefined if nothing is, or not by this version of the code. May lag behind the log by some seconds. */
export const readKeyRecord = async (sideStore: SideStore, key: string): Promise<KeyRecord | undefined> => {
  const record = KeyRecord.safeParse(await sideStore.get(DERIVED.key, key)).data;
  return record?.key === key ? record : undefined;
};

/** When each source last looked, at one vendor or at all. */
export const readSources = async (sideStore: SideStore, vendor?: string): Promise<readonly SourceRecord[]> =>
  (await sideStore.list(DERIVED.source, vendor === undefined ? '' : `${vendor}/`)).flatMap(
    ({ value }) => SourceRecord.safeParse(value).data ?? [],
  );

/** `cursor`: the `next` of the page before. */
interface ListQuery {
  readonly cursor?: string | undefined;
  readonly limit: number;
}

interface Listed<T> {
  readonly kind: string;
  readonly scope: string;
  readonly parse: (value: JsonValue) => T | undefined;
}

const pageOf = async <T>(
  sideStore: SideStore,
  { kind, scope, parse }: Listed<T>,
  { cursor, limit }: ListQuery,
): Promise<Page<T> | undefined> => {
  const after = decodeCursor(cursor);
  if (after === undefined || (after !== '' && !after.startsWith(scope))) return undefined;
  const entries = await sideStore.list(kind, scope, { after, limit: limit + 1 });
  const shown: readonly SideEntry[] = entries.slice(0, limit);
  const last = shown.at(-1);
  return {
    items: shown.flatMap(({ value }) => parse(value) ?? []),
    next: last !== undefined && entries.length > limit ? encodeCursor(last.id) : null,
  };
};

/** The open tasks, of one vendor or of all: urgent ones first, then by day, those to switch on last. Undefined if the cursor is invalid. */
export const listTasks = (
  sideStore: SideStore,
  { vendor, ...query }: ListQuery & { readonly vendor?: string | undefined },
): Promise<Page<Task> | undefined> =>
  pageOf(sideStore, { kind: DERIVED.task, scope: taskScope(vendor), parse: (value) => Task.safeParse(value).data }, query);

/**
 * The cases of drift, newest first: `open` true: those that are open; false: those that are over; absent: the open ones, then the others.
 * Undefined if the cursor is invalid.
 */
export const listCases = (
  sideStore: SideStore,
  { open, ...query }: ListQuery & { readonly open?: boolean | undefined },
): Promise<Page<ListedCase> | undefined> => {
  const scope = open === undefined ? '' : open ? CASE_SCOPES.open : CASE_SCOPES.past;
  return pageOf(sideStore, { kind: DERIVED.case, scope, parse: (value) => ListedCase.safeParse(value).data }, query);
};

export const readFigures = async (sideStore: SideStore): Promise<Figures> =>
  Figures.safeParse(await sideStore.get(DERIVED.figures, ONLY)).data ?? NO_FIGURES;
