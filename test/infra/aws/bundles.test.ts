import { build } from 'esbuild';
import { expect, test } from 'vitest';

const built = async (folder: string) => {
  const { metafile } = await build({
    entryPoints: [`functions/handlers/${folder}.ts`],
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    mainFields: ['module', 'main'],
    metafile: true,
    write: false,
    logLevel: 'error',
  });
  return metafile;
};

const packagesOf = async (folder: string): Promise<ReadonlySet<string>> => {
  const metafile = await built(folder);
  const names = Object.keys(metafile.inputs).flatMap(
    (path) => /node_modules\/(?<name>(?:@[^/]+\/)?[^/]+)\//.exec(path)?.groups?.name ?? [],
  );
  return new Set(names);
};

test('the library of passkeys is in the bundle of passkeys', async () => {
  expect(await packagesOf('passkeys')).toContain('@simplewebauthn/server');
});

// A cold start reads its whole bundle: what a function has no use for makes everybody wait.
test.each([
  [
    'site',
    [
      '@simplewebauthn/server',
      '@aws-sdk/client-kms',
      '@aws-sdk/client-s3',
      '@aws-sdk/client-sesv2',
      '@aws-sdk/client-eventbridge',
    ],
  ],
  [
    'api',
    [
      '@simplewebauthn/server',
      '@aws-sdk/client-kms',
      '@aws-sdk/client-s3',
      '@aws-sdk/client-sesv2',
      '@aws-sdk/client-eventbridge',
    ],
  ],
  ['projector', ['@simplewebauthn/server', '@aws-sdk/client-kms', '@aws-sdk/client-s3', 'hono']],
  ['log', ['@simplewebauthn/server', '@aws-sdk/client-kms', '@aws-sdk/client-sesv2', '@aws-sdk/client-eventbridge']],
])('%s carries nothing of others', async (folder, others) => {
  const packages = await packagesOf(folder);
  expect(packages).toContain('@aws-sdk/client-dynamodb');
  expect(others.filter((name) => packages.has(name))).toStrictEqual([]);
});

test.each(['projector', 'docs'])('%s decides nothing and carries nothing that decides', async (folder) => {
  const { outputs } = await built(folder);
  const carried = Object.values(outputs).flatMap(({ inputs }) =>
    Object.entries(inputs).flatMap(([path, { bytesInOutput }]) => (bytesInOutput > 0 ? [path] : [])),
  );
  expect(carried.filter((path) => /^domain\/(?:feature|policy|roster|vendors)\/decide/.test(path))).toStrictEqual([]);
});
