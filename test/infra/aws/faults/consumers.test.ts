import { randomUUID } from 'node:crypto';
import { simpleParser } from 'mailparser';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { recordReport } from '../../../../functions/gate/observations.ts';
import { derivedCloudEvent, isDerivedType } from '../../../../functions/reactions/relay/cloudEvents.ts';
import { QueuedEvent } from '../../../../functions/register/derived/records.ts';
import { rebuild } from '../../../../functions/register/rebuild.ts';
import { DONE_UNTOLD } from '../../../contract/faultProxy.ts';
import { streamRecord } from '../support/events.ts';
import { logged, relayed } from './checks.ts';
import { beginCity, type Cities, eventsOf, gatePortsOf, isOn, playCities } from './city.ts';
import { coldStart, type Handler } from './coldStart.ts';
import { type Cut, type Deed, everyFault } from './everyFault.ts';
import { type Lane, type Lanes, openLanes, type Snapshot } from './lanes.ts';

const PATIENCE_MS = 600_000;
/** The clock measures at each whole quarter of an hour: a run without faults and those with them begin after one. */
const QUARTER_MS = 900_000;
const DAYS_MS = 86_400_000;

let lanes: Lanes;
let cities: Cities;
let began: number;

beforeAll(async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() - (Date.now() % QUARTER_MS) + 60_000 });
  lanes = await openLanes();
  cities = await playCities(lanes);
  began = Date.now();
}, PATIENCE_MS);
beforeEach(() => {
  // What the functions write to their logs here is about faults that were meant.
  vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  // The monotonic clock stands still, so that what is cached for a second is read equally often on every machine.
  vi.spyOn(performance, 'now').mockReturnValue(0);
});
afterAll(async () => {
  await lanes.close();
  vi.useRealTimers();
});

const call = (handler: Handler, event: unknown): Promise<unknown> => handler(event, { awsRequestId: randomUUID() });

/** An invocation that throws comes again. */
const succeeds = (work: Promise<unknown>): Promise<boolean> =>
  work.then(
    () => true,
    () => false,
  );

/** A batch of stream records, of which those that failed come again. */
const stream = (handler: Handler, places: readonly { readonly stream: string; readonly version: number }[]) =>
  call(handler, { Records: places.map((place, index) => streamRecord(place, index)) }).then(
    (answer) => (answer as { readonly batchItemFailures: readonly unknown[] }).batchItemFailures.length === 0,
    () => false,
  );

const sweep = async (handler: Handler): Promise<void> => {
  await call(handler, { task: 'sweep' });
};

/** What is on depends on commits alone, whatever happens to a consumer. */
const stays = (expected: boolean) => async (lane: Lane) => expect(await isOn(lane)).toBe(expected);

const mailed = async (lane: Lane, cut: Cut | undefined): Promise<void> => {
  const ids = await Promise.all(lane.mails().map(async ({ raw }) => (await simpleParser(raw)).messageId ?? ''));
  const to = lane.mails().flatMap((mail) => mail.to);
  expect(new Set(to)).toStrictEqual(new Set(['hc@city.example']));
  expect(new Set(ids).size).toBe(new Set(to).size);
  const mayRepeat = cut?.service === 'SES' && DONE_UNTOLD.has(cut.fault);
  if (!mayRepeat) expect(ids).toHaveLength(1);
  for (const id of ids) expect(ids.filter((each) => each === id).length).toBeLessThanOrEqual(2);
};

const play = async (deed: Deed, afterMs = 0): Promise<void> => {
  vi.setSystemTime(began + afterMs);
  const { calls, troubles } = await everyFault(lanes, deed);
  console.log(`${deed.name}: ${calls.length} calls: ${calls.join(', ')}`);
  expect(calls.length).toBeGreaterThan(3);
  expect(troubles).toStrictEqual([]);
};

const PLACES = [
  { stream: 'feature/acme', version: 1 },
  { stream: 'feature/acme', version: 2 },
  { stream: 'vendor/acme', version: 1 },
] as const;

const sequenced = async (from: Snapshot): Promise<Snapshot> => {
  const lane = await lanes.open(from);
  await sweep(await coldStart('sequencer', lanes.proxy, lane));
  return lanes.snapshot(lane);
};

test(
  'the sequencer: every commit in the log once; then every event on the bus, in its order, and again only what the bus did not clearly take',
  async () => {
    await play({
      name: 'sequencer',
      of: 'sequencer',
      from: await beginCity(lanes),
      tryOnce: (handler) =>
        stream(
          handler,
          [1, 2].map((version) => ({ stream: 'vendor/acme', version })),
        ),
      meanwhile: async (lane) => {
        await stays(false)(lane);
        if (lane.heard().length > 0) await logged(lane);
      },
      heal: sweep,
      after: async (lane, cut) => {
        await logged(lane);
        await relayed(lane, { cut });
      },
    });
  },
  PATIENCE_MS,
);

test.each([
  ['turned about', PLACES.toReversed()],
  ['doubled', [...PLACES, ...PLACES]],
  ['doubled and turned about', [...PLACES, ...PLACES].toReversed()],
  ['without the first', PLACES.slice(1)],
  ['without the last', PLACES.slice(0, -1)],
  ['all lost', []],
])('the sequencer: stream records %s, every event is on the bus once, in the order of its stream', async (_, places) => {
  const lane = await lanes.open(cities.certified);
  const handler = await coldStart('sequencer', lanes.proxy, lane);
  await stream(handler, places);
  await stream(handler, places);
  await sweep(handler);
  await logged(lane);
  await relayed(lane);
  await lane.drop();
});

test('two sequencers at a time, as when a shard is read again: one log, and no event overtakes another', async () => {
  const lane = await lanes.open(cities.certified);
  const both = [await coldStart('sequencer', lanes.proxy, lane), await coldStart('sequencer', lanes.proxy, lane)];
  await Promise.all(both.map((handler) => stream(handler, PLACES)));
  for (const handler of both) await sweep(handler);
  await logged(lane);
  await relayed(lane, { raced: true });
  await lane.drop();
});

test('while the bus takes no entry the log goes on, nothing is lost and nothing overtakes; then all of it is there', async () => {
  const lane = await lanes.open(cities.certified);
  const handler = await coldStart('sequencer', lanes.proxy, lane);
  lanes.proxy.plan(({ operation }) => (operation === 'PutEvents' ? 'entries-refused' : undefined), lane.name);
  await stream(handler, PLACES);
  await stream(handler, PLACES);
  await logged(lane);
  expect(lane.heard()).toStrictEqual([]);
  lanes.proxy.plan(() => undefined, lane.name);
  vi.setSystemTime(Date.now() + 90_000);
  await sweep(handler);
  await relayed(lane);
  await lane.drop();
});

test(
  'mail: everyone once, twice only where the answer of SES was lost, and then under the same Message-ID',
  async () => {
    const detail = { source: 'aldergate', type: 'aldergate.feature.ChangeNotified.v1', subject: 'acme' };
    await play({
      name: 'notify',
      of: 'notify',
      from: await sequenced(cities.noticed),
      tryOnce: (handler) => succeeds(call(handler, { source: 'aldergate', 'detail-type': detail.type, detail })),
      meanwhile: stays(false),
      heal: sweep,
      after: mailed,
    });
  },
  PATIENCE_MS,
);

test(
  'the projector: the register equals a rebuild from the commits',
  async () => {
    await play({
      name: 'projector',
      of: 'projector',
      from: cities.approved,
      tryOnce: (handler) => stream(handler, [{ stream: 'feature/acme', version: 3 }]),
      meanwhile: stays(true),
      heal: sweep,
      after: async ({ truth }) => {
        expect(await rebuild(truth)).toMatchObject({ features: 1, changes: 1, differed: false, unreadable: [] });
      },
    });
  },
  PATIENCE_MS,
);

/** A city whose log was just taken in, with a report of what nobody announced, and nothing followed yet. */
const observed = async (): Promise<Snapshot> => {
  const lane = await lanes.open(cities.approved);
  await recordReport(gatePortsOf(lane), {
    vendor: 'acme',
    facts: {
      source: 'city-it',
      observedAt: new Date().toISOString(),
      features: { acme: true, 'acme.ghost': true },
      evidence: null,
      note: null,
    },
    commandId: randomUUID(),
    actor: 'token:city',
    person: null,
  });
  await sweep(await coldStart('sequencer', lanes.proxy, lane));
  return lanes.snapshot(lane);
};

const derivedOf = (lane: Lane) => lane.heard().filter(({ type }) => isDerivedType(type));

test(
  'what is derived: folded, and heard on the bus at least once, in the order of the log, again only what the bus did not clearly take',
  async () => {
    await play({
      name: 'derived',
      of: 'derived',
      from: await observed(),
      tryOnce: (handler) => succeeds(call(handler, { task: 'sweep' })),
      meanwhile: stays(true),
      heal: sweep,
      after: async (lane, cut) => {
        const queued = (await lane.truth.sideStore.list('derived-event')).map(({ value }) => QueuedEvent.parse(value));
        const due = queued.map(derivedCloudEvent);
        expect(due.map(({ type, subject }) => `${type.slice('aldergate.derived.'.length)} ${subject}`)).toEqual(
          expect.arrayContaining(['AnswerChanged.v1 acme', 'DriftOpened.v1 acme.ghost']),
        );
        const heard = derivedOf(lane);
        const first = [...new Map(heard.map((event) => [event.id, event] as const)).values()];
        expect(first).toStrictEqual(due);
        const mayRepeat = cut !== undefined && DONE_UNTOLD.has(cut.fault);
        if (!mayRepeat) expect(heard).toHaveLength(due.length);
        for (const event of heard) expect(event).toStrictEqual(due.find(({ id }) => id === event.id));
      },
    });
  },
  PATIENCE_MS,
);

const projected = async (): Promise<Snapshot> => {
  const lane = await lanes.open(cities.noticed);
  await sweep(await coldStart('projector', lanes.proxy, lane));
  return lanes.snapshot(lane);
};

test('the clock: what time has done is recorded once', { timeout: PATIENCE_MS }, async () => {
  const deed: Deed = {
    name: 'clock',
    of: 'clock',
    from: await projected(),
    tryOnce: (handler) => succeeds(call(handler, { task: 'sweep' })),
    meanwhile: stays(false),
    after: async (lane) => {
      expect(await eventsOf(lane)).toStrictEqual(['1 ChangeNotified', '2 ChangeLapsed']);
    },
  };
  await play(deed, 100 * DAYS_MS);
});
