import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { type IncomingMessage, type RequestListener, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { DatabaseSync, type SQLOutputValue } from 'node:sqlite';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { withShortPath } from '../../../../../functions/web/api/ofrep/nodeListener.ts';
import { createToken, credentials } from '../../../../../functions/web/http/tokens.ts';
import { answering } from '../../../../support/listening.ts';
import { bearer } from '../world.ts';
import { FLAGS, listening, story } from './story.ts';
import { on, openTwo } from './twoProcesses.ts';

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
  for (const path of [FLAGS, '/v1/gate'])
    for (const authorization of [`Bearer ${token}`, '']) {
      const { status, headers } = await short(`${base}${path}/acme`, { authorization });
      expect(headers['aldergate-checkpoint'], `${path} ${status}`).toBe('43');
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

const SOCKETS = 4;

/**
 * Turns of the event loop in which each socket has a request: at which of them another process revokes, and of which sockets the
 * body of that request is only complete afterwards.
 */
const TURNS = Array.from({ length: SOCKETS }, (_, index) => index + 1).flatMap((revokedAt) => [
  { revokedAt, isHalf: () => false },
  { revokedAt, isHalf: (socket: number) => socket % 2 === 0 },
]);

const literal = (value: SQLOutputValue | undefined) => {
  if (value === null || value === undefined) return 'NULL';
  if (typeof value === 'string') return `'${value.replaceAll("'", "''")}'`;
  return value instanceof Uint8Array ? `X'${Buffer.from(value).toString('hex')}'` : String(value);
};

/** Takes the newest commit of a feature out of the file; returns the statement that puts it back. */
const takeOut = (path: string, feature: string) => {
  const raw = new DatabaseSync(path);
  const row = raw.prepare('SELECT * FROM commits WHERE stream = ? ORDER BY version DESC LIMIT 1').get(`feature/${feature}`) ?? {};
  raw.prepare('DELETE FROM commits WHERE stream = ? AND version = ?').run(row.stream ?? '', row.version ?? '');
  raw.close();
  return `INSERT INTO commits (${Object.keys(row).join(', ')}) VALUES (${Object.values(row).map(literal).join(', ')})`;
};

/** Runs SQL in another process; it has been acknowledged when this returns. */
const elsewhere = (path: string, sql: string) => {
  const code = `new (require('node:sqlite').DatabaseSync)(${JSON.stringify(path)}).exec(${JSON.stringify(sql)})`;
  const { status, stderr } = spawnSync(process.execPath, ['-e', code], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
};

/** A listener on a port, and connections to it, each with a function that resolves with the values of its next answers. */
const connected = async (listener: RequestListener) => {
  const port = Number(new URL(await answering(listener)).port);
  const sockets = Array.from({ length: SOCKETS }, () => connect({ port, host: '127.0.0.1', noDelay: true }));
  await Promise.all(sockets.map((socket) => once(socket, 'connect')));
  return sockets;
};

const valuesOf = async (socket: Socket, count: number) => {
  let text = '';
  const values = () => text.match(/(?<="value":)\w+/g) ?? [];
  while (values().length < count) text += String((await once(socket, 'data'))[0]);
  return values();
};

/**
 * A gate that answers on some connections, on a file that another process writes to, too. `before.request` is called before each
 * request.
 */
const served = async () => {
  const { ports: asked, ...two } = await openTwo();
  const { token } = await createToken(asked, { name: 'it', scopes: ['state:read'], agencies: [] });
  const deps = {
    ports: asked,
    logger: () => undefined,
    checkpoint: () => undefined,
    leaseSeconds: 30,
    authenticate: credentials(asked),
  };
  const short = withShortPath(deps as never, () => undefined);
  const before = { request: (): void => undefined };
  const sockets = await connected((request, response) => {
    before.request();
    short(request, response);
  });
  const requestFor = (feature: string) =>
    `POST ${FLAGS}/${feature} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token}\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}`;
  /** Asks twice: the second answer is one that was kept. */
  const askTwice = async (feature: string) => {
    const [socket] = sockets as [Socket];
    for (let time = 0; time < 2; time += 1) {
      socket.write(requestFor(feature));
      expect(await valuesOf(socket, 1)).toStrictEqual(['true']);
    }
  };
  return { ...two, sockets, before, requestFor, askTwice };
};

test('a request that is sent after another process has revoked is answered false, also in the turn of earlier ones', async () => {
  const { gate, switched, path, sockets, before, requestFor, askTwice } = await served();
  await on(gate, 'acme');
  switched.there = true;
  const turns: ((typeof TURNS)[number] & { readonly feature: string; readonly revocation: string })[] = [];
  for (const [index, turn] of TURNS.entries()) {
    const feature = `acme.f${index}`;
    await on(gate, feature);
    await gate.revoke(`${feature}/1`);
    turns.push({ ...turn, feature, revocation: takeOut(path, feature) });
  }

  for (const { revokedAt, isHalf, feature, revocation } of turns) {
    const request = requestFor(feature);
    await askTwice(feature);
    let arrived = 0;
    before.request = () => {
      arrived += 1;
      if (arrived !== revokedAt) return;
      elsewhere(path, revocation);
      for (const [index, socket] of sockets.entries()) socket.write(isHalf(index) ? `}${request}` : request);
    };
    const answers = sockets.map((socket) => valuesOf(socket, 2));
    for (const [index, socket] of sockets.entries()) socket.write(isHalf(index) ? request.slice(0, -1) : request);
    const second = (await Promise.all(answers)).map((values) => values[1]);
    expect(second, `revoked at ${revokedAt}`).toStrictEqual(sockets.map(() => 'false'));
    before.request = () => undefined;
  }
});
