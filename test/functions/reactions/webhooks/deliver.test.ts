import { Ajv2020 } from 'ajv/dist/2020.js';
import { Webhook } from 'standardwebhooks';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { RELEASED_AT_ONCE, StillUnavailable } from '../../../../functions/platform/feed/consumer.ts';
import { runConsumers } from '../../../../functions/platform/feed/consumers.ts';
import { eventSchemas } from '../../../../functions/reactions/relay/cloudEvents.ts';
import { subscribeFromNow, subscriberLine, subscribers, webhookOf } from '../../../../functions/reactions/webhooks/deliver.ts';
import { followDerived } from '../../../../functions/register/derived/followers.ts';
import { freePort } from '../../../../infra/demo/city.ts';
import { answering } from '../../../support/listening.ts';
import { permitted } from '../../../support/permitted.ts';
import { openGate } from '../../openGate.ts';
import { type DerivedCity, openDerived } from '../../register/derived/derivedCity.ts';

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
    const ports = { ...permitted('webhooks', gate.ports), isReleased: RELEASED_AT_ONCE, wallMs: () => nowMs };
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
  const ports = { ...permitted('webhooks', gate.ports), isReleased: RELEASED_AT_ONCE, wallMs: () => nowMs };
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

const fits = new Ajv2020({ strict: false, validateFormats: false }).compile(eventSchemas());

const Received = z.looseObject({ id: z.string() });

/** A program that subscribes, verifies each delivery as the library for its language does, and answers unless it hangs. */
const subscriberOf = async (city: DerivedCity) => {
  const sent: { readonly body: string; readonly id: string }[] = [];
  const subscriber = { sent, isHanging: false };
  const url = await answering((request, response) => {
    void request.toArray().then((chunks) => {
      const body = Buffer.concat(chunks).toString();
      const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
      const event = Received.parse(new Webhook(subscription.secret).verify(body, headers));
      expect(headers['webhook-id']).toBe(event.id);
      expect(fits(event), JSON.stringify(fits.errors)).toBe(true);
      sent.push({ body, id: event.id });
      if (!subscriber.isHanging) response.writeHead(204).end();
    });
  });
  const subscription = await subscribeFromNow(city.gate.ports, `${url}/events`);
  /** Receives what waits, by a process that knows nothing but the stores. */
  const receive = () => {
    const { name, handle } = webhookOf(subscription, Date.now).derived;
    return followDerived(city.gate.ports, name, handle);
  };
  return Object.assign(subscriber, { receive });
};

const beneath = Array.from({ length: 5 }, (_, index) => `acme.f${String(index + 1).padStart(2, '0')}`);

const settle = async (city: DerivedCity) => {
  await city.log();
  await city.follow();
};

test('cut off at any place, a subscriber receives the rest, and the same event with the same id and bytes', async () => {
  const city = await openDerived();
  for (const feature of ['acme', ...beneath]) await city.gate.approve({ feature });
  await settle(city);
  const subscriber = await subscriberOf(city);
  await subscriber.receive();
  expect(subscriber.sent).toEqual([]);
  await city.gate.revoke('acme/1');
  await settle(city);
  // Each process gets one event delivered, and ends before the answer to it arrives.
  subscriber.isHanging = true;
  for (const _ of beneath.slice(0, 3)) {
    const before = subscriber.sent.length;
    void subscriber.receive().catch(() => undefined);
    await expect.poll(() => subscriber.sent.length).toBe(before + 1);
  }
  const [first, ...repeats] = subscriber.sent;
  expect(repeats).toStrictEqual([first, first]);
  subscriber.isHanging = false;
  await subscriber.receive();
  const due = (await city.events()).map(({ id }) => id);
  const ids = [...new Set(subscriber.sent.map(({ id }) => id))];
  expect(ids).toStrictEqual(due.slice(-ids.length));
  expect(ids.length).toBeGreaterThan(beneath.length);
});

test('a subscriber that was away by a clock that ran ahead is tried again once the clock is put right', async () => {
  const city = await openDerived();
  await city.gate.approve({ feature: 'acme' });
  await settle(city);
  const [entry = expect.fail()] = await city.events();
  let nowMs = Date.now() + 30 * 86_400_000;
  const subscription = await subscribeFromNow(city.gate.ports, `http://127.0.0.1:${await freePort()}/`);
  const { derived } = webhookOf(subscription, () => nowMs);
  const reasonOf = () => derived.handle(entry).catch((error: unknown) => error);
  const asked = await reasonOf();
  expect(asked).toMatchObject({ message: expect.stringContaining('cannot be reached: connect ECONNREFUSED') });
  expect(asked).not.toBeInstanceOf(StillUnavailable);
  // Of the same words: another reason would be logged.
  expect(await reasonOf()).toMatchObject({ constructor: StillUnavailable, message: (asked as Error).message });
  nowMs -= 30 * 86_400_000;
  expect(await reasonOf()).not.toBeInstanceOf(StillUnavailable);
});
