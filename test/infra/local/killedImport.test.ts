import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { addVendor } from '../../../functions/gate/vendors.ts';
import { archiveCommands } from '../../../infra/cli/commands/archive.ts';
import { openTools } from '../../../infra/cli/tools.ts';
import { UnusableFolder } from '../../../infra/local/errors.ts';
import { type Installation, openInstallation } from '../../../infra/local/installation.ts';
import { startServer } from '../../../infra/local/server.ts';
import { settingsOf } from '../../bench/settings.ts';
import { folderOfTest } from '../../support/folders.ts';

/** Runs an archive command on a folder. `changed`: the installation that it works on. */
const run = async (name: string, data: string, file: string, changed = (opened: Installation) => opened): Promise<unknown> => {
  const tools = openTools({}, { ALDERGATE_DATA: data });
  const local: typeof tools.local = (options) => changed(tools.local(options));
  try {
    return await archiveCommands.find(({ usage }) => usage.startsWith(`${name} `))?.run([file], {}, { ...tools, local });
  } finally {
    await tools.close();
  }
};

/** Lets all writes of a kind fail from the `nth` on, as if the process had ended. */
const dyingAt = (kind: 'append' | 'put', nth: number) => (opened: Installation) => {
  let left = nth;
  const until =
    <A extends unknown[], T>(at: typeof kind, work: (...args: A) => Promise<T>): ((...args: A) => Promise<T>) =>
    async (...args) => {
      if (at === kind) left -= 1;
      if (left <= 0) throw new Error('killed');
      return work(...args);
    };
  const { store, sideStore } = opened.ports;
  return {
    ...opened,
    ports: {
      ...opened.ports,
      store: { ...store, append: until('append', store.append) },
      sideStore: { ...sideStore, put: until('put', sideStore.put) },
    },
  };
};

test.each([
  ['among its commits', 'append', 3],
  ['behind its last commit', 'put', 1],
] as const)('an import that ends %s leaves a folder that nothing opens, until the same import is whole', async (_, kind, nth) => {
  const folder = folderOfTest('killed');
  const [source, data, file, again] = ['source', 'data', 'all.ndjson', 'again.ndjson'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
    string,
  ];
  const first = openInstallation(settingsOf(source));
  for (const id of ['acme', 'bravo', 'charlie', 'delta']) await addVendor(first.ports, id, id);
  await first.close();
  await run('export', source, file);
  await expect(run('import', data, file, dyingAt(kind, nth))).rejects.toThrow('killed');

  expect(() => openTools({}, { ALDERGATE_DATA: data }).local()).toThrow(UnusableFolder);
  const killed = openInstallation(settingsOf(data));
  await expect(startServer(killed)).rejects.toThrow(`an import into ${data} did not end`);
  await killed.close();

  expect(await run('import', data, file)).toMatchObject({ json: { commits: 4, newLog: false } });
  await run('export', data, again);
  expect(readFileSync(again, 'utf8')).toBe(readFileSync(file, 'utf8'));
});
