/** The path at which `npm run build:verify` puts the verifier, below the project's folder. */
export const VERIFIER_FILE = 'dist/verify/aldergate-verify.mjs';
