import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import type { VerifierFile } from './deps.ts';

export const VERIFIER_NAME = 'aldergate-verify.mjs';

export const verifierFile = (bytes: Uint8Array<ArrayBuffer>): VerifierFile => ({
  bytes,
  sha256: createHash('sha256').update(bytes).digest('hex'),
});

export const readVerifier = (path: string): VerifierFile | undefined =>
  existsSync(path) ? verifierFile(new Uint8Array(readFileSync(path))) : undefined;
