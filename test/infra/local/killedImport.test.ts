import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { addVendor } from '../../../functions/gate/vendors.ts';
import { exportArchive } from '../../../functions/platform/store/archive/exportArchive.ts';
import { archiveCommands } from '../../../infra/cli/commands/archive.ts';
import { openTools } from '../../../infra/cli/tools.ts';
import { UnusableFolder } from '../../../infra/local/errors.ts';
import { openInstallation } from '../../../infra/local/installation.ts';
import { startServer } from '../../../infra/local/server.ts';
import { settingsOf } from '../../bench/settings.ts';
import { programEnv } from './process.ts';

const KILLED = fileURLToPath(new URL('killedImport.ts', import.meta.url));

/** Writes an archive of a few commits into a folder. Returns its lines. */
const makeArchive = async (folder: string, file: string): Promise<readonly string[]> => {
  const source = openInstallation(settingsOf(join(folder, 'source')));
  for (const id of ['acme', 'bravo', 'charlie', 'delta']) await addVendor(source.ports, id, id);
  const lines: string[] = [];
  for await (const line of exportArchive(source.ports.store)) lines.push(line);
  writeFileSync(file, lines.map((line) => `${line}\n`).join(''));
  await source.close();
  return lines;
};

const ofVendors = (lines: readonly string[]): readonly string[] => lines.filter((line) => line.includes('VendorAdded'));

/** Returns the lines of the vendors in a folder: the log of the import adds its own. */
const linesIn = async (data: string): Promise<readonly string[]> => {
  const installation = openInstallation(settingsOf(data));
  const lines: string[] = [];
  for await (const line of exportArchive(installation.ports.store)) lines.push(line);
  await installation.close();
  return ofVendors(lines);
};

test.each([
  ['among its commits', 'append', '3'],
  ['behind its last commit', 'put', '1'],
])('an import that is killed %s leaves a folder that nothing opens, until the same import ends', async (_, write, count) => {
  const folder = mkdtempSync(join(tmpdir(), 'aldergate-killed-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const [data, file] = [join(folder, 'data'), join(folder, 'all.ndjson')];
  const lines = await makeArchive(folder, file);
  const env = { ...programEnv(), HOME: folder, ALDERGATE_DATA: data };
  const child = execFile(process.execPath, [KILLED, file, write, count], { env, cwd: folder });
  expect(await once(child, 'exit')).toEqual([null, 'SIGKILL']);

  expect(() => openTools({}, env).local()).toThrow(UnusableFolder);
  const killed = openInstallation(settingsOf(data));
  await expect(startServer(killed)).rejects.toThrow(`an import into ${data} did not end`);
  await killed.close();

  const tools = openTools({}, env);
  const imported = archiveCommands.find(({ usage }) => usage.startsWith('import '));
  expect(await imported?.run([file], {}, tools)).toMatchObject({ json: { commits: 4 } });
  await tools.close();
  expect(await linesIn(data)).toEqual(ofVendors(lines));
  const whole = openTools({}, env);
  whole.local();
  await whole.close();
});
