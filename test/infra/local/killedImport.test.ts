import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { addVendor } from '../../../functions/gate/vendors.ts';
import { archiveCommands } from '../../../infra/cli/commands/archive.ts';
import { openTools } from '../../../infra/cli/tools.ts';
import { UnusableFolder } from '../../../infra/local/errors.ts';
import { openInstallation } from '../../../infra/local/installation.ts';
import { startServer } from '../../../infra/local/server.ts';
import { settingsOf } from '../../bench/settings.ts';
import { folderOfTest } from '../../support/folders.ts';
import { programEnv } from './process.ts';

const KILLED = fileURLToPath(new URL('killedImport.ts', import.meta.url));

const commandOf = (name: 'export' | 'import') =>
  archiveCommands.find(({ usage }) => usage.startsWith(`${name} `)) ?? expect.fail(name);

const exported = async (env: NodeJS.ProcessEnv, file: string): Promise<string> => {
  const tools = openTools({}, env);
  await commandOf('export').run([file], {}, tools);
  await tools.close();
  return readFileSync(file, 'utf8');
};

const makeArchive = async (env: NodeJS.ProcessEnv, folder: string, file: string): Promise<string> => {
  const data = join(folder, 'source');
  const source = openInstallation(settingsOf(data));
  for (const id of ['acme', 'bravo', 'charlie', 'delta']) await addVendor(source.ports, id, id);
  await source.close();
  return exported({ ...env, ALDERGATE_DATA: data }, file);
};

test.each([
  ['among its commits', 'append', '3'],
  ['behind its last commit', 'put', '1'],
])('an import that is killed %s leaves a folder that nothing opens, until the same import ends', async (_, write, count) => {
  const folder = folderOfTest('killed');
  const [data, file] = [join(folder, 'data'), join(folder, 'all.ndjson')];
  const env = { ...programEnv(), HOME: folder, ALDERGATE_DATA: data };
  const lines = await makeArchive(env, folder, file);
  const child = execFile(process.execPath, [KILLED, file, write, count], { env, cwd: folder });
  expect(await once(child, 'exit')).toEqual([null, 'SIGKILL']);

  expect(() => openTools({}, env).local()).toThrow(UnusableFolder);
  const killed = openInstallation(settingsOf(data));
  await expect(startServer(killed)).rejects.toThrow(`an import or a restoring into ${data} did not end`);
  await killed.close();

  const tools = openTools({}, env);
  expect(await commandOf('import').run([file], {}, tools)).toMatchObject({ json: { commits: 4, newLog: false } });
  await tools.close();
  expect(await exported(env, join(folder, 'again.ndjson'))).toBe(lines);
  const whole = openTools({}, env);
  whole.local();
  await whole.close();
});
