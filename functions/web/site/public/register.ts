import type { Context } from 'hono';
import { mayBeOn } from '../../../../domain/feature/evaluate.ts';
import { vendorOf } from '../../../../domain/feature/keys.ts';
import { partitionPoint } from '../../../../domain/kernel/order.ts';
import type { Roster } from '../../../../domain/roster/schema.ts';
import { readRules } from '../../../gate/rules.ts';
import { readFigures, readKeyRecord } from '../../../register/derived/lists.ts';
import { allFeatures, decodeCursor, encodeCursor, listPast } from '../../../register/lists.ts';
import type { FeatureRow, RowsQuery } from '../../../register/rows.ts';
import { BY_SUM, BY_VENDOR, countFeatures, type FeatureCounts, WAITING_SINCE } from '../../../register/rows.ts';
import type { FeatureJson } from '../../../register/views/featureJson.ts';
import { confirmedRows, pastRows } from '../../../register/views/featureJson.ts';
import { requirePage } from '../../http/input.ts';
import { json } from '../../http/respond.ts';
import type { SiteDeps, SitePorts } from '../deps.ts';
import { empty, foreign, type Html, html } from '../html.ts';
import type { Locale } from '../locale.ts';
import { bodyName, vendorNames } from '../names.ts';
import { linkIn, localeFor, render } from '../page.ts';
import { chip, toneOfVariant } from '../parts/chip.ts';
import { contractEnds } from '../parts/contractEnds.ts';
import { featuresCsv, formatLinks, withCursor } from '../parts/formats.ts';
import { windowBeside } from '../parts/secondVote.ts';
import { CASES_PATH } from './cases.ts';
import { bar } from './numbers.ts';
import { askedInstant, contextFor, pastForm, pastNote, queryOf } from './query.ts';
import {
  ENTRIES,
  matcher,
  nothingFound,
  registerQuery,
  SEARCHABLE,
  searchable,
  searchForm,
  setFilters,
} from './registerQuery.ts';

interface Line {
  readonly row: FeatureRow;
  readonly feature: FeatureJson;
}

const lineText = (locale: Locale, { row, feature }: Line, roster: Roster | null): Html => {
  const { words, say, bodyList, until, count } = locale;
  // A feature of the register has a notice, so only a record that cannot be read makes it unknown.
  if (feature.status === 'unknown') return html`<small>${words.register.unreadable}</small>`;
  const { waiting } = row;
  const [first] = waiting;
  const conditions = mayBeOn(feature.status) ? new Set(feature.conditions) : [];
  return html`${
    waiting.length === 1 && first !== undefined
      ? html`<small>${
          first.bodies.length === 0
            ? count(words.register, 'moreWaiting', 1)
            : say(words.register.waitingFor, { bodies: bodyList(first.bodies.map((body) => bodyName(locale, roster, body))) })
        }. ${first.until === null ? empty : say(words.register.openUntil, { when: until(first.until) })}${windowBeside(locale, first.until, first.window)}</small>`
      : waiting.length > 1
        ? html`<small>${count(words.register, 'moreWaiting', waiting.length)}</small>`
        : empty
  }${[...conditions].map((text) => html`<small>${words.decide.condition} ${foreign(text)}</small>`)}`;
};

const stateChip = ({ words, say, list, until }: Locale, { status, audience, effectiveUntil }: FeatureJson): Html => {
  const parts = [
    ...(status === 'audience' || (status === 'enabled' && audience !== null)
      ? [say(words.effect.onlyFor, { agencies: foreign(list(audience ?? [])) })]
      : []),
    ...(mayBeOn(status) && effectiveUntil !== null ? [say(words.register.until, { when: until(effectiveUntil) })] : []),
  ];
  const label = status === 'audience' ? words.variant.enabled : words.variant[status];
  return chip(toneOfVariant(status), html`${label}${parts.map((part) => html`, ${part}`)}`);
};

/** The keys that are on without permission. */
type Seen = ReadonlySet<string>;

/** Reads which of the rows are on without permission: a read for each, and none while nothing is. */
export const seenAmong = async (
  { ports: { sideStore } }: SiteDeps,
  rows: readonly Pick<FeatureRow, 'key'>[],
  openCases: number,
): Promise<Seen> => {
  if (openCases === 0) return new Set();
  const records = await Promise.all(rows.map(({ key }) => readKeyRecord(sideStore, key)));
  return new Set(records.flatMap((record) => (record?.cases.some(({ until }) => until === null) === true ? [record.key] : [])));
};

/** The data beside the rows that the lines show. */
interface Setting {
  readonly roster: Roster | null;
  readonly seen: Seen;
  readonly vendors: ReadonlyMap<string, string>;
}

/** Without an icon and a day, which would weigh more than the words where very many are on. */
const seenNote = ({ words }: Locale, isOpen: boolean): Html =>
  isOpen ? html`<small class="no">${words.register.seenOn}</small>` : empty;

const entry = (context: Context, locale: Locale, line: Line, { roster, seen }: Setting): Html => {
  const { key, title, kind } = line.row;
  const depth = Math.min(4, key.split('.').length - 1);
  return html`
<li class="d${depth}"><span>${kind === 'contract' ? html`<b>${locale.words.kind.contract}:</b> ` : empty}<a href="${linkIn(context, `/features/${key}`)}">${foreign(title ?? key)}</a> <code>${key}</code></span>${stateChip(locale, line.feature)}${seenNote(locale, seen.has(key))}${lineText(locale, line, roster)}</li>`;
};

/** Renders the lines by vendor. `only`: the vendor whose page it is. */
export const groups = (context: Context, locale: Locale, lines: readonly Line[], setting: Setting, only?: string): Html => {
  const byVendor = Map.groupBy(lines, ({ row }) => vendorOf(row.key));
  const heading = (vendor: string): Html =>
    only === undefined
      ? html`
<h2><a href="${linkIn(context, `/vendors/${vendor}`)}">${foreign(setting.vendors.get(vendor) ?? vendor)}</a></h2>`
      : empty;
  return html`${[...byVendor].map(
    ([vendor, some]) => html`${heading(vendor)}
<ul class="tree">${some.map((line) => entry(context, locale, line, setting))}</ul>`,
  )}`;
};

/** What the register says in one line. `oldest`: when the oldest open change arrived; undefined if none is open. */
interface Headline {
  readonly counts: FeatureCounts;
  readonly oldest: string | undefined;
  /** How many keys are on without permission, of all. */
  readonly openCases: number;
}

const headlineOf = async (ports: SitePorts, query: RowsQuery): Promise<Headline> => {
  const { prefix, now } = query;
  const [sums, waiting, { openCases }] = await Promise.all([
    ports.register.facet(BY_SUM, query),
    ports.register.facet(WAITING_SINCE, { prefix, now }),
    readFigures(ports.sideStore),
  ]);
  return { counts: countFeatures(sums), oldest: waiting.get('')?.[0], openCases };
};

/**
 * Renders the headline: on, waiting and off, which add up to all features, with a bar; how long the oldest request waits; and how many keys
 * are on without permission.
 */
const numbers = (context: Context, locale: Locale, { counts, oldest, openCases }: Headline): Html => {
  const { words, number, count, daysSince } = locale;
  const { on, waiting, off } = counts;
  const figure = (of: 'on' | 'waiting' | 'off' | 'drift', n: number): Html =>
    count(words.register, of, n, { count: html`<b>${number(n)}</b>` });
  const drift =
    openCases === 0
      ? empty
      : html`<li class="no"><a href="${linkIn(context, CASES_PATH)}">${figure('drift', openCases)}</a></li>`;
  return html`
<h2 class="visually-hidden">${words.register.numbers}</h2>
<ul class="nums"><li>${figure('on', on)}</li><li>${figure('waiting', waiting)}</li><li>${figure('off', off)}</li>${drift}</ul>${
    on + waiting + off === 0
      ? empty
      : bar(
          [
            ['on', on],
            ['wait', waiting],
          ],
          on + waiting + off,
        )
  }${
    oldest === undefined || daysSince(oldest) === 0
      ? empty
      : html`<p class="fine">${count(words.register, 'oldest', daysSince(oldest))}</p>`
  }`;
};

const DATA_ENTRIES = 100;

/** The result of a search, and the part of it that is shown. */
interface Found {
  readonly headline: Headline;
  readonly lines: readonly Line[];
  readonly next: string | null;
  /** How many match in all; undefined if not all were examined. */
  readonly total?: number;
  readonly before: number;
  readonly looked?: number;
  /** Of the lines; empty for a past day. */
  readonly seen: Seen;
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

const matchingRows = async (
  { ports }: SiteDeps,
  query: Query,
  of: RowsQuery,
  names: ReadonlyMap<string, string>,
): Promise<readonly FeatureRow[]> => {
  if (setFilters(query).length === 0) return allFeatures(ports, of);
  const texts = (await ports.register.facet(SEARCHABLE, of)).get('') ?? [];
  return texts.filter(matcher(query, names)).map(({ row }) => row);
};

const findNow = async (deps: SiteDeps, query: Query, limit: number): Promise<Found> => {
  const { ports } = deps;
  const { agency, prefix, cursor, status } = query;
  const after = requirePage(decodeCursor(cursor));
  const now = ports.clock();
  const of = { prefix, now, context: contextFor(agency) };
  const [headline, names] = await Promise.all([
    headlineOf(ports, of),
    ports.register.facet(BY_VENDOR, { prefix, now }).then((vendors) => vendorNames(deps, vendors.keys())),
  ]);
  const matching = await matchingRows(deps, query, of, names);
  const first = partitionPoint(matching, ({ key }) => key <= after);
  const shown = matching.slice(first, first + limit);
  const confirmed = await confirmedRows(ports, shown, { context: contextFor(agency), checkpoint: deps.checkpoint() });
  const features = confirmed.filter((feature) => status === undefined || feature.status === status);
  return {
    headline,
    lines: linesOf(shown, features),
    next: matching.length - first > limit ? encodeCursor(shown.at(-1)?.key ?? '') : null,
    total: matching.length,
    before: first,
    names,
    seen: query.format === 'html' ? await seenAmong(deps, shown, headline.openCases) : new Set(),
  };
};

const findThen = async (deps: SiteDeps, query: Query, at: string, limit: number): Promise<Found> => {
  const { ports } = deps;
  const { agency, prefix = query.vendor, cursor } = query;
  const today = { prefix, now: ports.clock() };
  const [headline, names] = await Promise.all([
    headlineOf(ports, today),
    ports.register.facet(BY_VENDOR, today).then((vendors) => vendorNames(deps, vendors.keys())),
  ]);
  const wants = matcher(query, names);
  const { items, next, looked } = requirePage(
    await listPast(ports, { at, prefix, cursor, limit, context: contextFor(agency), wants: (row) => wants(searchable(row)) }),
  );
  const features = await pastRows(ports, items, { at, checkpoint: deps.checkpoint() });
  return { headline, lines: linesOf(items, features), next, before: 0, looked, names, seen: new Set() };
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

const results = async (deps: SiteDeps, context: Context, locale: Locale, query: Query, found: Found): Promise<Html> => {
  const { words } = locale;
  const { roster } = await readRules(deps.ports);
  const searched = setFilters(query).length > 0;
  const past = found.looked !== undefined;
  const { seen } = found;
  if (found.lines.length > 0)
    return html`${groups(context, locale, found.lines, { roster: roster?.roster ?? null, seen, vendors: found.names })}${paging(context, locale, found)}`;
  if (past && !searched) return html`<p>${words.past.none}</p>${paging(context, locale, found)}`;
  return searched
    ? html`${nothingFound(context, locale)}${paging(context, locale, found)}`
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
  const { openCases } = found.headline;
  const none = openCases === 0 ? html` · <a href="${linkIn(context, CASES_PATH)}">${words.seen.none}</a>` : empty;
  const top =
    at === undefined
      ? html`${numbers(context, locale, found.headline)}<p><a href="${linkIn(context, '/numbers')}">${words.find.pictures}</a>${none}</p>${await contractEnds(deps.ports, context, locale, query.prefix)}`
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
