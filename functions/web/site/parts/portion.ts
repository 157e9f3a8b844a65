import type { Context } from 'hono';
import { empty, type Html, html } from '../html.ts';
import type { Locale } from '../locale.ts';

const PORTION = 15;

/** A part of a list, its offset, and that of the next one; null at the end. */
export interface Portion<T> {
  readonly items: readonly T[];
  readonly from: number;
  readonly next: number | null;
}

/** A list of which a part can be taken without the rest. */
export interface Sliceable<T> {
  readonly length: number;
  readonly slice: (from: number, upTo: number) => readonly T[];
}

/** Returns the part of a list that the address asks for by `name`; the first if it asks for none. */
export const portionOf = <T>(context: Context, name: string, items: Sliceable<T>, size = PORTION): Portion<T> => {
  const asked = context.req.query(name) ?? '';
  const from = /^[1-9][0-9]{0,5}$/.test(asked) ? Number(asked) : 0;
  const next = from + size;
  return { items: items.slice(from, next), from, next: next < items.length ? next : null };
};

export const restLink = (context: Context, { words }: Locale, name: string, { next }: Pick<Portion<unknown>, 'next'>): Html => {
  if (next === null) return empty;
  const url = new URL(context.req.url);
  url.searchParams.set(name, String(next));
  return html`<p><a href="${url.pathname}${url.search}">${words.register.next}</a></p>`;
};
