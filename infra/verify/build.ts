import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, type BuildResult, build, buildSync } from 'esbuild';
import { VERIFIER_FILE } from './file.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const OPTIONS: BuildOptions & { write: false } = {
  entryPoints: ['infra/verify/main.ts'],
  absWorkingDir: ROOT,
  bundle: true,
  write: false,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  // Comments name the paths of modules: a linked node_modules must not show in them.
  preserveSymlinks: true,
  mainFields: ['module', 'main'],
  banner: {
    js: '#!/usr/bin/env node\n// Verifies the public log of an Aldergate gate: node aldergate-verify.mjs URL --key VKEY',
  },
  legalComments: 'inline',
  charset: 'utf8',
  logLevel: 'error',
};

const bytesOf = ({ outputFiles }: Pick<BuildResult<{ write: false }>, 'outputFiles'>): Uint8Array<ArrayBuffer> => {
  const [file] = outputFiles;
  if (file === undefined) throw new Error('esbuild made no file');
  return new Uint8Array(file.contents);
};

/**
 * Builds the verifier as one file without imports but Node's own, for Node 20 or later. The same sources make the same bytes, wherever
 * the checkout lies.
 */
export const buildVerifier = async (): Promise<Uint8Array<ArrayBuffer>> => bytesOf(await build(OPTIONS));

/** The same for callers that cannot wait, such as the constructor of a stack. */
export const buildVerifierSync = (): Uint8Array<ArrayBuffer> => bytesOf(buildSync(OPTIONS));

if (import.meta.main) {
  const bytes = await buildVerifier();
  const path = join(ROOT, VERIFIER_FILE);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, bytes);
  console.log(`${createHash('sha256').update(bytes).digest('hex')}  ${VERIFIER_FILE}`);
}
