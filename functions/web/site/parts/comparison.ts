import { empty, type Html, html } from '../html.ts';
import type { Locale } from '../locale.ts';

/** A line with what it was and what it is; undefined where the earlier or the later statement has no such line. */
export interface ComparedRow {
  readonly label: string;
  readonly before: Html | undefined;
  readonly after: Html | undefined;
}

/** Rows that belong together, under a name. */
export interface RowGroup {
  readonly name: Html | undefined;
  readonly rows: readonly ComparedRow[];
}

/** Renders two statements side by side. `none`: in place of a line that one of them lacks. */
export const comparisonTable = ({ words }: Locale, caption: string, none: string, groups: readonly RowGroup[]): Html => {
  const { what, before: was, after: is } = words.policyChange;
  const cell = (name: string, text: Html | undefined): Html =>
    html`<td><small class="cell">${name}</small>${text ?? html`<i>${none}</i>`}</td>`;
  return html`
<table class="compared"><caption>${caption}</caption><thead><tr><th scope="col">${what}</th><th scope="col">${was}</th><th scope="col">${is}</th></tr></thead>
${groups.map(
  ({ name, rows }) =>
    html`<tbody>${name === undefined ? empty : html`<tr class="group"><th scope="rowgroup" colspan="3">${name}</th></tr>`}${rows.map(
      ({ label, before, after }) => html`<tr><th scope="row">${label}</th>${cell(was, before)}${cell(is, after)}</tr>`,
    )}</tbody>`,
)}</table>`;
};
