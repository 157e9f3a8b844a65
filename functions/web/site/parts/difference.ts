import { difference, type TextRun } from '../../../../domain/kernel/difference.ts';
import { empty, type Html, html } from '../html.ts';
import type { Locale } from '../locale.ts';

/** The three texts of a wording that people read. */
export interface Wording {
  readonly title: string;
  readonly summary: string;
  readonly description: string;
}

const run = ({ kind, text }: TextRun): Html =>
  kind === 'gone' ? html`<del>${text}</del>` : kind === 'new' ? html`<ins>${text}</ins>` : html`${text}`;

/** What changed between two wordings, word by word; texts that did not change are left out. */
export const wordingDifference = ({ words }: Locale, before: Wording, after: Wording): Html => {
  const parts = [
    [words.change.title, before.title, after.title],
    [words.change.summary, before.summary, after.summary],
    [words.change.text, before.description, after.description],
  ] as const;
  const changed = parts.filter(([, from, to]) => from !== to);
  if (changed.length === 0) return html`<p>${words.change.sameWords}</p>`;
  const note = changed.length === 0 ? empty : html`<p class="fine">${words.change.struck}</p>`;
  const shown = changed.map(
    ([label, from, to]) => html`
<h3>${label}</h3><p class="words" lang="und" dir="auto">${difference(from, to).map(run)}</p>`,
  );
  return html`${shown}${note}`;
};
