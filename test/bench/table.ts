/** Measures something, and resolves with its tables and what there is to say of them. `quick`: a look within a minute, else in full. */
export type Part = (quick: boolean) => Promise<readonly string[]>;

type Rounds<Figures> = Readonly<Record<'ours' | 'peer', readonly Figures[]>>;

/** One line of a comparison: a figure of which more is better. */
export interface Line extends Rounds<number> {
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

/** Returns the figure below which a share of the figures lies; that of a half is the median. */
export const quantile = (figures: readonly number[], share: number): number =>
  figures.toSorted((one, other) => one - other)[Math.min(figures.length - 1, Math.floor(figures.length * share))] ?? Number.NaN;

/** The median, with the least and the most in brackets. */
export const spread = (figures: readonly number[]): string => {
  const [least, median, most] = [0, 0.5, 1].map((share) => figure(quantile(figures, share)));
  return least === most ? `${median}` : `${median} (${least}–${most})`;
};

export const tableOf = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

/** The ratio is taken round by round, so that a slow moment of the machine slows both sides. */
export const comparison = (lines: readonly Line[]): string =>
  tableOf(
    ['measure', 'against', 'unit', 'gate', 'peer', 'ratio'],
    lines.map(({ name, against, unit, ours, peer }) => {
      const ratios = ours.map((each, round) => each / (peer[round] ?? Number.NaN));
      return [name, against, unit, spread(ours), spread(peer), spread(ratios)];
    }),
  );

/** Measures both sides in turn, round after round, in alternating order. The first round warms up and is not counted. */
export const compare = async <Figures>(
  rounds: number,
  ours: (round: number) => Promise<Figures>,
  peer: (round: number) => Promise<Figures>,
): Promise<Rounds<Figures>> => {
  const measured: { readonly ours: Figures[]; readonly peer: Figures[] } = { ours: [], peer: [] };
  for (let round = 0; round <= rounds; round += 1) {
    if (round % 2 === 1) measured.peer.push(await peer(round));
    measured.ours.push(await ours(round));
    if (round % 2 === 0) measured.peer.push(await peer(round));
  }
  return { ours: measured.ours.slice(1), peer: measured.peer.slice(1) };
};
