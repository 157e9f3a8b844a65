import { type Rounds, type Spread, spreadOf } from './rounds.ts';

/** A table as it is printed and written into the document. */
export interface Table {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** What a part measured. `notes`: what was left out, and why. */
export interface Measured {
  readonly tables: readonly Table[];
  readonly notes?: readonly string[];
}

/** How large a part is: `quick` for a look within a minute, else in full. */
export interface Scale {
  readonly quick: boolean;
}

/** One line of a comparison: a figure of which more is better, on both sides, round by round. */
export interface Line extends Rounds {
  readonly name: string;
  readonly against: string;
  readonly unit: string;
}

/** Returns a number as a reader wants it: three digits that count, thousands set off. */
export const figure = (number: number): string => {
  if (!Number.isFinite(number)) return '—';
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.max(Math.abs(number), 0.01))));
  return number.toLocaleString('en-US', { maximumFractionDigits: Math.min(digits, 2) });
};

/** Returns a median, with the least and the most in brackets. */
export const spread = ({ median, least, most }: Spread): string =>
  least === most ? figure(median) : `${figure(median)} (${figure(least)}–${figure(most)})`;

/** Returns comparisons as a table. The ratio is taken round by round, so that a slow moment of the machine slows both sides. */
export const tableOf = (lines: readonly Line[]): Table => ({
  head: ['measure', 'against', 'unit', 'gate', 'peer', 'ratio'],
  rows: lines.map(({ name, against, unit, ours, peer }) => [
    name,
    against,
    unit,
    spread(spreadOf(ours)),
    spread(spreadOf(peer)),
    spread(spreadOf(ours.map((each, round) => each / (peer[round] ?? Number.NaN)))),
  ]),
});

/** Returns a table in Markdown whose columns also align in a terminal. */
export const markdownOf = ({ head, rows }: Table): string => {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]) => `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
};
