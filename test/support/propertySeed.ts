import { configureGlobal } from 'fast-check';

/**
 * Fixes the random numbers of the properties, so that a run gives the same result for a commit on every machine. The long proofs
 * draw theirs again; `ALDERGATE_PROPERTY_SEED` repeats one draw.
 */
const SEED = 20_260_601;

configureGlobal({ seed: Number(process.env.ALDERGATE_PROPERTY_SEED ?? SEED) });
