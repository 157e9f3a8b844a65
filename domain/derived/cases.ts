import { type Evaluation, mayBeOn } from '../feature/evaluate.ts';
import { ascending, earliest, latest, plusMs } from '../kernel/order.ts';
import { localDateOf } from '../kernel/zone.ts';
import type { Evidence, ObservedValue } from '../observation/events.ts';
import type { SourceKind } from '../policy/schema.ts';
import { EARLIEST_INSTANT, isSameList } from './answer.ts';
import {
  CASES_MAX,
  DRIFT_KINDS,
  type DriftCase,
  type DriftKind,
  type KeyAnswer,
  type KeyRecord,
  type Report,
  type Seen,
  type SourceStatement,
} from './record.ts';

export const toSeen = (value: ObservedValue): Seen =>
  typeof value === 'boolean'
    ? { on: value, agencies: null, version: null }
    : { on: value.on, agencies: value.agencies ?? null, version: value.version ?? null };

type Approved = Pick<Evaluation, 'variant' | 'change' | 'audience' | 'version' | 'fault'>;

/**
 * Returns the gravest way in which what is seen exceeds what is approved; null if it does not. `approved`: the evaluation of the key for
 * no agency and no version. It exceeds exactly if the gate would answer no for the agencies and version seen; unknown ones exceed nothing.
 * An unreadable record does not show that nothing was announced.
 */
export const driftKindOf = ({ on, agencies, version }: Seen, approved: Approved): DriftKind | null => {
  const { variant, change, audience, fault } = approved;
  if (!on) return null;
  if (variant === 'removed') return 'removed';
  if (!mayBeOn(variant)) return variant === 'unknown' && change === null && !fault ? 'never-announced' : 'not-approved';
  if (audience !== null && agencies?.some((agency) => !audience.includes(agency)) === true) return 'audience';
  return version !== null && version !== approved.version ? 'version' : null;
};

// The fold of reports into cases of drift: which reports stand, which later ones close them, and since when a case is open.

/** `kind`, `named`: according to the policy in force at its log index. */
export interface ReportedKey {
  readonly source: string;
  readonly attested: boolean;
  readonly kind: SourceKind;
  readonly named: boolean;
  readonly person: string | null;
  readonly observedAt: string;
  readonly seen: Seen;
  readonly evidence: Evidence | null;
  readonly note: string | null;
}

/** The moment of a fold. `answerAt`: the answer of the key at that moment or later, as far as known. */
export interface Judging {
  readonly at: string;
  readonly sequence: number;
  readonly answerAt: (instant: string) => KeyAnswer;
}

export type Standing = Pick<KeyRecord, 'reports' | 'cases' | 'allowed'>;

const excessOver = (seen: Seen, { onFor, variant, change, version, fault }: KeyAnswer): DriftKind | null =>
  driftKindOf(seen, { variant, change, version, audience: typeof onFor === 'string' ? null : onFor, fault: fault === true });

const ALLOWED_MAX = 20;
const ON: Seen = { on: true, agencies: null, version: null };

/** Adds an answer to the recent ones if what exceeds it, or by which kind, differs from the last. */
export const allowedAfter = (allowed: readonly KeyAnswer[], answer: KeyAnswer): readonly KeyAnswer[] => {
  const last = allowed.at(-1);
  const isSame =
    last !== undefined &&
    isSameList(last.onFor, answer.onFor) &&
    last.version === answer.version &&
    excessOver(ON, last) === excessOver(ON, answer);
  return isSame ? allowed : [...allowed, answer].slice(-ALLOWED_MAX);
};

/** Returns since when no approval has allowed what is seen. */
const disallowedSince = (seen: Seen, allowed: readonly KeyAnswer[]): string => {
  const last = allowed.findLastIndex((each) => excessOver(seen, each) === null);
  return allowed[last + 1]?.since ?? EARLIEST_INSTANT;
};

/** Returns the open case; the fold leaves at most one, the last. */
export const openCaseOf = ({ cases }: { readonly cases: readonly DriftCase[] }): DriftCase | undefined =>
  cases.findLast(({ until }) => until === null);

type Moment = Pick<SourceStatement, 'observedAt' | 'sequence'>;

export const isAfter = (one: Moment, other: Moment): boolean =>
  one.observedAt > other.observedAt || (one.observedAt === other.observedAt && one.sequence > other.sequence);

const inOrder = (one: Moment, other: Moment): number =>
  ascending(one.observedAt, other.observedAt) || one.sequence - other.sequence;

type Source = Pick<Report, 'source' | 'attested'>;

const isSource = (one: Source, other: Source): boolean => one.source === other.source && one.attested === other.attested;

// What a source says

const SAID = { agencies: 'saidAgencies', version: 'saidVersion' } as const;
type Part = keyof typeof SAID;
const SAYINGS_MAX = 16;

const isAlike = (one: SourceStatement, other: SourceStatement): boolean =>
  one.kind === other.kind && one.named === other.named && one.person === other.person && one.evidence === other.evidence;

/** Beyond the maximum, drops the first statement that is repeated later, else the first of all. */
const sayingsWith = (sayings: readonly SourceStatement[], saying: SourceStatement): SourceStatement[] => {
  const all = [...sayings, saying].sort(inOrder);
  if (all.length <= SAYINGS_MAX) return all;
  const repeated = all.findIndex((each, index) => all.some((other, place) => place > index && isAlike(each, other)));
  return all.toSpliced(Math.max(0, repeated), 1);
};

const sayingOf = ({ kind, named, person, evidence, observedAt }: ReportedKey, sequence: number): SourceStatement => ({
  kind,
  named,
  person,
  evidence: evidence !== null,
  observedAt,
  sequence,
  until: null,
});

/** Marks a source's denials as taken back once it reported on again. */
const takenBack = (denials: readonly SourceStatement[], on: Moment): SourceStatement[] =>
  denials.map((each) =>
    isAfter(on, each) && (each.until === null || on.observedAt < each.until) ? { ...each, until: on.observedAt } : each,
  );

/** Adds when a part was said, if this report names it, to when just the same was said before. */
const saidAfter = (before: Report | undefined, { seen }: ReportedKey, part: Part, saying: SourceStatement): SourceStatement[] => {
  const said = before?.[SAID[part]] ?? [];
  if (seen[part] === null) return said;
  return sayingsWith(JSON.stringify(seen[part]) === JSON.stringify(before?.seen[part]) ? said : [], saying);
};

/** While a key stays on, what the same source said of agencies and version stands. */
const newestOf = (reported: ReportedKey, before: Report | undefined, sequence: number): Report => {
  const { seen, ...rest } = reported;
  const saying = sayingOf(reported, sequence);
  const stays = before?.seen.on === true && seen.on ? before : undefined;
  return {
    ...rest,
    sequence,
    seen: {
      on: seen.on,
      agencies: seen.agencies ?? stays?.seen.agencies ?? null,
      version: seen.version ?? stays?.seen.version ?? null,
    },
    saidAgencies: saidAfter(stays, reported, 'agencies', saying),
    saidVersion: saidAfter(stays, reported, 'version', saying),
    denials: seen.on ? takenBack(before?.denials ?? [], saying) : sayingsWith(before?.denials ?? [], saying),
    exceeds: before?.exceeds ?? null,
    closed: false,
  };
};

// Who may close what another source reported

type Looker = Pick<SourceStatement, 'kind' | 'named'>;

const mayCloseAlone = ({ kind, named }: Looker, reported: SourceKind): boolean =>
  kind === 'audit' || (reported !== 'audit' && kind === 'city' && named);

const mayCloseWithAnother = ({ kind, named }: Looker, reported: SourceKind): boolean =>
  reported === 'audit' && kind === 'city' && named;

/** The sources whose newer report closes what one reported: alone, or as reports of two persons, one with evidence. */
export interface Closers {
  readonly alone: readonly string[];
  readonly together: readonly string[];
}

/** Returns who may close what a source reported. `sources`: those that the policy in force names. */
export const closersOf = (
  { source, kind }: Pick<Report, 'source' | 'kind'>,
  sources: Readonly<Record<string, Pick<Looker, 'kind'>>>,
): Closers => {
  const named = Object.entries(sources).map(([name, each]) => ({ name, kind: each.kind, named: true }));
  const namesOf = (may: typeof mayCloseAlone) => named.filter((each) => may(each, kind)).map(({ name }) => name);
  return { alone: [...new Set([source, ...namesOf(mayCloseAlone)])], together: namesOf(mayCloseWithAnother) };
};

/**
 * Returns the reports of others that keep a case open, which the source may not close alone. None if it says itself what is not
 * approved.
 */
export const reportsKeepingOpen = ({ reports }: Pick<KeyRecord, 'reports'>, source: Source): readonly Report[] => {
  const own = reports.find((each) => isSource(each, source));
  if (own === undefined || own.exceeds !== null) return [];
  return reports.filter((each) => each.exceeds !== null && !mayCloseAlone(own, each.kind));
};

const isPartBeyond = (part: Part, { seen }: Report, answer: KeyAnswer): boolean =>
  excessOver({ ...ON, [part]: seen[part] }, answer) !== null;

interface Closing extends SourceStatement {
  readonly source: string;
}

/** Returns the saying by which those of other sources, in order, are enough against a report. */
const enoughOf = (sayings: readonly Closing[], { kind }: Report): Closing | undefined => {
  let together: readonly SourceStatement[] = [];
  for (const saying of sayings) {
    if (mayCloseAlone(saying, kind)) return saying;
    if (saying.person === null || !mayCloseWithAnother(saying, kind)) continue;
    together = [...together.filter(({ until }) => until === null || until > saying.observedAt), saying];
    const persons = new Set(together.map(({ person }) => person));
    if (persons.size > 1 && together.some(({ evidence }) => evidence)) return saying;
  }
  return undefined;
};

/** Returns what closes a report: the statement by which others deny each part that exceeds what is approved, or report off. */
const closingOf = (report: Report, reports: readonly Report[], answer: KeyAnswer): Closing | undefined => {
  const parts = (['agencies', 'version'] as const).filter((part) => isPartBeyond(part, report, answer));
  const closings = (parts.length === 0 ? [undefined] : parts).map((part) => {
    const sayings = reports.flatMap((other) => {
      if (isSource(other, report)) return [];
      const isDenied = part !== undefined && other.seen.on && !isPartBeyond(part, other, answer);
      return [...other.denials, ...(isDenied ? other[SAID[part]] : [])].map((said) => ({ ...said, source: other.source }));
    });
    return enoughOf(sayings.filter((saying) => isAfter(saying, report)).sort(inOrder), report);
  });
  return closings.reduce((last, each) =>
    last === undefined || each === undefined ? undefined : inOrder(last, each) < 0 ? each : last,
  );
};

// Cases

interface Judged {
  readonly report: Report;
  readonly kind: DriftKind | null;
  readonly closing: Closing | undefined;
}

const judge = (report: Report, { reports, allowed }: Standing, { at, answerAt }: Judging): Judged => {
  const answer = answerAt(latest(at, report.observedAt));
  const kind = excessOver(report.seen, answer);
  const closing = report.closed || !report.seen.on ? undefined : closingOf(report, reports, answer);
  const closed = report.closed || closing !== undefined;
  const seenSince = latest(report.observedAt, disallowedSince(report.seen, allowed));
  const since = earliest(report.exceeds, seenSince);
  return { report: { ...report, closed, exceeds: closed || kind === null ? null : since }, kind, closing };
};

const gravest = (kinds: readonly DriftKind[]): DriftKind | undefined => DRIFT_KINDS.find((kind) => kinds.includes(kind));

const SOURCES_MAX = 20;

const unique = <T>(all: readonly T[]): T[] => [...new Map(all.map((each) => [JSON.stringify(each), each])).values()];

type SourcesOfCase = DriftCase['sources'];

/** A second source, or a second person: a token without a person is never another. */
const isConfirmed = (sources: SourcesOfCase): boolean => {
  const names = new Set(sources.map(({ source, kind }) => `${kind === 'vendor' ? 'vendor' : ''}/${source}`));
  const persons = new Set(sources.flatMap(({ person }) => person ?? []));
  return names.size > 1 || persons.size > 1;
};

const withSources = (known: DriftCase, more: Pick<DriftCase, 'sources' | 'evidence'>) => {
  const sources = unique([...known.sources, ...more.sources]).slice(0, SOURCES_MAX);
  const evidence = unique([...known.evidence, ...more.evidence]).slice(0, SOURCES_MAX);
  return { sources, evidence, confirmed: known.confirmed || isConfirmed(sources) };
};

const sourceIn = ({ source, kind, person }: Report): SourcesOfCase[number] => ({ source, kind, person });

const caseOf = (standing: readonly (Judged & { readonly kind: DriftKind })[], known: DriftCase): DriftCase => {
  const kind = gravest(standing.map((each) => each.kind)) ?? known.kind;
  const shown = standing
    .filter((each) => each.kind === kind)
    .sort((one, other) => inOrder(one.report, other.report))
    .at(-1);
  const reports = standing.map(({ report }) => report);
  const more = { sources: reports.map(sourceIn), evidence: reports.flatMap((report) => report.evidence ?? []) };
  return { ...known, ...withSources(known, more), kind, seen: shown?.report.seen ?? known.seen };
};

const newCase = (judging: Judging, since: string, { report: { seen }, kind }: Judged): DriftCase => ({
  kind: kind ?? 'not-approved',
  since,
  until: null,
  openedAt: judging.at,
  byEnd: false,
  sequence: judging.sequence,
  closedAt: null,
  seen,
  approved: judging.answerAt(judging.at),
  sources: [],
  confirmed: false,
  evidence: [],
  closedBy: null,
});

const isStanding = (judged: Judged): judged is Judged & { readonly kind: DriftKind } =>
  judged.kind !== null && judged.report.exceeds !== null;

/** `by`: the report that is folded; absent: the answer changed. */
const closedCase = (
  known: DriftCase,
  { at, answerAt }: Judging,
  by: ReportedKey | undefined,
  closings: readonly (Closing | undefined)[],
): DriftCase => {
  const { change } = answerAt(at);
  const until = latest(known.since, by?.observedAt ?? at, ...closings.map((each) => each?.observedAt));
  const closedBy = by !== undefined ? { source: by.source } : change === null ? null : { change };
  return { ...known, until, closedAt: at, closedBy };
};

type Ending = Moment & { readonly source: string };

interface Past {
  readonly since: string;
  readonly kind: DriftKind;
  readonly approved: KeyAnswer;
  readonly until: string;
  readonly closedBy: DriftCase['closedBy'];
}

/** A case that closed before the fold learned of it. */
const pastCase = (judging: Judging, judged: Judged, { since, kind, approved, until, closedBy }: Past): DriftCase[] =>
  since < until
    ? [{ ...caseOf([{ ...judged, kind }], newCase(judging, since, judged)), approved, until, closedAt: judging.at, closedBy }]
    : [];

/** What a report saw was more than was approved when it looked, until an approval, or `end`, came before the report. */
const approvedSince = (judging: Judging, judged: Judged, allowed: readonly KeyAnswer[], end: Ending | undefined) => {
  const { seen, observedAt: since } = judged.report;
  const at = allowed.findLastIndex((each) => each.since <= since);
  const [approved, ...later] = at < 0 ? [] : allowed.slice(at);
  const kind = approved === undefined ? null : excessOver(seen, approved);
  const next = later.find((each) => excessOver(seen, each) === null);
  if (approved === undefined || kind === null || next === undefined) return [];
  const { change } = next;
  const seenOver = end !== undefined && end.observedAt < next.since ? end : undefined;
  const closedBy = seenOver !== undefined ? { source: seenOver.source } : change === null ? null : { change };
  return pastCase(judging, judged, { since, kind, approved, until: seenOver?.observedAt ?? next.since, closedBy });
};

/** The cases of a report that were over before it arrived: by an approval, and, of what exceeds what is approved now, by `end`. */
const pastCases = (
  judging: Judging,
  judged: Judged,
  allowed: readonly KeyAnswer[],
  end: Ending | undefined,
): readonly DriftCase[] => {
  const { report, kind } = judged;
  const before = approvedSince(judging, judged, allowed, end);
  if (end === undefined || kind === null) return before;
  const since = latest(report.observedAt, disallowedSince(report.seen, allowed));
  const approved = judging.answerAt(judging.at);
  const closedBy = { source: end.source };
  return [...before, ...pastCase(judging, judged, { since, kind, approved, until: end.observedAt, closedBy })];
};

const covers = (known: DriftCase, { since, until }: DriftCase): boolean =>
  known.since <= since && (known.until === null || (until !== null && until <= known.until));

/** A case that lasted until one began that is open is the beginning of that one: nothing was over in between. */
const joined = (open: DriftCase, past: DriftCase): DriftCase => ({
  ...open,
  ...withSources(open, past),
  since: earliest(open.since, past.since) ?? open.since,
});

/** Keeps the open case last. */
const casesWith = (cases: readonly DriftCase[], past: readonly DriftCase[]): readonly DriftCase[] => {
  let open = openCaseOf({ cases });
  const known = cases.filter((each) => each !== open);
  for (const each of past) {
    if ([...known, open].some((one) => one !== undefined && covers(one, each))) continue;
    if (open !== undefined && each.until !== null && open.since <= each.until) open = joined(open, each);
    else known.push(each);
  }
  return open === undefined ? known : [...known, open];
};

/**
 * Returns the reports and cases at a moment, judged by the answer that is, or will be when something was observed: which reports
 * stand, and the case that is open while any does. Later reports close what others reported.
 */
export const rejudged = (record: Standing, judging: Judging, by?: ReportedKey): Pick<KeyRecord, 'reports' | 'cases'> => {
  const judged = record.reports.map((report) => judge(report, record, judging));
  const standing = judged.filter(isStanding);
  const closings = judged.flatMap(({ closing }, index) => (record.reports[index]?.exceeds == null ? [] : [closing]));
  const open = openCaseOf(record);
  const others = record.cases.filter((each) => each !== open);
  // A case that ended before its report arrived was open before it was known.
  const past = judged.flatMap((each) => {
    if (by === undefined || each.report.sequence !== judging.sequence) return [];
    return pastCases(judging, each, record.allowed, each.closing);
  });
  const [first] = standing;
  const reports = judged.map(({ report }) => report);
  if (first === undefined) {
    const known = open === undefined ? others : [...others, closedCase(open, judging, by, closings)];
    return { reports, cases: casesWith(known, past).slice(-CASES_MAX) };
  }
  const since = standing.map(({ report }) => report.exceeds ?? judging.at).sort(ascending)[0] ?? judging.at;
  const begun = open === undefined ? { ...newCase(judging, since, first), byEnd: by === undefined } : open;
  const present = caseOf(standing, { ...begun, since: earliest(begun.since, since) ?? since });
  return { reports, cases: casesWith([...others, present], past).slice(-CASES_MAX) };
};

/** What a source says of a part after a late report of it: a part that was said later stands, and one of before an off does not. */
const partWith = (newest: Report, late: Report, part: Part) => {
  const name = SAID[part];
  const [value, said] = [newest.seen[part], newest[name]];
  const isSilent = late.seen.on && late.seen[part] === null;
  if (isSilent || !newest.seen.on || newest.denials.some((each) => isAfter(each, late))) return { value, said };
  if (late.seen.on && JSON.stringify(value) === JSON.stringify(late.seen[part]))
    return { value, said: late[name].reduce(sayingsWith, said) };
  const later = said.filter((each) => isAfter(each, late));
  return later.length > 0 ? { value, said: later } : { value: late.seen[part], said: late[name] };
};

const newestWith = (newest: Report, late: Report): Report => {
  const [agencies, version] = [partWith(newest, late, 'agencies'), partWith(newest, late, 'version')];
  const denials = late.denials.reduce(sayingsWith, newest.denials);
  const on = [late, newest].filter(({ seen }) => seen.on);
  return {
    ...newest,
    seen: { ...newest.seen, agencies: agencies.value, version: version.value } as Seen,
    saidAgencies: agencies.said,
    saidVersion: version.said,
    denials: on.reduce<SourceStatement[]>(takenBack, denials),
  };
};

/**
 * Folds a report that is older than the newest of its source: it says neither on nor off any more, and leaves a case that is over, or
 * began sooner, if it saw more than is approved.
 */
const foldedLate = (record: Standing, judging: Judging, reported: ReportedKey, newest: Report) => {
  const answer = judging.answerAt(latest(judging.at, reported.observedAt));
  const report = newestOf(reported, undefined, judging.sequence);
  const kind = excessOver(report.seen, answer);
  const reports = record.reports.map((each) => (each === newest ? newestWith(newest, report) : each));
  const settled = rejudged({ ...record, reports }, judging, reported);
  const closing = closingOf(report, settled.reports, answer);
  const own = newest.denials.find((each) => isAfter(each, report));
  const next = own === undefined ? newest : { ...own, source: newest.source };
  const end = closing === undefined || isAfter(closing, next) ? next : closing;
  const past = pastCases(judging, { report, kind, closing }, record.allowed, end);
  return { ...settled, cases: casesWith(settled.cases, past).slice(-CASES_MAX) };
};

export const withReport = (record: Standing, judging: Judging, reported: ReportedKey): Pick<KeyRecord, 'reports' | 'cases'> => {
  const before = record.reports.find((each) => isSource(each, reported));
  if (before !== undefined && reported.observedAt < before.observedAt) return foldedLate(record, judging, reported, before);
  const report = newestOf(reported, before, judging.sequence);
  const reports = [...record.reports.filter((each) => each !== before), report];
  return rejudged({ ...record, reports }, judging, reported);
};

/** Reports whether a key waits for a source to look again: it saw drift, another looked later, or a task opened since. */
export const isAwaitingSource = ({ reports, tasks }: Pick<KeyRecord, 'reports' | 'tasks'>, source: Source): boolean => {
  const own = reports.find((each) => isSource(each, source));
  return (
    own !== undefined &&
    (own.exceeds !== null ||
      [...reports.map((each) => each.observedAt), ...tasks.map(({ since }) => since)].some((at) => at > own.observedAt))
  );
};

const DAY_MS = 24 * 60 * 60_000;

/** Local days in a row, both included. */
export interface DaySpan {
  readonly first: string;
  readonly last: string;
}

type During = Pick<DriftCase, 'since' | 'until'>;

/** An end is exclusive, so a case that ends at midnight does not touch the next day. */
const spanOf = ({ since, until }: During, now: string, zone: string): DaySpan => {
  const end = until === null ? now : plusMs(until, -1);
  return { first: localDateOf(since, zone), last: localDateOf(end < since ? since : end, zone) };
};

const ordinal = (date: string): number => Date.parse(`${date}T00:00:00.000Z`) / DAY_MS;

export const daysIn = ({ first, last }: DaySpan): number => ordinal(last) - ordinal(first) + 1;

/**
 * Returns the local days on which at least one of the cases was open at any moment, in order: consecutive days are one span, and each day
 * occurs once. An open case lasts until `now`.
 */
export const daySpans = (cases: readonly During[], now: string, zone: string): readonly DaySpan[] => {
  const spans = cases.map((each) => spanOf(each, now, zone)).sort((a, b) => ascending(a.first, b.first));
  const merged: DaySpan[] = [];
  for (const span of spans) {
    const before = merged.at(-1);
    if (before === undefined || ordinal(span.first) > ordinal(before.last) + 1) merged.push(span);
    else merged[merged.length - 1] = { first: before.first, last: latest(before.last, span.last) };
  }
  return merged;
};

/** Returns on how many local days at least one of the cases was open. */
export const daysOf = (cases: readonly During[], now: string, zone: string): number =>
  daySpans(cases, now, zone).reduce((sum, span) => sum + daysIn(span), 0);
