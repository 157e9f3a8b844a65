/** Wall and monotonic time in ms. */
export interface TwoClocks {
  readonly wallMs: () => number;
  readonly monotonicMs: () => number;
}

export const CLOCKS: TwoClocks = { wallMs: () => Date.now(), monotonicMs: () => performance.now() };

/** An instant on both clocks. */
export interface ClockReading {
  readonly wall: number;
  readonly monotonic: number;
}

export const readClocks = ({ wallMs, monotonicMs }: TwoClocks = CLOCKS): ClockReading => ({
  wall: wallMs(),
  monotonic: monotonicMs(),
});

/**
 * Reports whether less than `ageMs` passed since a reading, by the larger of both differences: the wall clock can be set back, and the
 * monotonic one can stand still while a function is frozen. False if the wall clock is before the reading.
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
 * Reports whether something that ends at `untilMs` by the wall clock has not ended, given that it never lasts longer than `msMax`: a later
 * end was recorded by a clock that ran ahead, and counts as ended.
 */
export const isUnexpired = (untilMs: number, nowMs: number, msMax: number): boolean =>
  untilMs > nowMs && untilMs - nowMs <= msMax;

interface Reading<T> {
  readonly reading: Promise<T>;
  readonly asked: ClockReading;
  value?: T;
}

/** Caches the last read value for some time. A failed read is repeated. */
export class CachedValue<T> {
  readonly #find: () => Promise<T>;
  readonly #ageMsMax: number;
  #last: Reading<T> | undefined;

  constructor(find: () => Promise<T>, ageMsMax: number) {
    this.#find = find;
    this.#ageMsMax = ageMsMax;
  }

  /** Undefined also while the value is being read. */
  get known(): T | undefined {
    return this.#young?.value;
  }

  readonly read = (): Promise<T> => {
    const young = this.#young;
    if (young !== undefined) return young.reading;
    const asked = readClocks();
    return this.#keep(this.#find(), asked);
  };

  /** Replaces the cached value with one that is known from elsewhere. */
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
