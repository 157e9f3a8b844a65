import type { Context } from 'hono';
import * as z from 'zod';
import { evaluate, type Head, type Variant } from '../../../domain/feature/evaluate.ts';
import { prefixesOf } from '../../../domain/feature/keys.ts';
import { localDateOf, toInstant } from '../../../domain/kernel/zone.ts';
import { headsAt, headsOf } from '../../gate/heads.ts';
import { readRules } from '../../gate/rules.ts';
import { badParameter, checkKey } from '../../http/input.ts';
import { refused } from '../../http/refused.ts';
import { json } from '../../http/respond.ts';
import { latestOf } from '../../present/change.ts';
import type { FeatureJson } from '../../present/feature.ts';
import { readFeatureJson } from '../../present/readFeatureJson.ts';
import { listChanges } from '../../projector/listChanges.ts';
import { readFeature } from '../../projector/read.ts';
import type { SiteDeps } from '../deps.ts';
import { empty, foreign, type Html, html } from '../html.ts';
import { bodyName } from '../names.ts';
import { linkIn, render, voiceFor } from '../page.ts';
import { chip, toneOfStatus, toneOfVariant } from '../parts/chip.ts';
import { audienceText } from '../parts/terms.ts';
import type { Voice } from '../voice.ts';
import { featuresCsv, formatLinks } from './formats.ts';
import { historyOf } from './history.ts';
import { queryOf } from './query.ts';
import { waitingIn } from './waiting.ts';

const query = {
  at: z.string().max(40, 'is not an instant').optional(),
  agency: z.string().min(1, 'is empty').max(200, 'is longer than 200 characters').optional(),
};
const CHANGES_MAX = 200;

const pastInstant = (text: string, { zone, clock }: SiteDeps['ports']): string => {
  const at = toInstant(text, zone);
  if (at === undefined) throw badParameter('at', 'is not an instant such as 2026-04-01T00:00:00Z');
  // The end of today has not come yet: asked for as a day, today is now.
  const today = text.length === 10 && text === localDateOf(clock(), zone);
  if (today) return clock();
  if (at > clock())
    throw refused('future-instant', { detail: 'at is in the future', errors: [{ pointer: '/at', detail: 'is in the future' }] });
  return at;
};

interface Reading {
  readonly key: string;
  readonly feature: FeatureJson;
  readonly heads: readonly Head[];
  readonly titles: readonly (string | null)[];
}

/** The chain of consent, root first: each link with what it is on its own. */
const chain = (context: Context, voice: Voice, { key, heads, titles, feature }: Reading): Html => {
  const { words } = voice;
  const links = prefixesOf(key).map((prefix, index) => {
    const { variant } = evaluate(prefix, heads.slice(0, index + 1), {}, feature.asOf);
    const title = titles[index] ?? prefix;
    const name =
      prefix === key
        ? html`<b>${foreign(title)}</b> <small>(${words.feature.here})</small>`
        : html`<a href="${linkIn(context, `/features/${prefix}`)}">${foreign(title)}</a>`;
    return html`<li><span>${name} <code>${prefix}</code></span>${variantChip(voice, variant)}</li>`;
  });
  return html`<h2>${words.feature.chain}</h2><p>${words.feature.chainNote}</p><ol class="chain">${links}</ol>`;
};

const variantChip = ({ words }: Voice, variant: Variant): Html => chip(toneOfVariant(variant), words.variant[variant]);

const now = (voice: Voice, { feature }: Reading): Html => {
  const { words, until } = voice;
  const on = feature.status === 'enabled' || feature.status === 'audience';
  const fact = (label: string, value: Html | string): Html => html`<div><dt>${label}</dt><dd>${value}</dd></div>`;
  return html`
<p class="lead">${variantChip(voice, feature.status)} ${words.because[feature.status]}</p>
<dl class="facts">${feature.version === null ? empty : fact(words.feature.version, foreign(feature.version))}
${on ? fact(words.feature.until, feature.validUntil === null ? words.noEnd : until(feature.validUntil)) : empty}
${on ? fact(words.feature.audience, audienceText(voice, feature.audience)) : empty}
${on && feature.conditions.length > 0 ? fact(words.feature.conditions, html`${feature.conditions.map((text) => html`<p class="words">${foreign(text)}</p>`)}`) : empty}
${feature.digest === null ? empty : fact(words.feature.words, html`<code>${feature.digest}</code>`)}</dl>`;
};

const approvals = (voice: Voice, { feature }: Reading): Html => {
  const { words, dateTime } = voice;
  if (feature.approvals.length === 0) return empty;
  return html`
<h2>${words.change.decisions}</h2><ul class="plain">${feature.approvals.map(
    ({ body, name, holder, at, instrument }) =>
      html`<li>${name ?? holder}${body === null ? empty : html` (${body})`}: ${words.rules.shortInstrument[instrument]} <small><time datetime="${at}">${dateTime(at)}</time></small></li>`,
  )}</ul>`;
};

const changes = async (deps: SiteDeps, context: Context, voice: Voice, key: string, asOf: string): Promise<Html> => {
  const { words, say, list, dateTime } = voice;
  const [page, { roster }, feature] = await Promise.all([
    listChanges(deps.ports, { key, limit: CHANGES_MAX, now: asOf }),
    readRules(deps.ports),
    readFeature(deps.ports, key),
  ]);
  const known = (page?.items ?? []).filter(({ view }) => latestOf(view).at <= asOf || (view.revisions[0]?.at ?? '') <= asOf);
  if (known.length === 0) return html`<h2>${words.feature.changes}</h2><p>${words.feature.noChanges}</p>`;
  const waiting = feature === undefined || feature === 'unreadable' ? [] : waitingIn(feature.state, asOf);
  const items = known.toReversed().map(({ view }) => {
    const turn = waiting.find(({ change }) => change.n === view.n);
    const whom =
      turn === undefined || turn.bodies.length === 0
        ? empty
        : html`<small>${say(words.register.waitingFor, { bodies: list(turn.bodies.map((body) => bodyName(roster?.roster ?? null, body))) })}</small>`;
    return html`
<li><a href="${linkIn(context, `/changes/${key}/${view.n}`)}">${say(words.feature.changeOf, { n: view.n, title: foreign(latestOf(view).notice.title) })}</a> ${chip(toneOfStatus(view.status), words.status[view.status])} ${whom}<br><small>${dateTime(latestOf(view).at)}</small></li>`;
  });
  return html`<h2>${words.feature.changes}</h2><ul class="plain">${items}</ul>`;
};

const pastForm = (context: Context, { words, language }: Voice, at: string | undefined): Html => html`
<form class="find" method="get" action="${context.req.path}">${context.req.query('lang') === undefined ? empty : html`<input type="hidden" name="lang" value="${language}">`}
<div><label for="at">${words.feature.pastLabel}</label><input type="date" id="at" name="at" value="${at?.slice(0, 10) ?? ''}" required></div><button type="submit" class="quiet">${words.feature.show}</button></form>`;

/** One feature: what holds now or was known on a day, the chain of consent, who approved, what waits, and what happened. */
export const featurePage = async (deps: SiteDeps, context: Context): Promise<Response> => {
  const key = checkKey(context.req.param('key') ?? '');
  const { format, at, agency } = queryOf(context, query);
  const instant = at === undefined ? undefined : pastInstant(at, deps.ports);
  const feature = await readFeatureJson(deps.ports, key, { context: { agency }, at: instant, checkpoint: deps.checkpoint?.() });
  if (format === 'json') return json(feature);
  if (format === 'csv') return featuresCsv([feature]);
  const voice = voiceFor(context, deps.ports.zone, deps.ports.clock());
  const { words, say, dateTime } = voice;
  const prefixes = prefixesOf(key);
  const [heads, known] = await Promise.all([
    instant === undefined ? headsOf(deps.ports, key) : headsAt(deps.ports, key, instant),
    Promise.all(prefixes.map((prefix) => readFeature(deps.ports, prefix))),
  ]);
  const titles = known.map((each) => (each === undefined || each === 'unreadable' ? null : each.title));
  const reading: Reading = { key, feature, heads, titles };
  const title = titles.at(-1) ?? key;
  const when =
    instant === undefined
      ? empty
      : html`<p class="note">${say(words.feature.asKnown, { when: dateTime(instant) })} <a href="${linkIn(context, `/features/${key}`)}">${words.feature.backToNow}</a></p>`;
  const body = html`
<p class="eyebrow calm"><code>${key}</code></p><h1>${foreign(title)}</h1>${when}
${now(voice, reading)}${chain(context, voice, reading)}${approvals(voice, reading)}
${await changes(deps, context, voice, key, feature.asOf)}
<h2>${words.feature.history}</h2>${await historyOf(deps, voice, key, feature.asOf)}
<h2>${words.feature.past}</h2>${pastForm(context, voice, at)}
${formatLinks(context, voice)}`;
  return render(context, voice, { title, body, here: 'register' });
};
