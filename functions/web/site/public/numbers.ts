import type { Context } from 'hono';
import { partitionPoint } from '../../../../domain/kernel/order.ts';
import { localDateOf } from '../../../../domain/kernel/zone.ts';
import { dateFormat } from '../../../platform/catalogue.ts';
import { LINES_MAX } from '../../../register/documents.ts';
import type { Facet, FacetOf } from '../../../register/rows.ts';
import { BY_SUM, BY_VENDOR, countFeatures, type FeatureCounts, WAITING_SINCE } from '../../../register/rows.ts';
import { json } from '../../http/respond.ts';
import type { SiteDeps } from '../deps.ts';
import { empty, type Html, html } from '../html.ts';
import type { Locale } from '../locale.ts';
import { VendorQuery } from '../names.ts';
import { linkIn, localeFor, render } from '../page.ts';
import type { Tone } from '../parts/chip.ts';
import { type CsvColumns, csv, formatLinks } from '../parts/formats.ts';
import { driftOf, observationOf } from './drift.ts';
import { queryOf } from './query.ts';

/** Ranges of whole days. */
const AGES = ['d7', 'd14', 'd30', 'd90', 'more'] as const;
type Age = (typeof AGES)[number];

const UP_TO: Readonly<Record<Age, number>> = { d7: 7, d14: 14, d30: 30, d90: 90, more: Number.POSITIVE_INFINITY };
const MONTHS = 12;
const DAY_MS = 86_400_000;

interface Month {
  /** `2026-03`, by the city's calendar. */
  readonly month: string;
  readonly approved: number;
  readonly refused: number;
  readonly lapsed: number;
}

/** The register in numbers. Durations count from the first notice of a change, in days. */
interface Figures extends FeatureCounts {
  readonly open: number;
  readonly oldestDays: number | null;
  readonly pendingByAge: Readonly<Record<Age, number>>;
  readonly months: readonly Month[];
  readonly decided: number;
  readonly medianDays: number | null;
  readonly decidedByTime: Readonly<Record<Age, number>>;
}

const daysBetween = (from: string, to: string): number => Math.max(0, (Date.parse(to) - Date.parse(from)) / DAY_MS);

/** Counts by age. `younger`: how many are below so many days. */
const byAge = (younger: (days: number) => number): Figures['pendingByAge'] => {
  const counted: Record<Age, number> = { d7: 0, d14: 0, d30: 0, d90: 0, more: 0 };
  let before = 0;
  for (const age of AGES) {
    const below = younger(UP_TO[age] + 1);
    counted[age] = below - before;
    before = below;
  }
  return counted;
};

/** Returns how many values of ascending lists are below a bound. */
const below = (lists: readonly (readonly number[])[], bound: number): number =>
  lists.reduce((sum, list) => sum + partitionPoint(list, (value) => value < bound), 0);

/** Returns the value at an index of ascending lists taken together, without putting them together. */
const valueAt = (lists: readonly (readonly number[])[], index: number): number | undefined => {
  const upTo = (bound: number) => lists.reduce((sum, list) => sum + partitionPoint(list, (value) => value <= bound), 0);
  // It is the least with more values up to it than the index says; each list has one candidate.
  const candidates = lists.flatMap((list) => list[partitionPoint(list, (value) => upTo(value) <= index)] ?? []);
  return candidates.length === 0 ? undefined : candidates.reduce((a, b) => Math.min(a, b));
};

const medianOf = (lists: readonly (readonly number[])[]): number | null => {
  const length = lists.reduce((sum, list) => sum + list.length, 0);
  const [low, high] = [valueAt(lists, Math.floor((length - 1) / 2)), valueAt(lists, Math.floor(length / 2))];
  return low === undefined || high === undefined ? null : Math.round(((low + high) / 2) * 10) / 10;
};

/** Returns the last twelve months of the city's calendar, this one included, oldest first. */
const lastMonths = (now: string, zone: string): readonly string[] => {
  const [year = 0, month = 1] = localDateOf(now, zone).split('-').map(Number);
  return Array.from({ length: MONTHS }, (_, index) => {
    const date = new Date(Date.UTC(year, month - 1 - (MONTHS - 1 - index), 1));
    return date.toISOString().slice(0, 7);
  });
};

type Became = keyof Omit<Month, 'month'>;

// One for each zone, since an index knows a facet by its identity. A process has one zone.
const outcomes = new Map<string, FacetOf<number>>();

/**
 * Returns the days that changes took from their first notice to their decision or lapse, by what became of them and by the month of the
 * city's calendar.
 */
export const outcomesIn = (zone: string): FacetOf<number> => {
  const known = outcomes.get(zone);
  if (known !== undefined) return known;
  const outcome = (became: Became, at: string, since: string): readonly [string, number] => [
    `${became} ${localDateOf(at, zone).slice(0, 7)}`,
    daysBetween(since, at),
  ];
  const facet: FacetOf<number> = {
    entriesOf: ({ linesNow }) =>
      linesNow.flatMap(({ status, since, approved, ended }) => {
        if (approved !== null) return [outcome('approved', approved, since)];
        return ended !== null && (status === 'refused' || status === 'lapsed') ? [outcome(status, ended, since)] : [];
      }),
    order: (a, b) => a - b,
  };
  outcomes.set(zone, facet);
  return facet;
};

/** What figures are made of: {@link BY_SUM}, {@link WAITING_SINCE} and {@link outcomesIn}. */
interface FigureFacets {
  readonly sums: Facet<string>;
  readonly waiting: Facet<string>;
  readonly outcomes: Facet<number>;
}

/** Computes the figures of the register at an instant. */
export const figuresOf = ({ sums, waiting, outcomes: took }: FigureFacets, now: string, zone: string): Figures => {
  const since = waiting.get('') ?? [];
  const [oldest] = since;
  const sinceLaterThan = (days: number): number => {
    if (days === Number.POSITIVE_INFINITY) return since.length;
    const bound = new Date(Date.parse(now) - days * DAY_MS).toISOString();
    return since.length - partitionPoint(since, (each) => each <= bound);
  };
  const daysOf = (became: Became, month: string): readonly number[] => took.get(`${became} ${month}`) ?? [];
  const months = lastMonths(now, zone);
  const decided = months.flatMap((month) => [daysOf('approved', month), daysOf('refused', month)]);
  return {
    ...countFeatures(sums),
    open: since.length,
    oldestDays: oldest === undefined ? null : Math.floor(daysBetween(oldest, now)),
    pendingByAge: byAge(sinceLaterThan),
    months: months.map((month) => ({
      month,
      approved: daysOf('approved', month).length,
      refused: daysOf('refused', month).length,
      lapsed: daysOf('lapsed', month).length,
    })),
    decided: decided.reduce((sum, { length }) => sum + length, 0),
    medianDays: medianOf(decided),
    decidedByTime: byAge((days) => below(decided, days)),
  };
};

/** A bar, or a part of a column. Its label states in words what its colour shows. */
interface Bar {
  readonly label: string;
  readonly value: number;
  readonly tone: Tone;
}

/** One group of columns on the axis. */
interface Columns {
  readonly label: string;
  readonly values: readonly number[];
}

/** A chart. `title` names it, `text` states in a sentence what it shows, `table` holds its numbers. */
interface Figure {
  readonly id: string;
  readonly title: string;
  readonly text: Html | string;
  readonly picture: Html;
  readonly tableLabel: string;
  readonly table: Html;
}

const WIDTH = 320;
const ROW = 34;
const BAR = 12;
/** Width left for the number after the longest bar. */
const NUMBER_ROOM = 42;

const svg = (id: string, title: string, text: Html | string, height: number, inner: Html): Html => html`
<svg class="chart" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-labelledby="${id}-title ${id}-desc" focusable="false"><title id="${id}-title">${title}</title><desc id="${id}-desc">${text}</desc>${inner}</svg>`;

const length = (value: number, most: number, room: number): number =>
  most === 0 ? 0 : Math.max(value > 0 ? 2 : 0, Math.round((value / most) * room));

/** Renders horizontal bars, each under its label. */
const barChart = (
  { id, title, text }: Pick<Figure, 'id' | 'title' | 'text'>,
  bars: readonly Bar[],
  number: (n: number) => string,
): Html => {
  const most = Math.max(0, ...bars.map(({ value }) => value));
  const rows = bars.map(({ label, value, tone }, index) => {
    const y = index * ROW;
    const width = length(value, most, WIDTH - NUMBER_ROOM);
    return html`<text x="0" y="${y + 12}">${label}</text><rect class="track" x="0" y="${y + 17}" width="${WIDTH - NUMBER_ROOM}" height="${BAR}" rx="2"/><rect class="${tone}" x="0" y="${y + 17}" width="${width}" height="${BAR}" rx="2"/><text class="n" x="${WIDTH - NUMBER_ROOM + 6}" y="${y + 27}">${number(value)}</text>`;
  });
  return svg(id, title, text, bars.length * ROW, html`${rows}`);
};

const HEIGHT = 100;
const TOP = 30;

/** Renders groups of columns over time, with a legend. */
const columnChart = (
  { id, title, text }: Pick<Figure, 'id' | 'title' | 'text'>,
  series: readonly Pick<Bar, 'label' | 'tone'>[],
  groups: readonly Columns[],
  number: (n: number) => string,
): Html => {
  const most = Math.max(1, ...groups.flatMap(({ values }) => values));
  const step = (WIDTH - 16) / Math.max(1, groups.length);
  const wide = Math.max(2, Math.floor((step - 4) / series.length));
  const legend = series.map(
    ({ label, tone }, index) =>
      html`<rect class="${tone} s${index}" x="${index * 104}" y="3" width="9" height="9" rx="2"/><text x="${index * 104 + 13}" y="12">${label}</text>`,
  );
  const columns = groups.map(({ label, values }, place) => {
    const x = Math.round(16 + place * step);
    const parts = values.map((value, index) => {
      const high = length(value, most, HEIGHT);
      return value === 0
        ? empty
        : html`<rect class="${series[index]?.tone ?? 'off'} s${index}" x="${x + index * wide}" y="${TOP + HEIGHT - high}" width="${wide - 1}" height="${high}"/>`;
    });
    return html`${parts}<text class="small" x="${x + Math.round((wide * series.length) / 2)}" y="${TOP + HEIGHT + 14}" text-anchor="middle">${label}</text>`;
  });
  const axis = html`<path class="axis" d="M14 ${TOP}V${TOP + HEIGHT}H${WIDTH}"/><text class="small" x="10" y="${TOP + 8}" text-anchor="end">${number(most)}</text><text class="small" x="10" y="${TOP + HEIGHT}" text-anchor="end">${number(0)}</text>`;
  return svg(id, title, text, TOP + HEIGHT + 18, html`${legend}${axis}${columns}`);
};

/** Renders a chart with its sentence and its table. */
const figure = ({ id, title, text, picture, tableLabel, table }: Figure): Html => html`
<section class="figure" aria-labelledby="${id}-heading"><h2 id="${id}-heading">${title}</h2><p>${text}</p>${picture}
<details><summary>${tableLabel}</summary><div class="scroll" tabindex="0" role="group" aria-labelledby="${id}-heading">${table}</div></details></section>`;

/** The features on without permission, by key, and whether any source has observed anything. */
interface Seen {
  readonly looked: boolean;
  readonly keys: ReadonlyMap<string, string>;
}

const table = (caption: string, heads: readonly string[], rows: readonly (readonly (Html | string)[])[]): Html => html`
<table><caption>${caption}</caption><thead><tr>${heads.map((head) => html`<th scope="col">${head}</th>`)}</tr></thead><tbody>${rows.map(
  ([first = '', ...rest]) => html`<tr><th scope="row">${first}</th>${rest.map((cell) => html`<td>${cell}</td>`)}</tr>`,
)}</tbody></table>`;

/** Renders a bar chart with its table: a row for each bar, then the further rows. */
const barFigure = (
  { words, number }: Locale,
  about: Pick<Figure, 'id' | 'title' | 'text'>,
  bars: readonly Bar[],
  more: readonly (readonly string[])[] = [],
): Html => {
  const { table: tableLabel, what, count } = words.figures;
  const rows = [...bars.map(({ label, value }) => [label, number(value)]), ...more];
  return figure({ ...about, picture: barChart(about, bars, number), tableLabel, table: table(about.title, [what, count], rows) });
};

const states = (locale: Locale, { on, waiting, off }: Figures): Html => {
  const { words, say, number } = locale;
  const w = words.figures;
  const about = {
    id: 'states',
    title: w.state,
    text: say(w.stateText, { on: number(on), waiting: number(waiting), off: number(off) }),
  };
  const bars = [
    { label: w.on, value: on, tone: 'on' as const },
    { label: w.waiting, value: waiting, tone: 'wait' as const },
    { label: w.off, value: off, tone: 'off' as const },
  ];
  return barFigure(locale, about, bars);
};

const ages = (locale: Locale, { pendingByAge, open, oldestDays }: Figures): Html => {
  const { words, count } = locale;
  const w = words.figures;
  const text = oldestDays === null ? w.none : count(w, 'ageText', open, { days: count(w, 'days', oldestDays) });
  const about = { id: 'ages', title: w.age, text };
  const bars = AGES.map((age) => ({ label: w.ages[age], value: pendingByAge[age], tone: 'wait' as const }));
  return barFigure(locale, about, bars);
};

const times = (locale: Locale, { medianDays, decidedByTime, decided }: Figures): Html => {
  const { words, say, count, number } = locale;
  const w = words.figures;
  const text = medianDays === null ? w.timeNone : say(w.timeText, { days: count(w, 'days', medianDays) });
  const about = { id: 'times', title: w.time, text };
  const bars = AGES.map((age) => ({ label: w.ages[age], value: decidedByTime[age], tone: 'on' as const }));
  return barFigure(locale, about, bars, [
    [w.decided, number(decided)],
    [w.median, medianDays === null ? '–' : number(medianDays)],
  ]);
};

const months = ({ words, say, number, language }: Locale, figures: Figures): Html => {
  const w = words.figures;
  const named = (style: 'short' | 'long', month: string): string =>
    dateFormat(language, { month: style, timeZone: 'UTC', ...(style === 'long' && { year: 'numeric' }) }).format(
      new Date(`${month}-01T00:00:00Z`),
    );
  const sum = (what: 'approved' | 'refused' | 'lapsed'): string =>
    number(figures.months.reduce((total, month) => total + month[what], 0));
  const text = say(w.monthText, { approved: sum('approved'), refused: sum('refused'), lapsed: sum('lapsed') });
  const about = { id: 'months', title: w.month, text };
  const series = [
    { label: w.approved, tone: 'on' as const },
    { label: w.refused, tone: 'no' as const },
    { label: w.lapsed, tone: 'off' as const },
  ];
  const groups = figures.months.map(({ month, approved, refused, lapsed }) => ({
    label: named('short', month).slice(0, 3),
    values: [approved, refused, lapsed],
  }));
  const rows = figures.months.map(({ month, approved, refused, lapsed }) => [
    named('long', month),
    ...[approved, refused, lapsed].map(number),
  ]);
  return figure({
    ...about,
    picture: columnChart(about, series, groups, number),
    tableLabel: w.table,
    table: table(w.month, [w.months, w.approved, w.refused, w.lapsed], rows),
  });
};

const drift = (context: Context, { words, count, dateTime }: Locale, seen: Seen): Html => {
  const w = words.figures;
  const none = seen.looked ? w.driftNone : words.vendor.neverSeen;
  if (seen.keys.size === 0)
    return html`<section class="figure" aria-labelledby="drift-heading"><h2 id="drift-heading">${w.drift}</h2><p>${none}</p></section>`;
  const rows = [...seen.keys].map(([key, at]) => [
    html`<a href="${linkIn(context, `/features/${key}`)}"><code>${key}</code></a>`,
    html`<time datetime="${at}">${dateTime(at)}</time>`,
  ]);
  return html`<section class="figure" aria-labelledby="drift-heading"><h2 id="drift-heading">${w.drift}</h2><p class="no">${count(w, 'driftText', seen.keys.size)}</p>${table(w.drift, [w.entry, w.seen], rows)}</section>`;
};

/** Renders all charts of the register, or of one vendor. */
export const pictures = (context: Context, locale: Locale, figures: Figures, seen: Seen): Html => html`
<div class="figures">${states(locale, figures)}${ages(locale, figures)}${times(locale, figures)}${months(locale, figures)}${drift(context, locale, seen)}</div>`;

/** One number, by its name. */
type Counted = readonly [what: string, count: number | null];

const COLUMNS: CsvColumns<Counted> = { what: ([what]) => what, count: ([, count]) => count };

const cells = (figures: Figures, seen: number): readonly Counted[] => [
  ['on', figures.on],
  ['waiting', figures.waiting],
  ['off', figures.off],
  ['changesOpen', figures.open],
  ['oldestDays', figures.oldestDays],
  ['decided', figures.decided],
  ['medianDays', figures.medianDays],
  ['drift', seen],
  ...AGES.map((age): Counted => [`pending.${age}`, figures.pendingByAge[age]]),
  ...AGES.map((age): Counted => [`decided.${age}`, figures.decidedByTime[age]]),
  ...figures.months.flatMap(({ month, ...counts }) =>
    Object.entries(counts).map(([what, count]): Counted => [`${month}.${what}`, count]),
  ),
];

/** Computes the figures of a vendor, or of all, and reads what is on without permission at these vendors. */
export const figuresFor = async (
  deps: SiteDeps,
  vendor: string | undefined,
  vendors: readonly string[],
): Promise<{ readonly figures: Figures; readonly seen: Seen }> => {
  const { ports } = deps;
  const now = ports.clock();
  const facet = <T>(of: FacetOf<T>) => ports.register.facet(of, { prefix: vendor, now });
  const [keys, observations, sums, waiting, outcomes] = await Promise.all([
    driftOf(deps, vendors),
    Promise.all(vendors.map((each) => observationOf(deps, each))),
    facet(BY_SUM),
    facet(WAITING_SINCE),
    facet(outcomesIn(ports.zone)),
  ]);
  const looked = observations.some((observation) => (observation?.sources.length ?? 0) > 0);
  return { figures: figuresOf({ sums, waiting, outcomes }, now, ports.zone), seen: { keys, looked } };
};

/** Answers with the register in numbers: charts with their tables, JSON or CSV. */
export const numbersPage = async (deps: SiteDeps, context: Context): Promise<Response> => {
  const { format, vendor } = queryOf(context, { vendor: VendorQuery });
  const now = deps.ports.clock();
  const vendors = [...(await deps.ports.register.facet(BY_VENDOR, { prefix: vendor, now })).keys()];
  const { figures, seen } = await figuresFor(deps, vendor, vendors.sort());
  if (format === 'json') return json({ ...figures, drift: Object.fromEntries(seen.keys), asOf: now });
  if (format === 'csv') return csv(COLUMNS, cells(figures, seen.keys.size));
  const locale = localeFor(context, deps.ports.zone, now);
  const { words, say, number } = locale;
  const body = html`
<h1>${words.figures.title}</h1>${vendor === undefined ? html`` : html`<p><code>${vendor}</code></p>`}<p class="fine">${say(words.figures.lead, { max: number(LINES_MAX) })}</p>
${pictures(context, locale, figures, seen)}${formatLinks(context, locale)}`;
  return render(context, locale, { title: words.figures.title, body, wide: true, here: 'register' });
};
