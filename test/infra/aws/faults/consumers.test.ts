import { randomUUID } from 'node:crypto';
import { simpleParser } from 'mailparser';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { SignedCheckpoint } from '../../../../domain/log/signedCheckpoint.ts';
import { parseVerifierKey } from '../../../../domain/log/verifierKey.ts';
import { readLog } from '../../../../functions/log/verify/readLog.ts';
import type { StoredCommit } from '../../../../functions/platform/store/port.ts';
import { cloudEventsOf, streamOf } from '../../../../functions/reactions/relay/cloudEvents.ts';
import { rebuild } from '../../../../functions/register/rebuild.ts';
import { DONE_UNTOLD } from '../../../contract/faultProxy.ts';
import { placeOf, readFeed } from '../../../contract/readFeed.ts';
import { streamRecord } from '../support/events.ts';
import { type Cities, eventsOf, isOn, playCities } from './city.ts';
import { coldStart, type Handler } from './coldStart.ts';
import { type Cut, type Deed, everyFault } from './everyFault.ts';
import { type Lane, type Lanes, openLanes, type Snapshot } from './lanes.ts';

const PATIENCE_MS = 600_000;
const DAYS_MS = 86_400_000;

let lanes: Lanes;
let cities: Cities;
let began: number;

beforeAll(async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() });
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

const commitsOf = async ({ truth }: Lane): Promise<readonly StoredCommit[]> =>
  (await readFeed(truth.store, undefined, 100)).items.toSorted((a, b) => a.version - b.version);

/** What is on depends on commits alone, whatever happens to a consumer. */
const stays = (expected: boolean) => async (lane: Lane) => expect(await isOn(lane)).toBe(expected);

const relayed = async (lane: Lane, cut: Cut | undefined): Promise<void> => {
  const due = (await commitsOf(lane)).flatMap(cloudEventsOf);
  const heard = lane.heard();
  const first = [...new Map(heard.map((event) => [event.id, event] as const)).values()];
  expect(first.map(({ id }) => id).toSorted()).toStrictEqual(due.map(({ id }) => id).toSorted());
  for (const name of new Set(due.map(streamOf))) {
    const mine = first.filter((event) => streamOf(event) === name).map(({ id }) => id);
    expect(mine).toStrictEqual(due.filter((event) => streamOf(event) === name).map(({ id }) => id));
  }
  const mayRepeat = cut?.service === 'EventBridge' && DONE_UNTOLD.has(cut.fault);
  if (!mayRepeat) expect(heard).toHaveLength(due.length);
};

/** To the clerk by link, to the council's members for information. */
const mailed = async (lane: Lane, cut: Cut | undefined): Promise<void> => {
  const ids = await Promise.all(lane.mails().map(async ({ raw }) => (await simpleParser(raw)).messageId ?? ''));
  const to = lane.mails().flatMap((mail) => mail.to);
  expect(new Set(to)).toStrictEqual(new Set(['hc', 'h1', 'h2', 'h3', 'h4'].map((id) => `${id}@city.example`)));
  expect(new Set(ids).size).toBe(new Set(to).size);
  const mayRepeat = cut?.service === 'SES' && DONE_UNTOLD.has(cut.fault);
  if (!mayRepeat) expect(ids).toHaveLength(5);
  for (const id of ids) expect(ids.filter((each) => each === id).length).toBeLessThanOrEqual(2);
};

/** The public log verifies, and holds every commit once. */
const logged = async (lane: Lane): Promise<void> => {
  const key = parseVerifierKey(Buffer.from(lane.file('vkey') ?? []).toString());
  const checkpoint = SignedCheckpoint.open(lane.file('checkpoint') ?? new Uint8Array(), { origin: key.name, keys: [key] });
  const entries: string[] = [];
  for await (const { bytes } of readLog({ get: async (path) => lane.file(path) }, checkpoint)) {
    const { stream: name, version } = JSON.parse(Buffer.from(bytes).toString()) as { stream: string; version: number };
    entries.push(`${name}@${version}`);
  }
  const due = (await commitsOf(lane)).map(placeOf).filter((place) => !place.startsWith('log@'));
  expect(entries.toSorted()).toStrictEqual(due.toSorted());
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

test(
  'the relay: every event on the bus, in the order of its stream, repeated only where its answer was lost',
  async () => {
    await play({
      name: 'relay',
      of: 'relay',
      from: cities.certified,
      tryOnce: (handler) => stream(handler, PLACES),
      meanwhile: stays(false),
      heal: sweep,
      after: relayed,
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
])('the relay: stream records %s, every event is on the bus once, in the order of its stream', async (_, places) => {
  const lane = await lanes.open(cities.certified);
  const handler = await coldStart('relay', lanes.proxy, lane);
  // Two deliveries at a time, as when a shard is read again.
  await Promise.all([stream(handler, places), stream(handler, places)]);
  await sweep(handler);
  await sweep(handler);
  await relayed(lane, undefined);
  await lane.drop();
});

test('the relay: while the bus takes no entry nothing is lost and nothing overtakes; then all of it is there', async () => {
  const lane = await lanes.open(cities.certified);
  const handler = await coldStart('relay', lanes.proxy, lane);
  lanes.proxy.plan(({ operation }) => (operation === 'PutEvents' ? 'entries-refused' : undefined), lane.name);
  await stream(handler, PLACES);
  await stream(handler, PLACES);
  expect(lane.heard()).toStrictEqual([]);
  lanes.proxy.plan(() => undefined, lane.name);
  vi.setSystemTime(Date.now() + 90_000);
  await sweep(handler);
  await relayed(lane, undefined);
  await lane.drop();
});

test(
  'mail: everyone once, twice only where the answer of SES was lost, and then under the same Message-ID',
  async () => {
    const detail = { source: 'aldergate', type: 'aldergate.feature.ChangeNotified.v1', subject: 'acme' };
    await play({
      name: 'notify',
      of: 'notify',
      from: cities.noticed,
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

test(
  'the sequencer: every commit in the log once, and the log verifies',
  async () => {
    await play({
      name: 'sequencer',
      of: 'sequencer',
      from: cities.ready,
      tryOnce: (handler) => succeeds(call(handler, {})),
      meanwhile: stays(false),
      after: logged,
    });
  },
  PATIENCE_MS,
);

/** Fills the register before the days pass: the clock reads from it what is due. */
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
