/** Wall and monotonic time in ms. */
export interface TwoClocks {
  readonly wallMs: () => number;
  readonly monotonicMs: () => number;
}

export const CLOCKS: TwoClocks = { wallMs: () => Date.now(), monotonicMs: () => performance.now() };

/** When something was asked for, by both clocks. */
export interface Asked {
  readonly wall: number;
  readonly monotonic: number;
}

export const askedNow = ({ wallMs, monotonicMs }: TwoClocks = CLOCKS): Asked => ({ wall: wallMs(), monotonic: monotonicMs() });

/**
 * Reports whether what was asked for is younger than `ageMs`, by the longer of two clocks: one can be set back, the other can stand still
 * while a function is frozen. What was asked for under a clock that has been set back since is not.
 */
export const isYounger = ({ wall, monotonic }: Asked, ageMs: number, { wallMs, monotonicMs }: TwoClocks = CLOCKS): boolean => {
  const sinceWall = wallMs() - wall;
  return sinceWall >= 0 && Math.max(sinceWall, monotonicMs() - monotonic) < ageMs;
};
