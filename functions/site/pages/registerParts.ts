import type { Context } from 'hono';
import { vendorOf } from '../../../domain/feature/keys.ts';
import type { Roster } from '../../../domain/roster/schema.ts';
import type { FeatureJson } from '../../present/feature.ts';
import type { FeatureRow } from '../../projector/listFeatures.ts';
import { empty, foreign, type Html, html } from '../html.ts';
import { bodyName } from '../names.ts';
import { linkIn } from '../page.ts';
import { chip, toneOfVariant } from '../parts/chip.ts';
import type { Voice } from '../voice.ts';
import { waitingIn } from './waiting.ts';

/** What of the register can be asked for. */
export const SHOWN = ['all', 'on', 'waiting', 'off'] as const;
export type Shown = (typeof SHOWN)[number];

/** Whether a line is on, for every agency or for some; as the projection has it. */
export const isOn = ({ evaluation }: FeatureRow): boolean =>
  evaluation.variant === 'enabled' || evaluation.variant === 'audience';
/** A line of the register with the answer confirmed on the heads. */
export interface Line {
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

/** What the register's lines are told with. `seen`: keys that are on at the vendor and not allowed to be, with when that was seen. */
export interface Setting {
  readonly roster: Roster | null;
  readonly seen: ReadonlyMap<string, string>;
  readonly vendors: ReadonlyMap<string, string>;
}

const seenNote = ({ words, say, dateTime }: Voice, at: string): Html =>
  html`${chip('no', words.register.seenOn)}<small>${say(words.register.seenAt, { when: dateTime(at) })}</small>`;

const entry = (context: Context, voice: Voice, line: Line, { roster, seen }: Setting): Html => {
  const at = seen.get(line.row.key);
  const { key, title, kind } = line.row;
  const depth = Math.min(4, key.split('.').length - 1);
  return html`
<li class="d${depth}"><span>${kind === 'contract' ? html`<b>${voice.words.kind.contract}:</b> ` : empty}<a href="${linkIn(context, `/features/${key}`)}">${foreign(title ?? key)}</a> <code>${key}</code></span>${at === undefined ? stateChip(voice, line.feature) : seenNote(voice, at)}${lineText(voice, line, roster)}</li>`;
};

/** The lines by vendor. `strangers`: keys that were seen on and that nobody ever spoke of. */
export const groups = (
  context: Context,
  voice: Voice,
  lines: readonly Line[],
  setting: Setting,
  strangers: readonly string[],
): Html => {
  const byVendor = Map.groupBy(lines, ({ row }) => vendorOf(row.key));
  const unknown = (vendor: string): readonly Html[] =>
    strangers
      .filter((key) => vendorOf(key) === vendor)
      .map(
        (key) =>
          html`<li class="d1"><span><a href="${linkIn(context, `/features/${key}`)}"><code>${key}</code></a></span>${seenNote(voice, setting.seen.get(key) ?? voice.now)}</li>`,
      );
  return html`${[...byVendor].map(
    ([vendor, group]) => html`
<h2><a href="${linkIn(context, `/vendors/${vendor}`)}">${foreign(setting.vendors.get(vendor) ?? vendor)}</a></h2>
<ul class="tree">${group.map((line) => entry(context, voice, line, setting))}${unknown(vendor)}</ul>`,
  )}`;
};

/** The register in numbers. */
export const numbers = ({ words, number, count, now, daysSince }: Voice, rows: readonly FeatureRow[], seen: number): Html => {
  const waiting = rows.flatMap(({ state }) => waitingIn(state, now));
  const oldest = waiting.map(({ change }) => change.since).sort()[0];
  const on = rows.filter(isOn).length;
  return html`
<h2 class="visually-hidden">${words.register.numbers}</h2>
<dl class="nums"><div><dt>${words.register.on}</dt><dd>${number(on)}</dd></div>
<div><dt>${count(words.register.waiting, waiting.length)}${oldest === undefined ? empty : html`, ${count(words.register.oldest, daysSince(oldest))}`}</dt><dd>${number(waiting.length)}</dd></div>
<div><dt>${words.register.off}</dt><dd>${number(rows.length - on)}</dd></div>${
    seen === 0
      ? empty
      : html`
<div><dt>${words.register.drift}</dt><dd class="no">${number(seen)}</dd></div>`
  }</dl>`;
};

/** Search and filter, without scripts. */
export const searchForm = (
  context: Context,
  { words, language }: Voice,
  { q, show }: { q?: string | undefined; show: Shown },
): Html => {
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
