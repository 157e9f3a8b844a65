import { type Html, html } from '../html.ts';
import type { Locale } from '../locale.ts';

/** The centres of the four columns, and of the rows from the notice to the signed root. */
const X = [112, 166, 220, 274] as const;
const Y = { notice: 26, commit: 82, leaf: 138, pair: 194, root: 250, checkpoint: 316 } as const;
/** The column of the highlighted entry. */
const MINE = 1;

const boxes = (y: number): Html =>
  html`${X.map((x, column) => html`<rect class="${column === MINE ? 'mine' : 'box'}" x="${x - 19}" y="${y - 14}" width="38" height="28" rx="4"/>`)}`;

const dots = (y: number): Html =>
  html`${X.map((x, column) => html`<circle class="${column === MINE ? 'mine' : 'box'}" cx="${x}" cy="${y}" r="11"/>`)}`;

const line = (mine: boolean, path: string): Html => html`<path class="${mine ? 'way' : 'line'}" d="${path}"/>`;

const lines = (): Html => {
  const [left, right, middle] = [(X[0] + X[1]) / 2, (X[2] + X[3]) / 2, (X[0] + X[3]) / 2];
  return html`${X.map((x, column) => line(column === MINE, `M${x} ${Y.commit}V${Y.leaf}`))}
${X.map((x, column) => line(column === MINE, `M${x} ${Y.leaf}L${column < 2 ? left : right} ${Y.pair}`))}
${line(true, `M${left} ${Y.pair}L${middle} ${Y.root}`)}${line(false, `M${right} ${Y.pair}L${middle} ${Y.root}`)}
${line(true, `M${X[MINE]} ${Y.notice}V${Y.commit}`)}${line(true, `M${middle} ${Y.root}V${Y.checkpoint}`)}
<circle class="mine" cx="${left}" cy="${Y.pair}" r="11"/><circle class="box" cx="${right}" cy="${Y.pair}" r="11"/><circle class="mine" cx="${middle}" cy="${Y.root}" r="13"/>
<rect class="mine" x="${middle - 58}" y="${Y.checkpoint - 20}" width="116" height="40" rx="6"/>
<path class="line" d="M${middle - 44} ${Y.checkpoint - 6}h56M${middle - 44} ${Y.checkpoint + 6}h40"/>
<circle class="seal" cx="${middle + 34}" cy="${Y.checkpoint}" r="13"/><path class="tick" d="M${middle + 28} ${Y.checkpoint}l4 5l8 -9"/>`;
};

/** Renders how a notice comes under a signed checkpoint. The same is stated in its label and in the steps below. */
export const logPicture = ({ words: { check } }: Locale): Html => {
  const label = (y: number, text: string): Html => html`<text x="44" y="${y + 5}">${text}</text>`;
  const { steps } = check;
  const x = X[MINE];
  return html`
<figure class="picture"><svg viewBox="0 0 304 344" role="img" aria-label="${check.pictureAlt}" focusable="false">
${lines()}
<path class="mine" d="M${x - 15} ${Y.notice - 18}h20l10 10v26h-30z"/><path class="line" d="M${x - 8} ${Y.notice - 4}h14M${x - 8} ${Y.notice + 3}h16M${x - 8} ${Y.notice + 10}h11"/>
${boxes(Y.commit)}${dots(Y.leaf)}
${label(Y.notice, steps.notice)}${label(Y.commit, steps.commit)}${label(Y.leaf, steps.leaf)}${label((Y.pair + Y.root) / 2, steps.tree)}${label(Y.checkpoint, steps.checkpoint)}
</svg></figure>`;
};
