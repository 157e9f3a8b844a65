/** True in the long proofs, which set how often a property is drawn. */
export const IS_PROOF = process.env.ALDERGATE_PROPERTY_RUNS !== undefined;

/** Returns how often a property is drawn: `usual` times, or as often as the long proofs set. */
export const runs = (usual: number): number => Number(process.env.ALDERGATE_PROPERTY_RUNS ?? usual);
