import type { Result, Table } from './measures/result.ts';
import type { Spread } from './rounds.ts';

/** Returns a number as a reader wants it: three digits that count, thousands set off. */
export const figure = (number: number): string => {
  if (!Number.isFinite(number)) return '—';
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.max(Math.abs(number), 0.01))));
  return number.toLocaleString('en-US', { maximumFractionDigits: Math.min(digits, 2) });
};

const spread = ({ median, least, most }: Spread): string =>
  least === most ? figure(median) : `${figure(median)} (${figure(least)}–${figure(most)})`;
const ratio = ({ median, least, most }: Spread): string =>
  least === most || !Number.isFinite(median) ? figure(median) : `${median.toFixed(2)} (${least.toFixed(2)}–${most.toFixed(2)})`;

/** Returns comparisons as a table: medians, with minimum and maximum in brackets. */
export const tableOfResults = (results: readonly Result[]): Table => ({
  head: ['measure', 'against', 'unit', 'gate', 'peer', 'ratio', 'aim'],
  rows: results.map(({ name, peerName, unit, ours, peer, ratio: found, aim }) => [
    name,
    peerName,
    unit,
    spread(ours),
    spread(peer),
    ratio(found),
    aim === null ? '' : String(Number(aim.toFixed(2))),
  ]),
});

/** Returns a table in Markdown whose columns also align in a terminal. */
export const markdownOf = ({ head, rows }: Table): string => {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]) => `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
};
