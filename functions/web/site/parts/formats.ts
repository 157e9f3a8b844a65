import type { Context } from 'hono';
import type { FeatureJson } from '../../../register/views/featureJson.ts';
import { type Html, html } from '../html.ts';
import type { Locale } from '../locale.ts';
import { linkIn } from '../page.ts';

// Wire format: RFC 4180, every field quoted, UTF-8.

/** Matches what a spreadsheet would evaluate as a formula, including full-width characters and leading invisible ones. */
const FORMULA = /^[\s\p{Cf}\p{Cc}]*[=+\-@＝＋－＠﹢﹣﹦﹫−]|^[\t\r\n]/u;

/** Quotes a cell so that it stays text in a spreadsheet: vendors' words are attacker-controlled. */
const quoted = (value: CsvCell): string => {
  const text = value === null ? '' : String(value);
  const safe = typeof value === 'string' && FORMULA.test(text) ? `'${text}` : text;
  return `"${safe.replaceAll('"', '""')}"`;
};

type CsvCell = string | number | boolean | null;

export type CsvColumns<T> = Readonly<Record<string, (row: T) => CsvCell>>;

export const withCursor = (context: Context, cursor: string): string => {
  const url = new URL(context.req.url);
  url.searchParams.set('cursor', cursor);
  return `${url.pathname}${url.search}`;
};

/** Answers with a CSV file. `next`: the address of the next part, which a header names (RFC 8288), since the file cannot. */
export const csv = <T>(columns: CsvColumns<T>, rows: readonly T[], next?: string): Response => {
  const cells = [Object.keys(columns), ...rows.map((row) => Object.values(columns).map((cellOf) => cellOf(row)))];
  return new Response(`${cells.map((line) => line.map(quoted).join(',')).join('\r\n')}\r\n`, {
    headers: {
      'content-type': 'text/csv; charset=utf-8; header=present',
      'content-disposition': 'attachment; filename="aldergate.csv"',
      'cache-control': 'no-store',
      ...(next !== undefined && { link: `<${next}>; rel="next"` }),
    },
  });
};

const EVERY_AGENCY = 'every agency';

const COLUMNS: CsvColumns<FeatureJson> = {
  key: ({ key }) => key,
  title: ({ title }) => title ?? null,
  enabled: ({ enabled }) => enabled,
  status: ({ status }) => status,
  change: ({ change }) => change,
  revision: ({ revision }) => revision,
  digest: ({ digest }) => digest,
  version: ({ version }) => version,
  validUntil: ({ validUntil }) => validUntil,
  effectiveUntil: ({ effectiveUntil }) => effectiveUntil,
  audience: ({ audience }) => audience?.join('; ') ?? null,
  conditions: ({ conditions }) => conditions.join('\n'),
  onFor: ({ onFor }) => onFor?.join('; ') ?? EVERY_AGENCY,
  fault: ({ fault = false }) => fault,
  asOf: ({ asOf }) => asOf,
};

/** Answers with features as CSV. `next`: see {@link csv}. */
export const featuresCsv = (features: readonly FeatureJson[], next?: string): Response => csv(COLUMNS, features, next);

/**
 * Renders links to other formats of the page and the instant it shows. `more`: formats of this page alone; `asOf`: the instant,
 * if it is a past one.
 */
export const formatLinks = (
  context: Context,
  { words, say, dateTime, now }: Locale,
  more: readonly (readonly [string, string])[] = [],
  asOf = now,
): Html => {
  const address = (format: string): string => {
    const url = new URL(context.req.url);
    url.searchParams.set('format', format);
    return `${url.pathname}${url.search}`;
  };
  const others = [['JSON', address('json')], ['CSV', address('csv')], ...more] as const;
  return html`
<p class="fine">${say(words.register.asOf, { when: html`<time datetime="${asOf}">${dateTime(asOf)}</time>` })}</p>
<p class="fine formats">${words.formats}: ${others.map(([label, path]) => html`<a href="${path.includes('format=') ? path : linkIn(context, path)}">${label}</a> `)}</p>`;
};
