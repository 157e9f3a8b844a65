import type { Context } from 'hono';
import type { FeatureJson } from '../../../register/views/featureJson.ts';
import { type Html, html } from '../html.ts';
import type { Locale } from '../locale.ts';
import { linkIn } from '../page.ts';

// Wire format: RFC 4180, every field quoted, UTF-8.

/** What a spreadsheet would take for a formula: also in the full width of East Asian scripts, and after blanks that are not seen. */
const FORMULA = /^[\s\p{Cf}\p{Cc}]*[=+\-@＝＋－＠﹢﹣﹦﹫−]|^[\t\r\n]/u;

/** A cell that stays text wherever the file is opened: vendors write these words, and spreadsheets run what begins like a formula. */
const cell = (value: string | number | boolean | null): string => {
  const text = value === null ? '' : String(value);
  const safe = typeof value === 'string' && FORMULA.test(text) ? `'${text}` : text;
  return `"${safe.replaceAll('"', '""')}"`;
};

export type CsvCells = readonly (string | number | boolean | null)[];

/** A table with its head. */
export const csv = (head: readonly string[], rows: readonly CsvCells[]): Response =>
  new Response(`${[head, ...rows].map((row) => row.map(cell).join(',')).join('\r\n')}\r\n`, {
    headers: {
      'content-type': 'text/csv; charset=utf-8; header=present',
      'content-disposition': 'attachment; filename="aldergate.csv"',
      'cache-control': 'no-store',
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

/** Features as a table. */
export const featuresCsv = (features: readonly FeatureJson[]): Response => csv(HEAD, features.map(rowOf));

/** The links to the same in other forms, and when it was true. `more`: other forms of this page alone; `asOf`: the instant it tells of, where that is a past one. */
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
