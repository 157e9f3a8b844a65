/** Whether the long proofs run, which say how often a property is drawn. */
export const IS_PROOF = process.env.ALDERGATE_PROPERTY_RUNS !== undefined;

/** How often a property is drawn: so many times in every run of the tests, as often as the long proofs say in theirs. */
export const runs = (usual: number): number => Number(process.env.ALDERGATE_PROPERTY_RUNS ?? usual);
