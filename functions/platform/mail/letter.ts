import { html } from 'hono/html';
import type { MailWords } from './words.ts';

/** A paragraph is a text, a link to follow, a list, or a text with a public address at its end. */
export interface Letter {
  readonly subject: string;
  readonly paragraphs: readonly (
    | string
    | { readonly link: string }
    | { readonly list: readonly string[] }
    | { readonly text: string; readonly url: string }
  )[];
  /** The last days on which the reader can act. `until`: exclusive. */
  readonly dues?: readonly {
    readonly name: string;
    readonly until: string;
    readonly zone: string;
    readonly summary: string;
    readonly url: string;
  }[];
}

export type Paragraph = Letter['paragraphs'][number];

/** Shortens a text at a word boundary, unless the last word is very long. */
export const shortened = (text: string, charsMax: number): string => {
  const chars = Array.from(text);
  if (chars.length <= charsMax) return text;
  const space = chars.slice(0, charsMax).findLastIndex((char) => /\s/.test(char));
  const kept = chars.slice(0, space * 2 > charsMax ? space : charsMax - 1).join('');
  return `${kept.replace(/[\s.,:;]+$/, '')}…`;
};

const textOf = (part: Paragraph): string => {
  if (typeof part === 'string') return part;
  if ('url' in part) return `${part.text} ${part.url}`;
  return 'link' in part ? part.link : part.list.map((item) => `- ${item}`).join('\n');
};

/**
 * Returns the plain text. Only a link has a line to itself; paragraphs are not folded, since that could put an address from a vendor's text
 * on a line of its own, where it would look like the city's.
 */
export const letterText = ({ paragraphs }: Letter): string => `${paragraphs.map(textOf).join('\n\n')}\n`;

/** Mail programs ignore stylesheets, so each element has its style; colours are left to the reader's colour scheme. */
const BODY =
  'margin:0 auto;max-width:36rem;padding:1rem;overflow-wrap:anywhere;font:1rem/1.55 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif';
const BUTTON =
  'display:inline-block;padding:.8rem 1.4rem;border-radius:.4rem;background:#1f4d3a;color:#ffffff;font-weight:600;text-decoration:none';
const ADDRESS = 'font-size:.9rem;overflow-wrap:anywhere';

const htmlOf = (part: Paragraph, words: MailWords) => {
  if (typeof part === 'string') return html`<p>${part}</p>`;
  if ('list' in part) return html`<ul>${part.list.map((item) => html`<li>${item}</li>`)}</ul>`;
  if ('url' in part) return html`<p>${part.text} <a href="${part.url}">${part.url}</a></p>`;
  return html`<p><a href="${part.link}" style="${BUTTON}">${words.openPage}</a></p><p style="${ADDRESS}">${part.link}</p>`;
};

/** Returns the same paragraphs as HTML, escaped. It loads nothing, so reading it cannot be observed. */
export const letterHtml = ({ subject, paragraphs }: Letter, language: string, words: MailWords): string => {
  const page = html`<!doctype html>
<html lang="${language}" dir="${words.direction}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark"><title>${subject}</title></head>
<body style="${BODY}">
${paragraphs.map((part) => htmlOf(part, words))}
</body>
</html>
`;
  if (page instanceof Promise) throw new Error('broken invariant: a part of a letter is asynchronous');
  return page.toString();
};
