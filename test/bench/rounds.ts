/** One side of a comparison: does its share of work once and resolves with its figures, by name, of which more is better. */
export type Contestant<Name extends string> = (round: number) => Promise<Readonly<Record<Name, number>>>;

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

/** Returns a figure that was taken once. */
export const once = (figure: number): Spread => spreadOf([figure]);

/**
 * Runs both sides in turn, round after round, in alternating order, and compares each of their figures. The first round warms up and
 * is not counted.
 */
export const compareEach = async <Name extends string>(
  rounds: number,
  names: readonly Name[],
  ours: Contestant<Name>,
  peer: Contestant<Name>,
): Promise<Readonly<Record<Name, Compared>>> => {
  type Figures = Readonly<Record<Name, number>>;
  const counted: { readonly ours: Figures; readonly peer: Figures }[] = [];
  for (let round = 0; round <= rounds; round += 1) {
    const oursFirst = round % 2 === 0;
    const first = await (oursFirst ? ours : peer)(round);
    const second = await (oursFirst ? peer : ours)(round);
    if (round > 0) counted.push(oursFirst ? { ours: first, peer: second } : { ours: second, peer: first });
  }
  const compared = names.map((name): [Name, Compared] => [
    name,
    {
      ours: spreadOf(counted.map((each) => each.ours[name])),
      peer: spreadOf(counted.map((each) => each.peer[name])),
      ratio: spreadOf(counted.map((each) => each.ours[name] / each.peer[name])),
    },
  ]);
  return Object.fromEntries(compared) as Record<Name, Compared>;
};

/** Compares one figure, such as the amount a second. */
export const compare = async (
  rounds: number,
  ours: (round: number) => Promise<number>,
  peer: (round: number) => Promise<number>,
): Promise<Compared> => {
  const named = (side: typeof ours) => async (round: number) => ({ figure: await side(round) });
  return (await compareEach(rounds, ['figure'], named(ours), named(peer))).figure;
};
