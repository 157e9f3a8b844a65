import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { Ready } from '../../../functions/web/routes/api/operators.ts';
import { cli, cliJson, makePlace, type Place, serve } from './process.ts';
import type { Ended } from './warmCommands.ts';

const opened = async (domain: string, env: NodeJS.ProcessEnv): Promise<Place & { readonly stop: () => Promise<Ended> }> => {
  const place = await makePlace();
  await cli(place, 'init', '--contact', 'City clerk, 555-0100');
  const roster = join(place.folder, 'roster.json');
  writeFileSync(roster, readFileSync(roster, 'utf8').replaceAll('city.example', domain));
  expect(await cli(place, 'roster', 'set', 'roster.json')).toMatchObject({ code: 0 });
  const { child, ended } = await serve({ ...place, env: { ...place.env, ...env } });
  const stop = (): Promise<Ended> => {
    child.kill('SIGTERM');
    return ended;
  };
  onTestFinished(async () => {
    await stop();
    rmSync(place.folder, { recursive: true, force: true });
  });
  return { ...place, stop };
};
const codesOf = async ({ port }: Place): Promise<readonly string[]> => {
  const { notes = [] } = Ready.parse(await (await fetch(`http://127.0.0.1:${port}/readyz`)).json());
  return notes.map(({ code }) => code).sort();
};

test('a gate that answers rightly and is not ready for officials says so, in /readyz and in doctor, which is no fault', async () => {
  const place = await opened('city.example', {});
  expect(await codesOf(place)).toEqual(['example-address', 'loopback-url', 'no-mail-server']);
  const { code, stdout } = await cli(place, 'doctor');
  expect([code, stdout]).toEqual([0, expect.stringMatching(/^ready: /)]);
  for (const said of ['the addresses of 9 officials', 'ALDERGATE_SMTP_URL', 'ALDERGATE_URL']) expect(stdout).toContain(said);
  expect((await place.stop()).stderr).not.toContain('not well');
});

test('a gate that is set up notes nothing, and commands without its settings make links with its address', async () => {
  const env = { ALDERGATE_URL: 'https://gate.city.gov', ALDERGATE_SMTP_URL: 'smtp://127.0.0.1:1' };
  const place = await opened('city.gov', env);
  expect(await codesOf(place)).toEqual([]);
  await cliJson(place, 'vendor', 'add', 'acme', '--name', 'Acme Cameras');
  const link = async () => ((await cliJson(place, 'vendor', 'form', 'acme')) as { url: string }).url;
  expect(await link()).toMatch(/^https:\/\/gate\.city\.gov\/n\//);
  await place.stop();
  expect(await link()).toMatch(new RegExp(`^${place.url}/n/`));
});
