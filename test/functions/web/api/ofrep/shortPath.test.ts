import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { bearer } from '../world.ts';
import { FLAGS, listening, story } from './story.ts';

type Named = Readonly<Record<string, string>>;

/** Sends a body in pieces. Without a length, it goes to the router. */
const plain = async (url: string, headers: Named, chunks: readonly string[]) => {
  const sent = request(url, { method: 'POST', headers: { 'content-type': 'application/json', ...headers } });
  const answered = once(sent, 'response') as Promise<[IncomingMessage]>;
  for (const chunk of chunks) sent.write(chunk);
  sent.end();
  const [response] = await answered;
  return { status: response.statusCode, headers: response.headers, body: await text(response) };
};
const short = (url: string, headers: Named, body = '{}') =>
  plain(url, { ...headers, 'content-length': String(Buffer.byteLength(body)) }, [body]);

test('the short path answers as the router does', async () => {
  const { world, token, ask, on } = await story();
  await on('acme');
  const base = await listening(world);
  for (const [key, body] of [
    ['acme', '{}'],
    ['acme', '{"context":{"version":"2"}}'],
    ['nobody', ''],
    ['a..b', '{}'],
    ['acme', '{'],
    ['acme', '[]'],
  ] as const) {
    const routed = await ask(key, body);
    const answer = await short(`${base}${FLAGS}/${key}`, bearer(token), body);
    expect([answer.status, JSON.parse(answer.body)]).toStrictEqual([routed.status, routed.body]);
    for (const name of ['content-type', 'cache-control', 'x-content-type-options', 'access-control-allow-origin'])
      expect(answer.headers[name], name).toBe(routed.headers.get(name));
  }
  const bare = await short(`${base}${FLAGS}/acme`, {});
  expect([bare.status, bare.headers['www-authenticate']]).toStrictEqual([401, 'Bearer realm="aldergate"']);
});

test('it names the newest checkpoint, refusals included', async () => {
  const { world, token } = await story();
  const base = await listening({ ...world, deps: { ...world.deps, checkpoint: () => '43' } });
  for (const authorization of [`Bearer ${token}`, '']) {
    const { status, headers } = await short(`${base}${FLAGS}/acme`, { authorization });
    expect(headers['aldergate-checkpoint'], String(status)).toBe('43');
  }
});

test.each([`${FLAGS}/acme`, FLAGS])(
  '%s refuses a body that is too large, chunked or announced, before it has arrived',
  async (path) => {
    const { world, token } = await story();
    const url = `${await listening(world)}${path}`;
    const chunks = Array.from({ length: 20 }, () => 'x'.repeat(4_096));
    expect((await plain(url, { ...bearer(token), 'transfer-encoding': 'chunked' }, chunks)).status).toBe(413);
    const headers = { ...bearer(token), 'content-type': 'application/json', 'content-length': '65537' };
    const sent = request(url, { method: 'POST', headers });
    sent.on('error', () => undefined);
    sent.flushHeaders();
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    expect(response.statusCode).toBe(413);
    sent.destroy();
  },
);
