// The fold of one source: when it last looked at a vendor, and whether it is silent.
import { ascending, latest } from '../kernel/order.ts';
import { plusDuration } from '../kernel/zone.ts';
import type { SourceKind } from '../policy/schema.ts';
import type { DerivedEvent } from './events.ts';
import { type FoldMoment, published, taskEvents } from './fold.ts';
import { DERIVED_VERSION, type Report, type SourceRecord } from './record.ts';
import { tasksOfSource } from './tasks.ts';

type NamedSources = Readonly<Record<string, { readonly kind: SourceKind; readonly every: string }>>;

export type SourcePlace = Pick<SourceRecord, 'vendor' | 'source' | 'attested'>;

const namedAs = (sources: NamedSources, { source, attested }: Pick<SourcePlace, 'source' | 'attested'>) => {
  const known = Object.hasOwn(sources, source) ? sources[source] : undefined;
  // What a vendor signs is the vendor's, whatever the city calls a source of that name.
  return attested && known?.kind !== 'vendor' ? undefined : known;
};

export const kindOf = (sources: NamedSources, place: Pick<SourcePlace, 'source' | 'attested'>) => {
  const named = namedAs(sources, place);
  return { kind: place.attested ? 'vendor' : (named?.kind ?? 'city'), named: named !== undefined } as const;
};

/** Returns the sources that the policy in force names and that have reported for no vendor, in order. `records`: of all vendors. */
export const neverReported = (sources: NamedSources, records: readonly SourceRecord[]): readonly string[] => {
  const reported = records.filter((record) => record.lookedAt !== null && namedAs(sources, record) !== undefined);
  return Object.keys(sources)
    .filter((name) => reported.every(({ source }) => source !== name))
    .sort(ascending);
};

/** Returns the record of a source at a moment, under the policy in force. `lookedAt`: when it looked; null if it never did. */
export const sourceAt = (
  known: SourceRecord | undefined,
  place: SourcePlace,
  sources: NamedSources,
  { at, sequence, zone }: FoldMoment,
  lookedAt: string | null,
): SourceRecord => {
  const before = known?.lookedAt ?? null;
  const last = lookedAt === null ? before : latest(lookedAt, before ?? undefined);
  const expectedFrom = last === null ? (known?.expectedFrom ?? at) : null;
  const every = namedAs(sources, place)?.every ?? null;
  const silentFrom = every === null ? null : plusDuration(last ?? expectedFrom ?? at, every, zone);
  const record = { ...place, lookedAt: last, expectedFrom, every, silentFrom, kind: kindOf(sources, place).kind };
  const { tasks, next } = tasksOfSource(record, { now: at, zone });
  return {
    derivedVersion: DERIVED_VERSION,
    ...record,
    sequence,
    at,
    tasks: [...tasks],
    next,
  };
};

/** Returns what is published of a source that is expected no more. */
export const eventsOfForgotten = ({ tasks }: SourceRecord, moment: FoldMoment): readonly DerivedEvent[] =>
  taskEvents(tasks, []).map((event) => published(event, moment));

export const eventsOfSource = (before: readonly SourceRecord['tasks'][number][], after: SourceRecord): readonly DerivedEvent[] =>
  taskEvents(before, after.tasks).map((event) => published(event, after));

/** What is seen of a feature: `never`: no source has named it; `unknown`: the one that saw it last has said nothing of it for too long. */
interface ObservedState {
  readonly state: 'on' | 'off' | 'unknown' | 'never';
  readonly at: string | null;
  readonly source: string | null;
  readonly kind: SourceKind | null;
}

/** The newest first: by when it was seen, then by the log. */
export const newestFirst = (reports: readonly Report[]): readonly Report[] =>
  reports.toSorted((a, b) => ascending(b.observedAt, a.observedAt) || b.sequence - a.sequence);

/** A vendor's "off" counts only where no other source looked. */
export const shownReport = (reports: readonly Report[]): Report | undefined => {
  const [newest] = newestFirst(reports);
  const [counts = newest] = newestFirst(reports.filter(({ kind, seen }) => kind !== 'vendor' || seen.on));
  return counts;
};

/**
 * Returns what the {@link shownReport} says, unless its source has said nothing of the key for longer than the policy allows: one
 * that looks at other keys and no longer names this one says as little of it as one that is silent. `sources`: those of the vendor.
 */
export const observedOf = (
  reports: readonly Report[],
  sources: readonly SourceRecord[],
  now: string,
  zone: string,
): ObservedState => {
  const counts = shownReport(reports);
  if (counts === undefined) return { state: 'never', at: null, source: null, kind: null };
  const { source, attested, kind, observedAt, seen } = counts;
  const { every = null } = sources.find((known) => known.source === source && known.attested === attested) ?? {};
  const isStale = every !== null && plusDuration(observedAt, every, zone) <= now;
  return { state: isStale ? 'unknown' : seen.on ? 'on' : 'off', at: observedAt, source, kind };
};
