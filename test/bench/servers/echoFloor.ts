import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answerWith, say, usage } from '../processes.ts';

// The floor for evaluations: a bare node:http server that reads the body and sends fixed bytes.

const [headers = '{}', text = ''] = process.argv.slice(2);
const fixed = JSON.parse(headers) as Record<string, string>;

const server = createServer((request, response) => {
  request.on('data', () => undefined);
  request.on('end', () => {
    response.writeHead(200, fixed);
    response.end(text);
  });
});
server.listen(0, '127.0.0.1', () => say({ port: (server.address() as AddressInfo).port }));
answerWith(usage);
process.once('disconnect', () => process.exit(0));
