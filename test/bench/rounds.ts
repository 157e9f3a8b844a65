/** One of the two that are compared: does its share of work once and tells how much of it a second. */
export type Contestant = (round: number) => Promise<number>;

/** Figures of several rounds. */
export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

/** Who was how fast; `ratio` is ours over the peer's, taken round by round, so that what slows the machine slows both. */
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

/** Both in turn, round after round; who begins alternates. The first round only warms up and is not counted. */
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
