import type { Context } from 'hono';
import * as z from 'zod';
import { VARIANTS } from '../../../domain/feature/evaluate.ts';
import { vendorOf } from '../../../domain/feature/keys.ts';
import { FeatureKey } from '../../../domain/kernel/zodTypes.ts';
import type { Roster } from '../../../domain/roster/schema.ts';
import { readRules } from '../../gate/rules.ts';
import { pageOf, paging } from '../../http/paging.ts';
import { json } from '../../http/respond.ts';
import type { FeatureJson } from '../../present/feature.ts';
import { confirmedRows } from '../../present/readFeatureJson.ts';
import { decodeCursor, encodeCursor } from '../../projector/cursor.ts';
import { type FeatureRow, listFeatures } from '../../projector/listFeatures.ts';
import type { SiteDeps } from '../deps.ts';
import { empty, foreign, type Html, html } from '../html.ts';
import { bodyName } from '../names.ts';
import { linkIn, render, voiceFor } from '../page.ts';
import { chip, toneOfVariant } from '../parts/chip.ts';
import { vendorName } from '../vendors.ts';
import type { Voice } from '../voice.ts';
import { featuresCsv, formatLinks } from './formats.ts';
import { queryOf } from './query.ts';
import { waitingIn } from './waiting.ts';

const SHOWN = ['all', 'on', 'waiting', 'off'] as const;
type Shown = (typeof SHOWN)[number];

const query = {
  q: z.string().max(200, 'is longer than 200 characters').optional(),
  show: z.enum(SHOWN, { error: 'is all, on, waiting or off' }).prefault('all'),
  prefix: FeatureKey.optional(),
  status: z.enum(VARIANTS).optional(),
  agency: z.string().min(1, 'is empty').max(200, 'is longer than 200 characters').optional(),
  ...paging,
};

const PAGE = 1_000;

/** Every line of the register, as the projection has it. */
const allRows = async ({ ports }: SiteDeps, prefix: string | undefined, agency: string | undefined, now: string) => {
  const rows: FeatureRow[] = [];
  for (let cursor: string | undefined; ; ) {
    const page = pageOf(await listFeatures(ports, { prefix, cursor, limit: PAGE, now, context: { agency } }));
    rows.push(...page.items);
    if (page.next === null) return rows;
    cursor = page.next;
  }
};

const isOn = ({ evaluation }: FeatureRow): boolean => evaluation.variant === 'enabled' || evaluation.variant === 'audience';
const isWaiting = ({ evaluation }: FeatureRow): boolean => evaluation.pending > 0;

const isShown = (row: FeatureRow, show: Shown): boolean =>
  show === 'all' || (show === 'on' ? isOn(row) : show === 'waiting' ? isWaiting(row) : !isOn(row));

const folded = (text: string): string => text.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase();

/** A line with what its vendor is called and the answer confirmed on the heads. */
interface Line {
  readonly row: FeatureRow;
  readonly feature: FeatureJson;
}

const lineText = (voice: Voice, { row, feature }: Line, roster: Roster | null): Html => {
  const { words, say, list, until, count } = voice;
  const waiting = waitingIn(row.state, feature.asOf);
  const [first] = waiting;
  const conditions = feature.enabled || feature.status === 'audience' ? feature.conditions : [];
  return html`${
    waiting.length === 1 && first !== undefined
      ? html`<small>${
          first.bodies.length === 0
            ? count(words.register.moreWaiting, 1)
            : say(words.register.waitingFor, { bodies: list(first.bodies.map((body) => bodyName(roster, body))) })
        }. ${first.until === null ? empty : say(words.register.openUntil, { when: until(first.until) })}</small>`
      : waiting.length > 1
        ? html`<small>${count(words.register.moreWaiting, waiting.length)}</small>`
        : empty
  }${conditions.map((text) => html`<small>${words.decide.condition} ${foreign(text)}</small>`)}`;
};

const stateChip = ({ words, say, list, until }: Voice, { status, audience, validUntil }: FeatureJson): Html => {
  const parts = [
    ...(status === 'audience' || (status === 'enabled' && audience !== null)
      ? [say(words.onlyFor, { agencies: foreign(list(audience ?? [])) })]
      : []),
    ...((status === 'enabled' || status === 'audience') && validUntil !== null
      ? [say(words.register.until, { when: until(validUntil) })]
      : []),
  ];
  const label = status === 'audience' ? words.variant.enabled : words.variant[status];
  return chip(toneOfVariant(status), html`${label}${parts.map((part) => html`, ${part}`)}`);
};

const entry = (context: Context, voice: Voice, line: Line, roster: Roster | null): Html => {
  const { key, title, kind } = line.row;
  const depth = Math.min(4, key.split('.').length - 1);
  return html`
<li class="d${depth}"><span>${kind === 'contract' ? html`<b>${voice.words.kind.contract}:</b> ` : empty}<a href="${linkIn(context, `/features/${key}`)}">${foreign(title ?? key)}</a> <code>${key}</code></span>${stateChip(voice, line.feature)}${lineText(voice, line, roster)}</li>`;
};

const groups = async (
  deps: SiteDeps,
  context: Context,
  voice: Voice,
  lines: readonly Line[],
  roster: Roster | null,
): Promise<Html> => {
  const byVendor = Map.groupBy(lines, ({ row }) => vendorOf(row.key));
  const names = await Promise.all([...byVendor.keys()].map((vendor) => vendorName(deps.ports, vendor)));
  return html`${[...byVendor].map(
    ([vendor, group], index) => html`
<h2><a href="${linkIn(context, `/vendors/${vendor}`)}">${foreign(names[index] ?? vendor)}</a></h2>
<ul class="tree">${group.map((line) => entry(context, voice, line, roster))}</ul>`,
  )}`;
};

const numbers = ({ words, number, count, now, daysSince }: Voice, rows: readonly FeatureRow[]): Html => {
  const waiting = rows.flatMap(({ state }) => waitingIn(state, now));
  const oldest = waiting.map(({ change }) => change.since).sort()[0];
  const on = rows.filter(isOn).length;
  return html`
<h2 class="visually-hidden">${words.register.numbers}</h2>
<dl class="nums"><div><dt>${words.register.on}</dt><dd>${number(on)}</dd></div>
<div><dt>${count(words.register.waiting, waiting.length)}${oldest === undefined ? empty : html`, ${count(words.register.oldest, daysSince(oldest))}`}</dt><dd>${number(waiting.length)}</dd></div>
<div><dt>${words.register.off}</dt><dd>${number(rows.length - on)}</dd></div></dl>`;
};

const searchForm = (context: Context, { words, language }: Voice, { q, show }: { q?: string | undefined; show: Shown }): Html => {
  const labels = {
    all: words.register.all,
    on: words.register.onlyOn,
    waiting: words.register.onlyWaiting,
    off: words.register.onlyOff,
  };
  return html`
<form class="find" role="search" method="get" action="${context.req.path}">${context.req.query('lang') === undefined ? empty : html`<input type="hidden" name="lang" value="${language}">`}
<div><label for="q">${words.register.searchLabel}</label><input type="search" id="q" name="q" value="${q ?? ''}" maxlength="200"></div>
<div><label for="show">${words.register.statusLabel}</label><select id="show" name="show">${SHOWN.map((each) => html`<option value="${each}"${each === show ? html` selected` : empty}>${labels[each]}</option>`)}</select></div>
<button type="submit">${words.register.search}</button></form>`;
};

const nextAddress = (context: Context, next: string): string => {
  const url = new URL(context.req.url);
  url.searchParams.set('cursor', next);
  return `${url.pathname}${url.search}`;
};

interface Found {
  readonly all: readonly FeatureRow[];
  readonly matching: readonly FeatureRow[];
  readonly lines: readonly Line[];
  readonly next: string | null;
}

const find = async (deps: SiteDeps, context: Context, vendor: string | undefined): Promise<Found> => {
  const { q, show, prefix = vendor, status, agency, limit, cursor } = queryOf(context, query);
  const after = pageOf(decodeCursor(cursor));
  const all = await allRows(deps, prefix, agency, deps.ports.clock());
  const wanted = folded(q ?? '')
    .split(/\s+/)
    .filter(Boolean);
  const names = new Map(
    await Promise.all(
      [...new Set(all.map(({ key }) => vendorOf(key)))].map(async (id) => [id, await vendorName(deps.ports, id)] as const),
    ),
  );
  const matching = all.filter((row) => {
    const text = folded(`${row.key} ${row.title ?? ''} ${names.get(vendorOf(row.key)) ?? ''}`);
    return (
      isShown(row, show) &&
      (status === undefined || row.evaluation.variant === status) &&
      wanted.every((word) => text.includes(word))
    );
  });
  const rest = matching.filter(({ key }) => key > after);
  const shown = rest.slice(0, limit);
  const features = await confirmedRows(deps.ports, shown, { context: { agency }, checkpoint: deps.checkpoint?.() });
  const lines = features.flatMap((feature) => {
    const row = shown.find(({ key }) => key === feature.key);
    return row === undefined || (status !== undefined && feature.status !== status) ? [] : [{ row, feature }];
  });
  return { all, matching, lines, next: rest.length > limit ? encodeCursor(shown.at(-1)?.key ?? '') : null };
};

/** The register of all vendors, or of one: what is on, what waits, what is off. Every "on" in it is confirmed on the heads. */
export const registerPage = async (deps: SiteDeps, context: Context, vendor?: string): Promise<Response> => {
  const { format, q, show } = queryOf(context, query);
  const found = await find(deps, context, vendor);
  const features = found.lines.map(({ feature }) => feature);
  if (format === 'json') return json({ items: features, next: found.next });
  if (format === 'csv') return featuresCsv(features);
  const voice = voiceFor(context, deps.ports.zone, deps.ports.clock());
  const { words, count } = voice;
  const { roster, policy } = await readRules(deps.ports);
  const searched = (q ?? '') !== '' || show !== 'all';
  const nothing = html`<p>${searched ? words.register.nothingFound : words.register.empty}</p>`;
  const heading = vendor === undefined ? html`${words.register.heading}` : foreign(await vendorName(deps.ports, vendor));
  const body = html`
<h1>${heading}</h1><p class="lead">${words.register.lead} <a href="${linkIn(context, '/rules')}">${words.register.rule}</a></p>
${policy === null ? html`<p class="note">${words.register.noPolicy}</p>` : empty}
${numbers(voice, found.all)}${searchForm(context, voice, { q, show })}
${searched ? html`<p role="status">${count(words.register.found, found.matching.length)}</p>` : empty}
${found.lines.length === 0 ? nothing : await groups(deps, context, voice, found.lines, roster?.roster ?? null)}
${found.next === null ? empty : html`<p><a href="${nextAddress(context, found.next)}">${words.register.next}</a></p>`}
${formatLinks(context, voice, [
  ['Atom', '/feed.atom'],
  ['iCalendar', '/calendar.ics'],
])}
<p class="fine">${words.register.pastDay}</p>`;
  return render(context, voice, { title: words.register.title, body, wide: true, here: 'register' });
};
