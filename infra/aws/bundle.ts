import { cpSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, buildSync } from 'esbuild';
import { VERIFIER_NAME } from '../../functions/web/site/verifierFile.ts';
import { buildVerifierSync } from '../verify/build.ts';

const pathOf = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

const FILE = 'index.mjs';

/** Plain esbuild, which needs no Docker, with the aliases that pay (docs/decisions/0024). */
const OPTIONS = {
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node24',
  mainFields: ['module', 'main'],
  minify: true,
  sourcemap: true,
  sourcesContent: false,
  logLevel: 'error',
  alias: {
    '@aws-sdk/credential-provider-node': pathOf('infra/aws/lambdaStubs.ts'),
    '@aws-sdk/middleware-endpoint-discovery': pathOf('infra/aws/lambdaStubs.ts'),
  },
  // Packages of the SDK that are CommonJS inside call `require`, which an ES module has to make itself.
  banner: { js: "import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);" },
} as const satisfies BuildOptions;

export const bundleFile = (entry: string, outdir: string): number => {
  const outfile = join(outdir, FILE);
  buildSync({ ...OPTIONS, entryPoints: [entry], outfile });
  return statSync(outfile).size;
};

/**
 * Bundles `functions/handlers/<name>.ts` as it is deployed; beside the site's bundle lie the verifier and the fonts that it serves. Returns
 * the size of the bundle in bytes.
 */
export const bundle = (name: string, outdir: string): number => {
  const bytes = bundleFile(pathOf(`functions/handlers/${name}.ts`), outdir);
  if (name === 'site') {
    writeFileSync(join(outdir, VERIFIER_NAME), buildVerifierSync());
    cpSync(pathOf('functions/web/site/fonts'), join(outdir, 'fonts'), { recursive: true });
  }
  return bytes;
};
