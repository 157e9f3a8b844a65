import { rmSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as z from 'zod';
import { cli, cliJson, makePlace, type Place, type RunningServer, serve } from '../local/process.ts';

let place: Place;
let server: RunningServer;

beforeAll(async () => {
  place = await makePlace();
  await cli(place, 'init');
  await cli(place, 'roster', 'set', 'roster.json');
  await cli(place, 'policy', 'adopt', 'policy.json');
  await cli(place, 'vendor', 'add', 'acme', '--name', 'Acme');
  server = await serve(place);
});
afterAll(async () => {
  server?.child.kill('SIGKILL');
  await server?.ended;
  rmSync(place.folder, { recursive: true, force: true });
});

const Mail = z.object({ to: z.string(), change: z.string().nullable(), links: z.array(z.string()) });
const mails = async (): Promise<readonly z.infer<typeof Mail>[]> =>
  z.array(Mail).parse(await (await fetch(`${place.url}/dev/outbox.json`)).json());

/** Waits until mails are there for which the picked links are not empty. */
const until = async (pick: (all: readonly z.infer<typeof Mail>[]) => readonly string[]): Promise<readonly string[]> => {
  const picked = async () => pick(await mails());
  await expect.poll(picked).not.toEqual([]);
  return picked();
};
const page = (url: string) => fetch(url, { headers: { accept: 'text/html' } });
const send = (url: string, fields: Record<string, string>) =>
  fetch(url, {
    method: 'POST',
    redirect: 'manual',
    headers: { origin: place.url, accept: 'text/html' },
    body: new URLSearchParams(fields),
  });

test('a vendor’s form by link: its notice is mailed to the clerk as any other, and the form can be ended', async () => {
  const made = z
    .object({ id: z.string(), url: z.string() })
    .parse(await cliJson(place, 'vendor', 'form', 'acme', '--valid', 'P7D'));
  const form = await (await page(made.url)).text();
  const nonce = /name="nonce" value="([^"]+)"/.exec(form)?.[1] ?? '';
  const fields = {
    feature: 'acme.lpr',
    kind: 'new-feature',
    title: 'A new search',
    summary: 'In plain words.',
    optOut: 'yes',
    nonce,
  };
  const sent = await send(made.url, fields);
  expect([sent.status, sent.headers.get('location')]).toEqual([303, `${new URL(made.url).pathname}?change=acme.lpr/1`]);
  expect((await until((all) => all.filter(({ change }) => change === 'acme.lpr/1').flatMap(({ links }) => links))).length).toBe(
    1,
  );
  expect((await cli(place, 'vendor', 'forms', 'acme')).stdout).toContain(made.id);
  expect(await cliJson(place, 'vendor', 'forms', 'acme', '--revoke')).toEqual({ vendor: 'acme', revoked: 1 });
  expect((await page(made.url)).status).toBe(404);
  expect((await cli(place, 'vendor', 'form', 'nobody')).code).toBe(1);
  expect((await cli(place, 'vendor', 'form', 'acme', '--valid', 'P9Y')).code).toBe(1);
});

test('a lost phone: the operator cuts off every link, and the running server mails new ones', async () => {
  const [old = ''] = await until((all) => all.flatMap(({ links }) => links));
  const { to } = (await mails()).find(({ links }) => links.includes(old)) ?? { to: '' };
  const roster = z
    .object({ roster: z.object({ holders: z.array(z.object({ id: z.string(), body: z.string() })) }) })
    .parse(await cliJson(place, 'roster', 'list'));
  const clerk = roster.roster.holders.find(({ body }) => body === 'clerk')?.id ?? '';
  expect((await page(old)).status).toBe(200);
  expect(await cliJson(place, 'link', 'reissue', clerk)).toEqual({ holder: clerk, reissued: true });
  expect(await (await page(old)).text()).toContain('This link was replaced');
  const [fresh = ''] = await until((all) =>
    all.filter((mail) => mail.to === to).flatMap(({ links }) => links.filter((link) => link !== old)),
  );
  expect((await page(fresh)).status).toBe(200);
  expect((await page(`${fresh}/inbox`)).status).toBe(200);
  expect((await page(`${fresh}/desk`)).status).toBe(200);
  expect(await cliJson(place, 'link', 'revoke', clerk)).toEqual({ holder: clerk, reissued: false });
  expect(await (await page(fresh)).text()).toContain('This link was replaced');
  expect((await page(`${fresh}/inbox`)).status).toBe(404);
  expect((await cli(place, 'link', 'reissue', 'nobody')).code).toBe(1);
  expect((await cli(place, 'link', 'reissue')).code).toBe(2);
});

test('the worklist answers to a token of the city', async () => {
  const { token } = z
    .object({ token: z.string() })
    .parse(await cliJson(place, 'token', 'create', '--name', 'it', '--scope', 'state:read'));
  const answer = await fetch(`${place.url}/worklist?format=json`, { headers: { authorization: `Bearer ${token}` } });
  expect(await answer.json()).toMatchObject({ items: [], next: null });
  expect((await fetch(`${place.url}/worklist?format=json`)).status).toBe(401);
});
