import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';
import { expect, onTestFinished, test } from 'vitest';
import * as z from 'zod';
import { searchNotice, settle } from './cityProcess.ts';
import { cliJson, makePlace, type RunningServer, serve } from './process.ts';

const Event = z.object({ id: z.string(), type: z.string(), subject: z.string() });
const Subscribed = z.object({ secret: z.string() });

test('killed while a subscriber takes nothing: the case of drift is an error line, and its events come with the ids and bytes of before', async () => {
  const place = await makePlace();
  const running: { server: RunningServer } = { server: await serve(place) };
  const kill = async () => {
    running.server.child.kill('SIGKILL');
    return running.server.ended;
  };
  onTestFinished(async () => {
    await kill();
    rmSync(place.folder, { recursive: true, force: true });
  });
  let log = '';
  running.server.child.stderr?.on('data', (chunk: Buffer) => {
    log += chunk.toString();
  });
  const city = await settle(place);
  let takes = false;
  let secret = '';
  const [refused, taken]: [Map<string, string>, Map<string, string>] = [new Map(), new Map()];
  const server = createServer((request, response) => {
    void request.toArray().then((chunks) => {
      const body = Buffer.concat(chunks).toString();
      const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
      const { id, type } = Event.parse(new Webhook(secret).verify(body, headers));
      const isDerived = type.startsWith('aldergate.derived.');
      if (isDerived) (takes ? taken : refused).set(id, body);
      response.writeHead(isDerived && !takes ? 503 : 204).end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  ({ secret } = Subscribed.parse(await cliJson(place, 'subscribe', `http://127.0.0.1:${port}/`)));

  await city.hold(searchNotice('acme'));
  const seen = { vendor: 'acme', source: 'check', observedAt: new Date().toISOString(), features: { acme: true } };
  expect((await city.api('POST', '/v1/observations', seen)).status).toBe(200);
  const lines = () =>
    log
      .split('\n')
      .filter((line) => line.includes('"event":"drift"') && line.endsWith('}'))
      .map((line) => JSON.parse(line));
  await expect.poll(() => refused.size, { timeout: 20_000 }).toBeGreaterThan(0);
  await expect
    .poll(lines, { timeout: 20_000 })
    .toMatchObject([{ level: 'error', key: 'acme', kind: 'not-approved', source: 'check', since: seen.observedAt }]);
  await kill();

  takes = true;
  running.server = await serve(place);
  const told = () =>
    [...taken.values()]
      .map((body) => Event.parse(JSON.parse(body)))
      .filter(({ type }) => !type.includes('.Task'))
      .map(({ type, subject }) => `${type} ${subject}`);
  await expect
    .poll(told, { timeout: 20_000 })
    .toStrictEqual(['aldergate.derived.AnswerChanged.v1 acme', 'aldergate.derived.DriftOpened.v1 acme']);
  for (const [id, body] of refused) expect(taken.get(id)).toBe(body);
});
