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
