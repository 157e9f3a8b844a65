// The writes of a unit of work, and the journal that makes them atomic: after a crash, its content is written again.
import * as z from 'zod';
import { type AnnouncedCounts, announcedIn, NONE_ANNOUNCED } from '../../../domain/derived/changes.ts';
import { DERIVED_VERSION, type DriftCase, type KeyRecord, type Task } from '../../../domain/derived/record.ts';
import { type JsonValue, jsonOf } from '../../../domain/kernel/json.ts';
import { strictObject } from '../../../domain/kernel/zodTypes.ts';
import { CorruptStore } from '../../platform/store/errors.ts';
import type { SideKind, SideStore } from '../../platform/store/sideStore.ts';
import { eachTurn, inTurns } from '../../platform/turns.ts';
import {
  ANNOUNCED,
  caseId,
  DERIVED,
  dueId,
  type Figures,
  FOLD_MARK,
  type ListedCase,
  NO_FIGURES,
  ONLY,
  queueId,
  readAnnounced,
  readFigures,
  sourceId,
  taskIds,
} from './records.ts';
import { FoldPosition, type Touched, type Unit } from './unit.ts';

const Write = z.tuple([z.string(), z.string(), z.unknown()]);
export type Write = readonly [kind: SideKind, id: string, value: JsonValue | null];

/** `pending`: the position after the writes in the journal. */
const Mark = strictObject(() => ({
  position: FoldPosition,
  pending: z.strictObject({ position: FoldPosition, chunks: z.int() }).nullable(),
}));
type Mark = z.infer<typeof Mark>;

// What a unit changes

const PER_TURN = 500;

type Entries = ReadonlyMap<string, JsonValue>;

const tasksIn = (tasks: readonly Task[] = []): Entries =>
  new Map(tasks.flatMap((task) => taskIds(task).map((id) => [id, jsonOf(task)] as const)));

const casesIn = (key: string, cases: readonly DriftCase[] = []): Entries =>
  new Map(cases.map((each) => [caseId(key, each), jsonOf({ ...each, key })]));

const dueIn = (of: string, next: string | null | undefined): Entries =>
  next == null ? new Map() : new Map([[dueId(next, of), { of }]]);

const isSame = (one: JsonValue | undefined, other: JsonValue): boolean =>
  one !== undefined && JSON.stringify(one) === JSON.stringify(other);

/** `keeps`: whether a removed entry stays in its list. */
const changesOf = (
  kind: SideKind,
  before: Entries,
  now: Entries,
  keeps: (id: string) => boolean = () => false,
): readonly Write[] => [
  ...[...now].flatMap(([id, value]): readonly Write[] => (isSame(before.get(id), value) ? [] : [[kind, id, value]])),
  ...[...before.keys()].flatMap((id): readonly Write[] => (now.has(id) || keeps(id) ? [] : [[kind, id, null]])),
];

const keyWrites = ({ before, now }: Touched<KeyRecord>, outlived: ReadonlySet<string>): readonly Write[] => {
  if (now === undefined || before === now) return [];
  const { key } = now;
  return [
    ...changesOf(DERIVED.task, tasksIn(before?.tasks), tasksIn(now.tasks)),
    ...changesOf(DERIVED.case, casesIn(key, before?.cases), casesIn(key, now.cases), (id) => outlived.has(id)),
    ...changesOf(DERIVED.due, dueIn(key, before?.next), dueIn(key, now.next)),
    [DERIVED.key, key, jsonOf(now)],
  ];
};

const sourceWrites = ({ before, now }: Unit['sources'] extends Map<string, infer T> ? T : never): readonly Write[] => {
  const known = now ?? before;
  if (known === undefined || before === now) return [];
  const id = sourceId(known);
  return [
    ...changesOf(DERIVED.task, tasksIn(before?.tasks), tasksIn(now?.tasks)),
    ...changesOf(DERIVED.due, dueIn(id, before?.next), dueIn(id, now?.next)),
    [DERIVED.source, id, now === undefined ? null : jsonOf(now)],
  ];
};

const outlivedIn = (outlived: readonly ListedCase[]): Entries =>
  new Map(outlived.map((each) => [caseId(each.key, each), jsonOf(each)]));

const plus = <K extends string>(one: Readonly<Record<K, number>>, other: Readonly<Record<K, number>>, sign: 1 | -1 = 1) =>
  Object.fromEntries(Object.entries<number>(one).map(([name, n]) => [name, n + sign * other[name as K]])) as Record<K, number>;

const isNothing = (figures: Readonly<Record<string, number>>): boolean => Object.values(figures).every((each) => each === 0);

const figuresIn = ({ tasks = [], cases = [] }: Partial<Pick<KeyRecord, 'tasks' | 'cases'>> = {}): Figures => ({
  openCases: cases.filter(({ until }) => until === null).length,
  pastCases: 0,
  tasks: tasks.length,
  urgentTasks: tasks.filter(({ urgent }) => urgent).length,
});

const pastIn = ({ key, cases }: Pick<KeyRecord, 'key' | 'cases'> = { key: '', cases: [] }): readonly string[] =>
  cases.flatMap((each) => (each.until === null ? [] : [caseId(key, each)]));

const touchedKeys = ({ keys }: Unit) => [...keys.values()].filter(({ before, now }) => before !== now);

const addedBy = (unit: Unit): Figures => {
  const touched = touchedKeys(unit);
  const present = [...touched, ...unit.sources.values()].reduce<Figures>(
    (all, { before, now }) => plus(plus(all, figuresIn(now)), figuresIn(before), -1),
    NO_FIGURES,
  );
  const known = new Set(touched.flatMap(({ before }) => pastIn(before)));
  const past = new Set([...unit.outlived.map((each) => caseId(each.key, each)), ...touched.flatMap(({ now }) => pastIn(now))]);
  return { ...present, pastCases: [...past].filter((id) => !known.has(id)).length };
};

const announcedOf = (record: KeyRecord | undefined): AnnouncedCounts =>
  record === undefined ? NONE_ANNOUNCED : announcedIn(record);

const announcedBy = (unit: Unit): AnnouncedCounts =>
  touchedKeys(unit).reduce<AnnouncedCounts>(
    (all, { before, now }) => plus(plus(all, announcedOf(now)), announcedOf(before), -1),
    NONE_ANNOUNCED,
  );

export const eventWrites = ({ unit }: FoldPosition, events: Unit['events'], queued: string): readonly Write[] =>
  events.map((event, ordinal) => [DERIVED.event, queueId(unit, ordinal), jsonOf({ ...event, queued })]);

const touchedWrites = async (unit: Unit): Promise<readonly Write[]> => {
  const outlived = outlivedIn(unit.outlived);
  const ids = new Set(outlived.keys());
  return [
    ...[...outlived].map(([id, value]): Write => [DERIVED.case, id, value]),
    ...(await inTurns([...unit.keys.values()], PER_TURN, async (part) => part.flatMap((each) => keyWrites(each, ids)))).flat(),
    ...[...unit.sources.values()].flatMap((each) => sourceWrites(each)),
  ];
};

/** Removes the record if nothing is announced, as before the first announcement. */
const announcedWrite = (counts: AnnouncedCounts): Write => [DERIVED.figures, ANNOUNCED, isNothing(counts) ? null : counts];

/** The writes of a unit that began with the first entry. */
export const recordWrites = async (unit: Unit): Promise<readonly Write[]> => {
  const announced = announcedBy(unit);
  return [
    ...(await touchedWrites(unit)),
    [DERIVED.figures, ONLY, addedBy(unit)],
    ...(isNothing(announced) ? [] : [announcedWrite(announced)]),
  ];
};

/** The events first, then the records. `now`: when the events are queued. */
export const writesOf = async (sideStore: SideStore, unit: Unit, now: string): Promise<readonly Write[]> => {
  const added = addedBy(unit);
  const figures: readonly Write[] = isNothing(added) ? [] : [[DERIVED.figures, ONLY, plus(await readFigures(sideStore), added)]];
  const more = announcedBy(unit);
  const announced = isNothing(more) ? [] : [announcedWrite(plus(await readAnnounced(sideStore), more))];
  return [...eventWrites(unit.position, unit.events, now), ...(await touchedWrites(unit)), ...figures, ...announced];
};

// The journal

/** This much fits into one side-store record, in UTF-8. */
const CHUNK_CHARS = 90_000;
const AT_ONCE = 100;
const CHUNKS_AT_ONCE = 8;

const chunksOf = async (writes: readonly Write[]): Promise<readonly (readonly Write[])[]> => {
  const chunks: Write[][] = [];
  const turn = eachTurn(PER_TURN);
  let room = 0;
  for (const write of writes) {
    await turn();
    const size = JSON.stringify(write).length;
    if (size > room) {
      chunks.push([]);
      room = CHUNK_CHARS;
    }
    chunks.at(-1)?.push(write);
    room -= size;
  }
  return chunks;
};

const inParts = async <T>(all: readonly T[], size: number, work: (each: T) => Promise<void>): Promise<void> => {
  for (let from = 0; from < all.length; from += size) await Promise.all(all.slice(from, from + size).map(work));
};

const chunkId = (index: number): string => String(index).padStart(6, '0');

const apply = (sideStore: SideStore, writes: readonly Write[]): Promise<void> =>
  inParts(writes, AT_ONCE, ([kind, id, value]) => (value === null ? sideStore.remove(kind, id) : sideStore.put(kind, id, value)));

const putMark = (sideStore: SideStore, mark: Mark): Promise<void> => sideStore.put(DERIVED.mark, FOLD_MARK, jsonOf(mark));

/** Reports whether a crash interrupted a unit, or another code version wrote the records. */
export const isUnfinished = async (sideStore: SideStore): Promise<boolean> => {
  const found = await sideStore.get(DERIVED.mark, FOLD_MARK);
  const mark = Mark.safeParse(found).data;
  return found !== undefined && (mark?.pending !== null || mark.position.derivedVersion !== DERIVED_VERSION);
};

/** Undefined before the first unit. Excludes a unit that a crash left in the journal. */
export const readPosition = async (sideStore: SideStore): Promise<FoldPosition | undefined> =>
  Mark.safeParse(await sideStore.get(DERIVED.mark, FOLD_MARK)).data?.position;

/**
 * Writes a unit. {@link recover} repeats an interrupted one. Writes the journal first, then the mark that makes it binding, then
 * each record, then the mark that ends it.
 */
export const writeUnit = async (
  sideStore: SideStore,
  before: FoldPosition,
  next: FoldPosition,
  writes: readonly Write[],
): Promise<void> => {
  if (writes.length > 0) {
    const chunks = await chunksOf(writes);
    await inParts([...chunks.entries()], CHUNKS_AT_ONCE, ([index, chunk]) =>
      sideStore.put(DERIVED.journal, chunkId(index), jsonOf({ unit: next.unit, writes: chunk })),
    );
    await putMark(sideStore, { position: before, pending: { position: next, chunks: chunks.length } });
    await apply(sideStore, writes);
  }
  await putMark(sideStore, { position: next, pending: null });
};

const Chunk = z.strictObject({ unit: z.int(), writes: z.array(Write) });

/** Completes an interrupted unit and returns the fold's position. Throws CorruptStore if the journal lacks a part. */
export const recover = async (sideStore: SideStore): Promise<FoldPosition | undefined> => {
  const mark = Mark.safeParse(await sideStore.get(DERIVED.mark, FOLD_MARK)).data;
  if (mark === undefined || mark.pending === null) return mark?.position;
  const { position, chunks } = mark.pending;
  for (let index = 0; index < chunks; index += 1) {
    const chunk = Chunk.safeParse(await sideStore.get(DERIVED.journal, chunkId(index))).data;
    if (chunk?.unit !== position.unit)
      throw new CorruptStore('the journal of what is derived lacks a part: run `aldergate rebuild`');
    await apply(sideStore, chunk.writes as unknown as readonly Write[]);
  }
  await putMark(sideStore, { position, pending: null });
  return position;
};
