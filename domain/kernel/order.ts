/** Orders texts, instants and local dates. */
export const ascending = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

export const earliest = (...instants: readonly (string | null)[]): string | null =>
  instants.reduce((first, each) => (each !== null && (first === null || each < first) ? each : first), null);

export const latest = (first: string, ...others: readonly (string | undefined)[]): string =>
  others.reduce<string>((last, each) => (each !== undefined && each > last ? each : last), first);

export const plusMs = (instant: string, ms: number): string => new Date(Date.parse(instant) + ms).toISOString();

/** Orders ends, the soonest first; null (no end) comes last. */
export const soonest = (a: string | null, b: string | null): number => {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  return ascending(a, b);
};

/** Returns the index of the first entry of an ordered list for which `isBefore` is false, or the length. */
export const partitionPoint = <T>(list: readonly T[], isBefore: (entry: T) => boolean): number => {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isBefore(list[middle] as T)) low = middle + 1;
    else high = middle;
  }
  return low;
};
