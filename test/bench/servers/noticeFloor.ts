import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DatabaseSync } from 'node:sqlite';
import { answerWith, say } from '../processes.ts';
import { usage } from '../usage.ts';

// The floor for notices: a bare node:http server with the same signature check that keeps each notice as one row and one durable
// commit. No code of the product.

const [path = '', secret = ''] = process.argv.slice(2);
const database = new DatabaseSync(path);
database.exec(
  'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE notice (id TEXT PRIMARY KEY, body BLOB NOT NULL) STRICT',
);
const insert = database.prepare('INSERT INTO notice (id, body) VALUES (?, ?) ON CONFLICT DO NOTHING');
const key = createSecretKey(Buffer.from(secret.slice('whsec_'.length), 'base64'));

const isSigned = (id: string, timestamp: string, signature: string, body: Buffer): boolean => {
  if (Math.abs(Date.now() / 1_000 - Number(timestamp)) > 300) return false;
  const expected = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest();
  const given = Buffer.from(signature.slice('v1,'.length), 'base64');
  return given.length === expected.length && timingSafeEqual(given, expected);
};

const answer = ({ headers }: IncomingMessage, body: Buffer): { readonly status: number; readonly text: string } => {
  const [id, timestamp, signature] = ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) =>
    String(headers[name]),
  );
  if (!isSigned(id ?? '', timestamp ?? '', signature ?? '', body)) return { status: 401, text: '{}' };
  const { feature } = JSON.parse(body.toString()) as { feature: string };
  insert.run(id ?? '', body);
  return { status: 202, text: JSON.stringify({ change: `${feature}/1`, revision: 1, status: 'pending' }) };
};

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const { status, text } = answer(request, Buffer.concat(chunks));
    response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
    response.end(text);
  });
});
server.listen(0, '127.0.0.1', () => say({ port: (server.address() as AddressInfo).port }));
answerWith(usage);
process.once('disconnect', () => process.exit(0));
