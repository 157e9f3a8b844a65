import type { Context } from 'hono';
import * as z from 'zod';
import { VARIANTS } from '../../../domain/feature/evaluate.ts';
import { vendorOf } from '../../../domain/feature/keys.ts';
import { FeatureKey } from '../../../domain/kernel/zodTypes.ts';
import { evaluateKeys } from '../../gate/heads.ts';
import { readRules } from '../../gate/rules.ts';
import { pageOf, paging } from '../../http/paging.ts';
import { json } from '../../http/respond.ts';
import { confirmedRows } from '../../present/readFeatureJson.ts';
import { decodeCursor, encodeCursor } from '../../projector/cursor.ts';
import { type FeatureRow, listFeatures } from '../../projector/listFeatures.ts';
import type { SiteDeps } from '../deps.ts';
import { empty, foreign, html } from '../html.ts';
import { linkIn, render, voiceFor } from '../page.ts';
import { vendorName } from '../vendors.ts';
import { featuresCsv, formatLinks } from './formats.ts';
import { queryOf } from './query.ts';
import { groups, isOn, type Line, numbers, SHOWN, type Shown, searchForm } from './registerParts.ts';
import { seenOn } from './seen.ts';

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

const isWaiting = ({ evaluation }: FeatureRow): boolean => evaluation.pending > 0;

const isShown = (row: FeatureRow, show: Shown): boolean =>
  show === 'all' || (show === 'on' ? isOn(row) : show === 'waiting' ? isWaiting(row) : !isOn(row));

const folded = (text: string): string => text.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase();

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
  /** What the vendors of all lines are called. */
  readonly names: ReadonlyMap<string, string>;
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
  return { all, matching, lines, names, next: rest.length > limit ? encodeCursor(shown.at(-1)?.key ?? '') : null };
};

/** What was seen on at the vendors and is not allowed to be, judged on the heads. */
const driftOf = async (deps: SiteDeps, vendors: readonly string[]): Promise<ReadonlyMap<string, string>> => {
  const seen = await seenOn(deps, vendors);
  const evaluations = await evaluateKeys(deps.ports, [...seen.keys()], {});
  const allowed = (key: string): boolean => ['enabled', 'audience'].includes(evaluations.get(key)?.variant ?? 'unknown');
  return new Map([...seen].filter(([key]) => !allowed(key)));
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
  const seen = await driftOf(deps, [...found.names.keys()]);
  const known = new Set(found.all.map(({ key }) => key));
  const searched = (q ?? '') !== '' || show !== 'all';
  const strangers = searched ? [] : [...seen.keys()].filter((key) => !known.has(key));
  const nothing = html`<p>${searched ? words.register.nothingFound : words.register.empty}</p>`;
  const heading = vendor === undefined ? html`${words.register.heading}` : foreign(await vendorName(deps.ports, vendor));
  const body = html`
<h1>${heading}</h1><p class="lead">${words.register.lead} <a href="${linkIn(context, '/rules')}">${words.register.rule}</a></p>
${policy === null ? html`<p class="note">${words.register.noPolicy}</p>` : empty}
${numbers(voice, found.all, seen.size)}${searchForm(context, voice, { q, show })}
${searched ? html`<p role="status">${count(words.register.found, found.matching.length)}</p>` : empty}
${found.lines.length === 0 ? nothing : groups(context, voice, found.lines, { roster: roster?.roster ?? null, seen, vendors: found.names }, strangers)}
${found.next === null ? empty : html`<p><a href="${nextAddress(context, found.next)}">${words.register.next}</a></p>`}
${formatLinks(context, voice, [
  ['Atom', '/feed.atom'],
  ['iCalendar', '/calendar.ics'],
])}
<p class="fine">${words.register.pastDay}</p>`;
  return render(context, voice, { title: words.register.title, body, wide: true, here: 'register' });
};
