import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { addVendor } from '../../../functions/gate/vendors.ts';
import { archiveCommands } from '../../../infra/cli/commands/archive.ts';
import { doctorCommand } from '../../../infra/cli/commands/doctor.ts';
import { openTools } from '../../../infra/cli/tools.ts';
import { UnusableFolder } from '../../../infra/local/errors.ts';
import { openInstallation } from '../../../infra/local/installation.ts';
import { startServer } from '../../../infra/local/server.ts';
import { settingsOf } from '../../bench/settings.ts';
import { folderOfTest } from '../../support/folders.ts';
import { programEnv } from './process.ts';

const commandOf = (name: 'export' | 'import') =>
  archiveCommands.find(({ usage }) => usage.startsWith(`${name} `)) ?? expect.fail(name);

const exported = async (env: NodeJS.ProcessEnv, file: string) => {
  const tools = openTools({}, env);
  await commandOf('export').run([file], {}, tools);
  await tools.close();
  return readFileSync(file, 'utf8');
};

type Tools = ReturnType<typeof openTools>;

/**
 * The tools of an import that is cut off: at the nth commit (`append`), the nth record of the side store (`put`), or while
 * nothing is written yet (`feed`).
 */
const cutOff = (tools: Tools, at: 'append' | 'put' | 'feed', nth: number): Tools => {
  const opened = tools.local({ unfinished: true });
  let left = nth;
  const failing = <Args extends unknown[], R>(name: typeof at, write: (...args: Args) => Promise<R>) => {
    return async (...args: Args) => {
      if (name === at) left -= 1;
      if (left === 0) throw new Error('cut off');
      return write(...args);
    };
  };
  const { store, sideStore } = opened.ports;
  const ports = {
    ...opened.ports,
    store: { ...store, append: failing('append', store.append), feed: failing('feed', store.feed) },
    sideStore: { ...sideStore, put: failing('put', sideStore.put) },
  };
  return { ...tools, local: () => ({ ...opened, ports }) };
};

/** An archive, its lines, and the environment of a folder that it is imported into. */
const archived = async () => {
  const folder = folderOfTest('cut-off');
  const [data, file, from] = [join(folder, 'data'), join(folder, 'all.ndjson'), join(folder, 'source')];
  const source = openInstallation(settingsOf(from));
  for (const id of ['acme', 'bravo', 'charlie', 'delta']) await addVendor(source.ports, id, id);
  await source.close();
  const env = { ...programEnv(), HOME: folder, ALDERGATE_DATA: data };
  return { data, file, env, lines: await exported({ ...env, ALDERGATE_DATA: from }, file) };
};

test.each([
  ['before it writes', 'feed', 1],
  ['among its commits', 'append', 3],
  ['behind its last commit', 'put', 1],
] as const)(
  'an import that is cut off %s leaves a folder that nothing opens, until the same import ends',
  async (_, write, count) => {
    const { data, file, env, lines } = await archived();
    const first = openTools({}, env);
    await expect(commandOf('import').run([file], {}, cutOff(first, write, count))).rejects.toThrow('cut off');
    await first.close();

    expect(() => openTools({}, env).local()).toThrow(UnusableFolder);
    vi.stubEnv('ALDERGATE_DATA', data);
    onTestFinished(() => void vi.unstubAllEnvs());
    await expect(doctorCommand.run([], {}, openTools({}, env))).rejects.toThrow(`restoring into ${data} did not end`);
    const unfinished = openInstallation(settingsOf(data));
    await expect(startServer(unfinished)).rejects.toThrow(`an import or a restoring into ${data} did not end`);
    await unfinished.close();

    const tools = openTools({}, env);
    expect(await commandOf('import').run([file], {}, tools)).toMatchObject({ json: { commits: 4, newLog: false } });
    await tools.close();
    expect(await exported(env, `${file}.again`)).toBe(lines);
  },
);

test.each([
  ['before it wrote anything leaves an empty folder', 1, true],
  ['among its commits leaves a folder that nothing opens', 3, false],
])('an import that is refused %s', async (_, refusedAt, opens) => {
  const { file, env } = await archived();
  const tools = openTools({}, env);
  const opened = tools.local({ unfinished: true });
  const { store } = opened.ports;
  let left = refusedAt;
  const append: typeof store.append = async (records) => {
    left -= 1;
    return left > 0 ? store.append(records) : { appended: 0, occupant: records[0] };
  };
  const refusing = { ...tools, local: () => ({ ...opened, ports: { ...opened.ports, store: { ...store, append } } }) };
  await expect(commandOf('import').run([file], {}, refusing)).rejects.toThrow('someone else wrote');
  await tools.close();
  const after = openTools({}, env);
  if (opens) expect(after.local().firstStart).toBe(false);
  else expect(() => after.local()).toThrow(UnusableFolder);
  await after.close();
});
