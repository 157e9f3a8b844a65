import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answerWith, say, usage } from '../processes.ts';

// The floor for the gate route: a bare node:http server that compares the token and answers from a table, with the headers that the
// gate has, of the same length. No code of the product.

const [token = '', key = ''] = process.argv.slice(2);
const answers = new Map([[`/v1/gate/${key}`, 'enabled']]);
const server = createServer({ keepAliveTimeout: 65_000 }, (request, response) => {
  const variant = request.headers.authorization === `Bearer ${token}` ? answers.get(request.url ?? '') : undefined;
  const body = variant === undefined ? 'no\n' : 'yes\n';
  response.writeHead(variant === undefined ? 403 : 200, {
    'content-type': 'text/plain; charset=utf-8',
    'cache-control': 'no-store',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    'cross-origin-resource-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'aldergate-key': key,
    'aldergate-variant': variant ?? 'unknown',
    'aldergate-change': `${key}/1`,
    'aldergate-checkpoint': '100',
    'content-length': String(body.length),
  });
  response.end(body);
});
server.listen(0, '127.0.0.1', () => say({ port: (server.address() as AddressInfo).port }));
answerWith(usage);
process.once('disconnect', () => process.exit(0));
