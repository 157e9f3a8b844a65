import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openInstallation } from '../../../infra/local/installation.ts';
import { type LocalServer, startServer } from '../../../infra/local/server.ts';
import { readSettings } from '../../../infra/local/settings.ts';
import { folderOfFile } from '../../support/folders.ts';

describe('the outbox, whose links decide, is shown on the machine itself only', () => {
  const folder = folderOfFile('outbox');
  let server: LocalServer | undefined;

  beforeAll(async () => {
    server = await startServer(
      openInstallation(readSettings({ ALDERGATE_DATA: folder, PORT: '0', ALDERGATE_URL: 'http://127.0.0.1' }, 'no file')),
    );
  });
  afterAll(() => server?.close());

  const statusOf = async (path: string, headers: Readonly<Record<string, string>>) => {
    const asked = request({ host: '127.0.0.1', port: server?.port, path, headers });
    asked.end();
    const [answer] = (await once(asked, 'response')) as [IncomingMessage];
    answer.resume();
    return answer.statusCode;
  };

  test.each(['127.0.0.1', 'localhost', 'localhost:8787', '[::1]:8787', 'gate.localhost'])(
    'asked as %s it is shown',
    async (host) => {
      expect(await statusOf('/dev/outbox', { host })).toBe(200);
      expect(await statusOf('/dev/outbox.json', { host })).toBe(200);
    },
  );

  test.each([
    ['under another name', { host: 'gate.city.example' }],
    ['under a name that begins like a loopback one', { host: 'localhost.evil.example' }],
    ['through a proxy', { host: 'localhost', 'x-forwarded-for': '203.0.113.7' }],
    ['through a proxy that says so otherwise', { host: 'localhost', forwarded: 'for=203.0.113.7' }],
  ])('asked %s there is none', async (_, headers) => {
    for (const path of ['/dev/outbox', '/dev/outbox.json', '/%64ev/outbox.json'])
      expect(await statusOf(path, headers), path).toBe(404);
  });

  test('over HTTP/1.0, which names no host, there is none, and all else is answered', async () => {
    const rawStatus = async (head: string) => {
      const socket = connect({ port: server?.port ?? 0, host: '127.0.0.1' });
      socket.end(`${head}\r\n\r\n`);
      return text(socket);
    };
    expect(await rawStatus('GET /healthz HTTP/1.0')).toMatch(/^HTTP\/1\.1 200 .*\{"status":"ok"\}$/s);
    expect(await rawStatus('GET /dev/outbox.json HTTP/1.0')).toMatch(/^HTTP\/1\.1 404 /);
    expect(await rawStatus('GET /healthz HTTP/1.1\r\nConnection: close\r\nHost: a b')).toMatch(
      /^HTTP\/1\.1 400 .*application\/problem\+json.*"urn:aldergate:problem:invalid-request"/s,
    );
  });

  test('every other page is for everyone', async () => {
    expect(await statusOf('/', { host: 'gate.city.example', 'x-forwarded-for': '203.0.113.7' })).toBe(200);
  });
});
