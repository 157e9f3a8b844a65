import type { Context } from 'hono';
import { partitionPoint } from '../../../../domain/kernel/order.ts';
import { daysLeft } from '../../../../domain/kernel/zone.ts';
import { CONTRACT_ENDS } from '../../../register/contractEnds.ts';
import type { SitePorts } from '../deps.ts';
import { empty, foreign, type Html, html } from '../html.ts';
import type { Locale } from '../locale.ts';
import { linkIn } from '../page.ts';
import { chip } from './chip.ts';

/** Shown from so many days before, as the first mail about it is sent. */
const SHOWN_DAYS = 90;
const PRESSING_DAYS = 7;
const SHOWN_MAX = 10;

/** Renders the countdown of contracts that end within {@link SHOWN_DAYS}: of all, or of those of a key and beneath it. */
export const contractEnds = async (ports: SitePorts, context: Context, locale: Locale, prefix?: string): Promise<Html> => {
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
    const left = days === 0 ? w.today : count(w, 'left', days);
    return html`
<li><a href="${linkIn(context, `/features/${key}`)}">${foreign(title)}</a> <code>${key}</code> ${chip(days <= PRESSING_DAYS ? 'no' : 'wait', left)}<small>${say(w.ends, { when: html`<time datetime="${at}">${until(at)}</time>` })}</small></li>`;
  });
  const more =
    soon.length > SHOWN_MAX
      ? html`<p><a href="${linkIn(context, '/calendar')}">${count(w, 'more', soon.length - SHOWN_MAX)}</a></p>`
      : empty;
  return html`
<section aria-labelledby="contracts-heading"><h2 id="contracts-heading">${w.heading}</h2><ul class="plain">${items}</ul>${more}</section>`;
};
