import type { Context } from 'hono';
import type { FeatureJson } from '../../../register/views/featureJson.ts';
import { type CsvRow, csv } from '../csv.ts';
import { type Html, html } from '../html.ts';
import type { Locale } from '../locale.ts';
import { linkIn } from '../page.ts';

const HEAD = [
  'key',
  'title',
  'enabled',
  'status',
  'change',
  'revision',
  'digest',
  'version',
  'validUntil',
  'audience',
  'conditions',
  'asOf',
];

const rowOf = (feature: FeatureJson): CsvRow => [
  feature.key,
  feature.title ?? null,
  feature.enabled,
  feature.status,
  feature.change,
  feature.revision,
  feature.digest,
  feature.version,
  feature.validUntil,
  feature.audience === null ? null : feature.audience.join('; '),
  feature.conditions.join('\n'),
  feature.asOf,
];

/** Features as a table. */
export const featuresCsv = (features: readonly FeatureJson[]): Response => csv(HEAD, features.map(rowOf));

/** The links to the same in other forms, and when it was true. `more`: other forms of this page alone; `asOf`: the instant it tells of, where that is a past one. */
export const formatLinks = (
  context: Context,
  { words, say, dateTime, now }: Locale,
  more: readonly (readonly [string, string])[] = [],
  asOf = now,
): Html => {
  const address = (format: string): string => {
    const url = new URL(context.req.url);
    url.searchParams.set('format', format);
    return `${url.pathname}${url.search}`;
  };
  const others = [['JSON', address('json')], ['CSV', address('csv')], ...more] as const;
  return html`
<p class="fine">${say(words.register.asOf, { when: html`<time datetime="${asOf}">${dateTime(asOf)}</time>` })}</p>
<p class="fine formats">${words.formats}: ${others.map(([label, path]) => html`<a href="${path.includes('format=') ? path : linkIn(context, path)}">${label}</a> `)}</p>`;
};
