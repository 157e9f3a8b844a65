/** Wall and monotonic time in ms. */
export interface TwoClocks {
  readonly wallMs: () => number;
  readonly monotonicMs: () => number;
}

export const CLOCKS: TwoClocks = { wallMs: () => Date.now(), monotonicMs: () => performance.now() };

/** When something was asked for, by both clocks. */
export interface ClockReading {
  readonly wall: number;
  readonly monotonic: number;
}

export const readClocks = ({ wallMs, monotonicMs }: TwoClocks = CLOCKS): ClockReading => ({
  wall: wallMs(),
  monotonic: monotonicMs(),
});

/**
 * Reports whether what was asked for is younger than `ageMs`, by the longer of two clocks: one can be set back, the other can stand still
 * while a function is frozen. What was asked for under a clock that has been set back since is not.
 */
export const isYounger = (
  { wall, monotonic }: ClockReading,
  ageMs: number,
  { wallMs, monotonicMs }: TwoClocks = CLOCKS,
): boolean => {
  const sinceWall = wallMs() - wall;
  return sinceWall >= 0 && Math.max(sinceWall, monotonicMs() - monotonic) < ageMs;
};

/**
 * Reports whether something lasts that ends at `untilMs` by the wall clock and was never to last longer than `msMax`: what lasts longer
 * was noted by a clock that ran ahead.
 */
export const isUnexpired = (untilMs: number, nowMs: number, msMax: number): boolean =>
  untilMs > nowMs && untilMs - nowMs <= msMax;

interface Reading<T> {
  readonly reading: Promise<T>;
  readonly asked: ClockReading;
  value?: T;
}

/** What was read last, for as long as it is young; what failed is read again. */
export class CachedValue<T> {
  readonly #find: () => Promise<T>;
  readonly #ageMsMax: number;
  #last: Reading<T> | undefined;

  constructor(find: () => Promise<T>, ageMsMax: number) {
    this.#find = find;
    this.#ageMsMax = ageMsMax;
  }

  /** Undefined also while it is read. */
  get known(): T | undefined {
    return this.#young?.value;
  }

  readonly read = (): Promise<T> => {
    const young = this.#young;
    if (young !== undefined) return young.reading;
    const asked = readClocks();
    return this.#keep(this.#find(), asked);
  };

  /** Takes what is known otherwise in place of what was read. */
  put(value: T): void {
    void this.#keep(Promise.resolve(value), readClocks());
  }

  #keep(reading: Promise<T>, asked: ClockReading): Promise<T> {
    const next: Reading<T> = { reading, asked };
    this.#last = next;
    reading.then(
      (value) => {
        next.value = value;
      },
      () => {
        if (this.#last === next) this.#last = undefined;
      },
    );
    return reading;
  }

  get #young(): Reading<T> | undefined {
    return this.#last !== undefined && isYounger(this.#last.asked, this.#ageMsMax) ? this.#last : undefined;
  }
}
