import type { Context } from 'hono';
import { ascending } from '../../../../domain/kernel/order.ts';
import { readRules } from '../../../gate/rules.ts';
import { decodeCursor, encodeCursor } from '../../../register/cursor.ts';
import type { ChangeLine } from '../../../register/line.ts';
import { allFeatures } from '../../../register/listFeatures.ts';
import type { FeatureRow } from '../../../register/rows.ts';
import { confirmedRows } from '../../../register/views/readFeatureJson.ts';
import { badParameter } from '../../http/input.ts';
import { paging, requirePage } from '../../http/paging.ts';
import { json } from '../../http/respond.ts';
import type { SiteDeps } from '../deps.ts';
import { empty, foreign, type Html, html } from '../html.ts';
import type { Locale } from '../locale.ts';
import { linkIn, localeFor, render } from '../page.ts';
import { chip, toneOfStatus } from '../parts/chip.ts';
import { featuresCsv, formatLinks } from '../parts/formats.ts';
import { cameBy } from '../parts/provenance.ts';
import { isVendor, vendorName } from '../vendors.ts';
import { observationOf } from './drift.ts';
import { figuresFor, pictures } from './numbers.ts';
import { LimitQuery, queryOf } from './query.ts';
import { groups } from './registerParts.ts';

/** Most entries and notices on the page; the register and the data have all. */
const ENTRIES_MAX = 40;
const NOTICES_MAX = 25;
const DATA_ENTRIES = 100;

interface ListedNotice {
  readonly key: string;
  readonly line: ChangeLine;
}

const noticesIn = (rows: readonly FeatureRow[]): readonly ListedNotice[] =>
  rows.flatMap(({ key, linesNow }) => linesNow.map((line) => ({ key, line }))).sort((a, b) => ascending(b.line.at, a.line.at));

const how = ({ words, say }: Locale, line: ChangeLine): Html => {
  const { scheme, channel } = line;
  if (scheme !== null) return say(words.vendor.signed, { scheme });
  return cameBy(line) === 'form' ? html`${words.change.byForm}` : say(words.vendor.entered, { channel: foreign(channel) });
};

const notices = (context: Context, locale: Locale, listed: readonly ListedNotice[]): Html => {
  const { words, dateTime, count, number } = locale;
  const w = words.vendor;
  if (listed.length === 0) return html`<p>${w.unknown}</p>`;
  const signed = listed.filter(({ line }) => line.scheme !== null).length;
  const contested = listed.filter(({ line }) => line.contested !== null).length;
  const wrong = listed.filter((each) => each.line.wrong !== null).length;
  const rows = listed.slice(0, NOTICES_MAX).map(
    ({ key, line }) => html`
<tr><th scope="row"><time datetime="${line.at}">${dateTime(line.at)}</time></th><td><a href="${linkIn(context, `/changes/${key}/${line.n}`)}">${foreign(line.title)}</a> <small><code>${key}/${line.n}</code>${line.wordings > 1 ? html` · ${count(w.revisions, line.wordings)}` : empty}${line.contested === null ? empty : html` · ${line.wrong === null ? w.contested : w.wrong}`}</small></td><td>${chip(toneOfStatus(line.status), words.status[line.status])}</td><td>${how(locale, line)}</td></tr>`,
  );
  return html`
<p>${w.noticesLead}</p>
<dl class="nums"><div><dt>${w.signedCount}</dt><dd>${number(signed)}</dd></div><div><dt>${w.enteredCount}</dt><dd>${number(listed.length - signed)}</dd></div><div><dt>${w.contestedCount}</dt><dd>${number(contested)}</dd></div><div><dt>${w.wrongCount}</dt><dd>${number(wrong)}</dd></div></dl>
${contested === 0 ? empty : html`<p class="note">${w.contestedMeans}${wrong === 0 ? empty : html` ${w.wrongMeans}`}</p>`}
<table class="dates" aria-labelledby="notices"><thead><tr><th scope="col">${w.when}</th><th scope="col">${w.entry}</th><th scope="col">${w.became}</th><th scope="col">${w.how}</th></tr></thead><tbody>${rows}</tbody></table>`;
};

const looks = async (deps: SiteDeps, { words, dateTime }: Locale, vendor: string): Promise<Html> => {
  const observation = await observationOf(deps, vendor);
  const sources = observation?.sources ?? [];
  if (sources.length === 0) return empty;
  return html`<h3>${words.vendor.sources}</h3><ul>${sources.map(({ source, observedAt }) => html`<li>${foreign(source)}: <time datetime="${observedAt}">${dateTime(observedAt)}</time></li>`)}</ul>`;
};

/** Answers with one vendor: its features as a tree, its notices and how they arrived, what is seen on there, and its numbers. */
export const vendorPage = async (deps: SiteDeps, context: Context): Promise<Response> => {
  const id = context.req.param('id') ?? '';
  if (!isVendor(id)) throw badParameter('id', 'is not the id of a vendor');
  const { format, cursor, limit = DATA_ENTRIES } = queryOf(context, { cursor: paging.cursor, limit: LimitQuery });
  const after = requirePage(decodeCursor(cursor));
  const { ports } = deps;
  const now = ports.clock();
  const rows = await allFeatures(ports, { prefix: id, now });
  const rest = rows.filter(({ key }) => key > after);
  const shown = rest.slice(0, format === 'html' ? ENTRIES_MAX : limit);
  const features = await confirmedRows(ports, shown, { context: {}, checkpoint: deps.checkpoint() });
  const next = rest.length > limit ? encodeCursor(shown.at(-1)?.key ?? '') : null;
  if (format === 'json') return json({ items: features, next });
  if (format === 'csv') return featuresCsv(features);
  const locale = localeFor(context, ports.zone, now);
  const { words } = locale;
  const [name, { roster }, { figures, seen }] = await Promise.all([
    vendorName(ports, id),
    readRules(ports),
    figuresFor(deps, rows, [id]),
  ]);
  const byKey = new Map(shown.map((row) => [row.key, row]));
  const lines = features.flatMap((feature) => {
    const row = byKey.get(feature.key);
    return row === undefined ? [] : [{ row, feature }];
  });
  const strangers = [...seen.keys.keys()].filter((key) => !rows.some((row) => row.key === key));
  const tree = groups(
    context,
    locale,
    lines,
    { roster: roster?.roster ?? null, seen: seen.keys, vendors: new Map() },
    strangers,
    id,
  );
  const all =
    rows.length > ENTRIES_MAX ? html`<p><a href="${linkIn(context, `/?vendor=${id}`)}">${words.find.all}</a></p>` : empty;
  const body = html`
<p class="eyebrow calm">${words.vendor.eyebrow} <code>${id}</code></p><h1>${foreign(name)}</h1>
<h2>${words.vendor.entries}</h2>${lines.length + strangers.length === 0 ? html`<p>${words.vendor.unknown}</p>` : tree}${all}
<h2 id="notices">${words.vendor.notices}</h2>${notices(context, locale, noticesIn(rows))}
${pictures(context, locale, figures, seen)}${await looks(deps, locale, id)}
${formatLinks(context, locale, [
  ['Atom', `/feed.atom?vendor=${id}`],
  ['iCalendar', `/calendar.ics?vendor=${id}`],
])}`;
  return render(context, locale, { title: name, body, wide: true, here: 'register' });
};
