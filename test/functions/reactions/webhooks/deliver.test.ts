import { expect, test } from 'vitest';
import { RELEASED_AT_ONCE } from '../../../../functions/platform/feed/consumer.ts';
import { runConsumers } from '../../../../functions/platform/feed/consumers.ts';
import { subscribeFromNow, subscriberLine, subscribers, webhookOf } from '../../../../functions/reactions/webhooks/deliver.ts';
import { answering } from '../../../support/listening.ts';
import { openGate } from '../../openGate.ts';

test.each([400, 500])(
  'an event that its subscriber refuses with %d holds up those of its own feature and no others, also after an outage',
  async (refusal) => {
    const gate = await openGate();
    const taken: string[] = [];
    let isAway = true;
    const url = await answering((request, response) => {
      void request.toArray().then((chunks) => {
        const { subject } = JSON.parse(Buffer.concat(chunks).toString()) as { subject: string };
        const status = isAway ? 503 : subject === 'acme.refused' ? refusal : 204;
        if (status === 204) taken.push(subject);
        response.writeHead(status).end();
      });
    });
    const subscription = await subscribeFromNow(gate.ports, url);
    for (const feature of ['acme.refused', 'acme.second', 'acme.third']) await gate.notice({ feature });
    let nowMs = Date.now();
    const ports = { ...gate.ports, isReleased: RELEASED_AT_ONCE, wallMs: () => nowMs };
    const { commits } = webhookOf(subscription, () => nowMs);
    const sweep = async () => {
      nowMs += 60_000;
      await runConsumers(ports, [commits]).sweep();
    };
    await sweep();
    isAway = false;
    for (let sweeps = 0; sweeps < 3; sweeps += 1) await sweep();
    expect(taken.toSorted()).toEqual(['acme.second', 'acme.third']);
  },
);

test('a subscriber that is away is asked less and less often, once for all that waits, which is told until it is taken', async () => {
  const gate = await openGate();
  let [asked, status] = [0, 503];
  const url = await answering((request, response) => {
    asked += 1;
    void request.resume().on('end', () => response.writeHead(status).end());
  });
  const subscription = await subscribeFromNow(gate.ports, url);
  for (const feature of ['acme.first', 'acme.second']) await gate.notice({ feature });
  let nowMs = Date.now();
  const { commits } = webhookOf(subscription, () => nowMs);
  const ports = { ...gate.ports, isReleased: RELEASED_AT_ONCE, wallMs: () => nowMs };
  const running = runConsumers(ports, [{ ...commits, wants: (stream) => stream.startsWith('feature/') }]);
  const askedIn = async (seconds: number) => {
    const before = asked;
    for (const endMs = nowMs + seconds * 1_000; nowMs < endMs; nowMs += 1_000) await running.sweep();
    return asked - before;
  };
  expect(await askedIn(60)).toBeLessThanOrEqual(6);
  expect(await askedIn(300)).toBeLessThanOrEqual(6);
  const line = async () => (await subscribers(gate.ports)).map(subscriberLine).join();
  const taken = `${subscription.id}  ${url}`;
  expect(await line()).toBe(`${taken}\n  waits since ${gate.ports.clock()}: ${url} answered 503`);
  status = 204;
  expect(await askedIn(120)).toBe(2);
  expect(await line()).toBe(taken);
});
