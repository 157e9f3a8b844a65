import type { Context } from 'hono';
import * as z from 'zod';
import { localDateOf, toInstant } from '../../../domain/kernel/zone.ts';
import type { FeatureJson } from '../../register/views/featureJson.ts';
import { badParameter, checkQuery, LIMIT_MAX } from '../http/input.ts';
import { refused } from '../http/problems.ts';
import type { SiteDeps } from './deps.ts';
import { empty, type Html, html } from './html.ts';
import type { Locale } from './locale.ts';

const common = {
  lang: z.string().max(20).optional(),
  format: z.enum(['html', 'json', 'csv'], { error: 'is html, json or csv' }).prefault('html'),
};

/** Returns the context of a question for an agency, if it names one. */
export const contextFor = (agency: string | undefined) => ({ agencies: agency === undefined ? [] : [agency] });

/** A text of at most so many characters that may be absent. */
export const textUpTo = (chars: number) => z.string().max(chars, `is longer than ${chars} characters`).optional();

const NO_LIMIT = `is not a whole number from 1 to ${LIMIT_MAX}`;

/** `limit` of a page whose default differs between HTML and data. */
export const LimitQuery = z
  .string()
  .regex(/^[1-9][0-9]{0,3}$/, NO_LIMIT)
  .transform(Number)
  .refine((limit) => limit <= LIMIT_MAX, NO_LIMIT)
  .optional();

/**
 * Reads the parameters of a page. Ignores unknown ones, since shared addresses carry trackers, and blank ones, since forms send
 * them; rejects invalid values of known ones.
 */
export const queryOf = <S extends z.ZodRawShape>(context: Context, shape: S) => {
  const known = { ...common, ...shape };
  const queries = Object.fromEntries(
    Object.entries(context.req.queries()).filter(
      ([name, values]) => Object.hasOwn(known, name) && values.some((value) => value !== ''),
    ),
  );
  return checkQuery(z.strictObject(known), queries);
};

/** `at`, as every page takes it. */
export const AtQuery = z.string().max(40, 'is not an instant').optional();

/** Reads the instant asked for: RFC 3339, or a date for the end of that day. Today's date means now. Rejects the future. */
export const askedInstant = (text: string, { zone, clock }: SiteDeps['ports']): string => {
  const at = toInstant(text, zone);
  if (at === undefined) throw badParameter('at', 'is not an instant such as 2026-04-01T00:00:00Z');
  const now = clock();
  if (text.length === 10 && text === localDateOf(now, zone)) return now;
  if (at > now)
    throw refused('future-instant', { detail: 'at is in the future', errors: [{ pointer: '/at', detail: 'is in the future' }] });
  return at;
};

/** Renders that a page shows the past, with a link to the present. `now`: that link. */
export const pastNote = ({ words, say, ending, time }: Locale, instant: string, now: string): Html =>
  html`<p class="note">${say(words.past.asKnown, { when: time(instant, ending(instant)) })} <a href="${now}">${words.past.now}</a></p>`;

/**
 * Renders a form that asks for a day. `keep`: other parameters to keep; the locale's `now` is the last day that can be asked for.
 */
export const pastForm = (
  context: Context,
  { words, language, zone, now }: Locale,
  at: string | undefined,
  keep: Readonly<Record<string, string | undefined>> = {},
): Html => {
  const kept = { ...keep, lang: context.req.query('lang') === undefined ? undefined : language };
  return html`
<form class="find" method="get" action="${context.req.path}">${Object.entries(kept).map(([name, value]) =>
    value === undefined ? empty : html`<input type="hidden" name="${name}" value="${value}">`,
  )}
<div><label for="at">${words.past.label}</label><input type="date" id="at" name="at" value="${at?.slice(0, 10) ?? ''}" max="${localDateOf(now, zone)}" required></div><button type="submit" class="quiet">${words.past.show}</button></form>`;
};

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
  { words, say, now, href, time }: Locale,
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
<p class="fine">${say(words.register.asOf, { when: time(asOf) })}</p>
<p class="fine formats">${words.formats}: ${others.map(([label, path]) => html`<a href="${path.includes('format=') ? path : href(path)}">${label}</a> `)}</p>`;
};

const PORTION = 15;

/** A part of a list, its offset, and that of the next one; null at the end. */
export interface Portion<T> {
  readonly items: readonly T[];
  readonly from: number;
  readonly next: number | null;
}

/** A list of which a part can be taken without the rest. */
interface Sliceable<T> {
  readonly length: number;
  readonly slice: (from: number, upTo: number) => readonly T[];
}

/** Returns the part of a list that the address asks for by `name`; the first if it asks for none. */
export const portionOf = <T>(context: Context, name: string, items: Sliceable<T>, size = PORTION): Portion<T> => {
  const asked = context.req.query(name) ?? '';
  const from = /^[1-9][0-9]{0,5}$/.test(asked) ? Number(asked) : 0;
  const next = from + size;
  return { items: items.slice(from, next), from, next: next < items.length ? next : null };
};

export const restLink = (context: Context, { words }: Locale, name: string, { next }: Pick<Portion<unknown>, 'next'>): Html => {
  if (next === null) return empty;
  const url = new URL(context.req.url);
  url.searchParams.set(name, String(next));
  return html`<p><a href="${url.pathname}${url.search}">${words.register.next}</a></p>`;
};
