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

/** Figures of several rounds. */
export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

export const spreadOf = (figures: readonly number[]): Spread => {
  const sorted = [...figures].sort((one, other) => one - other);
  const middle = sorted.length / 2;
  const median = ((sorted[Math.ceil(middle) - 1] ?? Number.NaN) + (sorted[Math.floor(middle)] ?? Number.NaN)) / 2;
  return { median, least: sorted[0] ?? Number.NaN, most: sorted.at(-1) ?? Number.NaN };
};

/** Returns the figure below which a share of ascending figures lies. */
export const percentile = (ascending: readonly number[], share: number): number =>
  ascending[Math.min(ascending.length - 1, Math.floor(ascending.length * share))] ?? Number.NaN;

/** A figure of both sides, round by round. */
export interface Rounds {
  readonly ours: readonly number[];
  readonly peer: readonly number[];
}

/** One side: does its share of work once and resolves with its figures, by name, of which more is better. */
export type Contestant<Name extends string> = (round: number) => Promise<Readonly<Record<Name, number>>>;

/** Runs both sides in turn, round after round, in alternating order. The first round warms up and is not counted. */
export const compare = async <Name extends string>(
  rounds: number,
  names: readonly Name[],
  ours: Contestant<Name>,
  peer: Contestant<Name>,
): Promise<Readonly<Record<Name, Rounds>>> => {
  type Figures = Readonly<Record<Name, number>>;
  const [mine, theirs]: [Figures[], Figures[]] = [[], []];
  for (let round = 0; round <= rounds; round += 1) {
    const sides = [
      { side: ours, figures: mine },
      { side: peer, figures: theirs },
    ];
    for (const { side, figures } of round % 2 === 0 ? sides : sides.reverse()) {
      const measured = await side(round);
      if (round > 0) figures.push(measured);
    }
  }
  const of = (name: Name): Rounds => ({ ours: mine.map((each) => each[name]), peer: theirs.map((each) => each[name]) });
  return Object.fromEntries(names.map((name) => [name, of(name)])) as Record<Name, Rounds>;
};
