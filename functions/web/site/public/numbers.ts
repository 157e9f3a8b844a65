import type { Context } from 'hono';
import type { AnnouncedCounts } from '../../../../domain/derived/changes.ts';
import { partitionPoint, plusMs } from '../../../../domain/kernel/order.ts';
import { localDateOf } from '../../../../domain/kernel/zone.ts';
import { dateFormat } from '../../../platform/catalogue.ts';
import { readAnnounced, readFigures } from '../../../register/derived/records.ts';
import { LINES_MAX } from '../../../register/documents.ts';
import {
  BY_HEADLINE_GROUP,
  countFeatures,
  type Facet,
  type FacetOf,
  type FeatureCounts,
  WAITING_SINCE,
} from '../../../register/rows.ts';
import type { SiteDeps } from '../deps.ts';
import { empty, type Html, html } from '../html.ts';
import type { Locale } from '../locale.ts';
import { localeFor, render } from '../page.ts';
import type { Tone } from '../parts/chip.ts';
import { csv, formatLinks, listData, queryOf } from '../query.ts';
import { CASES_PATH } from './cases.ts';

const AGES = ['d7', 'd14', 'd30', 'd90', 'more'] as const;
type Age = (typeof AGES)[number];

const UP_TO: Readonly<Record<Age, number>> = { d7: 7, d14: 14, d30: 30, d90: 90, more: Number.POSITIVE_INFINITY };
const MONTHS = 12;
const DAY_MS = 86_400_000;

type Became = 'approved' | 'refused' | 'lapsed';

interface Month extends Readonly<Record<Became, number>> {
  readonly month: string;
}

/** Durations are in days since the first notice of a change. */
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

/** Returns counts by age. `younger`: returns how many are younger than some days. */
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

const medianOf = (values: Float64Array): number | null => {
  const [low, high] = [values[(values.length - 1) >> 1], values[values.length >> 1]];
  return low === undefined || high === undefined ? null : Math.round(((low + high) / 2) * 10) / 10;
};

const lastMonths = (now: string, zone: string): readonly string[] => {
  const [year = 0, month = 1] = localDateOf(now, zone).split('-').map(Number);
  return Array.from({ length: MONTHS }, (_, index) => {
    const date = new Date(Date.UTC(year, month - 1 - (MONTHS - 1 - index), 1));
    return date.toISOString().slice(0, 7);
  });
};

// One for each zone, since an index identifies a facet by object identity. A process has one zone.
const outcomes = new Map<string, FacetOf<number>>();

/** The facet of days from first notice to decision or lapse, by outcome and by the city's month. */
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

interface FigureFacets {
  readonly sums: Facet<string>;
  readonly waiting: Facet<string>;
  readonly outcomes: Facet<number>;
}

export const figuresOf = ({ sums, waiting, outcomes: took }: FigureFacets, now: string, zone: string): Figures => {
  const since = waiting.get('') ?? [];
  const [oldest] = since;
  const sinceLaterThan = (days: number): number => {
    if (days === Number.POSITIVE_INFINITY) return since.length;
    const bound = plusMs(now, -days * DAY_MS);
    return since.length - partitionPoint(since, (each) => each <= bound);
  };
  const daysOf = (became: Became, month: string): readonly number[] => took.get(`${became} ${month}`) ?? [];
  const months = lastMonths(now, zone);
  const decided = Float64Array.from(
    months.flatMap((month) => [...daysOf('approved', month), ...daysOf('refused', month)]),
  ).sort();
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
    decided: decided.length,
    medianDays: medianOf(decided),
    decidedByTime: byAge((bound) => decided.filter((days) => days < bound).length),
  };
};

const BAR_WIDTH = 320;

/** Renders a bar, hidden from screen readers, since the numbers next to it are the same. */
export const bar = (parts: readonly (readonly [Tone, number])[], most: number): Html => {
  let x = 0;
  const rects = parts.map(([tone, value]) => {
    const width = Math.round((value / Math.max(1, most)) * BAR_WIDTH);
    x += width;
    return html`<rect class="${tone}" x="${x - width}" width="${width}" height="8"/>`;
  });
  const bars = html`<rect class="track" width="${BAR_WIDTH}" height="8"/>${rects}`;
  const size = html`viewBox="0 0 ${BAR_WIDTH} 8" preserveAspectRatio="none"`;
  return html`<svg class="chart strip" ${size} aria-hidden="true">${bars}</svg>`;
};

/** A table with a bar in each row. `columns`: heading and tone of each count. */
interface Figure {
  readonly id: string;
  readonly title: string;
  readonly text?: Html | string;
  readonly what?: string;
  readonly columns: readonly (readonly [head: string, tone?: Tone])[];
  readonly rows: readonly { readonly label: string; readonly counts: readonly number[]; readonly tone?: Tone }[];
  readonly more?: readonly (readonly [string, string])[];
}

const figure = ({ number, words }: Locale, { id, title, text, what, columns, rows, more = [] }: Figure): Html => {
  const most = Math.max(...rows.map(({ counts }) => counts.reduce((sum, count) => sum + count, 0)));
  const row = ({ label, counts, tone = 'off' }: Figure['rows'][number]): Html => {
    const parts = counts.map((count, index) => [columns[index]?.[1] ?? tone, count] as const);
    const cells = counts.map((count) => html`<td>${number(count)}</td>`);
    return html`<tr><th scope="row">${label}</th>${cells}<td>${bar(parts, most)}</td></tr>`;
  };
  const head = [[what ?? words.what], ...columns].map(([name]) => html`<th scope="col">${name}</th>`);
  const others = more.map(([label, value]) => html`<tr><th scope="row">${label}</th><td>${value}</td><td></td></tr>`);
  return html`
<section class="figure" aria-labelledby="${id}-heading"><h2 id="${id}-heading">${title}</h2>${text !== undefined && html`<p>${text}</p>`}
<table><thead><tr>${head}<td></td></tr></thead><tbody>${rows.map(row)}${others}</tbody></table></section>`;
};

const states = (locale: Locale, { on, waiting, off }: Figures): Html => {
  const { words } = locale;
  const w = words.figures;
  return figure(locale, {
    id: 'states',
    title: w.state,
    columns: [[w.count]],
    rows: [
      { label: w.on, counts: [on], tone: 'on' },
      { label: w.waiting, counts: [waiting], tone: 'wait' },
      { label: w.off, counts: [off], tone: 'off' },
    ],
  });
};

const ages = (locale: Locale, { pendingByAge, open, oldestDays }: Figures): Html => {
  const { words, count } = locale;
  const w = words.figures;
  return figure(locale, {
    id: 'ages',
    title: w.age,
    text: oldestDays === null ? w.none : count(w, 'ageText', open, { days: count(words.seen, 'days', oldestDays) }),
    columns: [[w.count, 'wait']],
    rows: AGES.map((age) => ({ label: w.ages[age], counts: [pendingByAge[age]] })),
  });
};

const times = (locale: Locale, { medianDays, decidedByTime, decided }: Figures): Html => {
  const { words, say, count, number } = locale;
  const w = words.figures;
  return figure(locale, {
    id: 'times',
    title: w.time,
    text: medianDays === null ? w.timeNone : say(w.timeText, { days: count(words.seen, 'days', medianDays) }),
    columns: [[w.count, 'on']],
    rows: AGES.map((age) => ({ label: w.ages[age], counts: [decidedByTime[age]] })),
    more: [[w.decided, number(decided)]],
  });
};

const months = (locale: Locale, figures: Figures): Html => {
  const { words, say, number, language } = locale;
  const w = words.figures;
  const named = dateFormat(language, { month: 'short', year: 'numeric', timeZone: 'UTC' });
  const sum = (what: Became): string => number(figures.months.reduce((total, month) => total + month[what], 0));
  return figure(locale, {
    id: 'months',
    title: w.month,
    text: say(w.monthText, { approved: sum('approved'), refused: sum('refused'), lapsed: sum('lapsed') }),
    what: w.months,
    columns: [
      [words.status.approved, 'on'],
      [words.status.refused, 'no'],
      [words.status.lapsed, 'off'],
    ],
    rows: figures.months.map(({ month, approved, refused, lapsed }) => ({
      label: named.format(new Date(`${month}-01T00:00:00Z`)),
      counts: [approved, refused, lapsed],
    })),
  });
};

const drift = ({ words, count, href }: Locale, openCases: number): Html => {
  const text = openCases === 0 ? html`${words.seen.none}` : count(words.register, 'drift', openCases);
  return html`<section class="figure" aria-labelledby="drift-heading"><h2 id="drift-heading">${words.seen.title}</h2>
<p><a href="${href(CASES_PATH)}">${text}</a></p></section>`;
};

export const pictures = (locale: Locale, figures: Figures, more: Html = empty): Html => html`
<div class="figures">${states(locale, figures)}${ages(locale, figures)}${times(locale, figures)}${months(locale, figures)}${more}</div>`;

const announced = (locale: Locale, { announced: all, optedOut, late, neverLooked }: AnnouncedCounts): Html => {
  const { words } = locale;
  const w = words.figures;
  return figure(locale, {
    id: 'announced',
    title: w.announcedTitle,
    columns: [[w.count]],
    rows: [
      { label: w.announcedCount, counts: [all], tone: 'off' },
      { label: w.optedOut, counts: [optedOut], tone: 'on' },
      { label: w.optedOutLate, counts: [late], tone: 'wait' },
      { label: w.neverLooked, counts: [neverLooked], tone: 'no' },
    ],
  });
};

type Counted = readonly [what: string, count: number | null];

const cells = (figures: Figures, openCases: number): readonly Counted[] => [
  ['on', figures.on],
  ['waiting', figures.waiting],
  ['off', figures.off],
  ['changesOpen', figures.open],
  ['oldestDays', figures.oldestDays],
  ['decided', figures.decided],
  ['medianDays', figures.medianDays],
  ['drift', openCases],
  ...AGES.map((age): Counted => [`pending.${age}`, figures.pendingByAge[age]]),
  ...AGES.map((age): Counted => [`decided.${age}`, figures.decidedByTime[age]]),
  ...figures.months.flatMap(({ month, ...counts }) =>
    Object.entries(counts).map(([what, count]): Counted => [`${month}.${what}`, count]),
  ),
];

const changeCells = (counts: AnnouncedCounts): readonly Counted[] =>
  Object.entries(counts).map(([what, count]): Counted => [`changes.${what}`, count]);

export const figuresFor = async ({ ports }: SiteDeps, vendor?: string): Promise<Figures> => {
  const now = ports.clock();
  const facet = <T>(of: FacetOf<T>) => ports.register.facet(of, { prefix: vendor, now });
  const [sums, waiting, outcomes] = await Promise.all([
    facet(BY_HEADLINE_GROUP),
    facet(WAITING_SINCE),
    facet(outcomesIn(ports.zone)),
  ]);
  return figuresOf({ sums, waiting, outcomes }, now, ports.zone);
};

export const numbersPage = async (deps: SiteDeps, context: Context): Promise<Response> => {
  const { format } = queryOf(context, {});
  const { sideStore, clock, zone } = deps.ports;
  const now = clock();
  const [figures, { openCases }, changes] = await Promise.all([
    figuresFor(deps),
    readFigures(sideStore),
    readAnnounced(sideStore),
  ]);
  if (format !== 'html') {
    const counted = [...cells(figures, openCases), ...changeCells(changes)].map(([what, count]) => ({ what, count }));
    const data = { ...figures, drift: openCases, announced: changes, asOf: now };
    return listData(deps, format, data, () => csv(context, ['what', 'count'], counted));
  }
  const locale = localeFor(context, zone, now);
  const { words, say, number } = locale;
  const body = html`
<h1>${words.figures.title}</h1><p class="fine">${say(words.figures.lead, { max: number(LINES_MAX) })}</p>
${pictures(locale, figures, html`${announced(locale, changes)}${drift(locale, openCases)}`)}${formatLinks(context, locale)}`;
  return render(context, locale, { title: words.figures.title, body, wide: true, here: 'register' });
};
