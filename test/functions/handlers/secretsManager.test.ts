import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { readSecret } from '../../../functions/handlers/runtime/secretsManager.ts';
import { signedHeaders } from '../../../functions/handlers/runtime/signature.ts';

// The published test suite of Signature Version 4: its credentials, its instant and the signatures it expects.
const PUBLISHED = { id: 'AKIDEXAMPLE', secret: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY', token: undefined };
const SCOPE = { region: 'us-east-1', service: 'service', at: '2015-08-30T12:36:00.000Z' };

test.each([
  ['GET', '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31'],
  ['POST', '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b'],
] as const)('a request is signed as the published suite signs it: %s', (method, signature) => {
  const signed = signedHeaders({ method, host: 'example.amazonaws.com', headers: {}, body: '' }, PUBLISHED, SCOPE);
  expect(signed['authorization']).toBe(
    `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, Signature=${signature}`,
  );
});

interface Answer {
  readonly status: number;
  readonly body: string;
}
const json = (status: number, body: unknown): Answer => ({ status, body: JSON.stringify(body) });
const fault = (status: number, type: string): Answer => json(status, { __type: type, message: 'hunter2' });

let server: Server;
/** What is answered, in this order; `null`: the connection breaks. */
let answers: (Answer | null)[];
let asked: { readonly headers: IncomingHttpHeaders; readonly body: unknown }[];
beforeEach(async () => {
  asked = [];
  server = createServer((request, response) => {
    void request.toArray().then((chunks) => {
      asked.push({ headers: request.headers, body: JSON.parse(Buffer.concat(chunks).toString()) });
      const answer = answers.shift();
      if (!answer) return void request.socket.destroy();
      response.writeHead(answer.status).end(answer.body);
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const environment = {
    AWS_ENDPOINT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    AWS_REGION: 'us-west-2',
    AWS_ACCESS_KEY_ID: 'AKID',
    AWS_SECRET_ACCESS_KEY: 'secret',
    AWS_SESSION_TOKEN: 'session',
  };
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

describe('a secret', () => {
  test('is read by one request that is signed for the service', async () => {
    answers = [json(200, { SecretString: 'value' })];
    expect(await readSecret('origin', 'AWSPREVIOUS')).toBe('value');
    expect(asked).toMatchObject([
      {
        headers: {
          'x-amz-target': 'secretsmanager.GetSecretValue',
          'x-amz-security-token': 'session',
          authorization: expect.stringMatching(
            /^AWS4-HMAC-SHA256 Credential=AKID\/\d{8}\/us-west-2\/secretsmanager\/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-security-token;x-amz-target, Signature=[0-9a-f]{64}$/,
          ),
        },
        body: { SecretId: 'origin', VersionStage: 'AWSPREVIOUS' },
      },
    ]);
  });

  test('that does not exist is undefined', async () => {
    answers = [fault(400, 'com.amazonaws.secretsmanager#ResourceNotFoundException')];
    expect(await readSecret('gone')).toBeUndefined();
  });

  test.each([
    ['throttled', fault(400, 'ThrottlingException')],
    ['failed', fault(500, 'InternalServiceError')],
    ['broken', null],
  ])('is asked for again after an answer that is %s', async (_, first) => {
    answers = [first, json(200, { SecretString: 'value' })];
    expect(await readSecret('key')).toBe('value');
    expect(asked).toHaveLength(2);
  });

  test('that may not be read is refused at once, with the reason and nothing else of the answer', async () => {
    answers = [fault(400, 'AccessDeniedException'), json(200, { SecretString: 'value' })];
    await expect(readSecret('key')).rejects.toThrow(/^the secret key cannot be read: 400 AccessDeniedException after 1 tries$/);
  });

  test('is given up after three tries', async () => {
    answers = [null, fault(503, ''), fault(500, 'InternalServiceError'), json(200, { SecretString: 'value' })];
    await expect(readSecret('key')).rejects.toThrow('after 3 tries');
    expect(asked).toHaveLength(3);
  });
});
