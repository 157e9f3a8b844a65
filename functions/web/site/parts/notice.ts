import type { NoticeFacts } from '../../../../domain/feature/notice.ts';
import { IMPACTS } from '../../../../domain/policy/schema.ts';
import { empty, foreign, type Html, html } from '../html.ts';
import type { Locale } from '../locale.ts';
import { chip, icon } from './chip.ts';

/** Renders the vendor's words, set apart from the city's. */
export const vendorWords = ({ words, say }: Locale, vendor: string, text: string): Html => html`
<div class="says"><p class="who">${say(words.vendorSays, { vendor: foreign(vendor) })}</p><p class="text">${foreign(text)}</p></div>`;

const effect = ({ words }: Locale, value: 'changed' | 'unchanged' | 'unknown'): Html => {
  if (value === 'unknown') return html`<span class="chip no">${icon('warning')}<span>${words.impact.unknown}</span></span>`;
  return value === 'changed'
    ? html`<span class="chip wait">${icon('change')}<span>${words.impact.changed}</span></span>`
    : chip('off', words.impact.unchanged);
};

/** Renders the nine impacts: first those that change, then those not stated, then those that do not. */
export const impactTable = (locale: Locale, impact: NoticeFacts['impact']): Html => {
  const { words } = locale;
  const rank = { changed: 0, unknown: 1, unchanged: 2 } as const;
  const names = [...IMPACTS].sort((a, b) => rank[impact[a]] - rank[impact[b]]);
  return html`
<table class="impact"><caption>${words.impact.caption}</caption>
<thead><tr><th scope="col">${words.impact.thing}</th><th scope="col">${words.impact.effect}</th></tr></thead>
<tbody>${names.map((name) => html`<tr><th scope="row">${words.impact[name]}</th><td>${effect(locale, impact[name])}</td></tr>`)}</tbody></table>${
    names.some((name) => impact[name] === 'unknown')
      ? html`<p class="fine">${icon('warning')}${words.impact.unknownNote}</p>`
      : empty
  }`;
};

/** Renders the documents of a notice with their hashes. Links send no referrer. */
export const documentList = (locale: Locale, documents: NoticeFacts['documents'], missing: readonly string[]): Html => {
  const { words, say, list } = locale;
  const absent =
    missing.length === 0
      ? empty
      : html`<p class="note">${icon('warning')}${say(words.change.missing, { kinds: list(missing) })}</p>`;
  if (documents.length === 0) return html`<p>${words.change.noDocuments}</p>${absent}`;
  const items = documents.map(
    ({ title, kind, url, sha256 }) => html`
<li><a href="${url}" rel="noopener noreferrer nofollow external" referrerpolicy="no-referrer">${foreign(title)}</a> <small>${kind.replaceAll('-', ' ')}</small><br><small>${sha256 === undefined ? words.change.noHash : html`<code>${say(words.change.hash, { hash: sha256 })}</code>`}</small></li>`,
  );
  return html`<ul class="plain">${items}</ul>${absent}`;
};
