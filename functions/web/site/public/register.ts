import type { Context } from 'hono';
import { partitionPoint } from '../../../../domain/kernel/order.ts';
import { readRules } from '../../../gate/rules.ts';
import { decodeCursor, encodeCursor } from '../../../register/cursor.ts';
import { BY_STATUS, BY_VENDOR } from '../../../register/facets.ts';
import { allFeatures, hasKey, listFacet } from '../../../register/listFeatures.ts';
import { listPast } from '../../../register/past.ts';
import type { RowsQuery } from '../../../register/registerIndex.ts';
import type { FeatureRow } from '../../../register/rows.ts';
import type { FeatureJson } from '../../../register/views/featureJson.ts';
import { confirmedRows, pastRows } from '../../../register/views/readFeatureJson.ts';
import { requirePage } from '../../http/paging.ts';
import { json } from '../../http/respond.ts';
import type { SiteDeps } from '../deps.ts';
import { empty, type Html, html } from '../html.ts';
import type { Locale } from '../locale.ts';
import { linkIn, localeFor, render } from '../page.ts';
import { featuresCsv, formatLinks, withCursor } from '../parts/formats.ts';
import { vendorNames } from '../vendors.ts';
import { driftOf } from './drift.ts';
import { askedInstant, pastForm, pastNote } from './pastDay.ts';
import { contextFor, queryOf } from './query.ts';
import { groups, type Headline, headlineOf, type Line, numbers } from './registerParts.ts';
import { ENTRIES, matcher, registerQuery, SEARCHABLE, searchable, setFilters } from './registerQuery.ts';
import { nothingFound, searchForm } from './searchForm.ts';

const DATA_ENTRIES = 100;

/** The result of a search, and the part of it that is shown. `all`: the features that were searched, of today, by key. */
interface Found {
  readonly all: readonly FeatureRow[];
  readonly headline: Headline;
  readonly lines: readonly Line[];
  readonly next: string | null;
  /** How many match in all; undefined if not all were examined. */
  readonly total?: number;
  /** The index of the first shown line among them. */
  readonly before: number;
  readonly looked?: number;
  /** The features on without permission; empty for a past day. */
  readonly seen: ReadonlyMap<string, string>;
  readonly names: ReadonlyMap<string, string>;
}

type Query = ReturnType<typeof queryOf<typeof registerQuery>>;

const linesOf = (rows: readonly FeatureRow[], features: readonly FeatureJson[]): readonly Line[] => {
  const byKey = new Map(rows.map((row) => [row.key, row]));
  return features.flatMap((feature) => {
    const row = byKey.get(feature.key);
    return row === undefined ? [] : [{ row, feature }];
  });
};

/** Reads the names of the vendors that have features, by id. */
const namesIn = async (deps: SiteDeps, { prefix, now }: RowsQuery): Promise<ReadonlyMap<string, string>> =>
  vendorNames(deps, [...(await listFacet(deps.ports, BY_VENDOR, { prefix, now })).keys()].sort());

/** Returns the features of today that match a search, by key. A status or a vendor alone has a list of its own. */
const matchingRows = async (
  { ports }: SiteDeps,
  query: Query,
  of: RowsQuery,
  names: ReadonlyMap<string, string>,
): Promise<readonly FeatureRow[]> => {
  const [first, ...more] = setFilters(query);
  if (first === undefined) return allFeatures(ports, of);
  const [name, value] = first;
  const lists = { status: BY_STATUS, vendor: BY_VENDOR };
  if (more.length === 0 && (name === 'status' || name === 'vendor'))
    return (await listFacet(ports, lists[name], of)).get(value) ?? [];
  const texts = (await listFacet(ports, SEARCHABLE, of)).get('') ?? [];
  return texts.filter(matcher(query, names)).map(({ row }) => row);
};

const findNow = async (deps: SiteDeps, query: Query, limit: number): Promise<Found> => {
  const { ports } = deps;
  const { agency, prefix, cursor, status } = query;
  const after = requirePage(decodeCursor(cursor));
  const now = ports.clock();
  const of = { prefix, now, context: contextFor(agency) };
  const [all, headline, names] = await Promise.all([
    allFeatures(ports, of),
    headlineOf(ports, of),
    namesIn(deps, { prefix, now }),
  ]);
  const matching = await matchingRows(deps, query, of, names);
  const first = partitionPoint(matching, ({ key }) => key <= after);
  const shown = matching.slice(first, first + limit);
  const confirmed = await confirmedRows(ports, shown, { context: contextFor(agency), checkpoint: deps.checkpoint() });
  const features = confirmed.filter((feature) => status === undefined || feature.status === status);
  return {
    all,
    headline,
    lines: linesOf(shown, features),
    next: matching.length - first > limit ? encodeCursor(shown.at(-1)?.key ?? '') : null,
    total: matching.length,
    before: first,
    names,
    seen: query.format === 'html' ? await driftOf(deps, [...names.keys()]) : new Map(),
  };
};

const findThen = async (deps: SiteDeps, query: Query, at: string, limit: number): Promise<Found> => {
  const { ports } = deps;
  const { agency, prefix = query.vendor, cursor } = query;
  const today = { prefix, now: ports.clock() };
  const [all, headline, names] = await Promise.all([allFeatures(ports, today), headlineOf(ports, today), namesIn(deps, today)]);
  const wants = matcher(query, names);
  const { items, next, looked } = requirePage(
    await listPast(ports, { at, prefix, cursor, limit, context: contextFor(agency), wants: (row) => wants(searchable(row)) }),
  );
  const features = await pastRows(ports, items, { at, checkpoint: deps.checkpoint() });
  return { all, headline, lines: linesOf(items, features), next, before: 0, looked, names, seen: new Map() };
};

const withoutCursor = (context: Context): string => {
  const url = new URL(context.req.url);
  url.searchParams.delete('cursor');
  return `${url.pathname}${url.search}`;
};

const paging = (context: Context, { words }: Locale, { next, looked }: Found): Html => {
  const back =
    context.req.query('cursor') === undefined ? empty : html`<a href="${withoutCursor(context)}">${words.find.first}</a> `;
  const on =
    next === null
      ? empty
      : html`<a rel="next" href="${withCursor(context, next)}">${looked === undefined ? words.find.more : words.past.go}</a>`;
  return html`<p class="formats">${back}${on}</p>`;
};

const countLine = (locale: Locale, { lines, total, before, looked }: Found): Html => {
  const { words, say, count, number } = locale;
  if (looked !== undefined) return html`<p role="status">${count(words.past, 'looked', looked)}</p>`;
  if (lines.length === 0) return html`<p role="status">${count(words.register, 'found', 0)}</p>`;
  return html`<p role="status">${say(words.find.shown, { from: number(before + 1), to: number(before + lines.length), n: number(total ?? 0) })}</p>`;
};

/** Renders the lines found, or what to do if nothing was found. */
const results = async (deps: SiteDeps, context: Context, locale: Locale, query: Query, found: Found): Promise<Html> => {
  const { words } = locale;
  const { roster } = await readRules(deps.ports);
  const searched = setFilters(query).length > 0;
  const past = found.looked !== undefined;
  const { seen } = found;
  const unlisted = searched || past ? [] : [...seen.keys()].filter((key) => !hasKey(found.all, key));
  if (found.lines.length > 0 || unlisted.length > 0)
    return html`${groups(context, locale, found.lines, { roster: roster?.roster ?? null, seen, vendors: found.names }, unlisted)}${paging(context, locale, found)}`;
  if (past && !searched) return html`<p>${words.past.none}</p>${paging(context, locale, found)}`;
  return searched
    ? html`${nothingFound(context, locale, query)}${paging(context, locale, found)}`
    : html`<p>${words.register.empty}</p>`;
};

const registerBody = async (
  deps: SiteDeps,
  context: Context,
  locale: Locale,
  query: Query,
  found: Found,
  at: string | undefined,
): Promise<Html> => {
  const { words } = locale;
  const { roster, policy } = await readRules(deps.ports);
  const top =
    at === undefined
      ? html`${numbers(context, locale, found.headline, found.seen.size)}<p><a href="${linkIn(context, '/numbers')}">${words.find.pictures}</a></p>`
      : pastNote(locale, at, linkIn(context, '/'));
  return html`
<h1>${words.register.heading}</h1><p class="lead">${words.register.lead} <a href="${linkIn(context, '/rules')}">${words.register.rule}</a></p>
${policy === null ? html`<p class="note">${words.register.noPolicy}</p>` : empty}
${top}${searchForm(context, locale, query, { vendors: found.names, roster: roster?.roster ?? null, kept: { at: query.at, agency: query.agency, prefix: query.prefix } })}
${countLine(locale, found)}${await results(deps, context, locale, query, found)}
<h2>${words.past.heading}</h2>${pastForm(context, locale, query.at)}
${formatLinks(
  context,
  locale,
  [
    ['Atom', '/feed.atom'],
    ['iCalendar', '/calendar.ics'],
  ],
  at,
)}`;
};

/**
 * Answers with the register, now or as known on a past day. Every "on" of today is confirmed on the heads; every line of the past
 * is computed from the commits that stood then.
 */
export const registerPage = async (deps: SiteDeps, context: Context): Promise<Response> => {
  const query = queryOf(context, registerQuery);
  const at = query.at === undefined ? undefined : askedInstant(query.at, deps.ports);
  const limit = query.limit ?? (query.format === 'html' ? ENTRIES : DATA_ENTRIES);
  const found = at === undefined ? await findNow(deps, query, limit) : await findThen(deps, query, at, limit);
  const features = found.lines.map(({ feature }) => feature);
  if (query.format === 'json') return json({ items: features, next: found.next });
  if (query.format === 'csv') return featuresCsv(features, found.next === null ? undefined : withCursor(context, found.next));
  const locale = localeFor(context, deps.ports.zone, deps.ports.clock());
  const { words, ending, say, count } = locale;
  const title =
    at !== undefined
      ? say(words.past.title, { when: ending(at) })
      : setFilters(query).length > 0
        ? count(words.find, 'titleCount', found.total ?? 0)
        : words.register.title;
  const body = await registerBody(deps, context, locale, query, found, at);
  return render(context, locale, { title: String(await title), body, wide: true, here: 'register' });
};
