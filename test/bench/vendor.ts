/** The vendor of the benchmarks. */
export const VENDOR = 'bench';
