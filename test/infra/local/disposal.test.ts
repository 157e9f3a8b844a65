import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import * as z from 'zod';
import { searchNotice, settle } from './cityProcess.ts';
import { cli, cliJson, makePlace, type Place, type RunningServer, serve } from './process.ts';

// A text that an official wrote is withheld, then disposed of by two persons; the process is killed in the middle.

const KILLED = fileURLToPath(new URL('killedDisposal.ts', import.meta.url));
const WORDS = 'Ms. Example of 5 Elm Street called the clerk.';
const History = z.object({
  items: z.array(z.object({ comment: z.string().nullish(), redacted: z.object({ status: z.string() }).optional() })),
});

let where: Place | undefined;
let server: RunningServer | undefined;
const stopped = async (child: ChildProcess | undefined, signal: NodeJS.Signals): Promise<void> => {
  child?.kill(signal);
  await server?.ended;
};
afterEach(async () => {
  await stopped(server?.child, 'SIGKILL');
  if (where !== undefined) rmSync(where.folder, { recursive: true, force: true });
});

/** The bytes of a file; none of one that the running server has removed since it was listed. */
const contentOf = (file: string): Buffer => {
  try {
    return readFileSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return Buffer.alloc(0);
    throw error;
  }
};

/** The files of a folder whose bytes hold the words. */
const filesWith = (folder: string, words: string): readonly string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .filter((file) => contentOf(file).includes(words));

test('withheld, asked for and confirmed: after a kill between the fact and the deed no file has the words any more', async () => {
  where = await makePlace();
  const { folder, url, env } = where;
  server = await serve(where);
  const city = await settle(where);
  const held = await city.hold(searchNotice('acme'));
  const certified = city.certificate(held, { comment: WORDS });
  expect((await city.submit(await city.linkOf('hc', held), certified)).status).toBe(303);
  const page = async (): Promise<string> => (await (await fetch(`${url}/changes/acme/1`)).text()).replaceAll(/<[^>]+>/g, '');
  expect(await page()).toContain(WORDS);
  const { items } = History.parse(await (await city.api('GET', '/v1/features/acme/history')).json());
  const commitment = items.flatMap(({ comment }) => comment ?? [])[0] ?? '';
  const withhold = ['withhold', 'acme', commitment, '--reason', 'personal-data', '--authority', 'Records Act', '--file', '26-7'];
  const order = { commitment, reason: 'personal-data', authority: 'Records Act', fileNumber: '26-7' };

  const done = 'the text in acme/1 is withheld since';
  expect(await cli(where, ...withhold)).toMatchObject({ code: 0, stdout: expect.stringContaining(done) });
  expect(await page()).toContain('Withheld by Records Act, file 26-7');
  expect(await page()).not.toContain(WORDS);
  expect(filesWith(join(folder, 'data'), WORDS).length).toBeGreaterThan(0);
  expect((await city.api('POST', '/v1/features/acme/redactions/dispose', order)).status).toBe(200);
  const entries = History.parse(await (await city.api('GET', '/v1/features/acme/history')).json()).items;
  expect(entries.flatMap(({ redacted }) => redacted ?? [])).toMatchObject([{ status: 'disposal-requested' }]);
  const asked = async () => (await city.mails()).find(({ to, change }) => to.includes('hc@') && change === null)?.links[0];
  await expect.poll(asked).toBeDefined();
  expect(await (await fetch((await asked()) ?? '')).text()).toContain('Destroy this text for good?');

  await stopped(server.child, 'SIGTERM');
  const [, signal] = (await once(spawn(process.execPath, [KILLED, commitment], { env, stdio: 'inherit' }), 'exit')) as [
    number,
    string,
  ];
  expect(signal).toBe('SIGKILL');
  expect(filesWith(join(folder, 'data'), WORDS).length).toBeGreaterThan(0);

  server = await serve(where);
  expect(await page()).toContain('Destroyed by Records Act, file 26-7');
  await expect.poll(() => filesWith(join(folder, 'data'), WORDS)).toEqual([]);
  expect((await city.submit((await asked()) ?? '', {})).status).toBe(303);
  expect(await cliJson(where, 'fsck')).toMatchObject({
    ok: true,
    texts: { commitments: 1, withheld: 0, disposed: 1, missing: [] },
  });
});
