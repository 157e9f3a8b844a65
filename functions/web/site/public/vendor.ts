import type { Context } from 'hono';
import { ascending, partitionPoint } from '../../../../domain/kernel/order.ts';
import { readRules } from '../../../gate/rules.ts';
import { vendorName } from '../../../gate/vendors.ts';
import { readFigures, readSources } from '../../../register/derived/lists.ts';
import type { ChangeLine } from '../../../register/documents.ts';
import { allFeatures, decodeCursor, encodeCursor } from '../../../register/lists.ts';
import type { Facet, FacetOf } from '../../../register/rows.ts';
import { confirmedRows } from '../../../register/views/featureJson.ts';
import { badParameter, paging, requirePage } from '../../http/input.ts';
import { json } from '../../http/respond.ts';
import type { SiteDeps } from '../deps.ts';
import { empty, foreign, type Html, html } from '../html.ts';
import type { Locale } from '../locale.ts';
import { isVendor } from '../names.ts';
import { linkIn, localeFor, render } from '../page.ts';
import { chip, toneOfStatus } from '../parts/chip.ts';
import { contractEnds } from '../parts/contractEnds.ts';
import { featuresCsv, formatLinks, withCursor } from '../parts/formats.ts';
import { cameBy } from '../parts/notice.ts';
import { lookList } from '../parts/seen.ts';
import { figuresFor, pictures } from './numbers.ts';
import { LimitQuery, queryOf } from './query.ts';
import { groups, seenAmong } from './register.ts';

const ENTRIES_MAX = 40;
const NOTICES_MAX = 25;
const DATA_ENTRIES = 100;

interface ListedNotice {
  readonly key: string;
  readonly line: ChangeLine;
}

/** Notices, the newest first: all, by how they came, those that are contested, those that were found to be wrong. */
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
  if (scheme !== null) return say(words.vendor.signed, { scheme });
  return cameBy(line) === 'form' ? html`${words.change.byForm}` : say(words.vendor.entered, { channel: foreign(channel) });
};

const notices = (context: Context, locale: Locale, facet: Facet<ListedNotice>): Html => {
  const { words, dateTime, count, number } = locale;
  const w = words.vendor;
  const listed = facet.get('all') ?? [];
  if (listed.length === 0) return html`<p>${w.unknown}</p>`;
  const countOf = (group: string): number => facet.get(group)?.length ?? 0;
  const [contested, wrong] = [countOf('contested'), countOf('wrong')];
  const rows = listed.slice(0, NOTICES_MAX).map(
    ({ key, line }) => html`
<tr><th scope="row"><time datetime="${line.at}">${dateTime(line.at)}</time></th><td><a href="${linkIn(context, `/changes/${key}/${line.n}`)}">${foreign(line.title)}</a> <small><code>${key}/${line.n}</code>${line.wordings > 1 ? html` · ${count(w, 'revisions', line.wordings)}` : empty}${line.contested === null ? empty : html` · ${line.wrong === null ? w.contested : w.wrong}`}</small></td><td>${chip(toneOfStatus(line.status), words.status[line.status])}</td><td>${how(locale, line)}</td></tr>`,
  );
  return html`
<p>${w.noticesLead}</p>
<dl class="nums"><div><dt>${w.signedCount}</dt><dd>${number(countOf('signed'))}</dd></div><div><dt>${w.formCount}</dt><dd>${number(countOf('form'))}</dd></div><div><dt>${w.enteredCount}</dt><dd>${number(countOf('entered'))}</dd></div><div><dt>${w.contestedCount}</dt><dd>${number(contested)}</dd></div><div><dt>${w.wrongCount}</dt><dd>${number(wrong)}</dd></div></dl>
${contested === 0 ? empty : html`<p class="note">${w.contestedMeans}${wrong === 0 ? empty : html` ${w.wrongMeans}`}</p>`}
<table class="dates" aria-labelledby="notices"><thead><tr><th scope="col">${w.when}</th><th scope="col">${w.entry}</th><th scope="col">${w.became}</th><th scope="col">${w.how}</th></tr></thead><tbody>${rows}</tbody></table>`;
};

/** Answers with one vendor: its features as a tree, its notices and how they arrived, who looked what is on there, and its numbers. */
export const vendorPage = async (deps: SiteDeps, context: Context): Promise<Response> => {
  const id = context.req.param('id') ?? '';
  if (!isVendor(id)) throw badParameter('id', 'is not the id of a vendor');
  const { format, cursor, limit = DATA_ENTRIES } = queryOf(context, { cursor: paging.cursor, limit: LimitQuery });
  const after = requirePage(decodeCursor(cursor));
  const { ports } = deps;
  const now = ports.clock();
  const rows = await allFeatures(ports, { prefix: id, now });
  const first = partitionPoint(rows, ({ key }) => key <= after);
  const shown = rows.slice(first, first + (format === 'html' ? ENTRIES_MAX : limit));
  const features = await confirmedRows(ports, shown, { context: {}, checkpoint: deps.checkpoint() });
  const next = rows.length - first > limit ? encodeCursor(shown.at(-1)?.key ?? '') : null;
  if (format === 'json') return json({ items: features, next });
  if (format === 'csv') return featuresCsv(features, next === null ? undefined : withCursor(context, next));
  const locale = localeFor(context, ports.zone, now);
  const { words } = locale;
  const [name, { roster }, figures, received, sources, { openCases }] = await Promise.all([
    vendorName(ports, id),
    readRules(ports),
    figuresFor(deps, id),
    ports.register.facet(NOTICES, { prefix: id, now }),
    readSources(ports.sideStore, id),
    readFigures(ports.sideStore),
  ]);
  const seen = await seenAmong(deps, shown, openCases);
  const byKey = new Map(shown.map((row) => [row.key, row]));
  const lines = features.flatMap((feature) => {
    const row = byKey.get(feature.key);
    return row === undefined ? [] : [{ row, feature }];
  });
  const tree = groups(context, locale, lines, { roster: roster?.roster ?? null, seen, vendors: new Map() }, id);
  const all =
    rows.length > ENTRIES_MAX ? html`<p><a href="${linkIn(context, `/?vendor=${id}`)}">${words.find.all}</a></p>` : empty;
  const body = html`
<p class="eyebrow calm">${words.vendor.eyebrow} <code>${id}</code></p><h1>${foreign(name)}</h1>${await contractEnds(ports, context, locale, id)}
<h2>${words.vendor.entries}</h2>${lines.length === 0 ? html`<p>${words.vendor.unknown}</p>` : tree}${all}
<h2 id="notices">${words.vendor.notices}</h2>${notices(context, locale, received)}
<h2>${words.vendor.sources}</h2>${lookList(locale, sources)}
${pictures(locale, figures)}
${formatLinks(context, locale, [
  ['Atom', `/feed.atom?vendor=${id}`],
  ['iCalendar', `/calendar.ics?vendor=${id}`],
])}`;
  return render(context, locale, { title: name, body, wide: true, here: 'register' });
};
