import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import type { VerifierFile } from './deps.ts';

/** The name under which the site serves the verifier, and of its file. */
export const VERIFIER_NAME = 'aldergate-verify.mjs';

/** Reads the verifier that `npm run build:verify` made; `undefined` if it was not built. */
export const readVerifier = (path: string): VerifierFile | undefined => {
  if (!existsSync(path)) return undefined;
  const bytes = new Uint8Array(readFileSync(path));
  return { bytes, sha256: createHash('sha256').update(bytes).digest('hex') };
};
