/** One side of a comparison: does its share of work once and resolves with the amount a second. */
export type Contestant = (round: number) => Promise<number>;

/** Figures of several rounds. */
export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

/**
 * The speeds of both sides. `ratio` is the gate's over the peer's, taken round by round, so that a slow moment of the machine
 * slows both.
 */
export interface Compared {
  readonly ours: Spread;
  readonly peer: Spread;
  readonly ratio: Spread;
}

export const spreadOf = (figures: readonly number[]): Spread => {
  const sorted = [...figures].sort((one, other) => one - other);
  const middle = sorted.length / 2;
  const median = ((sorted[Math.ceil(middle) - 1] ?? Number.NaN) + (sorted[Math.floor(middle)] ?? Number.NaN)) / 2;
  return { median, least: sorted[0] ?? Number.NaN, most: sorted.at(-1) ?? Number.NaN };
};

/** Runs both sides in turn, round after round, in alternating order. The first round warms up and is not counted. */
export const compare = async (rounds: number, ours: Contestant, peer: Contestant): Promise<Compared> => {
  const counted: { readonly ours: number; readonly peer: number }[] = [];
  for (let round = 0; round <= rounds; round += 1) {
    const oursFirst = round % 2 === 0;
    const first = await (oursFirst ? ours : peer)(round);
    const second = await (oursFirst ? peer : ours)(round);
    if (round > 0) counted.push(oursFirst ? { ours: first, peer: second } : { ours: second, peer: first });
  }
  return {
    ours: spreadOf(counted.map(({ ours }) => ours)),
    peer: spreadOf(counted.map(({ peer }) => peer)),
    ratio: spreadOf(counted.map(({ ours, peer }) => ours / peer)),
  };
};
