import type { EventBridgeClient, PutEventsCommand, PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import { expect, test } from 'vitest';
import { eventBridgeBus } from '../../../../functions/platform/bus/eventBridgeBus.ts';
import type { CloudEvent } from '../../../../functions/platform/bus/port.ts';

const event = (subject: string, sequence: number): CloudEvent => ({
  specversion: '1.0',
  id: `${subject}-${sequence}`,
  source: 'aldergate',
  type: 'aldergate.feature.ChangeNotified.v1',
  subject,
  time: '2026-03-02T12:00:00.000Z',
  datacontenttype: 'application/json',
  sequence,
  data: {},
});

/** What stands for EventBridge: takes or refuses each entry as told; `lost`: the answer does not arrive, `short`: it speaks of no entry. */
const fake = (verdict: (id: string) => string | undefined = () => undefined) => {
  const requests: PutEventsRequestEntry[][] = [];
  const send = async ({ input: { Entries: entries = [] } }: PutEventsCommand) => {
    requests.push(entries);
    const codes = entries.map(({ Detail: detail = '' }) => verdict((JSON.parse(detail) as CloudEvent).id));
    if (codes.includes('lost')) throw new Error('socket hang up');
    if (codes.includes('short')) return { Entries: [] };
    return { Entries: codes.map((code) => (code === undefined ? { EventId: 'x' } : { ErrorCode: code, ErrorMessage: 'no' })) };
  };
  const ids = () => requests.map((entries) => entries.map(({ Detail: detail = '' }) => (JSON.parse(detail) as CloudEvent).id));
  return { client: { send } as unknown as EventBridgeClient, requests, ids };
};

test('an entry is the CloudEvent as detail, on the named bus', async () => {
  const { client, requests } = fake();
  expect(await eventBridgeBus(client, 'city-bus').publish([event('acme', 1)])).toEqual([]);
  expect(requests).toEqual([
    [
      {
        EventBusName: 'city-bus',
        Source: 'aldergate',
        DetailType: 'aldergate.feature.ChangeNotified.v1',
        Time: new Date('2026-03-02T12:00:00.000Z'),
        Detail: JSON.stringify(event('acme', 1)),
      },
    ],
  ]);
});

test('never more than four entries, nor two of one subject, in one request', async () => {
  const { client, ids } = fake();
  const events = Array.from({ length: 9 }, (_, index) => event(`s${index}`, 1)).concat(event('s0', 2), event('s0', 3));
  expect(await eventBridgeBus(client, 'b').publish(events)).toEqual([]);
  for (const request of ids()) {
    expect(request.length).toBeLessThanOrEqual(4);
    expect(new Set(request.map((id) => id.split('-')[0])).size).toBe(request.length);
  }
  expect(ids().flat().toSorted()).toEqual(events.map(({ id }) => id).toSorted());
  expect(
    ids()
      .flat()
      .filter((id) => id.startsWith('s0-')),
  ).toEqual(['s0-1', 's0-2', 's0-3']);
});

test.each(['AccessDenied', 'lost', 'short'])('what follows an event that is not taken (%s) is not sent', async (code) => {
  const { client, ids } = fake((id) => (id === 'a-2' ? code : undefined));
  const unpublished = await eventBridgeBus(client, 'b').publish([event('a', 1), event('a', 2), event('a', 3)]);
  expect(unpublished.map(({ event: { id } }) => id)).toEqual(['a-2', 'a-3']);
  expect(ids()).toEqual([['a-1'], ['a-2']]);
});

test('an event that is refused holds up no other subject', async () => {
  const { client, ids } = fake((id) => (id === 'a-1' ? 'ThrottlingException' : undefined));
  const unpublished = await eventBridgeBus(client, 'b').publish([event('a', 1), event('b', 1), event('a', 2), event('b', 2)]);
  expect(unpublished).toEqual([
    { event: event('a', 1), code: 'ThrottlingException', message: 'no' },
    { event: event('a', 2), code: 'ThrottlingException', message: 'no' },
  ]);
  expect(ids()).toEqual([['a-1', 'b-1'], ['b-2']]);
});
