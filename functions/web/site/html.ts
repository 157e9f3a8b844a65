import { html, raw } from 'hono/html';
import { filled, inSingleQuotes, type Slots } from '../../platform/catalogue.ts';

export { html };

/** Markup made by `html`, which escapes every value put into it. */
export type Html = ReturnType<typeof html>;

export const empty: Html = raw('');

const REFERENCES: Readonly<Record<string, string>> = { '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#39;': "'", '&amp;': '&' };

export const plainText = (markup: Html): string =>
  `${markup as string}`
    .replaceAll(/<[^>]*>/g, '')
    .replaceAll(/&(?:lt|gt|quot|#39|amp);/g, (reference) => REFERENCES[reference] ?? reference);

export const join = (parts: readonly (Html | string)[], separator = ''): Html =>
  html`${parts.map((part, index) => html`${index !== 0 && separator}${part}`)}`;

/** Fills the slots of a text: markup as it is, text escaped. Throws for a slot without a value. */
export const fill = (text: string, slots: Slots<Html | string | number> = {}): Html =>
  html`${filled(text, slots, (value) => (value instanceof String ? raw(inSingleQuotes(`${value}`, 'markup')) : value))}`;

export const tableHead = (...names: readonly (Html | string)[]): Html =>
  html`<thead><tr>${names.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>`;

/** Renders an item of a description list. `kind: 'words'` keeps the line breaks of a value. */
export const descriptionItem = (term: Html | string, value: Html | string | number, kind?: 'words'): Html =>
  html`<div><dt>${term}</dt><dd${kind && html` class="${kind}"`}>${value}</dd></div>`;

/** Renders attacker-controlled text: its language is unknown, and its direction cannot affect the text around it. */
export const untrustedText = (text: string): Html => html`<bdi lang="und" dir="auto">${text}</bdi>`;

/** Renders a link to an address that a vendor or an official gave. */
export const untrustedLink = (url: string, text: Html | string): Html =>
  html`<a href="${url}" rel="noopener noreferrer nofollow external" referrerpolicy="no-referrer">${text}</a>`;

/** Renders text for screen readers only, which distinguishes links of the same name on a page. */
export const visuallyHidden = (about: Html | string): Html => html`<span class="visually-hidden">: ${about}</span>`;
