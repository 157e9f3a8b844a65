import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { BOUNDED } from '../../../../functions/handlers/runtime/environment.ts';
import { eventBridgeBus } from '../../../../functions/platform/bus/eventBridgeBus.ts';
import type { CloudEvent } from '../../../../functions/platform/bus/port.ts';

const SUBJECTS = ['acme', 'flock', 'city'] as const;
const EVENTS = [1, 2].flatMap((sequence) =>
  SUBJECTS.map(
    (subject): CloudEvent => ({
      specversion: '1.0',
      id: `${subject}@${sequence}`,
      source: 'aldergate',
      type: 'aldergate.feature.ChangeNotified.v1',
      subject,
      time: '2026-03-02T12:00:00.000Z',
      datacontenttype: 'application/json',
      sequence,
      data: {},
    }),
  ),
);

let server: Server;
let client: EventBridgeClient;
/** The ids of each request, in order. */
let requests: string[][];
/** Which entries of the first request are not taken. */
let refused: readonly number[];

const put = (entries: readonly { readonly Detail: string }[]) => {
  const isFirst = requests.length === 0;
  requests.push(entries.map(({ Detail: detail }) => (JSON.parse(detail) as CloudEvent).id));
  const results = entries.map((_, index) =>
    isFirst && refused.includes(index) ? { ErrorCode: 'ThrottlingException', ErrorMessage: 'not now' } : { EventId: 'taken' },
  );
  return { FailedEntryCount: results.filter((each) => 'ErrorCode' in each).length, Entries: results };
};

beforeEach(async () => {
  requests = [];
  server = createServer((request, response) => {
    void request.toArray().then((chunks) => {
      const answer = JSON.stringify(put(JSON.parse(Buffer.concat(chunks).toString()).Entries));
      response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1' });
      response.end(answer);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  client = new EventBridgeClient({ ...BOUNDED, maxAttempts: 1, endpoint, region: 'us-west-2', credentials });
});
afterEach(() => {
  client.destroy();
  server.closeAllConnections();
  server.close();
});

test.each([
  ['first', [0], [['acme@1', 'flock@2', 'city@2'], ['acme@2']]],
  ['middle', [1], [['acme@2', 'flock@1', 'city@2'], ['flock@2']]],
  ['last', [2], [['acme@2', 'flock@2', 'city@1'], ['city@2']]],
  ['all', [0, 1, 2], [SUBJECTS.map((subject) => `${subject}@1`), SUBJECTS.map((subject) => `${subject}@2`)]],
])(
  'of three entries in one request the %s not taken: only that is sent again, before what follows it',
  async (_, which, then) => {
    refused = which;
    expect(await eventBridgeBus(client, 'city-bus').publish(EVENTS)).toStrictEqual([]);
    const inOrder = (batch: readonly string[]) => batch.toSorted();
    expect(requests[0]).toStrictEqual(SUBJECTS.map((subject) => `${subject}@1`));
    expect(requests.slice(1).map(inOrder)).toStrictEqual(then.map(inOrder));
  },
);
