// The whole fold, made anew from the log: after a rebuild, an import, or a change of the code. Only what differs is published.
import { setImmediate } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import * as z from 'zod';
import { openCaseOf } from '../../../domain/derived/cases.ts';
import type { DerivedEvent } from '../../../domain/derived/events.ts';
import { eventsOfRecord, type Published, published } from '../../../domain/derived/fold.ts';
import { DriftCase, KeyAnswer, type KeyRecord } from '../../../domain/derived/record.ts';
import { eventsOfSource } from '../../../domain/derived/sources.ts';
import { Task } from '../../../domain/derived/tasks.ts';
import type { JsonValue } from '../../../domain/kernel/json.ts';
import { ascending } from '../../../domain/kernel/order.ts';
import { LOG_STREAM } from '../../../domain/log/events.ts';
import { commitsAbove } from '../../platform/feed/commitsAbove.ts';
import type { SideKind } from '../../platform/store/sideKinds.ts';
import type { SideEntry, SideStore } from '../../platform/store/sideStore.ts';
import { inTurns } from '../../platform/turns.ts';
import { loggedEntries, signedIn } from './logged.ts';
import { DERIVED, distinctId, unitOf } from './records.ts';
import { type FoldPosition, NO_READS, Unit, type UnitPorts } from './unit.ts';
import { eventWrites, recordWrites, type Write, writeUnit } from './writes.ts';

/** What was published, as far as it can be read: another version of the code may have written it. */
const Known = z.object({
  answer: KeyAnswer.nullable().catch(null),
  cases: z.array(DriftCase).catch([]),
  tasks: z.array(Task).catch([]),
});

const caseDifference = (before: Published, now: KeyRecord): readonly DerivedEvent[] => {
  const [open, opened] = [openCaseOf(before), openCaseOf(now)];
  if ((open === undefined) === (opened === undefined)) return [];
  if (opened !== undefined) return eventsOfRecord({ ...now, cases: now.cases.filter((each) => each !== opened) }, now);
  const { key, at: until } = now;
  return open === undefined ? [] : [published({ type: 'DriftClosed', key, since: open.since, until }, now)];
};

const differencesOf = (value: JsonValue, now: KeyRecord): readonly DerivedEvent[] => {
  const before = Known.safeParse(value).data;
  if (before === undefined) return [];
  return [
    ...eventsOfRecord({ ...before, answer: before.answer ?? now.answer, cases: now.cases }, now),
    ...caseDifference(before, now),
  ];
};

/** `differing`: the ids of records that were stored and differ from what the log gives. */
export interface Refolded {
  readonly position: FoldPosition;
  readonly keys: number;
  readonly differing: readonly string[];
}

export interface RefoldQuery {
  /** From where the fold begins, and up to which version of stream `log` it goes. */
  readonly start: FoldPosition;
  readonly upTo: number;
  /** Boundaries of time are processed up to then. */
  readonly time: string;
  /** How far what is stored came; undefined if nothing of it was published here. */
  readonly stored: FoldPosition | undefined;
  /** When the differences are queued. */
  readonly now: string;
}

type Stored = ReadonlyMap<string, JsonValue>;

const placeOf = (kind: string, id: string): string => `${kind}/${id}`;

const PER_TURN = 500;

const storedOf = async (sideStore: SideStore, kind: SideKind): Promise<Stored> => {
  const found = new Map<string, JsonValue>();
  for (let after: string | undefined = ''; after !== undefined; ) {
    const page: readonly SideEntry[] = await sideStore.list(kind, '', { after, limit: PER_TURN });
    for (const { id, value } of page) found.set(id, value);
    after = page.length < PER_TURN ? undefined : page.at(-1)?.id;
    await setImmediate();
  }
  return found;
};

const LISTED = [DERIVED.key, DERIVED.source, DERIVED.due, DERIVED.task, DERIVED.case, DERIVED.figures] as const;

/** Returns the last unit that has events in the queue; 0 if none has. */
const lastQueuedUnit = async (sideStore: SideStore): Promise<number> => {
  const last = [...(await storedOf(sideStore, DERIVED.event)).keys()].at(-1);
  return last === undefined ? 0 : unitOf(last);
};

/** `changed`: the records that are not as they were. */
const publishedAnew = (stored: ReadonlyMap<string, Stored>, unit: Unit, changed: ReadonlySet<string>): Unit['events'] => {
  const here = { at: unit.position.at, sequence: unit.position.size - 1 };
  const events: Unit['events'] = [];
  const ids = new Map<string, number>();
  const add = (of: string, found: readonly DerivedEvent[]): void => {
    for (const event of found) {
      const id = `derived-${event.sequence}-${event.at}-${of}-${event.type}-r${unit.position.unit}`;
      events.push({ id: distinctId(ids, id), event, cause: { time: here.at } });
    }
  };
  for (const [key, { now }] of [...unit.keys].sort(([one], [other]) => ascending(one, other))) {
    const before = changed.has(placeOf(DERIVED.key, key)) ? stored.get(DERIVED.key)?.get(key) : undefined;
    if (now !== undefined && before !== undefined) add(key, differencesOf(before, { ...now, ...here }));
  }
  for (const [id, { now }] of unit.sources) {
    const before = z.object({ tasks: z.array(Task) }).safeParse(stored.get(DERIVED.source)?.get(id)).data;
    if (now !== undefined && before !== undefined) add(id, eventsOfSource(before.tasks, { ...now, ...here }));
  }
  return events;
};

/**
 * Folds the log from its beginning and replaces everything that is stored. What was published is known from what is stored; a record that is
 * missing there counts as published. The queue is kept, and its units are counted on, so that each follower goes on from its mark.
 */
export const refoldLog = async (
  { sideStore, ...ports }: UnitPorts & { readonly sideStore: SideStore },
  { start, upTo, time, stored: known, now }: RefoldQuery,
): Promise<Refolded> => {
  const first = { ...start, unit: known?.unit ?? (await lastQueuedUnit(sideStore)) };
  const unit = new Unit({ ...ports, reads: NO_READS }, first);
  for await (const commit of commitsAbove(ports.store, LOG_STREAM, 0)) {
    if (commit.version > upTo) break;
    for await (const entry of loggedEntries(ports.store, signedIn(commit).runs)) await unit.entry(entry);
    unit.ended(commit.version);
    unit.events.length = 0;
  }
  await unit.timeUpTo(time);
  unit.events.length = 0;
  const stored = new Map<SideKind, Stored>();
  for (const kind of LISTED) stored.set(kind, await storedOf(sideStore, kind));
  const made = await recordWrites(unit);
  const ids = new Set(made.map(([kind, id]) => placeOf(kind, id)));
  const isSame = ([kind, id, value]: Write): boolean => {
    const before = stored.get(kind)?.get(id);
    if (before === undefined) return false;
    const text = JSON.stringify(value);
    return JSON.stringify(before) === text || isDeepStrictEqual(before, JSON.parse(text));
  };
  const changed = (await inTurns(made, PER_TURN, async (part) => part.filter((write) => !isSame(write)))).flat();
  const gone = [...stored].flatMap(([kind, entries]) =>
    [...entries.keys()].flatMap((id): readonly Write[] => (ids.has(placeOf(kind, id)) ? [] : [[kind, id, null]])),
  );
  const differing = [...changed, ...gone].map(([kind, id]) => placeOf(kind, id));
  const events = known === undefined ? [] : publishedAnew(stored, unit, new Set(differing));
  const { position } = unit;
  await writeUnit(sideStore, known ?? first, position, [...eventWrites(position, events, now), ...changed, ...gone]);
  return { position, keys: unit.keys.size, differing: known === undefined ? [] : differing };
};
