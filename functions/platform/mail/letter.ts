import { html } from 'hono/html';
import type { Words } from './vocabulary.ts';

/**
 * What a mail says, before it is text or a page: a subject and paragraphs, some of which are a link to follow, a list, or a
 * sentence with an address of ours at its end.
 */
export interface Letter {
  readonly subject: string;
  readonly paragraphs: readonly (
    | string
    | { readonly link: string }
    | { readonly list: readonly string[] }
    | { readonly text: string; readonly url: string }
  )[];
}

type Paragraph = Letter['paragraphs'][number];

const textOf = (part: Paragraph): string => {
  if (typeof part === 'string') return part;
  if ('url' in part) return `${part.text} ${part.url}`;
  return 'link' in part ? part.link : part.list.map((item) => `- ${item}`).join('\n');
};

/**
 * The letter as plain text. A link stands alone on its line, and nothing else does: paragraphs are not folded, since a fold could
 * put an address that a vendor wrote on a line of its own, where it would pass for ours.
 */
export const letterText = ({ paragraphs }: Letter): string => `${paragraphs.map(textOf).join('\n\n')}\n`;

/** Programs for mail know no stylesheet of a page, so each element says how it looks; colours are left to the reader's scheme. */
const BODY = 'margin:0 auto;max-width:36rem;padding:1rem;font:1rem/1.55 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif';
const BUTTON =
  'display:inline-block;padding:.8rem 1.4rem;border-radius:.4rem;background:#1f4d3a;color:#ffffff;font-weight:600;text-decoration:none';
const ADDRESS = 'font-size:.9rem;overflow-wrap:anywhere';

const htmlOf = (part: Paragraph, words: Words) => {
  if (typeof part === 'string') return html`<p>${part}</p>`;
  if ('list' in part) return html`<ul>${part.list.map((item) => html`<li>${item}</li>`)}</ul>`;
  if ('url' in part) return html`<p>${part.text} <a href="${part.url}">${part.url}</a></p>`;
  return html`<p><a href="${part.link}" style="${BUTTON}">${words.openPage}</a></p><p style="${ADDRESS}">${part.link}</p>`;
};

/**
 * The same letter as a page: the same paragraphs in the same order, each text escaped. Nothing is fetched, so nobody learns who read
 * it and when. A link is a button with its address in full below, for whoever wants to see where it leads.
 */
export const letterHtml = ({ subject, paragraphs }: Letter, language: string, words: Words): string => {
  const page = html`<!doctype html>
<html lang="${language}" dir="${words.direction}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark"><title>${subject}</title></head>
<body style="${BODY}">
${paragraphs.map((part) => htmlOf(part, words))}
</body>
</html>
`;
  if (page instanceof Promise) throw new Error('broken invariant: nothing in a letter is waited for');
  return page.toString();
};
