import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { readSecret } from '../../../functions/handlers/runtime/secrets.ts';

interface Answer {
  readonly status: number;
  readonly body: string;
}
const json = (status: number, body: unknown): Answer => ({ status, body: JSON.stringify(body) });
const fault = (status: number, type: string): Answer => json(status, { __type: type, message: 'hunter2' });

let server: Server;
/** What is answered, in this order; `null`: the connection breaks. */
let answers: (Answer | null)[];
let asked: unknown[];
beforeAll(async () => {
  server = createServer((request, response) => {
    void request.toArray().then((chunks) => {
      asked.push(JSON.parse(Buffer.concat(chunks).toString()));
      const answer = answers.shift();
      if (!answer) return void request.socket.destroy();
      response.writeHead(answer.status).end(answer.body);
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  asked = [];
  vi.stubEnv('AWS_ENDPOINT_URL', `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  vi.stubEnv('AWS_REGION', 'us-west-2');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKID');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
});

test('a secret is read by its name and stage', async () => {
  answers = [json(200, { SecretString: 'value' })];
  expect(await readSecret('origin', 'AWSPREVIOUS')).toBe('value');
  expect(asked).toStrictEqual([{ SecretId: 'origin', VersionStage: 'AWSPREVIOUS' }]);
});

test('a secret that does not exist is undefined', async () => {
  answers = [fault(400, 'com.amazonaws.secretsmanager#ResourceNotFoundException')];
  expect(await readSecret('gone')).toBeUndefined();
});

test('a broken connection and a failed answer are not the last word', async () => {
  answers = [null, fault(500, 'InternalServiceError'), json(200, { SecretString: 'value' })];
  expect(await readSecret('key')).toBe('value');
});

test('a secret that may not be read is refused at once, with the kind of the error and nothing of the answer', async () => {
  answers = [fault(400, 'AccessDeniedException')];
  await expect(readSecret('key')).rejects.toThrow(/^the secret key cannot be read: AccessDeniedException$/);
  answers = [{ status: 200, body: 'hunter2' }];
  await expect(readSecret('key')).rejects.toThrow(/^the secret key cannot be read: SyntaxError$/);
  expect(asked).toHaveLength(2);
});
