import { readdirSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, build, type Plugin } from 'esbuild';

const pathOf = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** The name of the one file that Lambda is given; its source map lies beside it. */
const FILE = 'index.mjs';

/** Says why something that was left out is missing, if ever it is asked for. */
const LEFT_OUT = "const leftOut = () => { throw new Error('left out of the bundle: see infra/aws/bundle.ts'); };";

/**
 * What every schema of Zod drags along to be shown as JSON Schema, 18 kB a cold start. Only `docs` shows schemas; elsewhere nothing calls
 * it, and what does would be told.
 */
const PROCESSORS = /zod\/v4\/core\/json-schema-processors\.js$/;
const GENERATOR = /zod\/v4\/core\/to-json-schema\.js$/;
/** The DynamoDB client asks for it by name, and the endpoints that it would discover are those of no region. */
const DISCOVERY = /middleware-endpoint-discovery\/dist-es\/index\.js$/;
/** Node has the hash of its own. */
const HASH_IN_JAVASCRIPT = /checksum\/sha256\/Sha256Js\.js$/;
/** Of its own package a client wants to know the version. */
const MANIFEST = /@aws-sdk\/client-[\w-]+\/package\.json$/;
/** Lambda says which region it is in; nobody asks the metadata service of EC2. */
const REGION_OF_EC2 = /@smithy\/core\/dist-es\/.*getInstanceMetadataRegion\.js$/;
/** Of a mode of retries that no client here is set to. */
const RATE_LIMITER = /@smithy\/core\/dist-es\/.*DefaultRateLimiter\.js$/;
/** The errors of a service, a class each, of which the SDK asks for nothing but what {@link SHORT_ERRORS} gives. */
const ERRORS = /@aws-sdk\/client-[\w-]+\/dist-es\/models\/errors\.js$/;
/** No service here streams events to a client. */
const EVENT_STREAMS = /@smithy\/core\/dist-es\/submodules\/event-streams\/index\.js$/;

const exported = (source: string): readonly string[] =>
  [...source.matchAll(/export (?:const|function|class) (?<name>\w+)/g)].flatMap(({ groups }) => groups?.name ?? []);

/** A module whose exports are all there, and none of which may be called. */
const hollow = async (path: string): Promise<string> => {
  const names = exported(await readFile(path, 'utf8'));
  return [LEFT_OUT, ...names.map((name) => `export const ${name} = leftOut;`)].join('\n');
};

/** What is told of an error where the SDK writes a class of 250 characters; all else is set by who throws it. */
const ERROR =
  /^(?<name>\w+) extends __BaseException \{\s+static shapeId = "(?<shape>[^"]+)";\s+name = "\w+";\s+\$fault = "(?<fault>\w+)";/;
const SHORT_ERRORS = `
const errorOf = (shapeId, name, $fault) => class extends __BaseException {
  static shapeId = shapeId;
  name = name;
  $fault = $fault;
  constructor(opts) {
    super({ name, $fault, ...opts });
    Object.setPrototypeOf(this, new.target.prototype);
  }
};`;

/** The errors of a service, all made by one function; one of another kind stays as it is. */
const shortened = (source: string): string => {
  const [head = '', ...classes] = source.split('export class ');
  const short = classes.map((text) => {
    const { name, shape, fault } = ERROR.exec(text)?.groups ?? {};
    if (name === undefined || text.includes('$retryable')) return `export class ${text}`;
    return `export const ${name} = errorOf("${shape}", "${name}", "${fault}");`;
  });
  return [head, SHORT_ERRORS, ...short].join('\n');
};

const leavesOut = (schemas: boolean): Plugin => ({
  name: 'leaves out what no function here calls',
  setup: ({ onLoad }) => {
    onLoad({ filter: EVENT_STREAMS }, () => ({
      contents: [
        LEFT_OUT,
        'export const EventStreamSerde = leftOut;',
        'export const eventStreamSerdeProvider = leftOut;',
        'export const resolveEventStreamSerdeConfig = (input) => input;',
      ].join('\n'),
    }));
    onLoad({ filter: DISCOVERY }, () => ({
      contents: [
        'export const NODE_ENDPOINT_DISCOVERY_CONFIG_OPTIONS = { environmentVariableSelector: () => undefined, configFileSelector: () => undefined, default: undefined };',
        'export const resolveEndpointDiscoveryConfig = (input) => input;',
      ].join('\n'),
    }));
    for (const filter of [HASH_IN_JAVASCRIPT, REGION_OF_EC2, RATE_LIMITER])
      onLoad({ filter }, async ({ path }) => ({ contents: await hollow(path) }));
    onLoad({ filter: ERRORS }, async ({ path }) => ({ contents: shortened(await readFile(path, 'utf8')) }));
    onLoad({ filter: MANIFEST }, async ({ path }) => {
      const { version } = JSON.parse(await readFile(path, 'utf8')) as { readonly version: string };
      return { contents: JSON.stringify({ version }), loader: 'json' };
    });
    if (schemas) return;
    onLoad({ filter: PROCESSORS }, async ({ path }) => ({ contents: await hollow(path) }));
    // These are called once for each schema, to make a method of it; the method is what nobody calls.
    onLoad({ filter: GENERATOR }, async ({ path }) => {
      const makers = ['createToJSONSchemaMethod', 'createStandardJSONSchemaMethod'];
      const text = await hollow(path);
      return { contents: makers.reduce((done, name) => done.replace(`${name} = leftOut`, `${name} = () => leftOut`), text) };
    });
  },
});

/** How a file and all it imports become one: by esbuild on this machine, without Docker. */
const optionsFor = (entry: string, schemas: boolean): BuildOptions => ({
  entryPoints: [entry],
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node24',
  mainFields: ['module', 'main'],
  minify: true,
  sourcemap: true,
  sourcesContent: false,
  logLevel: 'error',
  alias: { '@aws-sdk/credential-provider-node': pathOf('infra/aws/lambdaCredentials.ts') },
  plugins: [leavesOut(schemas)],
  // Some packages of the SDK are CommonJS inside and ask for `require`, which a module has to make itself.
  banner: { js: "import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);" },
});

/** Bundles a file into a folder. Resolves with the size of what comes out, in bytes. */
export const bundleFile = async (entry: string, outdir: string, schemas = false): Promise<number> => {
  const outfile = join(outdir, FILE);
  await build({ ...optionsFor(entry, schemas), outfile });
  return statSync(outfile).size;
};

/** Bundles `functions/handlers/<name>.ts` as it is deployed. */
export const bundle = (name: string, outdir: string): Promise<number> =>
  bundleFile(pathOf(`functions/handlers/${name}.ts`), outdir, name === 'docs');

/** The names of the deployed functions: one file of `functions/handlers` each. */
const deployed = (): readonly string[] =>
  readdirSync(pathOf('functions/handlers')).flatMap((file) => (file.endsWith('.ts') ? [file.slice(0, -'.ts'.length)] : []));

if (import.meta.main) {
  const [, , outdir = ''] = process.argv;
  const sizes = await Promise.all(
    deployed().map(async (folder) => `${folder} ${Math.round((await bundle(folder, join(outdir, folder))) / 1024)} KiB`),
  );
  process.stderr.write(`bundles: ${sizes.join(', ')}\n`);
}
