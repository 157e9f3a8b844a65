// The fold of one source: when it last looked at a vendor, and whether it is silent.
import { plusDuration } from '../kernel/zone.ts';
import type { SourceKind } from '../policy/schema.ts';
import type { DerivedEvent } from './events.ts';
import { type FoldMoment, published, taskEvents } from './fold.ts';
import { DERIVED_VERSION, type KeyRecord, type Report, type SourceRecord } from './record.ts';
import { nextTaskInstantOfSource, tasksOfSource } from './tasksOf.ts';

/** The sources that the policy in force names. */
export type NamedSources = Readonly<Record<string, { readonly kind: SourceKind; readonly every: string }>>;

export type SourcePlace = Pick<SourceRecord, 'vendor' | 'source' | 'attested'>;

const namedAs = (sources: NamedSources, { source, attested }: Pick<SourcePlace, 'source' | 'attested'>) => {
  const known = Object.hasOwn(sources, source) ? sources[source] : undefined;
  // What a vendor signs is the vendor's, whatever the city calls a source of that name.
  return attested && known?.kind !== 'vendor' ? undefined : known;
};

/** Returns what a source counts as under the policy in force. */
export const kindOf = (sources: NamedSources, place: Pick<SourcePlace, 'source' | 'attested'>) => {
  const named = namedAs(sources, place);
  return { kind: place.attested ? 'vendor' : (named?.kind ?? 'city'), named: named !== undefined } as const;
};

/** Returns the record of a source at a moment, under the policy in force. `lookedAt`: when it looked, if it did. */
export const sourceAt = (
  known: SourceRecord | undefined,
  place: SourcePlace,
  sources: NamedSources,
  { at, sequence, zone }: FoldMoment,
  lookedAt: string,
): SourceRecord => {
  const last = known === undefined || known.lookedAt < lookedAt ? lookedAt : known.lookedAt;
  const every = namedAs(sources, place)?.every ?? null;
  const silentFrom = every === null ? null : plusDuration(last, every, zone);
  const record = { ...place, lookedAt: last, every, silentFrom, kind: kindOf(sources, place).kind };
  const tasks = [...tasksOfSource(record, { now: at, zone })];
  return {
    derivedVersion: DERIVED_VERSION,
    ...record,
    sequence,
    at,
    tasks,
    next: nextTaskInstantOfSource(record, { now: at, zone }),
  };
};

export const eventsOfSource = (before: readonly SourceRecord['tasks'][number][], after: SourceRecord): readonly DerivedEvent[] =>
  taskEvents(before, after.tasks).map((event) => published(event, after));

/** What is seen of a feature: `never`: nobody looked; `unknown`: whoever looked is silent since. */
export interface ObservedState {
  readonly state: 'on' | 'off' | 'unknown' | 'never';
  readonly at: string | null;
  readonly source: string | null;
}

const isNewer = (one: Report, other: Report): boolean =>
  one.observedAt > other.observedAt || (one.observedAt === other.observedAt && one.sequence > other.sequence);

/** Returns what the newest report says of a source that is not silent; of one that is silent it is unknown. */
export const observedOf = (reports: KeyRecord['reports'], sources: readonly SourceRecord[], now: string): ObservedState => {
  const isSilent = ({ source, attested }: Report): boolean =>
    sources.some(
      (each) => each.source === source && each.attested === attested && each.silentFrom !== null && each.silentFrom <= now,
    );
  const newest = (all: readonly Report[]): Report | undefined =>
    all.reduce<Report | undefined>((last, each) => (last === undefined || isNewer(each, last) ? each : last), undefined);
  const heard = newest(reports.filter((each) => !isSilent(each)));
  const last = heard ?? newest(reports);
  if (last === undefined) return { state: 'never', at: null, source: null };
  const state = heard === undefined ? 'unknown' : heard.seen.on ? 'on' : 'off';
  return { state, at: last.observedAt, source: last.source };
};
