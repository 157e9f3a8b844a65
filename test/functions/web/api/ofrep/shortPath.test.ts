import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { describe, expect, test } from 'vitest';
import { FLAGS, listening, story } from './story.ts';

describe('the short path', () => {
  const plain = (url: string, headers: Record<string, string>, chunks: readonly string[]) =>
    new Promise<{ status: number; body: string; headers: Record<string, unknown> }>((resolve, reject) => {
      const sent = request(url, { method: 'POST', headers }, (response) => {
        let body = '';
        response.on('data', (chunk) => {
          body += chunk;
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body, headers: response.headers }));
      });
      sent.on('error', reject);
      for (const chunk of chunks) sent.write(chunk);
      sent.end();
    });

  /** A body of unknown length goes to the router. */
  const lengthOf = (body: string) => ({ 'content-length': String(Buffer.byteLength(body)) });

  test('answers as the router does', async () => {
    const { world, token, ask, on } = await story();
    await on('acme');
    const base = await listening(world);
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    for (const [key, body] of [
      ['acme', '{}'],
      ['acme', '{"context":{"version":"2"}}'],
      ['nobody', ''],
      ['a..b', '{}'],
      ['acme', '{'],
      ['acme', '[]'],
    ] as const) {
      const routed = await ask(key, body);
      const short = await plain(`${base}${FLAGS}/${key}`, { ...headers, ...lengthOf(body) }, [body]);
      expect([short.status, JSON.parse(short.body)]).toStrictEqual([routed.status, routed.body]);
      for (const name of ['content-type', 'cache-control', 'x-content-type-options', 'access-control-allow-origin'])
        expect(short.headers[name], name).toBe(routed.headers.get(name));
    }
    const bare = await plain(`${base}${FLAGS}/acme`, { 'content-type': 'application/json', ...lengthOf('{}') }, ['{}']);
    expect([bare.status, bare.headers['www-authenticate']]).toStrictEqual([401, 'Bearer realm="aldergate"']);
  });

  test('names the newest checkpoint, refusals included', async () => {
    const { world, token } = await story();
    const base = await listening({ ...world, deps: { ...world.deps, checkpoint: () => '43' } });
    for (const authorization of [`Bearer ${token}`, '']) {
      const headers = { authorization, 'content-type': 'application/json', ...lengthOf('{}') };
      const answer = await plain(`${base}${FLAGS}/acme`, headers, ['{}']);
      expect(answer.headers['aldergate-checkpoint'], String(answer.status)).toBe('43');
    }
  });

  test('a chunked body that is too large is refused, on both paths', async () => {
    const { world, token } = await story();
    const base = await listening(world);
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'transfer-encoding': 'chunked' };
    const chunks = Array.from({ length: 20 }, () => 'x'.repeat(4_096));
    for (const path of [`${FLAGS}/acme`, FLAGS]) expect((await plain(`${base}${path}`, headers, chunks)).status, path).toBe(413);
  });

  test('a body that is announced as too large is refused before any of it has arrived, on both paths', async () => {
    const { world, token } = await story();
    const base = await listening(world);
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'content-length': '65537' };
    for (const path of [`${FLAGS}/acme`, FLAGS]) {
      const sent = request(`${base}${path}`, { method: 'POST', headers });
      sent.on('error', () => undefined);
      sent.flushHeaders();
      const [response] = (await once(sent, 'response')) as [IncomingMessage];
      expect(response.statusCode, path).toBe(413);
      sent.destroy();
    }
  });
});
