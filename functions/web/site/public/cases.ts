import type { Context } from 'hono';
import * as z from 'zod';
import { FeatureKey } from '../../../../domain/kernel/zodTypes.ts';
import { readRules, rostersUpTo } from '../../../gate/rules.ts';
import {
  type Figures,
  type ListedCase,
  listCases,
  readFigures,
  readKeyRecord,
  readSources,
} from '../../../register/derived/records.ts';
import type { Page } from '../../../register/lists.ts';
import { type CaseJson, caseJsons, type Looking, lookingOf } from '../../../register/views/observedJson.ts';
import { paging, requirePage } from '../../http/input.ts';
import type { SiteDeps } from '../deps.ts';
import { empty, type Html, html, untrustedText } from '../html.ts';
import { type CityLocale, featureLink, type Locale, vendorNames, withRoster } from '../locale.ts';
import { localeFor, render, restoredNote } from '../page.ts';
import { caseDays, caseFacts, lookingNote } from '../parts/seen.ts';
import { csv, formatLinks, LimitQuery, listData, pageCursors, pageLinks, queryOf } from '../query.ts';

export const CASES_PATH = '/on-without-permission';

const query = {
  key: FeatureKey.optional(),
  open: z.enum(['true', 'false'], { error: 'is true or false' }).optional(),
  cursor: paging.cursor,
  limit: LimitQuery,
};
type Query = ReturnType<typeof queryOf<typeof query>>;

const ENTRIES = 20;
/** With more cases on a page, their details are folded, so that the list can be scanned. */
const UNFOLDED_MAX = 5;
const DATA_ENTRIES = 100;

/** Returns the cases in the key's record, which holds all that are known: an open one first, then the newest. */
const casesOfKey = async (
  { ports: { sideStore } }: SiteDeps,
  key: string,
  open: boolean | undefined,
): Promise<Page<ListedCase>> => {
  const cases = (await readKeyRecord(sideStore, key))?.cases ?? [];
  const wanted = cases.toReversed().filter(({ until }) => open === undefined || open === (until === null));
  return { items: wanted.map((each) => ({ ...each, key })), next: null };
};

const readCases = async (deps: SiteDeps, { key, open: asked, cursor, limit, format }: Query): Promise<Page<ListedCase>> => {
  const open = asked === undefined ? undefined : asked === 'true';
  if (key !== undefined) return casesOfKey(deps, key, open);
  const most = limit ?? (format === 'html' ? ENTRIES : DATA_ENTRIES);
  return requirePage(await listCases(deps.ports.sideStore, { open, cursor, limit: most }));
};

const CASE = ['key', 'title', 'kind', 'since', 'until', 'days', 'daysOfKey'] as const;
const REPORTED = [
  'seenFor',
  'seenVersion',
  'approvedFor',
  'approvedVersion',
  'status',
  'sources',
  'confirmed',
  'evidence',
  'closedBy',
] as const;

const rowOf = ({ seen, approved, sources, evidence, closedBy, ...one }: CaseJson) => ({
  ...one,
  seenFor: seen.agencies,
  seenVersion: seen.version,
  approvedFor: approved.onFor,
  approvedVersion: approved.version,
  status: approved.variant,
  sources: sources.map(({ source, kind }) => `${source} (${kind})`),
  evidence: evidence.map(({ title, sha256 }) => `${title} (${sha256})`),
  closedBy: closedBy && ('source' in closedBy ? closedBy.source : closedBy.change),
});

const card = (locale: CityLocale, one: CaseJson, folded: boolean): Html => {
  const { words, count } = locale;
  const { key, title, days, daysOfKey } = one;
  const name = featureLink(locale, key, title === null ? undefined : untrustedText(title));
  const inAll = daysOfKey > days ? html` ${count(words.seen, 'caseDays', daysOfKey)}` : empty;
  return html`
<li class="card"><h3>${name}${title !== null && html` <small><code>${key}</code></small>`}</h3>
<p>${caseDays(locale, one)}${inAll}</p>${caseFacts(locale, one, folded)}</li>`;
};

const lists = (locale: CityLocale, cases: readonly CaseJson[]): Html => {
  const { openHeading, pastHeading } = locale.words.seen;
  const [open, past] = [cases.filter(({ until }) => until === null), cases.filter(({ until }) => until !== null)];
  const part = (heading: string, some: readonly CaseJson[]): Html =>
    some.length === 0
      ? empty
      : html`
<h2>${heading}</h2><ul class="plain">${some.map((one) => card(locale, one, cases.length > UNFOLDED_MAX))}</ul>`;
  return html`${part(openHeading, open)}${part(pastHeading, past)}`;
};

const numbers = ({ words, number, count }: Locale, { openCases, pastCases }: Figures): Html => {
  if (openCases + pastCases === 0) return empty;
  const figure = (of: 'open' | 'past', n: number): Html => count(words.seen, of, n, { count: html`<b>${number(n)}</b>` });
  return html`
<ul class="nums"><li${openCases > 0 && html` class="no"`}>${figure('open', openCases)}</li><li>${figure('past', pastCases)}</li></ul>`;
};

interface Found {
  readonly cases: readonly CaseJson[];
  readonly next: string | null;
  readonly figures: Figures;
  readonly looking: Looking | undefined;
}

const pageBody = async (deps: SiteDeps, context: Context, locale: CityLocale, { key }: Query, found: Found): Promise<Html> => {
  const { words } = locale;
  const { cases, next, figures, looking } = found;
  const names = await vendorNames(deps, new Set(looking?.silent.flatMap(({ vendor }) => vendor ?? [])));
  const none = key === undefined ? words.seen.none : words.seen.noneOfKey;
  const isNone = key === undefined ? figures.openCases === 0 : cases.length === 0;
  const all = key === undefined ? empty : html`<p><a href="${locale.href(CASES_PATH)}">${words.find.all}</a></p>`;
  return html`
<h1>${words.seen.title}</h1>${await restoredNote(deps, locale)}<p class="lead">${words.seen.lead}</p>
${key === undefined ? numbers(locale, figures) : html`<p><code>${key}</code></p>`}${all}
${looking && html`${isNone && html`<p><b>${none}</b></p>`}${lookingNote(locale, looking, names)}`}
${lists(locale, cases)}${pageLinks(context, locale, next)}${formatLinks(context, locale)}`;
};

/** Renders the cases and which sources look, since nothing is known if none does. */
export const casesPage = async (deps: SiteDeps, context: Context): Promise<Response> => {
  const asked = queryOf(context, query);
  const { ports } = deps;
  const now = ports.clock();
  const cursors = pageCursors(context, asked);
  const { items, next: following } = await readCases(deps, { ...asked, cursor: cursors.read(asked.cursor) });
  const next = cursors.write(following);
  const [cases, figures, records, { policy, roster }] = await Promise.all([
    caseJsons(ports, items, now),
    readFigures(ports.sideStore),
    readSources(ports.sideStore),
    readRules(ports),
  ]);
  const looking = records && lookingOf(policy?.policy, records, now);
  if (asked.format !== 'html') {
    const file = () => csv(context, [...CASE, ...REPORTED], cases.map(rowOf), next);
    return listData(deps, asked.format, { items: cases, next, looking }, file);
  }
  const locale = withRoster(localeFor(context, ports.zone, now), roster?.roster, await rostersUpTo(ports, roster));
  const body = await pageBody(deps, context, locale, asked, { cases, next, figures, looking });
  return render(context, locale, { title: locale.words.seen.title, body, here: 'register' });
};
