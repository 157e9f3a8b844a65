import type { Result } from './measures/result.ts';
import type { Spread } from './rounds.ts';

const figure = (number: number): string => Math.round(number).toLocaleString('en-US');
const spread = ({ median, least, most }: Spread): string => `${figure(median)} (${figure(least)}–${figure(most)})`;
const ratio = ({ median, least, most }: Spread): string => `${median.toFixed(2)} (${least.toFixed(2)}–${most.toFixed(2)})`;

const HEAD = ['measure', 'against', 'unit', 'gate', 'peer', 'ratio', 'aim'];

/** Returns the results as a Markdown table whose columns also align in a terminal: medians, with minimum and maximum in brackets. */
export const tableOf = (results: readonly Result[]): string => {
  const rows = results.map(({ name, peerName, unit, ours, peer, ratio: found, aim }) => [
    name,
    peerName,
    unit,
    spread(ours),
    spread(peer),
    ratio(found),
    aim === null ? '' : String(Number(aim.toFixed(2))),
  ]);
  const widths = HEAD.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]) => `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [line(HEAD), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
};
