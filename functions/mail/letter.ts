/** What a mail says, before it is text or a page: a subject and paragraphs, some of which are a link to follow. */
export interface Letter {
  readonly subject: string;
  readonly paragraphs: readonly (string | { readonly link: string })[];
}

/**
 * The letter as plain text. A link stands alone on its line, and nothing else does: paragraphs are not folded, since a fold could
 * put an address that a vendor wrote on a line of its own, where it would pass for ours.
 */
export const letterText = ({ paragraphs }: Letter): string =>
  `${paragraphs.map((part) => (typeof part === 'string' ? part : part.link)).join('\n\n')}\n`;
