import { spawn, spawnSync } from 'node:child_process';
import { openSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openApiDocument } from '../../../functions/web/api/openapi/document.ts';
import { freePort } from '../../../infra/demo/city.ts';
import { listening, story } from '../../functions/web/api/ofrep/story.ts';
import { folderOfTest } from '../../support/folders.ts';
import { answering } from '../../support/listening.ts';
import { textOf } from '../../support/projectFiles.ts';

// The configurations of docs/proxies.md and of docs/operations.md, run by the proxies themselves where Debian has them installed.

const AUDIENCE = { from: null, until: null, audience: ['town-pd'], conditions: null, maintenance: false };

const documented = (language: string, document = 'proxies') => {
  const block = new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\\n\`\`\``).exec(textOf(`docs/${document}.md`))?.[1];
  if (block === undefined) throw new Error(`the document has no block of ${language}`);
  return block;
};

const portOf = (url: string) => Number(new URL(url).port);
const listen = async (listener: RequestListener) => portOf(await answering(listener));

interface Parts {
  readonly gate: number;
  readonly key: string;
  readonly token: string;
  readonly product: number;
  readonly port: number;
  readonly folder: string;
  readonly document?: string;
}

const filled = (text: string, { gate, key, token, product }: Omit<Parts, 'folder'>) =>
  text
    .replaceAll('127.0.0.1:8787', `127.0.0.1:${gate}`)
    .replaceAll('127.0.0.1:9000', `127.0.0.1:${product}`)
    .replaceAll('northcam.lpr', key)
    .replaceAll('TOKEN', token);

const PROXIES = {
  nginx: ({ folder, document, ...parts }: Parts) => {
    const temp = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${folder}/${name};`);
    const site = filled(documented('nginx', document), parts).replace('/var/log/nginx', folder);
    const config = `daemon off; pid ${folder}/pid; error_log ${folder}/error.log; events {}
http { access_log off; ${temp.join(' ')} server { listen 127.0.0.1:${parts.port}; ${site} } }`;
    writeFileSync(join(folder, 'nginx.conf'), config);
    return { command: 'nginx', args: ['-c', join(folder, 'nginx.conf'), '-p', folder], env: {} };
  },
  caddy: ({ folder, document, ...parts }: Parts) => {
    const text = filled(documented('caddyfile', document), parts);
    const config = (document === undefined ? `{\n}\ngate.city.example {\n${text}\n}\n` : `${text}\n`)
      .replace('{\n', '{\nadmin off\nauto_https off\n')
      .replace('gate.city.example {\n', `:${parts.port} {\nbind 127.0.0.1\n`);
    writeFileSync(join(folder, 'Caddyfile'), config);
    const env = { HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder };
    return { command: 'caddy', args: ['run', '--config', join(folder, 'Caddyfile')], env };
  },
} as const;

const isInstalled = (command: string) => spawnSync(command, [command === 'nginx' ? '-v' : 'version']).error === undefined;

const reachable = (port: number) =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false));
    socket.on('close', () => socket.destroy());
  });

const started = async (proxy: keyof typeof PROXIES, parts: Omit<Parts, 'port' | 'folder'>, folder = folderOfTest(proxy)) => {
  const port = await freePort();
  const { command, args, env } = PROXIES[proxy]({ ...parts, port, folder });
  const stdio = ['ignore', 'ignore', openSync(join(folder, 'stderr'), 'w')] as const;
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: [...stdio] });
  const ended = new Promise<'ended'>((resolve) => child.once('exit', () => resolve('ended')));
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  while (!(await reachable(port))) {
    const state = await Promise.race([ended, new Promise<'waits'>((resolve) => setTimeout(() => resolve('waits'), 20))]);
    if (state === 'ended') throw new Error(`${proxy} did not start`);
  }
  return port;
};

/** The status of a request exactly as written, and whether the product behind the proxy answered it. */
const visit = async (port: number, target: string, headers: readonly string[] = []) => {
  const socket = connect(port, '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  socket.write(
    `GET ${target} HTTP/1.1\r\nHost: product.example\r\nConnection: close\r\n${headers.map((each) => `${each}\r\n`).join('')}\r\n`,
  );
  let text = '';
  for await (const chunk of socket) text += String(chunk);
  return { status: Number(text.split(' ')[1]), passed: text.includes('the product') };
};

const product = () => listen((_, response) => void response.end('the product'));

const HOSTILE = [
  '/',
  '/?agency=town-pd',
  '/../acme.on',
  '/%2e%2e/acme.on',
  '/..%2facme.on?agency=town-pd',
  '/x/../../acme.on',
  '/acme.on?agency=town-pd&agency=town-pd',
  '//acme.on',
  '/v1/gate/acme.on',
];
const VISITOR = [
  'Authorization: Bearer other',
  'X-API-Key: other',
  'agency: town-pd',
  'X-Original-URI: /v1/gate/acme.on',
  'X-Forwarded-Uri: /x',
];

describe.each(Object.keys(PROXIES) as (keyof typeof PROXIES)[])('%s', (proxy) => {
  const missing = isInstalled(proxy) ? undefined : `${proxy} is not installed`;

  describe.skipIf(missing !== undefined)(missing ?? 'as documented', () => {
    test('passes a visitor on where the key is on, and none where it is off, whatever the visitor sends', async () => {
      const { world, on, token } = await story();
      await on('acme');
      await on('acme.on');
      await on('acme.some', AUDIENCE);
      const gate = portOf(await listening(world));
      const own = await world.token('state:read', ['town-pd']);
      const behind = await product();
      const start = (key: string, bearer = token) => started(proxy, { gate, key, token: bearer, product: behind });
      const [isOn, isOff, forSome, forOwn] = [
        await start('acme.on'),
        await start('acme.off'),
        await start('acme.some'),
        await start('acme.some', own),
      ];
      expect(await visit(isOn, '/page?x=1', VISITOR)).toStrictEqual({ status: 200, passed: true });
      expect(await visit(forOwn, '/page?agency=other', VISITOR)).toStrictEqual({ status: 200, passed: true });
      for (const port of [isOff, forSome])
        for (const target of HOSTILE) {
          const answer = await visit(port, target, VISITOR);
          expect(answer, target).toMatchObject({ passed: false });
          expect([400, 403], target).toContain(answer.status);
        }
      expect(await visit(isOff, '/')).toStrictEqual({ status: 403, passed: false });
      expect(await visit(await start('acme.on', 'ald_wrong'), '/')).toMatchObject({ passed: false });
    });

    test('is closed while the gate fails, and open again with the gate, which gets no cookie of the visitor', async () => {
      const cookies = new Set<string | undefined>();
      let way: 'yes' | 'no' | 500 | 404 | 302 | 'hanging' | 'cut' = 'yes';
      const gate = await listen((request, response) => {
        cookies.add(request.headers.cookie);
        if (way === 'cut') request.socket.destroy();
        if (way === 'cut' || way === 'hanging') return;
        const status = way === 'yes' ? 200 : way === 'no' ? 403 : way;
        response.writeHead(status, { ...(status === 302 && { location: '/v1/gate/acme.on' }) }).end();
      });
      const port = await started(proxy, { gate, key: 'acme.on', token: 'ald_token', product: await product() });
      for (const next of ['yes', 'no', 500, 404, 302, 'hanging', 'cut', 'yes'] as const) {
        way = next;
        expect((await visit(port, '/', ['Cookie: a=b'])).passed, String(next)).toBe(next === 'yes');
      }
      expect(cookies).toStrictEqual(new Set([undefined]));
    });

    test('is closed while the gate is away; as the proxy before it, it logs no link that decides', async () => {
      const parts = { gate: await freePort(), key: 'acme.on', token: 'ald_token', product: await product() };
      expect(await visit(await started(proxy, parts), '/')).toMatchObject({ passed: false });
      const folder = folderOfTest(proxy);
      const port = await started(proxy, { ...parts, document: 'operations' }, folder);
      expect(await visit(port, '/d/secret', ['Referer: /d/secret'])).toMatchObject({ status: 502 });
      const files = readdirSync(folder, { withFileTypes: true }).filter((file) => file.isFile());
      expect(files.map(({ name }) => readFileSync(join(folder, name), 'utf8')).join('')).not.toContain('secret');
    });
  });
});

test('the proxy before the gate, as documented, lets the largest body through that the gate takes', async () => {
  const description = JSON.stringify(openApiDocument('https://gate.example'));
  const largest = Math.max(...[...description.matchAll(/At most (\d+) bytes/g)].map(([, bytes]) => Number(bytes)));
  const megabytes = /client_max_body_size (\d+)m/.exec(textOf('docs/operations.md'))?.[1];
  expect(largest).toBeGreaterThan(0);
  expect(Number(megabytes) * 2 ** 20).toBeGreaterThanOrEqual(largest);
});

test('Envoy adds the path and the query of its client to the prefix: none of them is part of the question', async () => {
  const prefix = /path_prefix: (\S+)/.exec(documented('yaml'))?.[1] ?? '';
  const { world, on, token } = await story();
  await on('acme');
  await on('acme.on');
  await on('acme.some', AUDIENCE);
  const gate = portOf(await listening(world));
  const ask = (key: string, target: string) =>
    visit(gate, `${prefix.replace('northcam.lpr', key)}${target}`, [`authorization: Bearer ${token}`]);
  for (const target of HOSTILE) {
    expect((await ask('acme.off', target)).status, target).toBe(403);
    expect((await ask('acme.some', target)).status, target).toBe(403);
  }
  expect((await ask('acme.on', '/page?agency=other&version=9')).status).toBe(200);
});
