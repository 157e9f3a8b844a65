import { Ajv2020 } from 'ajv/dist/2020.js';
import { Webhook } from 'standardwebhooks';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { StillUnavailable } from '../../../../functions/platform/feed/consumer.ts';
import { eventSchemas } from '../../../../functions/reactions/relay/cloudEvents.ts';
import { type Subscription, subscribeFromNow, webhookOf } from '../../../../functions/reactions/webhooks/deliver.ts';
import { followDerived } from '../../../../functions/register/derived/followers.ts';
import { freePort } from '../../../../infra/demo/city.ts';
import { answering } from '../../../support/listening.ts';
import { type DerivedCity, openDerived } from '../../register/derived/derivedCity.ts';

const fits = new Ajv2020({ strict: false, validateFormats: false }).compile(eventSchemas());

const Received = z.looseObject({
  id: z.string(),
  type: z.string(),
  subject: z.string(),
  sequence: z.int(),
  time: z.string(),
  data: z.looseObject({ key: z.string().optional() }),
});
type Received = z.infer<typeof Received>;

/** A program that subscribes, verifies each delivery as the library for its language does, and answers what the test wants. */
interface Subscriber {
  readonly subscription: Subscription;
  /** Everything it was sent, also what it did not take. */
  readonly sent: { readonly body: string; readonly event: Received }[];
  status: number | 'hanging';
  /** Receives what waits, by a process that knows nothing but the stores. */
  readonly receive: () => Promise<unknown>;
  /** What came since the last call, without what is about tasks. */
  readonly news: () => readonly string[];
}

const subscriberOf = async (city: DerivedCity): Promise<Subscriber> => {
  const url = await answering((request, response) => {
    void request.toArray().then((chunks) => {
      const body = Buffer.concat(chunks).toString();
      const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
      const event = Received.parse(new Webhook(subscriber.subscription.secret).verify(body, headers));
      expect(headers['webhook-id']).toBe(event.id);
      expect(fits(event), JSON.stringify(fits.errors)).toBe(true);
      subscriber.sent.push({ body, event });
      if (subscriber.status !== 'hanging') response.writeHead(subscriber.status).end();
    });
  });
  const subscription = await subscribeFromNow(city.gate.ports, `${url}/events`);
  let read = 0;
  const subscriber: Subscriber = {
    subscription,
    sent: [],
    status: 204,
    receive: () => {
      const { name, handle } = webhookOf(subscription, Date.now).derived;
      return followDerived(city.gate.ports, name, handle);
    },
    news: () => {
      const fresh = subscriber.sent.slice(read).map(({ event }) => event);
      read = subscriber.sent.length;
      return fresh.flatMap(said);
    },
  };
  return subscriber;
};

const said = ({ type, subject, data: { onFor, variant } }: Received) =>
  type === 'aldergate.derived.AnswerChanged.v1' ? [['AnswerChanged', subject, String(onFor), variant].join(' ')] : [];

const beneath = Array.from({ length: 5 }, (_, index) => `acme.f${String(index + 1).padStart(2, '0')}`);

const settle = async (city: DerivedCity) => {
  await city.log();
  await city.follow();
};

test('an approval, and the revocation of an ancestor with keys beneath: each key whose answer changed, in order by key', async () => {
  const city = await openDerived();
  for (const feature of ['acme', ...beneath.slice(1).toReversed()]) await city.gate.approve({ feature });
  await settle(city);
  const subscriber = await subscriberOf(city);
  await subscriber.receive();
  expect(subscriber.sent).toStrictEqual([]);

  await city.gate.approve({ feature: 'acme.f01' });
  await settle(city);
  await subscriber.receive();
  expect(subscriber.news()).toStrictEqual(['AnswerChanged acme.f01 none pending', 'AnswerChanged acme.f01 all enabled']);

  await city.gate.revoke('acme/1');
  await settle(city);
  await subscriber.receive();
  expect(subscriber.news()).toStrictEqual([
    'AnswerChanged acme none revoked',
    ...beneath.map((key) => `AnswerChanged ${key} none blocked`),
  ]);
  const ids = subscriber.sent.map(({ event }) => event.id);
  expect(new Set(ids).size).toBe(ids.length);
  const revocation = await city.gate.store.head('feature/acme');
  const places = new Set(subscriber.sent.slice(-6).map(({ event }) => event.sequence));
  expect([places.size, revocation?.version]).toStrictEqual([1, 4]);
});

test('cut off at any place, a subscriber receives the rest, and the same event with the same id and bytes', async () => {
  const city = await openDerived();
  for (const feature of ['acme', ...beneath]) await city.gate.approve({ feature });
  await settle(city);
  const subscriber = await subscriberOf(city);
  await city.gate.revoke('acme/1');
  await settle(city);
  const due = (await city.events()).slice(-50).map(({ id }) => id);
  // Each process gets one event delivered, and ends before the answer to it arrives.
  for (const _ of beneath.slice(0, 3)) {
    subscriber.status = 'hanging';
    const sent = subscriber.sent.length;
    void subscriber.receive().catch(() => undefined);
    await expect.poll(() => subscriber.sent.length).toBe(sent + 1);
  }
  const [first, ...repeats] = subscriber.sent;
  expect(repeats.map(({ body }) => body)).toStrictEqual([first?.body, first?.body]);
  subscriber.status = 204;
  await subscriber.receive();
  const ids = [...new Set(subscriber.sent.map(({ event }) => event.id))];
  expect(ids).toStrictEqual(due.slice(-ids.length));
  expect(new Set(subscriber.sent.map(({ body }) => body)).size).toBe(ids.length);
});

test('a subscriber that was away by a clock that ran ahead is tried again once the clock is put right', async () => {
  const city = await openDerived();
  await city.gate.approve({ feature: 'acme' });
  await settle(city);
  const { subscription } = await subscriberOf(city);
  await city.gate.revoke('acme/1');
  await settle(city);
  let nowMs = Date.now() + 30 * 86_400_000;
  const url = `http://127.0.0.1:${await freePort()}/`;
  const { derived } = webhookOf({ ...subscription, url }, () => nowMs);
  const [entry] = (await city.events()).slice(-1);
  const reasonOf = () => derived.handle(entry!).catch((error: unknown) => error);
  const asked = await reasonOf();
  expect(asked).toMatchObject({ message: expect.stringContaining('cannot be reached: connect ECONNREFUSED') });
  expect(asked).not.toBeInstanceOf(StillUnavailable);
  // Of the same words: another reason would be logged.
  expect(await reasonOf()).toMatchObject({ constructor: StillUnavailable, message: (asked as Error).message });
  nowMs -= 30 * 86_400_000;
  expect(await reasonOf()).not.toBeInstanceOf(StillUnavailable);
});
