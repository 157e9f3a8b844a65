import type { Context } from 'hono';
import type { FeatureJson } from '../../../register/views/featureJson.ts';
import { type Html, html } from '../html.ts';
import type { Locale } from '../locale.ts';
import { linkIn } from '../page.ts';

// Wire format: RFC 4180, every field quoted, UTF-8.

/** Matches what a spreadsheet would evaluate as a formula, including full-width characters and leading invisible ones. */
const FORMULA = /^[\s\p{Cf}\p{Cc}]*[=+\-@＝＋－＠﹢﹣﹦﹫−]|^[\t\r\n]/u;

/** Quotes a cell so that it stays text in a spreadsheet: vendors' words are attacker-controlled. */
const cell = (value: string | number | boolean | null): string => {
  const text = value === null ? '' : String(value);
  const safe = typeof value === 'string' && FORMULA.test(text) ? `'${text}` : text;
  return `"${safe.replaceAll('"', '""')}"`;
};

export type CsvCells = readonly (string | number | boolean | null)[];

/** Returns the address of the next page of a list. */
export const withCursor = (context: Context, cursor: string): string => {
  const url = new URL(context.req.url);
  url.searchParams.set('cursor', cursor);
  return `${url.pathname}${url.search}`;
};

/** Answers with a CSV file. `next`: the address of the next part, which a header names (RFC 8288), since the file cannot. */
export const csv = (head: readonly string[], rows: readonly CsvCells[], next?: string): Response =>
  new Response(`${[head, ...rows].map((row) => row.map(cell).join(',')).join('\r\n')}\r\n`, {
    headers: {
      'content-type': 'text/csv; charset=utf-8; header=present',
      'content-disposition': 'attachment; filename="aldergate.csv"',
      'cache-control': 'no-store',
      ...(next !== undefined && { link: `<${next}>; rel="next"` }),
    },
  });

const HEAD = [
  'key',
  'title',
  'enabled',
  'status',
  'change',
  'revision',
  'digest',
  'version',
  'validUntil',
  'audience',
  'conditions',
  'onFor',
  'asOf',
];

/** Stands in `onFor` for a feature that is on for every agency; the cell is empty while it is off. */
const EVERY_AGENCY = 'every agency';

const rowOf = (feature: FeatureJson): CsvCells => [
  feature.key,
  feature.title ?? null,
  feature.enabled,
  feature.status,
  feature.change,
  feature.revision,
  feature.digest,
  feature.version,
  feature.validUntil,
  feature.audience === null ? null : feature.audience.join('; '),
  feature.conditions.join('\n'),
  feature.onFor === null ? EVERY_AGENCY : feature.onFor.join('; '),
  feature.asOf,
];

/** Answers with features as CSV. `next`: see {@link csv}. */
export const featuresCsv = (features: readonly FeatureJson[], next?: string): Response => csv(HEAD, features.map(rowOf), next);

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
