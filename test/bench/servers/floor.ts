import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DatabaseSync } from 'node:sqlite';
import { serve, usage } from '../processes.ts';

// The floor of both comparisons of the server, a bare node:http server without code of the product. For notices: the same signature check,
// and each is kept as one row; those that arrive in one turn of the event loop share a transaction and its fsync, as in the gate, and are
// answered after it. For the gate route: the token is compared, a table has the answer, and the headers are those of the gate.

const [path = '', credentials = '', key = ''] = process.argv.slice(2);
const { secrets, token } = JSON.parse(credentials) as { readonly secrets: Record<string, string>; readonly token: string };

const database = new DatabaseSync(path);
database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
database.exec('CREATE TABLE notice (id TEXT PRIMARY KEY, body BLOB NOT NULL) STRICT');
const keyOf = (secret: string) => createSecretKey(Buffer.from(secret.slice('whsec_'.length), 'base64'));
const keys = new Map(Object.entries(secrets).map(([vendor, secret]) => [vendor, keyOf(secret)]));
const insert = database.prepare('INSERT INTO notice (id, body) VALUES (?, ?) ON CONFLICT DO NOTHING');

let waiting: { readonly id: string; readonly body: Buffer; readonly done: () => void }[] = [];
const commit = () => {
  const batch = waiting;
  waiting = [];
  database.exec('BEGIN');
  for (const { id, body } of batch) insert.run(id, body);
  database.exec('COMMIT');
  for (const { done } of batch) done();
};

const isSigned = ({ headers }: IncomingMessage, vendor: string, body: Buffer) => {
  const [id, timestamp, signature] = ['id', 'timestamp', 'signature'].map((name) => String(headers[`webhook-${name}`]));
  const secret = keys.get(vendor);
  if (secret === undefined || Math.abs(Date.now() / 1_000 - Number(timestamp)) > 300) return false;
  const expected = createHmac('sha256', secret).update(`${id}.${timestamp}.`).update(body).digest();
  const given = Buffer.from((signature ?? '').slice('v1,'.length), 'base64');
  return given.length === expected.length && timingSafeEqual(given, expected);
};

const answers = new Map([[`/v1/gate/${key}`, 'enabled']]);
const gateHeaders = {
  'content-type': 'text/plain; charset=utf-8',
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'aldergate-key': key,
  'aldergate-variant': 'enabled',
  'aldergate-change': `${key}/1`,
  'aldergate-checkpoint': '100',
  'content-length': '4',
};

const server = createServer({ keepAliveTimeout: 65_000 }, (request, response) => {
  if (request.method === 'GET') {
    const variant = request.headers.authorization === `Bearer ${token}` ? answers.get(request.url ?? '') : undefined;
    return void (variant === undefined ? response.writeHead(403).end() : response.writeHead(200, gateHeaders).end('yes\n'));
  }
  const send = (status: number, text: string): void =>
    void response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }).end(text);
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const body = Buffer.concat(chunks);
    const { feature } = JSON.parse(body.toString()) as { feature: string };
    if (!isSigned(request, feature.split('.')[0] ?? '', body)) return send(401, '{}');
    const answer = JSON.stringify({ change: `${feature}/1`, revision: 1, status: 'pending' });
    if (waiting.length === 0) setImmediate(commit);
    waiting.push({ id: String(request.headers['webhook-id']), body, done: () => send(202, answer) });
  });
});
server.listen(0, '127.0.0.1', () => serve({ port: (server.address() as AddressInfo).port }, usage));
