import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { Webhook } from 'standardwebhooks';
import { expect, onTestFinished, test } from 'vitest';
import * as z from 'zod';
import { parseVerifierKey } from '../../../domain/log/note.ts';
import { lockFolder } from '../../../infra/local/databases.ts';
import { routed } from '../../../infra/local/server.ts';
import { verifiedEntries } from '../../functions/log/sequencer/verifiedEntries.ts';
import { answering } from '../../support/listening.ts';
import { walked } from '../../support/walked.ts';
import { addVendor, makeToken, placeOfTest, searchNotice, servedPlace } from './cityProcess.ts';
import { cli, cliJson, type Place, postNotice, serve } from './process.ts';

const List = z.object({ items: z.array(z.object({ change: z.string() })), next: z.string().nullable() });

/** The long proofs kill more often. */
const KILLS = Number(process.env.ALDERGATE_KILLS ?? 1);

const start = async (where: Place) => {
  const server = await serve(where);
  onTestFinished(async () => {
    server.child.kill('SIGKILL');
    await server.ended;
  });
  return server;
};

const openFor = async (where: Place) => ({
  ...(await addVendor(where, 'acme')),
  token: await makeToken(where, '--scope', 'state:read'),
});

const changesOf = async (where: Place, token: string) => {
  const pages = await walked(async (cursor) => {
    const after = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const response = await fetch(`${where.url}/v1/changes?limit=1000${after}`, { headers: { authorization: `Bearer ${token}` } });
    return List.parse(await response.json());
  });
  return pages.flat().map(({ change }) => change);
};

test(`killed in the middle of a stream of notices (${KILLS}): every acknowledged notice is there and in one log, none twice; no second server joins`, async () => {
  const where = await placeOfTest();
  let server = await start(where);
  const { secret, token } = await openFor(where);
  const acknowledged = new Set<string>();
  const log = join(where.folder, 'data/log');
  const published: number[] = [];
  let next = 0;
  for (let round = 0; round < KILLS; round += 1) {
    let stopped = false;
    const sender = async () => {
      while (!stopped) {
        next += 1;
        const feature = `acme.f${next}`;
        const response = await postNotice(where, secret, `msg_${next}`, searchNotice(feature)).catch(() => undefined);
        if (response?.status === 202) acknowledged.add(`${feature}/1`);
        // Sent again after a lost answer: the same delivery, still one change.
        else await postNotice(where, secret, `msg_${next}`, searchNotice(feature)).catch(() => undefined);
      }
    };
    const senders = Array.from({ length: 4 }, sender);
    const before = acknowledged.size;
    await sleep(40 + (round % 20) * 7);
    // However slow the machine is: the kill comes in the middle of a stream, not before it.
    while (acknowledged.size < before + 2) await sleep(5);
    server.child.kill('SIGKILL');
    stopped = true;
    await Promise.all(senders);
    await server.ended;
    if (existsSync(join(log, 'checkpoint'))) published.push(Number(readFileSync(join(log, 'checkpoint'), 'utf8').split('\n')[1]));
    server = await start(where);
  }
  const known = await changesOf(where, token);
  expect(acknowledged.size).toBeGreaterThanOrEqual(2 * KILLS);
  expect(new Set(known).size).toBe(known.length);
  expect(known.every((change) => change.endsWith('/1'))).toBe(true);
  expect([...acknowledged].filter((change) => !known.includes(change))).toEqual([]);
  expect(published).toEqual(published.toSorted((a, b) => a - b));
  const key = parseVerifierKey((await (await fetch(`${where.url}/log/vkey`)).text()).trim());
  const logged = () => verifiedEntries(log, key).map(({ stream, version }) => `${stream.replace('feature/', '')}/${version}`);
  await expect.poll(() => known.every((change) => logged().includes(change))).toBe(true);
  expect(new Set(logged()).size).toBe(logged().length);

  expect(() => lockFolder(join(where.folder, 'data/server.lock'))).toThrow('another server is running on this folder');
  server.child.kill('SIGTERM');
  expect((await server.ended).code).toBe(0);
  expect((await cli(where, 'changes')).stdout).toContain(known[0]);
});

test('what fails before any route is answered without a word of it, and logged', async () => {
  const logged: unknown[] = [];
  const fails = () => {
    throw new Error('a secret of the gate');
  };
  const response = await fetch(await answering(routed(fails, 'http://gate.example', (entry) => void logged.push(entry))));
  expect([response.status, (await response.text()).includes('secret')]).toEqual([500, false]);
  expect(logged).toMatchObject([{ level: 'error', where: 'before any route' }]);
});

test('a subscriber gets every event by a webhook that the official library verifies; one that never answers holds back no other', async () => {
  const where = await servedPlace();
  const { secret } = await openFor(where);
  const received: { path: string | undefined; headers: Record<string, string>; body: string }[] = [];
  // What follows from the log comes as well, by its own mark.
  const isOf = (key: string, body: string) => body.includes('"aldergate.feature.') && body.includes(`"subject":"${key}"`);
  const at = (path: string, key: string) => received.filter((each) => each.path === path && isOf(key, each.body));
  const url = await answering((request, response) => {
    void text(request).then((body) => {
      received.push({ path: request.url, headers: request.headers as Record<string, string>, body });
      // The first answer is an outage: it comes again.
      const isFirst = isOf('acme.search', body) && at('/hears', 'acme.search').length === 1;
      if (request.url === '/hears') response.writeHead(isFirst ? 503 : 204).end();
    });
  });
  await cliJson(where, 'subscribe', `${url}/hangs`);
  const subscribed = z.object({ id: z.string(), secret: z.string() }).parse(await cliJson(where, 'subscribe', `${url}/hears`));
  await postNotice(where, secret, 'msg_1', searchNotice('acme.search'));
  await expect.poll(() => at('/hangs', 'acme.search')).not.toEqual([]);
  await expect.poll(() => at('/hears', 'acme.search'), { timeout: 8_000 }).not.toEqual([]);
  await expect.poll(() => at('/hears', 'acme.search').length).toBeGreaterThanOrEqual(2);
  const [first, second] = at('/hears', 'acme.search');
  expect(second?.headers['webhook-id']).toBe(first?.headers['webhook-id']);
  const event = new Webhook(subscribed.secret).verify(second?.body ?? '', second?.headers ?? {});
  expect(event).toMatchObject({ source: 'aldergate', type: 'aldergate.feature.ChangeNotified.v1', subject: 'acme.search' });
  await postNotice(where, secret, 'msg_2', searchNotice('acme.lookup'));
  await expect.poll(() => at('/hears', 'acme.lookup')).not.toEqual([]);
  await cliJson(where, 'unsubscribe', subscribed.id);
  expect(await cliJson(where, 'subscriptions')).toMatchObject({ items: [{ url: `${url}/hangs` }] });
  expect((await cli(where, 'unsubscribe', 'x'.repeat(2_000))).stderr).toContain('no subscription x');
});
