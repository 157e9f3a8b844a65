import type { Context } from 'hono';
import { dateFormat } from '../../../platform/formatters.ts';
import type { FacetOf } from '../../../register/facet.ts';
import { BY_SUM, BY_VENDOR, WAITING_SINCE } from '../../../register/facets.ts';
import { LINES_MAX } from '../../../register/line.ts';
import { listFacet } from '../../../register/listFeatures.ts';
import { json } from '../../http/respond.ts';
import type { SiteDeps } from '../deps.ts';
import { type Html, html } from '../html.ts';
import type { Locale } from '../locale.ts';
import { linkIn, localeFor, render } from '../page.ts';
import { type Bar, barChart, columnChart, type Figure, figure } from '../parts/chart.ts';
import { type CsvColumns, csv, formatLinks } from '../parts/formats.ts';
import { VendorQuery } from '../vendors.ts';
import { driftOf, observationOf } from './drift.ts';
import { AGES, type Figures, figuresOf, outcomesIn } from './figures.ts';
import { queryOf } from './query.ts';

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
  const facet = <T>(of: FacetOf<T>) => listFacet(ports, of, { prefix: vendor, now });
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
  const vendors = [...(await listFacet(deps.ports, BY_VENDOR, { prefix: vendor, now })).keys()];
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
