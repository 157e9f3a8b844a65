/** Who sends the notices of the benchmarks. */
export const VENDOR = 'bench';
