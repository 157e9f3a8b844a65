import type { Context } from 'hono';
import { mayBeOn } from '../../../../domain/feature/evaluate.ts';
import { changeId, vendorOf } from '../../../../domain/feature/keys.ts';
import { ascending, partitionPoint } from '../../../../domain/kernel/order.ts';
import { daysLeft } from '../../../../domain/kernel/zone.ts';
import { readRules } from '../../../gate/rules.ts';
import { vendorName } from '../../../gate/vendors.ts';
import { mapInTurns } from '../../../platform/turns.ts';
import { readFigures, readKeyRecord, readSources } from '../../../register/derived/records.ts';
import { type ChangeLine, LINES_MAX } from '../../../register/documents.ts';
import { allFeatures, decodeCursor, encodeCursor, listPast, type Page } from '../../../register/lists.ts';
import {
  BY_HEADLINE_GROUP,
  BY_VENDOR,
  CONTRACT_ENDS,
  countFeatures,
  type Facet,
  type FacetOf,
  type FeatureRow,
  type RowsQuery,
  WAITING_SINCE,
} from '../../../register/rows.ts';
import { confirmedRows, type FeatureJson, pastRows } from '../../../register/views/featureJson.ts';
import { badParameter, paging, pastInstant, requirePage } from '../../http/input.ts';
import type { SiteDeps, SitePorts } from '../deps.ts';
import { descriptionItem, empty, type Html, html, tableHead, untrustedText } from '../html.ts';
import { type CityLocale, changeLink, featureLink, isVendor, type Locale, vendorNames, withRoster } from '../locale.ts';
import { cityLocaleAt, localeAt, render, restoredNote } from '../page.ts';
import { timeLeft, waitsText } from '../parts/approvalPath.ts';
import { chip, toneOfStatus, toneOfVariant, variantName } from '../parts/chip.ts';
import { cameBy } from '../parts/notice.ts';
import { lookList } from '../parts/seen.ts';
import { audienceText } from '../parts/terms.ts';
import {
  contextFor,
  featuresCsv,
  formatLinks,
  LimitQuery,
  listData,
  pageCursors,
  pageLinks,
  pastForm,
  pastNote,
  queryOf,
  SUBSCRIBED,
} from '../query.ts';
import { CASES_PATH } from './cases.ts';
import { bar, figuresFor, pictures } from './numbers.ts';
import { ENTRIES, matcher, nothingFound, registerQuery, SEARCHABLE, searchForm, setFilters } from './registerQuery.ts';

interface Line {
  readonly row: FeatureRow;
  readonly feature: FeatureJson;
}

const waitingText = (locale: CityLocale, { waiting, stateNow }: FeatureRow): Html => {
  const [first] = waiting;
  if (first === undefined) return empty;
  const only = waiting.length > 1 ? empty : waitsText(locale, stateNow, first);
  return html`<small>${only === empty ? locale.count(locale.words.register, 'moreWaiting', waiting.length) : only}</small>`;
};

const lineText = (locale: CityLocale, { row, feature }: Line): Html => {
  const { words } = locale;
  // Every feature of the register has a notice, so `unknown` means that its record cannot be read.
  if (feature.status === 'unknown') return html`<small>${words.because.unreadable}</small>`;
  const conditions = mayBeOn(feature.status) ? new Set(feature.conditions) : [];
  const limits = [...conditions].map((text) => html`<small>${words.decide.condition} ${untrustedText(text)}</small>`);
  return html`${waitingText(locale, row)}${limits}`;
};

const stateChip = (locale: Locale, { key, status, audience, effectiveUntil, limitedBy }: FeatureJson): Html => {
  const { words, say, until } = locale;
  const parts = [
    ...(status === 'audience' || (status === 'enabled' && audience !== null) ? [audienceText(locale, audience)] : []),
    ...(mayBeOn(status) && effectiveUntil !== null && limitedBy?.by !== 'next'
      ? [say(words.decide.goesOnUntil, { when: until(effectiveUntil) })]
      : []),
  ];
  const label = variantName(words, key, status === 'audience' ? 'enabled' : status);
  return chip(toneOfVariant(status), html`${label}${parts.map((part) => html`, ${part}`)}`);
};

type Seen = ReadonlySet<string>;

const seenAmong = async (
  { ports: { sideStore } }: SiteDeps,
  rows: readonly Pick<FeatureRow, 'key'>[],
  openCases: number,
): Promise<Seen> => {
  if (openCases === 0) return new Set();
  const records = await mapInTurns(rows, ({ key }) => readKeyRecord(sideStore, key));
  return new Set(records.flatMap((record) => (record?.cases.some(({ until }) => until === null) === true ? [record.key] : [])));
};

interface Setting {
  readonly seen: Seen;
  readonly vendors: ReadonlyMap<string, string>;
}

/** Renders a note without icon and day, which would make a page with very many of them much larger. */
const seenNote = ({ words }: Locale, isOpen: boolean): Html =>
  isOpen ? html`<small class="no">${words.seen.isOn}</small>` : empty;

const entry = (locale: CityLocale, line: Line, { seen }: Setting): Html => {
  const { key, title, kind } = line.row;
  const depth = Math.min(4, key.split('.').length - 1);
  const contract = kind === 'contract' && html`<b>${locale.words.kind.contract}:</b> `;
  const link = featureLink(locale, key, untrustedText(title ?? key));
  const state = html`${stateChip(locale, line.feature)}${seenNote(locale, seen.has(key))}${lineText(locale, line)}`;
  return html`
<li class="d${depth}"><span>${contract}${link} <code>${key}</code></span>${state}</li>`;
};

const groups = (locale: CityLocale, lines: readonly Line[], setting: Setting, only?: string): Html => {
  const byVendor = Map.groupBy(lines, ({ row }) => vendorOf(row.key));
  const heading = (vendor: string): Html =>
    only === undefined
      ? html`
<h2><a href="${locale.href(`/vendors/${vendor}`)}">${untrustedText(setting.vendors.get(vendor) ?? vendor)}</a></h2>`
      : empty;
  return html`${[...byVendor].map(
    ([vendor, some]) => html`${heading(vendor)}
<ul class="tree">${some.map((line) => entry(locale, line, setting))}</ul>`,
  )}`;
};

type Headline = Awaited<ReturnType<typeof headlineOf>>;

const headlineOf = async (ports: SitePorts, query: RowsQuery) => {
  const { prefix, now } = query;
  const [sums, waiting, { openCases }] = await Promise.all([
    ports.register.facet(BY_HEADLINE_GROUP, query),
    ports.register.facet(WAITING_SINCE, { prefix, now }),
    readFigures(ports.sideStore),
  ]);
  return { counts: countFeatures(sums), waiting: waiting.get('') ?? [], openCases };
};

/** Renders the headline. On, waiting and off add up to all features of vendors. */
const numbers = (locale: Locale, { counts, waiting: since, openCases }: Headline): Html => {
  const { words, number, count, daysSince } = locale;
  const { on, waiting, off } = counts;
  const [oldest] = since;
  const figure = (of: 'on' | 'waiting' | 'off' | 'drift', n: number): Html =>
    count(words.register, of, n, { count: html`<b>${number(n)}</b>` });
  const drift =
    openCases === 0 ? empty : html`<li class="no"><a href="${locale.href(CASES_PATH)}">${figure('drift', openCases)}</a></li>`;
  return html`
<h2 class="visually-hidden">${words.figures.title}</h2>
<ul class="nums"><li>${figure('on', on)}</li><li>${figure('waiting', waiting)}</li><li>${figure('off', off)}</li>${drift}</ul>${
    on + waiting + off !== 0 &&
    bar(
      [
        ['on', on],
        ['wait', waiting],
      ],
      on + waiting + off,
    )
  }${
    oldest === undefined || daysSince(oldest) === 0
      ? empty
      : html`<p class="fine">${count(words.figures, 'ageText', since.length, { days: count(words.seen, 'days', daysSince(oldest)) })}</p>`
  }`;
};

const unreadNote = async (deps: SiteDeps, locale: Locale, lines: readonly Line[]): Promise<Html> =>
  lines.some(({ feature }) => feature.status === 'unknown') ? restoredNote(deps, locale) : empty;

const DATA_ENTRIES = 100;

/** What was found for now: how many in all, and how many come before this page. */
interface Today {
  readonly headline: Headline;
  readonly total: number;
  readonly before: number;
  readonly seen: Seen;
}

/** `names`: the vendors'. `today`: undefined for a past day, which is listed as a whole. */
interface Found {
  readonly lines: readonly Line[];
  readonly next: string | null;
  readonly names: ReadonlyMap<string, string>;
  readonly today?: Today;
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
  const seen: Seen = query.format === 'html' ? await seenAmong(deps, shown, headline.openCases) : new Set();
  return {
    lines: linesOf(shown, features),
    next: matching.length - first > limit ? encodeCursor(shown.at(-1)?.key ?? '') : null,
    names,
    today: { headline, total: matching.length, before: first, seen },
  };
};

const findThen = async (deps: SiteDeps, query: Query, at: string, limit: number): Promise<Found> => {
  const { ports } = deps;
  const { agency, prefix = query.vendor, cursor } = query;
  const { items, next } = requirePage(await listPast(ports, { at, prefix, cursor, limit, context: contextFor(agency) }));
  const features = await pastRows(ports, items, { at, checkpoint: deps.checkpoint() });
  const names = await vendorNames(deps, new Set(items.map(({ key }) => vendorOf(key))));
  return { lines: linesOf(items, features), next, names };
};

const countLine = ({ words, say, number }: Locale, shown: number, { total, before }: Today): Html | false =>
  shown > 0 &&
  html`<p role="status">${say(words.find.shown, { from: number(before + 1), to: number(before + shown), n: number(total) })}</p>`;

const todayTop = async (
  deps: SiteDeps,
  context: Context,
  locale: CityLocale,
  query: Query,
  { today, names }: { readonly today: Today; readonly names: Found['names'] },
): Promise<Html> => {
  const { words, href } = locale;
  const { headline } = today;
  const none = headline.openCases === 0 ? html` · <a href="${href(CASES_PATH)}">${words.seen.none}</a>` : empty;
  const kept = { agency: query.agency, prefix: query.prefix };
  return html`${numbers(locale, headline)}
<p><a href="${href('/numbers')}">${words.find.pictures}</a>${none}</p>${await contractEnds(deps.ports, locale, query.prefix)}
${searchForm(context, locale, query, { vendors: names, kept })}`;
};

const registerBody = async (
  deps: SiteDeps,
  context: Context,
  locale: CityLocale,
  query: Query,
  { found, at, isRuled }: { readonly found: Found; readonly at: string | undefined; readonly isRuled: boolean },
): Promise<Html> => {
  const { words } = locale;
  const { lines, today, names } = found;
  const top =
    today === undefined
      ? at !== undefined && pastNote(locale, at, locale.href('/'))
      : html`${await todayTop(deps, context, locale, query, { today, names })}
${countLine(locale, lines.length, today)}`;
  const nothing =
    today === undefined
      ? html`<p>${words.past.none}</p>`
      : setFilters(query).length > 0
        ? nothingFound(locale)
        : html`<p>${words.register.empty}</p>`;
  const list = lines.length === 0 ? nothing : groups(locale, lines, { seen: today?.seen ?? new Set<string>(), vendors: names });
  return html`
<h1>${words.register.heading}</h1><p class="lead">${words.register.lead} <a href="${locale.href('/rules')}">${words.rules.title}</a></p>
${!isRuled && html`<p class="note">${words.noPolicy}</p>`}${await unreadNote(deps, locale, lines)}
${top}${list}${pageLinks(context, locale, found.next)}
<h2>${words.past.heading}</h2>${pastForm(context, locale, query.at)}
${formatLinks(context, locale, SUBSCRIBED, at)}`;
};

const featureList = (deps: SiteDeps, context: Context, format: 'json' | 'csv', page: Page<FeatureJson>): Promise<Response> =>
  listData(deps, format, page, () => featuresCsv(context, page.items, page.next));

/** Renders the register. Every "on" of today is confirmed on the heads; a past day is computed from the commits that existed then. */
export const registerPage = async (deps: SiteDeps, context: Context): Promise<Response> => {
  const asked = queryOf(context, registerQuery);
  const cursors = pageCursors(context, asked);
  const query = { ...asked, cursor: cursors.read(asked.cursor) };
  const at = query.at === undefined ? undefined : pastInstant(query.at, deps.ports);
  const limit = query.limit ?? (query.format === 'html' ? ENTRIES : DATA_ENTRIES);
  const part = at === undefined ? await findNow(deps, query, limit) : await findThen(deps, query, at, limit);
  const found = { ...part, next: cursors.write(part.next) };
  const features = found.lines.map(({ feature }) => feature);
  if (query.format !== 'html') return featureList(deps, context, query.format, { items: features, next: found.next });
  const { policy, roster } = await readRules(deps.ports);
  const locale = withRoster(localeAt(deps, context), roster?.roster);
  const { words, ending, say, count } = locale;
  const title =
    at !== undefined
      ? say(words.past.title, { when: ending(at) })
      : setFilters(query).length > 0
        ? count(words.find, 'titleCount', found.today?.total ?? 0)
        : words.register.title;
  const body = await registerBody(deps, context, locale, query, { found, at, isRuled: policy !== null });
  return render(context, locale, { title: String(await title), body, wide: true, here: 'register' });
};

/** Days before a contract's end from which it is shown; the first mail about it is sent then. */
const SHOWN_DAYS = 90;
const PRESSING_DAYS = 7;
const SHOWN_MAX = 10;

/** Renders the contracts that end soon: all, or a key and those beneath it. */
const contractEnds = async (ports: SitePorts, locale: Locale, prefix?: string): Promise<Html> => {
  const { words, count, say, until, now, zone } = locale;
  const w = words.register.contracts;
  const ends = (await ports.register.facet(CONTRACT_ENDS, { prefix, now })).get('') ?? [];
  const coming = ends.slice(partitionPoint(ends, ({ at }) => at <= now));
  const soon = coming.slice(
    0,
    partitionPoint(coming, ({ at }) => daysLeft(at, now, zone) <= SHOWN_DAYS),
  );
  if (soon.length === 0) return empty;
  const items = soon.slice(0, SHOWN_MAX).map(({ at, key, title }) => {
    const days = daysLeft(at, now, zone);
    const link = featureLink(locale, key, untrustedText(title));
    const end = html`<small>${say(w.ends, { when: locale.time(at, until(at)) })}</small>`;
    return html`
<li>${link} <code>${key}</code> ${chip(days <= PRESSING_DAYS ? 'no' : 'wait', timeLeft(locale, at))}${end}</li>`;
  });
  const more =
    soon.length > SHOWN_MAX
      ? html`<p><a href="${locale.href('/calendar')}">${count(w, 'more', soon.length - SHOWN_MAX)}</a></p>`
      : empty;
  return html`
<section aria-labelledby="contracts-heading"><h2 id="contracts-heading">${w.heading}</h2><ul class="plain">${items}</ul>${more}</section>`;
};

const ENTRIES_MAX = 40;
const NOTICES_MAX = 25;

interface ListedNotice {
  readonly key: string;
  readonly line: ChangeLine;
}

/** Notices, newest first, grouped by how they came, whether they were contested, and whether they were found to be wrong. */
export const NOTICES: FacetOf<ListedNotice> = {
  entriesOf: ({ key, linesNow }) =>
    linesNow.flatMap((line) => {
      const groups = [
        'all',
        cameBy(line),
        ...(line.contested === null ? [] : ['contested']),
        ...(line.wrong === null ? [] : ['wrong']),
      ];
      return groups.map((group) => [group, { key, line }] as const);
    }),
  order: (a, b) => ascending(b.line.at, a.line.at) || ascending(a.key, b.key) || a.line.n - b.line.n,
};

const how = ({ words, say }: Locale, line: ChangeLine): Html => {
  const { scheme, channel } = line;
  if (scheme !== null) return say(words.change.signed, { scheme });
  return cameBy(line) === 'form' ? html`${words.change.byForm}` : say(words.vendor.entered, { channel: untrustedText(channel) });
};

const notices = (locale: Locale, facet: Facet<ListedNotice>): Html => {
  const { words, count, number, say } = locale;
  const w = words.vendor;
  const listed = facet.get('all') ?? [];
  if (listed.length === 0) return html`<p>${w.unknown}</p>`;
  const countOf = (group: string): number => facet.get(group)?.length ?? 0;
  const [contested, wrong] = [countOf('contested'), countOf('wrong')];
  const rows = listed.slice(0, NOTICES_MAX).map(({ key, line }) => {
    const link = changeLink(locale, changeId(key, line.n), untrustedText(line.title));
    const revisions = line.wordings > 1 && html` · ${count(w, 'revisions', line.wordings)}`;
    const contest = line.contested !== null && html` · ${line.wrong === null ? w.contested : w.wrong}`;
    return html`
<tr><th scope="row">${locale.time(line.at)}</th>
<td>${link} <small><code>${changeId(key, line.n)}</code>${revisions}${contest}</small></td>
<td>${chip(toneOfStatus(line.status), words.status[line.status])}</td><td>${how(locale, line)}</td></tr>`;
  });
  const counts = [
    descriptionItem(w.signedCount, number(countOf('signed'))),
    descriptionItem(w.formCount, number(countOf('form'))),
    descriptionItem(w.enteredCount, number(countOf('entered'))),
    descriptionItem(w.contestedCount, number(contested)),
    descriptionItem(w.wrongCount, number(wrong)),
  ];
  return html`
<p>${say(words.figures.lead, { max: number(LINES_MAX) })}</p>
<dl class="nums">${counts}</dl>
${contested !== 0 && html`<p class="note">${w.contestedMeans}${wrong !== 0 && html` ${w.wrongMeans}`}</p>`}
<table class="dates" aria-labelledby="notices">${tableHead(words.decide.receipt.when, w.entry, w.became, words.change.provenance)}
<tbody>${rows}</tbody></table>`;
};

export const vendorPage = async (deps: SiteDeps, context: Context): Promise<Response> => {
  const id = context.req.param('id') ?? '';
  if (!isVendor(id)) throw badParameter('id', 'is not the id of a vendor');
  const { format, cursor, limit = DATA_ENTRIES } = queryOf(context, { cursor: paging.cursor, limit: LimitQuery });
  const cursors = pageCursors(context);
  const after = requirePage(decodeCursor(cursors.read(cursor)));
  const { ports } = deps;
  const now = ports.clock();
  const rows = await allFeatures(ports, { prefix: id, now });
  const first = partitionPoint(rows, ({ key }) => key <= after);
  const shown = rows.slice(first, first + (format === 'html' ? ENTRIES_MAX : limit));
  const features = await confirmedRows(ports, shown, { context: {}, checkpoint: deps.checkpoint() });
  const next = rows.length - first > limit ? cursors.write(encodeCursor(shown.at(-1)?.key ?? '')) : null;
  if (format !== 'html') return featureList(deps, context, format, { items: features, next });
  const locale = await cityLocaleAt(deps, context);
  const { words } = locale;
  const [name, figures, received, sources, { openCases }] = await Promise.all([
    vendorName(ports, id),
    figuresFor(deps, id),
    ports.register.facet(NOTICES, { prefix: id, now }),
    readSources(ports.sideStore, id),
    readFigures(ports.sideStore),
  ]);
  const seen = await seenAmong(deps, shown, openCases);
  const lines = linesOf(shown, features);
  const tree = groups(locale, lines, { seen, vendors: new Map() }, id);
  const all = rows.length > ENTRIES_MAX ? html`<p><a href="${locale.href(`/?vendor=${id}`)}">${words.find.all}</a></p>` : empty;
  const body = html`
<p class="eyebrow calm">${words.find.vendor} <code>${id}</code></p><h1>${untrustedText(name)}</h1>${await unreadNote(deps, locale, lines)}
${await contractEnds(ports, locale, id)}
<h2>${words.vendor.entries}</h2>${lines.length === 0 ? html`<p>${words.vendor.unknown}</p>` : tree}${all}
<h2 id="notices">${words.vendor.notices}</h2>${notices(locale, received)}
${sources && html`<h2>${words.vendor.sources}</h2>${lookList(locale, sources)}`}
${pictures(locale, figures)}
${formatLinks(context, locale, SUBSCRIBED)}`;
  return render(context, locale, { title: name, body, wide: true, here: 'register' });
};
