import { cpSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, parse } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, buildSync } from 'esbuild';
import { VERIFIER_NAME } from '../../functions/web/site/verifierFile.ts';
import { buildVerifierSync } from '../verify/build.ts';

const pathOf = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

const HANDLERS = pathOf('functions/handlers');
const FILE = 'index.mjs';

/** Plain esbuild, which needs no Docker, with the aliases that are worth it (docs/decisions/0024). */
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
  // CommonJS packages of the SDK call `require`, which an ES module must create itself.
  banner: { js: "import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);" },
} as const satisfies BuildOptions;

export const bundleFile = (entry: string, outdir: string): number => {
  const outfile = join(outdir, FILE);
  buildSync({ ...OPTIONS, entryPoints: [entry], outfile });
  return statSync(outfile).size;
};

type Files = readonly (readonly [name: string, bytes: Uint8Array])[];

/** Bundles all functions in one run, which reads shared files once. Each bundle is the same as if built alone. */
const bundled = (): ReadonlyMap<string, Files> => {
  const names = readdirSync(HANDLERS).flatMap((file) => (file.endsWith('.ts') ? [parse(file).name] : []));
  const { outputFiles } = buildSync({
    ...OPTIONS,
    entryPoints: names.map((name) => ({ in: join(HANDLERS, `${name}.ts`), out: join(name, parse(FILE).name) })),
    // Source maps name their sources relative to this.
    outdir: pathOf(''),
    outExtension: { '.js': parse(FILE).ext },
    write: false,
  });
  const byFunction = Map.groupBy(outputFiles, ({ path }) => basename(dirname(path)));
  return new Map(
    [...byFunction].map(([name, files]) => [name, files.map(({ path, contents }) => [basename(path), contents] as const)]),
  );
};

let known: ReadonlyMap<string, Files> | undefined;

/** The functions that serve pages. The files of the site are put next to their bundles. */
const WITH_PAGES = ['site', 'passkeys'];

/** Bundles `functions/handlers/<name>.ts` as deployed, next to the files that it reads. */
export const bundle = (name: string, outdir: string): void => {
  known ??= bundled();
  const files = known.get(name);
  if (files === undefined) throw new Error(`there is no functions/handlers/${name}.ts`);
  for (const [file, bytes] of files) writeFileSync(join(outdir, file), bytes);
  if (WITH_PAGES.includes(name)) cpSync(pathOf('functions/web/site/assets'), join(outdir, 'assets'), { recursive: true });
  if (name === 'site') writeFileSync(join(outdir, VERIFIER_NAME), buildVerifierSync());
};
