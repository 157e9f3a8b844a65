import { randomBytes, randomUUID } from 'node:crypto';
import { simpleParser } from 'mailparser';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { askForLinks, resolveLink } from '../../../../functions/gate/links.ts';
import { recordReport } from '../../../../functions/gate/observations.ts';
import { ORIGIN_SECRET_HEADER } from '../../../../functions/handlers/runtime/secrets.ts';
import { heldLimits } from '../../../../functions/log/sequencer/logIndex.ts';
import { report } from '../../../../functions/platform/health.ts';
import { derivedCloudEvent, isDerivedType } from '../../../../functions/reactions/relay/cloudEvents.ts';
import { QueuedEvent } from '../../../../functions/register/derived/records.ts';
import { rebuild } from '../../../../functions/register/rebuild.ts';
import { APPS } from '../../../../functions/web/routes/table.ts';
import type { FunctionName } from '../../../../infra/aws/constructs/functions.ts';
import { DONE_UNTOLD } from '../../../contract/faultProxy.ts';
import { must } from '../../../contract/underTest.ts';
import { believed } from '../../../support/believed.ts';
import { ORIGIN_SECRET, type Reply, requestEvent, streamRecord } from '../support/events.ts';
import { logged, relayed } from './checks.ts';
import {
  beginCity,
  type Cities,
  eventsOf,
  form,
  gatePortsOf,
  isOn,
  noticeOf,
  playCities,
  type send,
  withdrawalOf,
} from './city.ts';
import { coldStart, type Handler } from './coldStart.ts';
import { type Cut, type Deed, everyFault, isComplete } from './everyFault.ts';
import { KEYS, type Lane, type Lanes, openLanes, type Snapshot } from './lanes.ts';

// The functions on AWS in one process, started as Lambda starts them: each of their calls goes wrong in each way, or some of them do.

/** The clock measures at each whole quarter of an hour: a run without faults and those with them begin after one. */
const QUARTER_MS = 900_000;
const DAYS_MS = 86_400_000;

let lanes: Lanes;
let cities: Cities;
let begun: Snapshot;
let began: number;
/** The city whose notice was taken in, in the log, and then in the register too. */
let noticed: { readonly logged: Snapshot; readonly projected: Snapshot };

beforeAll(async () => {
  // A Monday at eleven in the city: the day of the weekly mail.
  vi.useFakeTimers({ toFake: ['Date'], now: Date.parse('2026-11-30T18:01:00.000Z') });
  lanes = await openLanes();
  cities = await playCities(lanes);
  begun = await beginCity(lanes);
  began = Date.now();
  const logged = await swept('sequencer', cities.noticed);
  noticed = { logged, projected: await swept('projector', logged) };
});
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

const play = async (deed: Deed) => {
  const { calls, gaveUp, troubles } = await everyFault(lanes, deed);
  const busy = gaveUp === 0 ? '' : `; in ${gaveUp} cases this machine was too busy to tell a repeat from a fault`;
  console.log(`${deed.name}: ${calls.length} calls: ${calls.join(', ')}${busy}`);
  expect(calls.length).toBeGreaterThan(3);
  expect(troubles).toStrictEqual([]);
};

type Command = readonly [
  name: string,
  of: 'api' | 'site',
  from: keyof Pick<Cities, 'ready' | 'noticed' | 'certified' | 'approved'>,
  request: () => (handler: Handler) => ReturnType<typeof send>,
  status: number,
  /** The feature's events. */
  events: readonly string[],
  isOn: 'never' | 'before' | 'after',
];

const deedOf = ([name, of, from, request, status, events, when]: Command): Deed => {
  const ask = request();
  const before = async (lane: Lane) => (await eventsOf(lane)).length < events.length;
  return {
    name,
    of,
    from: cities[from],
    tryOnce: async (handler) => {
      const { statusCode, body } = await ask(handler);
      if (statusCode < 500) expect(statusCode, body).toBe(status);
      return statusCode < 500;
    },
    meanwhile: async (lane, told) => {
      const missing = await before(lane);
      if (told) expect(missing, 'an acknowledged command is lost').toBe(false);
      expect(await isOn(lane), 'on while it must not be, or the other way round').toBe(when === (missing ? 'before' : 'after'));
    },
    after: async (lane) => {
      expect(await eventsOf(lane)).toStrictEqual(events);
      expect(await lane.truth.store.history('receipt/acme/msg_notice', {})).toHaveLength(1);
    },
  };
};

const CERTIFIED = ['1 ChangeNotified', '2 VoteCertified', '2 RequirementMet'];
const APPROVED = [...CERTIFIED, '3 SignatureGiven', '3 RequirementMet', '3 ChangeApproved'];
const revocationOf = () => form(cities.links.mayor, '/revoke', { reason: 'It is used otherwise.' });

test.each<Command>([
  ['a notice', 'api', 'ready', noticeOf, 202, ['1 ChangeNotified'], 'never'],
  ['its withdrawal', 'api', 'noticed', withdrawalOf, 200, ['1 ChangeNotified', '2 ChangeWithdrawn'], 'never'],
  ['a certification', 'site', 'noticed', () => form(cities.links.clerk, '', cities.certificate), 303, CERTIFIED, 'never'],
  ['a signature', 'site', 'certified', () => form(cities.links.mayor, '', cities.signature), 303, APPROVED, 'after'],
  ['a revocation', 'site', 'approved', revocationOf, 303, [...APPROVED, '4 ApprovalRevoked'], 'before'],
])('%s: done once and told so, whatever went wrong at any of its calls', (...command) => play(deedOf(command)));

const playAt = async (afterMs: number, deed: Deed) => {
  vi.setSystemTime(began + afterMs);
  await play(deed);
};

const start = (name: FunctionName, lane: Lane) => coldStart(name, lanes.proxy, lane);

const call = (handler: Handler, event: unknown) => handler(event, { awsRequestId: randomUUID() });

/** An invocation that throws comes again. */
const succeeds = (work: Promise<unknown>) =>
  work.then(
    () => true,
    () => false,
  );

const stream = (handler: Handler, places: readonly { readonly stream: string; readonly version: number }[]) =>
  call(handler, { Records: places.map((place, index) => streamRecord(place, index)) }).then(
    (answer) => (answer as { readonly batchItemFailures: readonly unknown[] }).batchItemFailures.length === 0,
    () => false,
  );

const sweep = async (handler: Handler) => {
  await call(handler, { task: 'sweep' });
};

/** A sweep that throws comes again; on a machine that is too busy a call of it can take too long. */
const heal = (handler: Handler, lane: Lane) =>
  sweep(handler).catch((error: unknown) => {
    if (!lane.gaveUp()) throw error;
    return sweep(handler);
  });

/** What is on depends on commits alone, whatever happens to a consumer. */
const stays = (expected: boolean) => async (lane: Lane) => expect(await isOn(lane)).toBe(expected);

const messageIds = (lane: Lane) => Promise.all(lane.mails().map(async ({ raw }) => (await simpleParser(raw)).messageId ?? ''));

const mailed = async (lane: Lane, cut: Cut | undefined) => {
  const ids = await messageIds(lane);
  const to = lane.mails().flatMap((mail) => mail.to);
  expect(new Set(to)).toStrictEqual(new Set(['hc@city.example']));
  expect(new Set(ids).size).toBe(new Set(to).size);
  const mayRepeat = lane.gaveUp() || (cut?.service === 'SES' && DONE_UNTOLD.has(cut.fault));
  if (!mayRepeat) expect(ids).toHaveLength(1);
  for (const id of ids) expect(ids.filter((each) => each === id).length).toBeLessThanOrEqual(2);
};

const VENDOR = 'vendor/acme';
const at = (stream: string, version: number) => ({ stream, version });
const PLACES = [at('feature/acme', 1), at('feature/acme', 2), at(VENDOR, 1)];

/** The city after one run of a function. */
const swept = async (name: FunctionName, from: Snapshot): Promise<Snapshot> => {
  const lane = await lanes.open(from);
  await sweep(await start(name, lane));
  return lanes.snapshot(lane);
};

test('the sequencer: every commit in the log once; then every event on the bus, in its order, and again only what the bus did not clearly take', async () => {
  await playAt(0, {
    name: 'sequencer',
    of: 'sequencer',
    from: begun,
    tryOnce: (handler) => stream(handler, [at(VENDOR, 1), at(VENDOR, 2)]),
    meanwhile: async (lane) => {
      await stays(false)(lane);
      if (lane.heard().length > 0) await logged(lane);
    },
    heal,
    after: async (lane, cut) => {
      await logged(lane);
      await relayed(lane, { cut });
    },
  });
});

/** What the others have a part of. */
const WORST: readonly [string, typeof PLACES][] = [
  ['doubled and turned about', [...PLACES, ...PLACES].toReversed()],
  ['without the last', PLACES.slice(0, -1)],
  ['all lost', []],
];

test.each([
  ...WORST,
  ...(isComplete
    ? ([
        ['turned about', PLACES.toReversed()],
        ['doubled', [...PLACES, ...PLACES]],
        ['without the first', PLACES.slice(1)],
      ] as const)
    : []),
])('the sequencer: stream records %s, every event is on the bus once, in the order of its stream', async (_, places) => {
  const lane = await lanes.open(cities.certified);
  const handler = await start('sequencer', lane);
  await stream(handler, places);
  await stream(handler, places);
  await sweep(handler);
  await logged(lane);
  await relayed(lane);
});

test('two sequencers at a time, as when a shard is read again: one log, and no event overtakes another', async () => {
  const lane = await lanes.open(cities.certified);
  const both = [await start('sequencer', lane), await start('sequencer', lane)];
  await Promise.all(both.map((handler) => stream(handler, PLACES)));
  for (const handler of both) await sweep(handler);
  await logged(lane);
  await relayed(lane, { raced: true });
});

/** An event of the feature, as the bus brings it. */
const onBus = (name: string) => {
  const type = `aldergate.feature.${name}.v1`;
  return { source: 'aldergate', 'detail-type': type, detail: { source: 'aldergate', type, subject: 'acme' } };
};

test('mail: everyone once, twice only where the answer of SES was lost, and then under the same Message-ID', async () => {
  await playAt(0, {
    name: 'notify',
    of: 'notify',
    from: noticed.logged,
    tryOnce: (handler) => succeeds(call(handler, onBus('ChangeNotified'))),
    meanwhile: stays(false),
    heal,
    after: mailed,
  });
});

/** A city whose notice was taken in, and two functions that mail. */
const withTwoMailers = async (now: number) => {
  vi.setSystemTime(now);
  const lane = await lanes.open(noticed.projected);
  const both = [await start('notify', lane), await start('notify', lane)] as const;
  const mailed = () => lane.mails().map(({ to, raw }) => `${to.join()} ${/^Subject: (.*)$/m.exec(raw.toString())?.[1]}`);
  return { lane, both, mailed };
};

test('mail whose answers are lost: nothing sends it again within the same try', async () => {
  const { lane, both } = await withTwoMailers(began);
  lanes.proxy.plan(({ service }) => (service === 'SES' ? 'failed-but-persisted' : undefined), lane.name);
  await sweep(both[0]);
  expect(lane.mails()).toHaveLength(1);
});

test('mail after the key of links was rotated has links under the new one, though the function is warm', async () => {
  const { lane, both } = await withTwoMailers(began);
  await sweep(both[0]);
  const keys = [KEYS.link, randomBytes(32)] as const;
  await askForLinks({ ...lane.truth, linkKey: keys[0] }, cities.links.clerk.replace('/d/', ''));
  lanes.rotateLinks(lane, keys[1]);
  vi.setSystemTime(Date.now() + 60_000);
  await sweep(both[0]);
  const resolved = lane.mails().map(async ({ raw }) => {
    const [, token = ''] = /\/d\/([\w-]{43})/.exec((await simpleParser(raw)).text ?? '') ?? [];
    return Promise.all(keys.map(async (linkKey) => (await resolveLink({ ...lane.truth, linkKey }, token)) !== undefined));
  });
  expect(await Promise.all(resolved)).toStrictEqual([
    [true, false],
    [false, true],
  ]);
});

test('mail of the calendar: everyone once, though the schedule starts a run twice, as it may', async () => {
  const { both, mailed } = await withTwoMailers(began + 84 * DAYS_MS);
  await sweep(both[0]);
  expect(mailed()).toHaveLength(1);
  const scheduled = new Date(Date.now() - (Date.now() % QUARTER_MS)).toISOString();
  await Promise.all(both.map((handler) => call(handler, { task: 'sweep', scheduled })));
  // On a Monday the weekly mail is among them.
  expect(mailed().length).toBeGreaterThan(1);
  expect(mailed()).toStrictEqual([...new Set(mailed())]);
});

const CONFLICT = [{ code: 'log-conflict', detail: 'The published log is not the log of the store.' }] as const;

test('mail of faults and of new links: everyone once, though the schedule starts a run twice, as it may', async () => {
  const { lane, both, mailed } = await withTwoMailers(began);
  for (const handler of both) await sweep(handler);
  const { length: before } = mailed();
  await askForLinks({ ...lane.truth, linkKey: KEYS.link }, cities.links.clerk.replace('/d/', ''));
  await report(lane.truth, 'sequencer', CONFLICT);
  // What was found a second ago is looked for again.
  vi.spyOn(performance, 'now').mockReturnValue(60_000);
  await Promise.all(both.map(sweep));
  vi.setSystemTime(Date.now() + 60_000);
  await sweep(both[1]);
  const subjects = ['Aldergate found something that is not right', 'New links, as you asked'];
  expect(mailed().slice(before)).toStrictEqual(subjects.map((subject) => `hc@city.example ${subject}`));
});

test('the mail about faults leaves also while the roster cannot be read and a vote waits to be mailed', async () => {
  const { lane } = await withTwoMailers(began);
  vi.stubEnv('ALDERGATE_IT_MAIL', 'it@city.example');
  const handler = await start('notify', lane);
  vi.unstubAllEnvs();
  await sweep(handler);
  const at = new Date().toISOString();
  await lane.truth.sideStore.put('mail-due', `${at}/voted/acme/1/`, { key: 'acme', at, sequence: 1, since: null });
  const row = must((await lanes.snapshot(lane)).commits.find(({ pk }) => pk?.S === 'roster'));
  await lanes.overwrite(lane, 'commits', { ...row, mac: { B: new Uint8Array(32) } });
  await report(lane.truth, 'sequencer', CONFLICT);
  vi.spyOn(performance, 'now').mockReturnValue(60_000);
  await sweep(handler).catch(() => undefined);
  expect(lane.mails().map(({ to }) => to.join())).toContain('it@city.example');
});

test('mail: everyone once, however many runs the events of one commit and the schedule start at a time', async () => {
  const lane = await lanes.open(await swept('sequencer', cities.certified));
  const runs = [...['VoteCertified', 'RequirementMet'].map(onBus), { task: 'sweep' }];
  const handlers = await Promise.all(runs.map(() => start('notify', lane)));
  await Promise.all(handlers.map((handler, index) => call(handler, runs[index])));
  vi.setSystemTime(Date.now() + 60_000);
  await sweep(must(handlers[0]));
  const ids = await messageIds(lane);
  expect(ids).toHaveLength(1);
});

test('the projector: the register equals a rebuild from the commits', async () => {
  await playAt(0, {
    name: 'projector',
    of: 'projector',
    from: cities.approved,
    tryOnce: (handler) => stream(handler, [at('feature/acme', 3)]),
    meanwhile: stays(true),
    heal,
    after: async ({ truth }) =>
      expect(await rebuild(truth)).toMatchObject({ features: 1, changes: 1, differed: false, unreadable: [] }),
  });
});

/** A city whose log was just taken in, with a report of what nobody announced, and nothing followed yet. */
const observed = async (): Promise<Snapshot> => {
  const lane = await lanes.open(cities.approved);
  const seen = { source: 'city-it', observedAt: new Date().toISOString(), features: { acme: true, 'acme.ghost': true } };
  const facts = { ...seen, evidence: null, note: null };
  await recordReport(gatePortsOf(lane), { vendor: 'acme', facts, commandId: randomUUID(), actor: 'token:city', person: null });
  await sweep(await start('sequencer', lane));
  return lanes.snapshot(lane);
};

test('what is derived: folded, and heard on the bus at least once, in the order of the log, again only what the bus did not clearly take', async () => {
  await playAt(0, {
    name: 'derived',
    of: 'derived',
    from: await observed(),
    tryOnce: (handler) => succeeds(call(handler, { task: 'sweep' })),
    meanwhile: stays(true),
    heal,
    after: async (lane, cut) => {
      const queued = (await lane.truth.sideStore.list('derived-event')).map(({ value }) => QueuedEvent.parse(value));
      const due = queued.map(derivedCloudEvent);
      expect(due.map(({ type, subject }) => `${type.slice('aldergate.derived.'.length)} ${subject}`)).toEqual(
        expect.arrayContaining(['AnswerChanged.v1 acme', 'DriftOpened.v1 acme.ghost']),
      );
      const heard = lane.heard().filter(({ type }) => isDerivedType(type));
      const first = [...new Map(heard.map((event) => [event.id, event] as const)).values()];
      expect(first).toStrictEqual(due);
      const mayRepeat = lane.gaveUp() || (cut !== undefined && DONE_UNTOLD.has(cut.fault));
      if (!mayRepeat) expect(heard).toHaveLength(due.length);
      for (const event of heard) expect(event).toStrictEqual(due.find(({ id }) => id === event.id));
    },
  });
});

test('the clock: what time has done is recorded once', async () => {
  await playAt(100 * DAYS_MS, {
    name: 'clock',
    of: 'clock',
    from: noticed.projected,
    tryOnce: (handler) => succeeds(call(handler, { task: 'sweep' })),
    meanwhile: stays(false),
    after: async (lane) => expect(await eventsOf(lane)).toStrictEqual(['1 ChangeNotified', '2 ChangeLapsed']),
  });
});

const sequence = async (lane: Lane) => sweep(await start('sequencer', lane));

const headOf = ({ truth }: Lane) => believed(truth.store, truth.sideStore).head(VENDOR);

test('a commit that an administrator removes is found by its stream record, or on the schedule, in public, until it is there again', async () => {
  const lane = await lanes.open(begun);
  const handler = await start('sequencer', lane);
  await sweep(handler);
  const { version } = must(await headOf(lane));
  const restore = await lanes.remove(lane, VENDOR, version);
  // Within the same minute the schedule compares nothing.
  await sweep(handler);
  expect(await headOf(lane)).toMatchObject({ version: version - 1 });
  const expectHeld = async () => {
    await expect(headOf(lane)).rejects.toThrow('lacks commits of the log');
    expect(await heldLimits(lane.truth.sideStore)).toMatchObject([{ code: 'log-conflict' }]);
  };
  await call(handler, { Records: [streamRecord(at(VENDOR, version), 1, 'REMOVE')] });
  await expectHeld();
  await restore();
  await sequence(lane);
  expect(await headOf(lane)).toMatchObject({ version });
  expect(await heldLimits(lane.truth.sideStore)).toEqual([]);
  await lanes.remove(lane, VENDOR, version);
  for (const _ of ['found', 'still there']) {
    await sequence(lane);
    await expectHeld();
  }
});

test('while a row of the log cannot be read nothing is on, since nothing can be compared, until it is there again', async () => {
  const lane = await lanes.open(begun);
  await sequence(lane);
  const row = must((await lanes.snapshot(lane)).commits.find(({ pk }) => pk?.S === 'log'));
  await lanes.overwrite(lane, 'commits', { ...row, mac: { B: new Uint8Array(32) } });
  await expect(sequence(lane)).rejects.toThrow('log@');
  const found = await heldLimits(lane.truth.sideStore);
  expect(found).toMatchObject([{ stream: 'feature/*', from: 0, code: 'log-conflict' }]);
  expect(found[0]?.detail).toMatch(/^Nothing is on while the store cannot be compared with the log: log@\d+ was not written/);
  await lanes.overwrite(lane, 'commits', row);
  await sequence(lane);
  expect(await heldLimits(lane.truth.sideStore)).toEqual([]);
});

/** Records which parts of an object are read, below `name`. */
const watched = <T extends object>(object: T, read: Set<string>, name = ''): T =>
  new Proxy(object, {
    get: (target, key) => {
      const value = Reflect.get(target, key) as unknown;
      read.add(`${name}${String(key)}`);
      return typeof value === 'object' && value !== null ? watched(value, read, `${name}${String(key)}.`) : value;
    },
    ownKeys: (target) => {
      read.add(`${name}*`);
      return Reflect.ownKeys(target);
    },
  });

const request = (secret: string | undefined) => {
  const { headers, ...event } = requestEvent('POST', '/v1/notices?x=1', 'not base64 ~', { authorization: 'Bearer x' });
  const { [ORIGIN_SECRET_HEADER]: _, ...others } = headers;
  return {
    ...event,
    isBase64Encoded: true,
    headers: secret === undefined ? others : { ...others, [ORIGIN_SECRET_HEADER]: secret },
  };
};

describe('what did not pass the firewall, at the address of the API, which answers everyone:', () => {
  let lane: Lane;
  beforeAll(async () => {
    vi.setSystemTime(vi.getRealSystemTime());
    lane = await lanes.open();
    // The function of the log does not start before it was signed once.
    await sequence(lane);
  });
  // The SDK asks twice when its clock and that of an answer are minutes apart.
  beforeEach(() => void vi.setSystemTime(vi.getRealSystemTime()));

  const callsOf = () => lanes.proxy.takeCalls(lane.name).map(({ operation }) => operation);

  const answers = new Set<string>();

  test.each(APPS)('%s refuses it unread: no table and no body', async (name) => {
    const handler = await start(name, lane);
    callsOf();
    const read = new Set<string>();
    const ask = async (secret: string | undefined) =>
      void answers.add(JSON.stringify(await call(handler, watched(request(secret), read))));
    for (const secret of [undefined, '', `${ORIGIN_SECRET}x`, ORIGIN_SECRET.slice(1)]) await ask(secret);
    for (let asked = 0; asked < 50; asked += 1) await ask(`a guess ${asked}`);
    expect(callsOf()).toEqual([]);
    expect([...read].sort()).toEqual(['headers', `headers.${ORIGIN_SECRET_HEADER}`]);
    expect(answers.size).toBe(1);
    const refused = { statusCode: 403, headers: { 'content-type': 'application/problem+json' } };
    expect([...answers].map((answer) => JSON.parse(answer) as Reply)).toMatchObject([
      { ...refused, body: expect.stringContaining('"Not the public address"') },
    ]);
    const through = (await call(handler, requestEvent('GET', '/healthz', undefined, {}))) as Reply;
    expect(through.statusCode).not.toBe(403);
  });
});
