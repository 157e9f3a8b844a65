import { expect, test, vi } from 'vitest';
import { Unavailable } from '../../../../functions/platform/feed/consumer.ts';
import type { LogEntry } from '../../../../functions/platform/logging.ts';
import { followDerived, followedCheck, followFromNow, replayFollowed } from '../../../../functions/register/derived/followers.ts';
import { DERIVED, FOLD_MARK, type QueuedEvent, queueId } from '../../../../functions/register/derived/records.ts';
import { sideStoreOfTest } from '../../../support/stores.ts';

const AT = '2026-03-01T12:00:00.000Z';
const REVOKED = { onFor: 'none', variant: 'revoked', because: 'revoked', version: null } as const;

const entry = (sequence: number, key: string): QueuedEvent => ({
  id: `derived-${sequence}-${AT}-${key}-AnswerChanged`,
  event: { type: 'AnswerChanged', v: 1, at: AT, sequence, key, ...REVOKED },
  cause: { stream: `feature/${key}`, version: 1, commit: 'c1' },
  queued: AT,
});

const open = () => {
  const sideStore = sideStoreOfTest();
  let nowMs = Date.parse(AT);
  const logged: LogEntry[] = [];
  const ports = {
    sideStore,
    wallMs: () => nowMs,
    clock: () => new Date(nowMs).toISOString(),
    logger: (line: LogEntry) => void logged.push(line),
  };
  const queue = async (...entries: readonly QueuedEvent[]) => {
    for (const each of entries) {
      const key = 'key' in each.event ? each.event.key : '';
      await sideStore.put(DERIVED.event, queueId(each.event.sequence, KEYS.indexOf(key)), JSON.parse(JSON.stringify(each)));
    }
  };
  const fold = (unit: number) => sideStore.put(DERIVED.mark, FOLD_MARK, { position: { unit } });
  const heard: string[] = [];
  const take = async ({ id }: QueuedEvent) => void heard.push(id);
  const later = (ms: number) => {
    nowMs += ms;
  };
  return { ports, sideStore, queue, fold, heard, take, later, logged };
};

const KEYS = ['acme', 'acme.lpr', 'acme.lpr.search'];

test('every event once, in the order of the log and of the keys, and only those that the fold has left behind it', async () => {
  const { ports, queue, fold, heard, take } = open();
  await queue(...KEYS.toReversed().map((key) => entry(9, key)), entry(10, 'acme'));
  expect(await followDerived(ports, 'bus', take)).toBe('caught-up');
  expect(heard).toStrictEqual([]);
  await fold(9);
  expect(await followDerived(ports, 'bus', take)).toBe('caught-up');
  expect(heard).toStrictEqual(KEYS.map((key) => entry(9, key).id));
  await fold(10);
  for (const _ of [1, 2]) await followDerived(ports, 'bus', take);
  expect(heard).toStrictEqual([...KEYS.map((key) => entry(9, key).id), entry(10, 'acme').id]);
  await followDerived(ports, 'other', take);
  expect(heard).toHaveLength(8);
  // More than a page.
  await queue(...Array.from({ length: 60 }, (_, index) => entry(index + 11, 'acme')));
  await fold(70);
  await followDerived(ports, 'bus', take);
  expect(heard).toHaveLength(68);
});

test('who begins now is told of nothing that was before', async () => {
  const { ports, sideStore, queue, fold, heard, take } = open();
  await queue(entry(9, 'acme'));
  await fold(9);
  await followFromNow(sideStore, 'late');
  await queue(entry(10, 'acme'), entry(10, 'acme.lpr'));
  await fold(10);
  await followDerived(ports, 'late', take);
  expect(heard).toStrictEqual([entry(10, 'acme').id, entry(10, 'acme.lpr').id]);
});

test('a target that is away is waited for: nothing is parked, nothing overtakes', async () => {
  const { ports, queue, fold, heard, take, later, logged } = open();
  await queue(entry(1, 'acme'), entry(2, 'acme'));
  await fold(2);
  const away = () => Promise.reject(new Unavailable('not now'));
  for (let round = 0; round < 8; round += 1) {
    expect(await followDerived(ports, 'bus', away)).toBe('waiting');
    expect(await followDerived(ports, 'bus', take)).toBe('waiting');
    expect(await followedCheck(ports, 'bus')()).toHaveLength(round < 6 ? 0 : 1);
    later(5_000);
  }
  expect(heard).toStrictEqual([]);
  expect(await followDerived(ports, 'bus', take)).toBe('caught-up');
  expect(heard).toStrictEqual([entry(1, 'acme').id, entry(2, 'acme').id]);
  expect(await followedCheck(ports, 'bus')()).toStrictEqual([]);
  expect(new Set(logged.map(({ level, event }) => `${level} ${event}`))).toStrictEqual(new Set(['warn consumer waits']));
});

test('an event that cannot be handled is parked after five tries, those behind it go on, and it can be tried again', async () => {
  const { ports, queue, fold, heard, take, later, logged } = open();
  const [good, bad, next] = [entry(1, 'acme'), entry(2, 'acme.lpr'), entry(3, 'acme')];
  await queue(good, bad, next);
  await fold(3);
  let [asked, isMended] = [0, false];
  const handle = async (given: QueuedEvent) => {
    if (given.id === bad.id) asked += 1;
    if (given.id === bad.id && !isMended) throw new Error('not this one');
    await take(given);
  };
  const outcomes: string[] = [];
  for (let round = 0; round < 5; round += 1) {
    outcomes.push(await followDerived(ports, 'bus', handle));
    later(60_000);
  }
  // The second try follows the first at once.
  expect(outcomes).toStrictEqual(['waiting', 'waiting', 'waiting', 'caught-up', 'caught-up']);
  expect([asked, heard]).toStrictEqual([5, [good.id, next.id]]);
  const place = queueId(2, KEYS.indexOf('acme.lpr'));
  expect(logged.at(-1)).toMatchObject({ level: 'error', event: 'parked', consumer: 'bus', entry: place });
  const found = await followedCheck(ports, 'bus')();
  expect(found).toMatchObject([{ code: 'consumers-stuck', detail: `bus gave up on ${place}.` }]);
  expect(await followedCheck(ports, 'other')()).toStrictEqual([]);

  expect(await replayFollowed(ports, { name: 'bus', handle })).toMatchObject({
    handled: 0,
    failed: [{ entry: place, tries: 6 }],
  });
  isMended = true;
  expect(await replayFollowed(ports, { name: 'bus', handle })).toStrictEqual({ handled: 1, failed: [] });
  expect(heard).toStrictEqual([good.id, next.id, bad.id]);
  expect(await followedCheck(ports, 'bus')()).toStrictEqual([]);
});

test('killed while an event is handled, it comes again with those of the second before it', async () => {
  const { ports, queue, fold, heard, take } = open();
  await queue(...[1, 2, 3, 4].map((sequence) => entry(sequence, 'acme')));
  await fold(4);
  let ms = performance.now();
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => ms);
  void followDerived(ports, 'bus', async (given) => {
    await take(given);
    if (given.event.sequence === 2) ms += 1_000;
    if (given.event.sequence === 4) await new Promise(() => undefined);
  });
  await expect.poll(() => heard.length).toBe(4);
  clock.mockRestore();
  await followDerived(ports, 'bus', take);
  expect(heard).toStrictEqual([1, 2, 3, 4, 3, 4].map((sequence) => entry(sequence, 'acme').id));
});

test('a queue that began anew is followed from its beginning', async () => {
  const { ports, sideStore, queue, fold, heard, take } = open();
  await queue(entry(9, 'acme'));
  await fold(9);
  await followDerived(ports, 'bus', take);
  for (const { id } of await sideStore.list(DERIVED.event)) await sideStore.remove(DERIVED.event, id);
  await queue(entry(1, 'acme'));
  await fold(1);
  for (const _ of [1, 2]) await followDerived(ports, 'bus', take);
  expect(heard).toStrictEqual([entry(9, 'acme').id, entry(1, 'acme').id]);
});

test('an event that was pruned after it was parked is parked no more', async () => {
  const { ports, sideStore, queue, fold, later } = open();
  await queue(entry(1, 'acme'));
  await fold(1);
  const handle = () => Promise.reject(new Error('no'));
  for (let round = 0; round < 5; round += 1) {
    await followDerived(ports, 'bus', handle);
    later(60_000);
  }
  expect(await followedCheck(ports, 'bus')()).toHaveLength(1);
  for (const { id } of await sideStore.list(DERIVED.event)) await sideStore.remove(DERIVED.event, id);
  expect(await replayFollowed(ports, { name: 'bus', handle })).toStrictEqual({ handled: 1, failed: [] });
  expect(await followedCheck(ports, 'bus')()).toStrictEqual([]);
});
