import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DatabaseSync } from 'node:sqlite';
import { answerWith, say, usage } from '../processes.ts';

// The floor for notices: a bare node:http server with the same signature check that keeps each notice as one row. Notices that arrive in
// one turn of the event loop share a transaction and its fsync, as in the gate, and are answered after it. No code of the product.

const [path = '', secrets = '{}'] = process.argv.slice(2);
const database = new DatabaseSync(path);
database.exec(
  'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE notice (id TEXT PRIMARY KEY, body BLOB NOT NULL) STRICT',
);
const insert = database.prepare('INSERT INTO notice (id, body) VALUES (?, ?) ON CONFLICT DO NOTHING');
const keyOf = (secret: string) => createSecretKey(Buffer.from(secret.slice('whsec_'.length), 'base64'));
const keys = new Map(
  Object.entries(JSON.parse(secrets) as Record<string, string>).map(([vendor, secret]) => [vendor, keyOf(secret)]),
);

let waiting: { readonly id: string; readonly body: Buffer; readonly done: () => void }[] = [];
const commit = (): void => {
  const batch = waiting;
  waiting = [];
  database.exec('BEGIN');
  for (const { id, body } of batch) insert.run(id, body);
  database.exec('COMMIT');
  for (const { done } of batch) done();
};
const keep = (id: string, body: Buffer, done: () => void): void => {
  if (waiting.length === 0) setImmediate(commit);
  waiting.push({ id, body, done });
};

const isSigned = ({ headers }: IncomingMessage, vendor: string, body: Buffer): boolean => {
  const [id, timestamp, signature] = ['id', 'timestamp', 'signature'].map((name) => String(headers[`webhook-${name}`]));
  const key = keys.get(vendor);
  if (key === undefined || Math.abs(Date.now() / 1_000 - Number(timestamp)) > 300) return false;
  const expected = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest();
  const given = Buffer.from((signature ?? '').slice('v1,'.length), 'base64');
  return given.length === expected.length && timingSafeEqual(given, expected);
};

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  const send = (status: number, text: string): void => {
    response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
    response.end(text);
  };
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const body = Buffer.concat(chunks);
    const { feature } = JSON.parse(body.toString()) as { feature: string };
    if (!isSigned(request, feature.split('.')[0] ?? '', body)) return send(401, '{}');
    keep(String(request.headers['webhook-id']), body, () =>
      send(202, JSON.stringify({ change: `${feature}/1`, revision: 1, status: 'pending' })),
    );
  });
});
server.listen(0, '127.0.0.1', () => say({ port: (server.address() as AddressInfo).port }));
answerWith(usage);
process.once('disconnect', () => process.exit(0));
