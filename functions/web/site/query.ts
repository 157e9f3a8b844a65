import type { Context } from 'hono';
import * as z from 'zod';
import { localDateOf } from '../../../domain/kernel/zone.ts';
import { listFault } from '../../register/derived/records.ts';
import type { FeatureJson } from '../../register/views/featureJson.ts';
import { checkQuery, cursorsOf, limit } from '../http/input.ts';
import { FAULT_HEADER, json } from '../http/respond.ts';
import type { SiteDeps } from './deps.ts';
import { hidden } from './forms.ts';
import { empty, type Html, html } from './html.ts';
import type { Locale } from './locale.ts';

const common = {
  lang: z.string().max(20).optional(),
  format: z.enum(['html', 'json', 'csv'], { error: 'is html, json or csv' }).prefault('html'),
};

export const contextFor = (agency: string | undefined) => ({ agencies: agency === undefined ? [] : [agency] });

export const textUpTo = (chars: number) => z.string().max(chars, `is longer than ${chars} characters`).optional();

/** The `limit` of a page whose default differs between HTML and data. */
export const LimitQuery = limit.optional();

/** Parses a page's query. Ignores unknown parameters, since shared addresses carry trackers, and blank ones, since forms send them. */
export const queryOf = <S extends z.ZodRawShape>(context: Context, shape: S) => {
  const known = { ...common, ...shape };
  const asked = [...new URL(context.req.url).searchParams].filter(([name, value]) => value !== '' && Object.hasOwn(known, name));
  return checkQuery(z.strictObject(known), new URLSearchParams(asked));
};

/** Parameters that may differ between the pages of one list. */
const OF_A_PART = new Set(['cursor', 'limit', 'lang', 'format']);

export const pageCursors = ({ req }: Context, query: Readonly<Record<string, unknown>> = {}) =>
  cursorsOf(req.path, Object.fromEntries(Object.entries(query).filter(([name]) => !OF_A_PART.has(name))));

export const AtQuery = z.string().max(40, 'is not an instant').optional();

export const pastNote = ({ words, say, ending, time }: Locale, instant: string, now: string): Html =>
  html`<p class="note">${say(words.past.asKnown, { when: time(instant, ending(instant)) })} <a href="${now}">${words.past.now}</a></p>`;

interface FindOption {
  readonly value: string;
  readonly label: string;
}

export const findOptions = (chosen: string | undefined, all: readonly FindOption[]): Html =>
  html`${all.map(({ value, label }) => html`<option value="${value}"${value === chosen && html` selected`}>${label}</option>`)}`;

/** Renders a labelled search field. `field`: has `name` as its id. */
export const findField = (name: string, label: string, field: Html, kind?: 'most'): Html => html`
<div${kind && html` class="${kind}"`}><label for="${name}">${label}</label>${field}</div>`;

export const findSelect = (name: string, label: string, options: Html): Html =>
  findField(name, label, html`<select id="${name}" name="${name}">${options}</select>`);

interface FindForm {
  readonly action: string;
  readonly fields: Html;
  readonly submit: string;
  readonly quiet?: boolean;
  readonly keep?: Readonly<Record<string, string | undefined>>;
  readonly attributes?: Html;
}

/** Renders a GET form, so that the result's address can be shared. `keep`: other parameters to keep. */
export const findForm = (
  { langField }: Locale,
  { action, fields, submit, quiet = true, keep = {}, attributes = empty }: FindForm,
): Html => {
  const kept = Object.entries(keep).map(([name, value]) => value !== undefined && hidden(name, value));
  return html`
<form class="find" method="get" action="${action}"${attributes}>${kept}${langField}${fields}
<button type="submit"${quiet && html` class="quiet"`}>${submit}</button></form>`;
};

export const pastForm = (context: Context, locale: Locale, at: string | undefined): Html => {
  const { label, show } = locale.words.past;
  const last = localDateOf(locale.now, locale.zone);
  const day = html`<input type="date" id="at" name="at" value="${at?.slice(0, 10) ?? ''}" max="${last}">`;
  return findForm(locale, { action: context.req.path, submit: show, fields: findField('at', label, day) });
};

// Wire format: RFC 4180, every field quoted, UTF-8. Spreadsheets need a byte-order mark to read UTF-8, but most programs take it as part of
// the first column's name. Only browsers get it, recognised by an `Accept` header that only they send.

/**
 * Matches the position before text that a spreadsheet would evaluate as a formula, including full-width and leading invisible characters;
 * also after a semicolon and on further lines, where a spreadsheet set to semicolons begins a cell in spite of the quotes.
 */
const FORMULA = /(?<=^|[;\n])(?=[\s\p{Cf}\p{Cc}]*[=+\-@＝＋－＠﹢﹣﹦﹫−])|^(?=[\t\r\n])/gu;

type CsvCell = string | number | boolean | readonly string[] | null | undefined;

/** Quotes a cell, a list joined by semicolons, so that it stays text in a spreadsheet: vendors' words are attacker-controlled. */
const quoted = (value: CsvCell): string => {
  const text = Array.isArray(value) ? value.join('; ') : String(value ?? '');
  const isText = typeof value !== 'number' && typeof value !== 'boolean';
  return `"${(isText ? text.replaceAll(FORMULA, "'") : text).replaceAll('"', '""')}"`;
};

/** Returns the address of this page with another value of a parameter, or without it. */
export const addressWith = (context: Context, name: string, value: string | undefined): string => {
  const url = new URL(context.req.url);
  if (value === undefined) url.searchParams.delete(name);
  else url.searchParams.set(name, value);
  return `${url.pathname}${url.search}`;
};

const withCursor = (context: Context, cursor: string): string => addressWith(context, 'cursor', cursor);

/** Renders the links of a paged list: to the first page and to the next. */
export const pageLinks = (context: Context, { words }: Locale, next: string | null): Html | false => {
  const isFirst = context.req.query('cursor') === undefined;
  const back = !isFirst && html`<a href="${addressWith(context, 'cursor', undefined)}">${words.find.first}</a> `;
  const on = next !== null && html`<a rel="next" href="${withCursor(context, next)}">${words.more}</a>`;
  return (back || on) && html`<p class="formats">${back}${on}</p>`;
};

/** Answers with CSV. `cursor`: the next page, sent as a `Link` header (RFC 8288), since the file cannot contain it. */
export const csv = <Name extends string>(
  context: Context,
  columns: readonly Name[],
  rows: readonly Readonly<Partial<Record<Name, CsvCell>>>[],
  cursor: string | null = null,
): Response => {
  const cells = [columns, ...rows.map((row) => columns.map((name) => row[name]))];
  const mark = context.req.header('accept')?.includes('application/xhtml+xml') ? '\ufeff' : '';
  const lines = cells.map((line) => `${line.map(quoted).join(',')}\r\n`);
  return new Response(`${mark}${lines.join('')}`, {
    headers: {
      'content-type': 'text/csv; charset=utf-8; header=present',
      'content-disposition': 'attachment; filename="aldergate.csv"',
      'cache-control': 'no-store',
      ...(cursor !== null && { link: `<${withCursor(context, cursor)}>; rel="next"` }),
    },
  });
};

/** Answers a list page as data. If the gate withholds something because of a fault, JSON has `fault`, and CSV the header. */
export const listData = async (
  { ports }: Pick<SiteDeps, 'ports'>,
  format: 'json' | 'csv',
  asJson: object,
  asCsv: () => Response,
): Promise<Response> => {
  const fault = await listFault(ports);
  if (format === 'json') return json({ ...asJson, ...fault });
  const file = asCsv();
  if (fault.fault) file.headers.set(FAULT_HEADER, 'true');
  return file;
};

const FEATURE = [
  'key',
  'title',
  'enabled',
  'status',
  'change',
  'revision',
  'digest',
  'version',
  'validUntil',
  'effectiveUntil',
] as const;
const ALLOWED = ['audience', 'conditions', 'onFor', 'fault', 'asOf'] as const;

export const featuresCsv = (context: Context, features: readonly FeatureJson[], cursor?: string | null): Response =>
  csv(
    context,
    [...FEATURE, ...ALLOWED],
    features.map(({ conditions, onFor, fault = false, ...feature }) => ({
      ...feature,
      conditions: conditions.join('\n'),
      onFor: onFor ?? 'every agency',
      fault,
    })),
    cursor,
  );

export const SUBSCRIBED = [
  ['Atom', '/feed.atom'],
  ['iCalendar', '/calendar.ics'],
] as const;

/** Renders links to other formats. `more`: formats of this page alone; `asOf`: the instant, if it is in the past. */
export const formatLinks = (
  context: Context,
  { words, say, now, href, time }: Locale,
  more: readonly (readonly [string, string])[] = [],
  asOf = now,
): Html => {
  const address = (format: string): string => addressWith(context, 'format', format);
  const others = [['JSON', address('json')], ['CSV', address('csv')], ...more] as const;
  const links = others.map(([label, path]) => html`<a href="${path.includes('format=') ? path : href(path)}">${label}</a> `);
  return html`
<p class="fine">${say(words.asOf, { when: time(asOf) })}</p>
<p class="fine formats">${words.formats}: ${links}</p>`;
};

const PORTION = 15;

export interface ListSlice<T> {
  readonly items: readonly T[];
  readonly from: number;
  readonly next: number | null;
  readonly total: number;
}

interface Sliceable<T> {
  readonly length: number;
  readonly slice: (from: number, upTo: number) => readonly T[];
}

export const listSlice = <T>(context: Context, name: string, items: Sliceable<T>, size = PORTION): ListSlice<T> => {
  const asked = context.req.query(name) ?? '';
  const from = /^[1-9][0-9]{0,5}$/.test(asked) ? Number(asked) : 0;
  const next = from + size;
  return { items: items.slice(from, next), from, next: next < items.length ? next : null, total: items.length };
};

export const moreLink = (context: Context, { words }: Locale, name: string, { next }: Pick<ListSlice<unknown>, 'next'>): Html =>
  next === null ? empty : html`<p><a href="${addressWith(context, name, String(next))}">${words.more}</a></p>`;
