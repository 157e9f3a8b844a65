import { expect, test } from 'vitest';
import { DERIVED_VERSION } from '../../../../domain/derived/record.ts';
import { LOG_STREAM } from '../../../../domain/log/events.ts';
import { applyRevocations, recordOptOut } from '../../../../functions/gate/feature.ts';
import { recordTimeZone } from '../../../../functions/gate/rules.ts';
import { Unavailable } from '../../../../functions/platform/feed/consumer.ts';
import { CorruptStore } from '../../../../functions/platform/store/errors.ts';
import type { Store } from '../../../../functions/platform/store/port.ts';
import { derivedFollower } from '../../../../functions/register/derived/follow.ts';
import {
  DERIVED,
  dueId,
  listCases,
  listTasks,
  readAnnounced,
  readFigures,
  readKeyRecord,
} from '../../../../functions/register/derived/records.ts';
import { NO_READS, Unit } from '../../../../functions/register/derived/unit.ts';
import { must } from '../../../contract/underTest.ts';
import { COUNCIL } from '../../../support/fixtures/city.ts';
import { failing, NOON } from '../../openGate.ts';
import { turnsDuring } from '../../turnsDuring.ts';
import {
  after,
  answer,
  type DerivedCity,
  dayAt,
  driftCase,
  holdsAnew,
  keyRecord,
  openDerived,
  putCase,
  putKeyRecord,
  putTask,
  said,
  task,
} from './derivedCity.ts';

const notTasks = async (city: DerivedCity) => (await city.events()).map(said).filter((each) => !each.includes('Task'));
const breaking = async (isBroken: (method: string, args: readonly unknown[]) => boolean) => {
  const state = { broken: false };
  const storeOf = (store: Store) =>
    failing(store, (method, args) => state.broken && isBroken(method, args) && new CorruptStore('altered'));
  const city = await openDerived({ storeOf });
  await city.gate.approve();
  await city.log();
  const head = must(await city.ports.store.head(LOG_STREAM));
  state.broken = true;
  return { city, state, head };
};

test('a contract ends while its product stays on; a feature that nobody announced', async () => {
  const city = await openDerived();
  await city.gate.approve({ kind: 'contract', endsAt: '2026-04-01' });
  await city.gate.approve({ feature: 'acme.lpr', version: '2.4' });
  await city.until(dayAt('03'));
  await city.report({ features: { 'acme.lpr': true, 'acme.faces': true } });
  await city.until(dayAt('04'));
  await city.until('2026-04-10T12:00:00.000Z');
  await city.report({ features: { 'acme.lpr': false, 'acme.faces': false } });
  await city.until('2026-04-11T12:00:00.000Z');
  expect(await notTasks(city)).toEqual([
    `${NOON} acme: pending for none`,
    `${NOON} acme: enabled for all`,
    `${NOON} acme.lpr: pending for none`,
    `${NOON} acme.lpr: enabled for all`,
    '2026-03-03T12:00:00.000Z acme.faces: never-announced by audit since 2026-03-03T12:00:00.000Z',
    '2026-04-02T00:00:00.000Z acme: expired for none',
    '2026-04-02T00:00:00.000Z acme.lpr: blocked for none',
    '2026-04-02T00:00:00.000Z acme.lpr: not-approved by audit since 2026-04-02T00:00:00.000Z',
    '2026-04-10T12:00:00.000Z acme.faces: closed 2026-03-03T12:00:00.000Z to 2026-04-10T12:00:00.000Z',
    '2026-04-10T12:00:00.000Z acme.lpr: closed 2026-04-02T00:00:00.000Z to 2026-04-10T12:00:00.000Z',
  ]);
  // The version of words that are not approved is no part of an answer.
  const versions = (await city.events()).flatMap(({ event }) => (event.type === 'AnswerChanged' ? [event.version] : []));
  expect(versions).toEqual([null, null, null, '2.4', null, null]);
  expect(await readFigures(city.ports.sideStore)).toMatchObject({ openCases: 0, pastCases: 2 });
  expect((await readKeyRecord(city.ports.sideStore, 'acme.lpr'))?.offSince).toBe('2026-04-02T00:00:00.000Z');
  expect((await readKeyRecord(city.ports.sideStore, 'acme.faces'))?.offSince).toBeNull();
  expect((await listCases(city.ports.sideStore, { limit: 9 }))?.items.map(({ key }) => key)).toEqual(['acme.faces', 'acme.lpr']);
});

test('contracts that ended at one instant while nothing was followed ended then, each of them', async () => {
  const city = await openDerived({ vendors: ['acme', 'zeta'] });
  const keys = ['acme', 'acme.lpr', 'acme.lpr.search', 'zeta'];
  for (const feature of keys) await city.gate.approve({ feature, kind: 'contract', endsAt: '2026-06-30' });
  await city.report({ vendor: 'zeta', features: { zeta: true } });
  await city.until('2026-06-15T12:00:00.000Z');
  city.gate.at('2026-09-01T12:00:00.000Z');
  await city.gate.notice({ feature: 'acme.new' });
  await city.until('2026-09-01T12:00:00.000Z');
  const ended = '2026-07-01T00:00:00.000Z';
  expect(await notTasks(city)).toEqual(
    expect.arrayContaining([
      ...keys.map((key) => `${ended} ${key}: expired for none`),
      `${ended} zeta: not-approved by audit since ${ended}`,
    ]),
  );
  await holdsAnew(city);
});

test('a version that begins with a date to come is no instant: what is approved is followed, and its task ends', async () => {
  const city = await openDerived();
  await city.gate.approve();
  const change = await city.gate.notice({ feature: 'acme.lpr', version: '2026-03-03 LTS' });
  await city.log();
  await city.follow();
  expect((await readKeyRecord(city.ports.sideStore, 'acme.lpr'))?.tasks).toMatchObject([{ kind: 'opt-out' }]);
  await city.gate.decide(change);
  await city.log();
  await city.follow();
  expect(await readKeyRecord(city.ports.sideStore, 'acme.lpr')).toMatchObject({
    answer: { variant: 'enabled' },
    tasks: [{ kind: 'switch-on' }],
  });
});

test('an ancestor that went off has one task for the keys beneath that are seen on, and counts them', async () => {
  const city = await openDerived();
  for (const feature of ['acme', 'acme.lpr', 'acme.faces', 'acme.faces.search']) await city.gate.approve({ feature });
  await city.report({ features: { 'acme.lpr': true, 'acme.faces': true, 'acme.faces.search': true } });
  await city.until(NOON);
  await city.gate.revoke('acme/1');
  await city.until(dayAt('03'));
  const tasks = async () =>
    ((await listTasks(city.ports.sideStore, { limit: 9 }))?.items ?? []).map(({ key, kind, below }) => ({ key, kind, below }));
  expect(await tasks()).toEqual([{ key: 'acme', kind: 'switch-off', below: 3 }]);
  await city.report({ features: { 'acme.lpr': false } });
  await city.until(dayAt('04'));
  expect(await tasks()).toEqual([{ key: 'acme', kind: 'switch-off', below: 2 }]);
  await city.report({ features: { acme: false, 'acme.faces': false, 'acme.faces.search': false } });
  await city.until(dayAt('05'));
  expect(await tasks()).toEqual([]);
});

test('a revocation that is recorded beside its feature changes the answer at once, and of those beneath, also where the fold begins anew', async () => {
  const city = await openDerived();
  for (const feature of ['acme', 'acme.lpr']) await city.gate.approve({ feature });
  await city.report({ features: { 'acme.lpr': true } });
  await city.until(NOON);
  expect(await city.gate.revokeBeside('acme/1')).toMatchObject({ ok: true });
  const before = (await city.events()).length;
  await city.until(dayAt('03'));
  await city.until(dayAt('04'));
  await applyRevocations(city.gate.ports);
  await city.until(dayAt('05'));
  expect((await city.events()).slice(before).map(said)).toEqual([
    `${NOON} acme: unknown for none`,
    `${NOON} acme: TaskClosed switch-on approved`,
    `${NOON} acme: TaskOpened switch-off ended`,
    `${NOON} acme.lpr: blocked for none`,
    `${NOON} acme.lpr: not-approved by audit since ${NOON}`,
    '2026-03-04T12:00:00.000Z acme: revoked for none',
    '2026-03-04T12:00:00.000Z acme.lpr: blocked for none',
  ]);
  await holdsAnew(city);
});

test('a record has room for fifty cases; the list and the figures have all of them', async () => {
  const city = await openDerived();
  for (let hour = 0; hour < 53; hour += 1) {
    await city.report({ features: { 'acme.lpr': true } });
    city.gate.at(after(NOON, hour * 7_200_000 + 3_600_000));
    await city.report({ features: { 'acme.lpr': false } });
    city.gate.at(after(NOON, hour * 7_200_000 + 7_200_000));
  }
  await city.until(city.gate.ports.clock());
  expect((await readKeyRecord(city.ports.sideStore, 'acme.lpr'))?.cases.length).toBe(50);
  expect((await listCases(city.ports.sideStore, { open: false, limit: 99 }))?.items.length).toBe(53);
  expect(await readFigures(city.ports.sideStore)).toMatchObject({ openCases: 0, pastCases: 53 });
});

test('in another zone the days are others', async () => {
  const city = await openDerived({ zone: 'UTC' });
  await city.gate.notice({ feature: 'acme', effectiveAt: '2026-03-10', optOut: 'no' });
  await city.until(NOON);
  const lookBy = async () => (await listTasks(city.ports.sideStore, { limit: 9 }))?.items.map(({ kind, by }) => `${kind} ${by}`);
  await city.until('2026-03-10T00:00:00.000Z');
  expect(await lookBy()).toEqual(['look 2026-03-11T00:00:00.000Z']);
  await recordTimeZone({ ...city.gate.ports, zone: 'America/Denver' });
  await city.until('2026-03-10T00:01:00.000Z');
  expect(await lookBy()).toEqual(['look 2026-03-10T06:00:00.000Z']);
});

test('an entry that cannot be read is left out and named; what comes after it is folded', async () => {
  const { city, state } = await breaking(
    (method, [stream, range]) => method === 'history' && stream === 'feature/acme' && (range as { after: number }).after < 1,
  );
  await city.follow();
  state.broken = false;
  expect(city.gate.logged).toMatchObject([{ event: 'entry of the log cannot be folded', stream: 'feature/acme', version: 1 }]);
  expect((await readKeyRecord(city.ports.sideStore, 'acme'))?.answer).toMatchObject({ onFor: 'all' });
});

test('of what is seen on while its record cannot be read it is not said that nobody announced it', async () => {
  const { city, state } = await breaking((_, [stream]) => stream === 'feature/acme');
  state.broken = false;
  await city.follow();
  await city.report({ features: { acme: true, 'acme.faces': true } });
  await city.log();
  state.broken = true;
  await city.follow();
  expect((await notTasks(city)).slice(-3)).toEqual([
    `${NOON} acme: unknown for none`,
    `${NOON} acme: not-approved by audit since ${NOON}`,
    `${NOON} acme.faces: never-announced by audit since ${NOON}`,
  ]);
});

test('where nothing of the store can be read it waits, and nothing is lost', async () => {
  // What it begins with can still be read.
  const { city, state, head } = await breaking((method, [stream]) => method !== 'history' || stream !== LOG_STREAM);
  await expect(derivedFollower(city.ports).consumer.handle(head)).rejects.toThrow(Unavailable);
  state.broken = false;
  await city.follow();
  expect(await notTasks(city)).toHaveLength(2);
});

test('announced changes are counted as they come and as their days pass, and the same when all is folded anew', async () => {
  const city = await openDerived();
  const { sideStore } = city.ports;
  const counts = async () => Object.values(await readAnnounced(sideStore));
  expect(await counts()).toStrictEqual([0, 0, 0, 0]);
  const announced = { optOut: 'yes', effectiveAt: '2026-03-10T00:00:00.000Z' } as const;
  for (const feature of ['acme.a', 'acme.b']) await city.gate.notice({ feature, ...announced });
  await city.gate.notice({ feature: 'acme', kind: 'contract', endsAt: '2026-12-31' });
  await city.until(dayAt('09'));
  expect(await counts()).toStrictEqual([2, 0, 0, 0]);
  await city.until(dayAt('10'));
  expect(await counts()).toStrictEqual([2, 0, 0, 2]);
  await city.report({ features: { 'acme.a': false } });
  await city.until(dayAt('11'));
  expect(await counts()).toStrictEqual([2, 0, 0, 1]);
  await holdsAnew(city);
});

const KEY = 'acme.lpr';
const NO = { votes: Object.fromEntries(COUNCIL.map((seat) => [seat, 'no'])) };

const others = async ({ gate }: DerivedCity, count: number) => {
  for (let n = 0; n < count; n += 1) {
    const { change } = await gate.notice({ feature: KEY, kind: 'update', title: `Another ${n}` });
    await gate.withdraw(change);
  }
};

const tasksOfFirst = async ({ ports }: DerivedCity) =>
  ((await listTasks(ports.sideStore, { limit: 50 }))?.items ?? [])
    .filter(({ change }) => change === `${KEY}/1`)
    .map(({ kind, because, since }) => `${kind} ${because} ${since.slice(0, 10)}`);

test('a refused change that is followed by others is to be opted out of while that can be recorded; once it cannot, it is looked at', async () => {
  const city = await openDerived();
  const { gate } = city;
  const { change, digest } = await gate.notice({ feature: KEY, kind: 'update', optOut: 'yes', withoutAction: 'on' });
  await gate.certify(change, digest, NO);
  await others(city, 3);
  await city.until(dayAt('03'));
  expect(await tasksOfFirst(city)).toEqual(['opt-out announced 2026-03-02']);
  await others(city, 2);
  await city.until(dayAt('04'));
  const report = { revision: 1, digest, note: 'Off.', evidence: null, caller: { name: 'console', person: 'ida' } };
  expect(await recordOptOut(gate.ports, { key: KEY, n: 1, ...report }, null)).toMatchObject({ rejection: { code: 'closed' } });
  expect(await tasksOfFirst(city)).toEqual([]);
  await city.until(dayAt('09'));
  expect(await tasksOfFirst(city)).toEqual(['look took-effect 2026-03-09']);
  await holdsAnew(city);
  await city.report({ features: { [KEY]: false } });
  await city.until(dayAt('10'));
  expect(await tasksOfFirst(city)).toEqual([]);
});

const counting = <T extends object>(target: T, counts: Map<string, number>): T =>
  failing(target, (method) => {
    counts.set(method, (counts.get(method) ?? 0) + 1);
    return undefined;
  });

/** What following one signature costs in a register with so many other features, each with a task, a case and a day to come. */
const costWith = async (features: number) => {
  const [reads, writes] = [new Map<string, number>(), new Map<string, number>()];
  const city = await openDerived({
    storeOf: (store) => counting(store, reads),
    sideStoreOf: (sideStore) => counting(sideStore, writes),
  });
  const { gate, ports } = city;
  const { change, digest } = await gate.notice({ feature: 'acme.lpr.search' });
  for (const feature of ['acme', 'acme.lpr']) await gate.notice({ feature });
  await gate.certify(change, digest);
  await city.report({ features: { 'acme.lpr.search': true } });
  await city.until(NOON);
  const next = '2030-01-01T00:00:00.000Z';
  for (let from = 0; from < features; from += 500)
    await Promise.all(
      Array.from({ length: 500 }, async (_, index) => {
        const key = `other.f${from + index}`;
        const [own, drift] = [task({ key, vendor: 'other' }), driftCase({ approved: answer() })];
        await Promise.all([
          putKeyRecord(ports.sideStore, keyRecord({ key, tasks: [own], cases: [drift], next })),
          putTask(ports.sideStore, own),
          putCase(ports.sideStore, key, drift),
          ports.sideStore.put(DERIVED.due, dueId(next, key), { of: key }),
        ]);
      }),
    );
  await gate.sign(change, digest);
  await city.log();
  for (const counts of [reads, writes]) counts.clear();
  await city.follow();
  return { store: Object.fromEntries(reads), sideStore: Object.fromEntries(writes) };
};

test('following a signature costs the same among a thousand features as alone', async () => {
  const alone = await costWith(0);
  expect(alone).toEqual(await costWith(1_000));
  expect(alone).toStrictEqual({
    sideStore: { get: 6, list: 2, put: 10, remove: 3 },
    store: { head: 1, history: 5 },
  });
});

test('a long fold leaves the event loop its turns', async () => {
  const { ports } = await openDerived();
  const start = { derivedVersion: DERIVED_VERSION, log: 0, size: 0, at: NOON, zone: 'UTC', sources: {}, unit: 0 };
  const unit = new Unit({ store: ports.store, reads: NO_READS, unreadable: () => undefined }, start);
  const fold = async () => {
    for (let version = 1; version <= 1_000; version += 1)
      await unit.entry({ stream: 'feature/acme', version, commit: undefined });
  };
  expect(await turnsDuring(fold)).toBeGreaterThanOrEqual(20);
});
