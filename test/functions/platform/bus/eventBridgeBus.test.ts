import type { EventBridgeClient, PutEventsCommand, PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import { expect, test, vi } from 'vitest';
import { eventBridgeBus } from '../../../../functions/platform/bus/eventBridgeBus.ts';
import type { CloudEvent } from '../../../../functions/platform/bus/port.ts';

vi.mock('../../../../functions/platform/store/backoff.ts', () => ({ backoff: () => Promise.resolve() }));

const event = (subject: string, sequence: number, data: CloudEvent['data'] = {}): CloudEvent => ({
  specversion: '1.0',
  id: `${subject}-${sequence}`,
  source: 'aldergate',
  type: 'aldergate.feature.ChangeNotified.v1',
  subject,
  time: '2026-03-02T12:00:00.000Z',
  datacontenttype: 'application/json',
  sequence,
  data,
});

type Verdict = (id: string, request: number) => string | undefined;

/** What stands for EventBridge: takes or refuses each entry as told, and keeps what it took. */
const fake = (verdict: Verdict = () => undefined) => {
  const requests: string[][] = [];
  const taken: string[] = [];
  const send = async (command: PutEventsCommand) => {
    const entries = command.input.Entries ?? [];
    const ids = entries.map(({ Detail = '' }: PutEventsRequestEntry) => (JSON.parse(Detail) as CloudEvent).id);
    requests.push(ids);
    const codes = ids.map((id) => verdict(id, requests.length));
    if (codes.includes('lost')) throw new Error('socket hang up');
    ids.forEach((id, index) => {
      if (codes[index] === undefined) taken.push(id);
    });
    return { Entries: codes.map((code) => (code === undefined ? { EventId: 'x' } : { ErrorCode: code, ErrorMessage: 'no' })) };
  };
  return { client: { send } as unknown as EventBridgeClient, requests, taken };
};

test('an entry is the CloudEvent as detail, on the named bus', async () => {
  const sent: PutEventsRequestEntry[] = [];
  const client = {
    send: async (command: PutEventsCommand) => {
      sent.push(...(command.input.Entries ?? []));
      return { Entries: [{ EventId: 'x' }] };
    },
  } as unknown as EventBridgeClient;
  expect(await eventBridgeBus(client, 'city-bus').publish([event('acme', 1)])).toEqual([]);
  expect(sent).toEqual([
    {
      EventBusName: 'city-bus',
      Source: 'aldergate',
      DetailType: 'aldergate.feature.ChangeNotified.v1',
      Time: new Date('2026-03-02T12:00:00.000Z'),
      Detail: JSON.stringify(event('acme', 1)),
    },
  ]);
});

test('never more than ten entries, nor two of one subject, in one request', async () => {
  const { client, requests, taken } = fake();
  const events = Array.from({ length: 23 }, (_, index) => event(`s${index}`, 1)).concat(event('s0', 2), event('s0', 3));
  expect(await eventBridgeBus(client, 'b').publish(events)).toEqual([]);
  expect(taken.length).toBe(25);
  for (const ids of requests) {
    expect(ids.length).toBeLessThanOrEqual(10);
    expect(new Set(ids.map((id) => id.split('-')[0])).size).toBe(ids.length);
  }
  expect(taken.filter((id) => id.startsWith('s0-'))).toEqual(['s0-1', 's0-2', 's0-3']);
});

test('never more than 256 KB in one request; an event above that is not sent at all, nor what follows it', async () => {
  const { client, requests } = fake();
  const large = (subject: string, kilobytes: number) => event(subject, 1, { text: 'ä'.repeat(kilobytes * 512) });
  const unpublished = await eventBridgeBus(client, 'b').publish([
    large('a', 150),
    large('b', 150),
    large('c', 257),
    event('c', 2),
    event('d', 1),
  ]);
  expect(requests).toEqual([['a-1', 'd-1'], ['b-1']]);
  expect(unpublished.map(({ event: { id }, code }) => [id, code])).toEqual([
    ['c-1', 'TooLarge'],
    ['c-2', 'TooLarge'],
  ]);
});

test.each(['a-1', 'b-1', 'c-1'])('when %s fails it is sent again, alone', async (failing) => {
  const { client, requests, taken } = fake((id, request) =>
    id === failing && request === 1 ? 'ThrottlingException' : undefined,
  );
  expect(await eventBridgeBus(client, 'b').publish([event('a', 1), event('b', 1), event('c', 1)])).toEqual([]);
  expect(requests).toEqual([['a-1', 'b-1', 'c-1'], [failing]]);
  expect([...taken].sort()).toEqual(['a-1', 'b-1', 'c-1']);
});

test('what follows a failed event of its subject waits for it', async () => {
  const { client, taken } = fake((id, request) => (id === 'a-1' && request <= 3 ? 'InternalFailure' : undefined));
  await eventBridgeBus(client, 'b').publish([event('a', 1), event('a', 2), event('b', 1), event('b', 2)]);
  expect(taken).toEqual(['b-1', 'b-2', 'a-1', 'a-2']);
});

test('all fail, then all are taken', async () => {
  const { client, requests, taken } = fake((_, request) => (request === 1 ? 'lost' : undefined));
  expect(await eventBridgeBus(client, 'b').publish([event('a', 1), event('b', 1)])).toEqual([]);
  expect(requests.length).toBe(2);
  expect(taken).toEqual(['a-1', 'b-1']);
});

test('after five tries it gives up and names the event, with all that follow', async () => {
  const { client, requests } = fake((id) => (id.startsWith('a') ? 'AccessDenied' : undefined));
  const unpublished = await eventBridgeBus(client, 'b').publish([event('a', 1), event('a', 2), event('b', 1)]);
  expect(unpublished).toEqual([
    { event: event('a', 1), code: 'AccessDenied', message: 'no' },
    { event: event('a', 2), code: 'AccessDenied', message: 'no' },
  ]);
  expect(requests.flat().filter((id) => id === 'a-1').length).toBe(5);
  expect(requests.flat()).not.toContain('a-2');
});

test('an answer that does not speak of every entry counts for none', async () => {
  let calls = 0;
  const client = {
    send: async (command: PutEventsCommand) => {
      calls += 1;
      return { Entries: calls === 1 ? [] : (command.input.Entries ?? []).map(() => ({ EventId: 'x' })) };
    },
  } as unknown as EventBridgeClient;
  expect(await eventBridgeBus(client, 'b').publish([event('a', 1)])).toEqual([]);
  expect(calls).toBe(2);
});

test('nothing to publish asks nothing', async () => {
  const { client, requests } = fake();
  expect(await eventBridgeBus(client, 'b').publish([])).toEqual([]);
  expect(requests).toEqual([]);
});
