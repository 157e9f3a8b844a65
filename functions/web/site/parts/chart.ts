import { empty, type Html, html } from '../html.ts';
import type { Tone } from './chip.ts';

/** A bar, or a part of a column. Its label states in words what its colour shows. */
export interface Bar {
  readonly label: string;
  readonly value: number;
  readonly tone: Tone;
}

/** One group of columns on the axis. */
export interface Columns {
  readonly label: string;
  readonly values: readonly number[];
}

/** A chart. `title` names it, `text` states in a sentence what it shows, `table` holds its numbers. */
export interface Figure {
  readonly id: string;
  readonly title: string;
  readonly text: Html | string;
  readonly picture: Html;
  readonly tableLabel: string;
  readonly table: Html;
}

const WIDTH = 320;
const ROW = 34;
const BAR = 12;
/** Width left for the number after the longest bar. */
const NUMBER_ROOM = 42;

const svg = (id: string, title: string, text: Html | string, height: number, inner: Html): Html => html`
<svg class="chart" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-labelledby="${id}-title ${id}-desc" focusable="false"><title id="${id}-title">${title}</title><desc id="${id}-desc">${text}</desc>${inner}</svg>`;

const length = (value: number, most: number, room: number): number =>
  most === 0 ? 0 : Math.max(value > 0 ? 2 : 0, Math.round((value / most) * room));

/** Renders horizontal bars, each under its label. */
export const barChart = (
  { id, title, text }: Pick<Figure, 'id' | 'title' | 'text'>,
  bars: readonly Bar[],
  number: (n: number) => string,
): Html => {
  const most = Math.max(0, ...bars.map(({ value }) => value));
  const rows = bars.map(({ label, value, tone }, index) => {
    const y = index * ROW;
    const width = length(value, most, WIDTH - NUMBER_ROOM);
    return html`<text x="0" y="${y + 12}">${label}</text><rect class="track" x="0" y="${y + 17}" width="${WIDTH - NUMBER_ROOM}" height="${BAR}" rx="2"/><rect class="${tone}" x="0" y="${y + 17}" width="${width}" height="${BAR}" rx="2"/><text class="n" x="${WIDTH - NUMBER_ROOM + 6}" y="${y + 27}">${number(value)}</text>`;
  });
  return svg(id, title, text, bars.length * ROW, html`${rows}`);
};

const HEIGHT = 100;
const TOP = 30;

/** Renders groups of columns over time, with a legend. */
export const columnChart = (
  { id, title, text }: Pick<Figure, 'id' | 'title' | 'text'>,
  series: readonly Pick<Bar, 'label' | 'tone'>[],
  groups: readonly Columns[],
  number: (n: number) => string,
): Html => {
  const most = Math.max(1, ...groups.flatMap(({ values }) => values));
  const step = (WIDTH - 16) / Math.max(1, groups.length);
  const wide = Math.max(2, Math.floor((step - 4) / series.length));
  const legend = series.map(
    ({ label, tone }, index) =>
      html`<rect class="${tone} s${index}" x="${index * 104}" y="3" width="9" height="9" rx="2"/><text x="${index * 104 + 13}" y="12">${label}</text>`,
  );
  const columns = groups.map(({ label, values }, place) => {
    const x = Math.round(16 + place * step);
    const parts = values.map((value, index) => {
      const high = length(value, most, HEIGHT);
      return value === 0
        ? empty
        : html`<rect class="${series[index]?.tone ?? 'off'} s${index}" x="${x + index * wide}" y="${TOP + HEIGHT - high}" width="${wide - 1}" height="${high}"/>`;
    });
    return html`${parts}<text class="small" x="${x + Math.round((wide * series.length) / 2)}" y="${TOP + HEIGHT + 14}" text-anchor="middle">${label}</text>`;
  });
  const axis = html`<path class="axis" d="M14 ${TOP}V${TOP + HEIGHT}H${WIDTH}"/><text class="small" x="10" y="${TOP + 8}" text-anchor="end">${number(most)}</text><text class="small" x="10" y="${TOP + HEIGHT}" text-anchor="end">${number(0)}</text>`;
  return svg(id, title, text, TOP + HEIGHT + 18, html`${legend}${axis}${columns}`);
};

/** Renders a chart with its sentence and its table. */
export const figure = ({ id, title, text, picture, tableLabel, table }: Figure): Html => html`
<section class="figure" aria-labelledby="${id}-heading"><h2 id="${id}-heading">${title}</h2><p>${text}</p>${picture}
<details><summary>${tableLabel}</summary><div class="scroll" tabindex="0" role="group" aria-labelledby="${id}-heading">${table}</div></details></section>`;
