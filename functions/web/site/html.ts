import { html, raw } from 'hono/html';

export { fillText } from '../../platform/catalogue.ts';
export { html };

/** Markup made by `html` alone: whatever is put into it is escaped there. */
export type Html = ReturnType<typeof html>;

/** Nothing. */
export const empty: Html = raw('');

/** Parts one after the other. */
export const join = (parts: readonly Html[]): Html => html`${parts}`;

/**
 * A text of the catalogue with its slots filled: `{title}` becomes the part of that name, markup as markup and text escaped. A slot
 * that nobody fills is a mistake of ours and throws.
 */
export const fill = (text: string, slots: Readonly<Record<string, Html | string | number>> = {}): Html =>
  join(
    text.split(/(\{[a-z]+\})/i).map((part) => {
      if (!/^\{[a-z]+\}$/i.test(part)) return html`${part}`;
      const value = slots[part.slice(1, -1)];
      if (value === undefined) throw new Error(`broken invariant: no ${part} for a text of the catalogue`);
      return html`${value}`;
    }),
  );

/**
 * Text by a vendor or another stranger: attacker-controlled, shown as text and nothing else. Its language is not known (`und`) and
 * its direction is its own, so that it can neither be read out wrongly nor turn our words around.
 */
export const foreign = (text: string): Html => html`<bdi lang="und" dir="auto">${text}</bdi>`;
