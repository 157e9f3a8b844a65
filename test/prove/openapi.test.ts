// Types made of /openapi.json, which TypeScript takes.

import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { openApiDocument } from '../../functions/web/api/openapi/document.ts';
import { folderOfTest } from '../support/folders.ts';

const run = promisify(execFile);

test('openapi-typescript makes types of the description of the API, and TypeScript takes them', async () => {
  const folder = folderOfTest('openapi');
  const file = (name: string) => join(folder, name);
  writeFileSync(file('openapi.json'), JSON.stringify(openApiDocument('https://gate.example')));
  const cli = join(process.cwd(), 'node_modules/openapi-typescript/bin/cli.js');
  const hook = join(process.cwd(), 'test/support/typescript5.js');
  await run(process.execPath, ['--import', hook, cli, file('openapi.json'), '--output', file('gate.ts')]);
  const types = readFileSync(file('gate.ts'), 'utf8');
  for (const name of ['Feature', 'Change', 'Notice', 'FlagEvaluation', 'Policy', 'Problem'])
    expect(types).toMatch(new RegExp(`^ {8}${name}: \\{`, 'm'));
  writeFileSync(
    file('use.ts'),
    `import type { components, operations } from './gate.ts';
const enabled = (feature: components['schemas']['Feature']): boolean => feature.enabled;
type Posted = operations['postNotice']['requestBody']['content']['application/json'];
export const used: [typeof enabled, Posted['feature']] = [enabled, 'flock.lpr'];
`,
  );
  const tsc = join(process.cwd(), 'node_modules/typescript/bin/tsc');
  const { stdout } = await run(process.execPath, [tsc, '--noEmit', '--strict', '--allowImportingTsExtensions', 'use.ts'], {
    cwd: folder,
  });
  expect(stdout).toBe('');
});
