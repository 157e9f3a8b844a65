import type { Context } from 'hono';
import { mayBeOn } from '../../../../domain/feature/evaluate.ts';
import { vendorOf } from '../../../../domain/feature/keys.ts';
import type { Roster } from '../../../../domain/roster/schema.ts';
import { BY_SUM, countFeatures, type FeatureCounts, WAITING_SINCE } from '../../../register/facets.ts';
import { listFacet } from '../../../register/listFeatures.ts';
import type { RowsQuery } from '../../../register/registerIndex.ts';
import type { FeatureRow } from '../../../register/rows.ts';
import type { FeatureJson } from '../../../register/views/featureJson.ts';
import type { SitePorts } from '../deps.ts';
import { empty, foreign, type Html, html } from '../html.ts';
import type { Locale } from '../locale.ts';
import { bodyName } from '../names.ts';
import { linkIn } from '../page.ts';
import { chip, toneOfVariant } from '../parts/chip.ts';

/** A line of the register, with its answer confirmed on the heads. */
export interface Line {
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
            : say(words.register.waitingFor, { bodies: bodyList(first.bodies.map((body) => bodyName(roster, body))) })
        }. ${first.until === null ? empty : say(words.register.openUntil, { when: until(first.until) })}</small>`
      : waiting.length > 1
        ? html`<small>${count(words.register, 'moreWaiting', waiting.length)}</small>`
        : empty
  }${[...conditions].map((text) => html`<small>${words.decide.condition} ${foreign(text)}</small>`)}`;
};

const stateChip = ({ words, say, list, until }: Locale, { status, audience, validUntil }: FeatureJson): Html => {
  const parts = [
    ...(status === 'audience' || (status === 'enabled' && audience !== null)
      ? [say(words.effect.onlyFor, { agencies: foreign(list(audience ?? [])) })]
      : []),
    ...(mayBeOn(status) && validUntil !== null ? [say(words.register.until, { when: until(validUntil) })] : []),
  ];
  const label = status === 'audience' ? words.variant.enabled : words.variant[status];
  return chip(toneOfVariant(status), html`${label}${parts.map((part) => html`, ${part}`)}`);
};

/** The data beside the rows that the lines show. `seen`: keys on without permission, with when they were seen. */
export interface Setting {
  readonly roster: Roster | null;
  readonly seen: ReadonlyMap<string, string>;
  readonly vendors: ReadonlyMap<string, string>;
}

const seenNote = ({ words, say, dateTime }: Locale, at: string): Html =>
  html`${chip('no', words.register.seenOn)}<small>${say(words.register.seenAt, { when: dateTime(at) })}</small>`;

const entry = (context: Context, locale: Locale, line: Line, { roster, seen }: Setting): Html => {
  const at = seen.get(line.row.key);
  const { key, title, kind } = line.row;
  const depth = Math.min(4, key.split('.').length - 1);
  return html`
<li class="d${depth}"><span>${kind === 'contract' ? html`<b>${locale.words.kind.contract}:</b> ` : empty}<a href="${linkIn(context, `/features/${key}`)}">${foreign(title ?? key)}</a> <code>${key}</code></span>${at === undefined ? stateChip(locale, line.feature) : seenNote(locale, at)}${lineText(locale, line, roster)}</li>`;
};

/** Renders the lines by vendor. `unlisted`: keys seen on that have no entry; `only`: the vendor whose page it is. */
export const groups = (
  context: Context,
  locale: Locale,
  lines: readonly Line[],
  setting: Setting,
  unlisted: readonly string[],
  only?: string,
): Html => {
  const ghost = (key: string): Html =>
    html`<li class="d1"><span><a href="${linkIn(context, `/features/${key}`)}"><code>${key}</code></a></span>${seenNote(locale, setting.seen.get(key) ?? locale.now)}</li>`;
  const byVendor = Map.groupBy(lines, ({ row }) => vendorOf(row.key));
  const vendors = [...new Set([...byVendor.keys(), ...unlisted.map(vendorOf)])];
  const heading = (vendor: string): Html =>
    only === undefined
      ? html`
<h2><a href="${linkIn(context, `/vendors/${vendor}`)}">${foreign(setting.vendors.get(vendor) ?? vendor)}</a></h2>`
      : empty;
  return html`${vendors.map(
    (vendor) => html`${heading(vendor)}
<ul class="tree">${(byVendor.get(vendor) ?? []).map((line) => entry(context, locale, line, setting))}${unlisted.filter((key) => vendorOf(key) === vendor).map(ghost)}</ul>`,
  )}`;
};

const BAR_WIDTH = 320;

/** Renders on, waiting and off as one bar; hidden from screen readers, since the numbers beside it say the same. */
const bar = (on: number, waiting: number, off: number): Html => {
  const total = Math.max(1, on + waiting + off);
  const [first, second] = [on, waiting].map((value) => Math.round((value / total) * BAR_WIDTH));
  return html`<svg class="chart strip" viewBox="0 0 ${BAR_WIDTH} 8" preserveAspectRatio="none" aria-hidden="true" focusable="false"><rect class="track" width="${BAR_WIDTH}" height="8"/><rect class="on" width="${first ?? 0}" height="8"/><rect class="wait" x="${first ?? 0}" width="${second ?? 0}" height="8"/></svg>`;
};

/** What the register says in one line. `oldest`: when the oldest open change arrived; undefined if none is open. */
export interface Headline {
  readonly counts: FeatureCounts;
  readonly oldest: string | undefined;
}

/** Reads the headline of the register, or of what is beneath a key. */
export const headlineOf = async (ports: SitePorts, query: RowsQuery): Promise<Headline> => {
  const { prefix, now } = query;
  const [sums, waiting] = await Promise.all([listFacet(ports, BY_SUM, query), listFacet(ports, WAITING_SINCE, { prefix, now })]);
  return { counts: countFeatures(sums), oldest: waiting.get('')?.[0] };
};

/**
 * Renders the headline: on, waiting and off, which add up to all features, with a bar; how long the oldest request waits; and what is on
 * without permission. `seen`: how many keys that is.
 */
export const numbers = (context: Context, locale: Locale, { counts, oldest }: Headline, seen: number): Html => {
  const { words, number, count, daysSince } = locale;
  const { on, waiting, off } = counts;
  const figure = (of: 'on' | 'waiting' | 'off' | 'drift', n: number): Html =>
    count(words.register, of, n, { count: html`<b>${number(n)}</b>` });
  const drift =
    seen === 0
      ? empty
      : html`<li class="no"><a href="${linkIn(context, '/numbers')}#drift-heading">${figure('drift', seen)}</a></li>`;
  return html`
<h2 class="visually-hidden">${words.register.numbers}</h2>
<ul class="nums"><li>${figure('on', on)}</li><li>${figure('waiting', waiting)}</li><li>${figure('off', off)}</li>${drift}</ul>${on + waiting + off === 0 ? empty : bar(on, waiting, off)}${
    oldest === undefined || daysSince(oldest) === 0
      ? empty
      : html`<p class="fine">${count(words.register, 'oldest', daysSince(oldest))}</p>`
  }`;
};
