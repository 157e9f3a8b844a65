import { expect, test } from 'vitest';
import { KeyRecord } from '../../../../domain/derived/record.ts';
import type { JsonObject } from '../../../../domain/kernel/json.ts';
import { LOG_STREAM } from '../../../../domain/log/events.ts';
import { loggedAbove } from '../../../../functions/log/sequencer/entries.ts';
import {
  derivedFollower,
  pruneQueue,
  refoldDerived,
  requestRefold,
  startFold,
} from '../../../../functions/register/derived/follow.ts';
import { followDerived } from '../../../../functions/register/derived/followers.ts';
import { DERIVED, FOLD_MARK, queuedUpTo } from '../../../../functions/register/derived/records.ts';
import { NOON } from '../../openGate.ts';
import { after, type DerivedCity, dayAt, derivedIn, holdsAnew, openDerived, queuedIn, said } from './derivedCity.ts';

const LATER = dayAt('05');

/** A feature that was approved, seen on, and revoked; and a second that nobody announced. */
const city = async () => {
  const made = await openDerived();
  const { gate } = made;
  for (const feature of ['acme', 'acme.lpr']) await gate.approve({ feature });
  await made.report({ features: { 'acme.lpr': true, 'acme.faces': true } });
  await made.until(dayAt('03'));
  await gate.revoke('acme/1');
  await made.until(LATER);
  return made;
};

const clear = async ({ ports: { sideStore } }: DerivedCity) => {
  for (const { id } of await sideStore.list(DERIVED.event)) await sideStore.remove(DERIVED.event, id);
};

const follow = async ({ ports }: DerivedCity) => {
  const head = await ports.store.head(LOG_STREAM);
  if (head !== undefined) await derivedFollower(ports).consumer.handle(head);
};

interface Mark {
  readonly position: { readonly log: number; readonly size: number; readonly unit: number };
}
const markOf = async ({ ports }: DerivedCity) => (await ports.sideStore.get(DERIVED.mark, FOLD_MARK)) as unknown as Mark;

test('what was altered is made anew, and only what was published otherwise is published', async () => {
  const made = await city();
  const { sideStore } = made.ports;
  const before = await derivedIn(sideStore);
  await clear(made);
  const record = (before['derived/acme.lpr'] ?? {}) as JsonObject;
  const answer = record['answer'] as JsonObject;
  await sideStore.put(DERIVED.key, 'acme.lpr', { ...record, answer: { ...answer, onFor: 'all', variant: 'enabled' }, cases: [] });
  await sideStore.put(DERIVED.key, 'acme.stray', { ...record, key: 'acme.stray' });
  await sideStore.remove(DERIVED.key, 'acme.faces');
  for (const { id } of await sideStore.list(DERIVED.case)) await sideStore.remove(DERIVED.case, id);
  const ticks: number[][] = [];
  const { differing } = await refoldDerived(made.ports, undefined, (...tick) => void ticks.push(tick));
  expect(ticks.at(-1)).toEqual([ticks.length, ticks.length]);
  expect(differing.filter((id) => id.startsWith('derived/')).sort()).toEqual([
    'derived/acme.faces',
    'derived/acme.lpr',
    'derived/acme.stray',
  ]);
  expect(await derivedIn(sideStore)).toEqual(before);
  const { at } = KeyRecord.parse(record);
  expect((await queuedIn(sideStore)).map(said)).toEqual([
    `${at} acme.lpr: blocked for none`,
    `${at} acme.lpr: not-approved by audit since 2026-03-03T12:00:00.000Z`,
  ]);
});

test('where something was seen and nothing announced, nothing differs', async () => {
  const made = await openDerived();
  await made.report({ features: { 'acme.faces': true } });
  await made.until(LATER);
  await holdsAnew(made);
});

test('records of another version of the code are made anew by the next tick, those without a mark with the next commit', async () => {
  const made = await city();
  const { sideStore } = made.ports;
  const before = await derivedIn(sideStore);
  await clear(made);
  const { position } = await markOf(made);
  await sideStore.put(DERIVED.mark, FOLD_MARK, { pending: null, position: { ...position, derivedVersion: 0 } });
  const old = (before['derived/acme'] ?? {}) as JsonObject;
  await sideStore.put(DERIVED.key, 'acme', { ...old, derivedVersion: 0, changes: 'of another shape' });
  const follower = derivedFollower(made.ports);
  expect(await follower.isDue(made.ports.clock())).toBe(true);
  await follower.tick(made.ports.clock());
  expect(await follower.isDue(made.ports.clock())).toBe(false);
  expect(await derivedIn(sideStore)).toEqual(before);
  await sideStore.remove(DERIVED.mark, FOLD_MARK);
  await sideStore.put(DERIVED.key, 'acme', { ...old, cases: [], tasks: [], answer: null });
  await follow(made);
  const records = Object.entries(await derivedIn(sideStore)).filter(([id]) => id.startsWith('derived/'));
  expect(records.map(([id]) => id)).toEqual(['derived/acme', 'derived/acme.faces', 'derived/acme.lpr']);
  expect(await queuedIn(sideStore)).toEqual([]);
});

test.each(['without a mark', 'as an import'])(
  'folded anew %s, the queue goes on: nothing is heard twice, and all that follows',
  async (how) => {
    const made = await city();
    const { sideStore } = made.ports;
    const ports = { ...made.ports, wallMs: () => Date.parse(made.ports.clock()) };
    const heard: string[] = [];
    const hear = () => followDerived(ports, 'bus', async (entry) => void heard.push(said(entry)));
    await hear();
    const before = heard.splice(0);
    expect(before).toHaveLength((await queuedIn(sideStore)).length);
    if (how === 'as an import') {
      const fold = await startFold(made.ports);
      for await (const commit of loggedAbove(made.ports.store, 0)) await fold.take(commit);
      await refoldDerived(made.ports, fold);
    } else {
      await sideStore.remove(DERIVED.mark, FOLD_MARK);
      await follow(made);
    }
    await hear();
    expect(heard).toEqual([]);
    await made.report({ features: { 'acme.faces': false } });
    await made.until(dayAt('06'));
    await hear();
    expect(heard).toContain(`${LATER} acme.faces: closed ${NOON} to ${LATER}`);
    expect([...before, ...heard]).toEqual((await queuedIn(sideStore)).map(said));
  },
);

test('asked for beside a running follower, it is folded anew by that, without waiting for a commit or a day', async () => {
  const made = await city();
  const { sideStore } = made.ports;
  const before = await derivedIn(sideStore);
  const isDue = () => derivedFollower(made.ports).isDue(made.ports.clock());
  expect(await isDue()).toBe(false);
  await sideStore.remove(DERIVED.key, 'acme.lpr');
  await requestRefold(sideStore);
  expect(await isDue()).toBe(true);
  await follow(made);
  expect(await derivedIn(sideStore)).toEqual(before);
  await sideStore.remove(DERIVED.key, 'acme.lpr');
  await follow(made);
  expect(Object.keys(await derivedIn(sideStore))).not.toContain('derived/acme.lpr');
  // What came meanwhile is followed as ever.
  await made.report({ features: { 'acme.faces': false } });
  await made.log();
  await requestRefold(sideStore);
  await follow(made);
  const queued = await queuedIn(sideStore);
  expect(queued.map(said)).toContain(`${LATER} acme.faces: closed ${NOON} to ${LATER}`);
  expect(queued.filter(({ id }) => /-r\d+$/.test(id))).toEqual([]);
});

test('asked for before anything is folded, it is done with the next tick', async () => {
  const { ports } = await openDerived();
  await requestRefold(ports.sideStore);
  const follower = derivedFollower(ports);
  expect(await follower.isDue(ports.clock())).toBe(true);
  await follower.tick(ports.clock());
  expect(await follower.isDue(ports.clock())).toBe(false);
});

test('a unit that was interrupted is ended by the next tick', async () => {
  const made = await city();
  const { sideStore } = made.ports;
  const mark = await markOf(made);
  const unit = mark.position.unit + 1;
  expect(await sideStore.get(DERIVED.key, 'acme')).toBeDefined();
  await sideStore.put(DERIVED.journal, '000000', { unit, writes: [[DERIVED.key, 'acme', null]] });
  await sideStore.put(DERIVED.mark, FOLD_MARK, { ...mark, pending: { position: { ...mark.position, unit }, chunks: 1 } });
  const follower = derivedFollower(made.ports);
  expect(await follower.isDue(made.ports.clock())).toBe(true);
  await follower.tick(made.ports.clock());
  expect(await sideStore.get(DERIVED.key, 'acme')).toBeUndefined();
  expect(await follower.isDue(made.ports.clock())).toBe(false);
});

test('of what is queued nothing is kept longer than ninety days', async () => {
  const made = await city();
  const { sideStore } = made.ports;
  const all = await queuedIn(sideStore);
  const first = all[0]?.queued ?? '';
  await pruneQueue(sideStore, after(first, 90 * 24 * 60 * 60_000));
  expect(await queuedIn(sideStore)).toEqual(all);
  await pruneQueue(sideStore, after(first, 90 * 24 * 60 * 60_000 + 1));
  expect(await queuedIn(sideStore)).toEqual(all.filter(({ queued }) => queued > first));
  expect((await queuedUpTo(sideStore)) ?? '').toBeTruthy();
});

test('a log that is not the one that was followed is folded anew', async () => {
  const made = await city();
  const { sideStore } = made.ports;
  const { position } = await markOf(made);
  await sideStore.put(DERIVED.mark, FOLD_MARK, { pending: null, position: { ...position, size: position.size - 1 } });
  await made.report({ features: { 'acme.faces': false } });
  await made.until(dayAt('06'));
  const before = await derivedIn(sideStore);
  expect(await refoldDerived(made.ports)).toMatchObject({ differing: [] });
  expect(await derivedIn(sideStore)).toEqual(before);
  expect((await markOf(made)).position.size).toBe(position.size + 1);
});
