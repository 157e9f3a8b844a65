import { fileURLToPath } from 'node:url';
import type { VerifierFile } from '../../functions/web/site/deps.ts';
import { readVerifier, verifierFile } from '../../functions/web/site/verifierFile.ts';
import { VERIFIER_FILE } from './file.ts';

const BUILT = fileURLToPath(new URL(`../../${VERIFIER_FILE}`, import.meta.url));

/** Imports the module that builds; `undefined` where esbuild, a dependency for development, is not installed. */
const builder = (): Promise<typeof import('./build.ts') | undefined> =>
  import('./build.ts').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ERR_MODULE_NOT_FOUND') return undefined;
    throw error;
  });

const serve = async (): Promise<VerifierFile | undefined> => {
  const building = await builder();
  return building === undefined ? readVerifier(BUILT) : verifierFile(await building.buildVerifier());
};

/**
 * Returns what gives the verifier that this checkout's gate serves. It is built from the sources on the first call, and kept; without
 * esbuild it is the file that `npm run build:verify` made, or `undefined`.
 */
export const servedVerifier = (): (() => Promise<VerifierFile | undefined>) => {
  let served: Promise<VerifierFile | undefined> | undefined;
  return () => {
    served ??= serve();
    return served;
  };
};
