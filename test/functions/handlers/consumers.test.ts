import { expect, test } from 'vitest';
import { plusDuration } from '../../../domain/kernel/zone.ts';
import { busConsumer } from '../../../functions/handlers/runtime/consumers.ts';
import { CONSUME_TRIES_MAX } from '../../../functions/platform/feed/consume.ts';
import { LEASE_MS, underLease } from '../../../functions/platform/lease.ts';
import { openGate } from '../openGate.ts';

type Run = ReturnType<typeof busConsumer>;

const LEASE = 'listener:feature/acme';

/** A gate with one notice, and a consumer that notes what it handles once `works`. */
const noticed = async () => {
  const gate = await openGate();
  await gate.notice();
  const handled: number[] = [];
  const target = { works: true };
  const consumer = {
    name: 'listener',
    wants: (stream: string) => stream === 'feature/acme',
    handle: async ({ version }: { readonly version: number }) => {
      if (!target.works) throw new Error('not now');
      handled.push(version);
    },
  };
  return { gate, consumer, handled, target };
};

const nudged = (run: Run) => {
  const detail = { source: 'aldergate', type: 'aldergate.feature.ChangeNotified.v1', subject: 'acme' };
  return run({ detail } as unknown as Parameters<Run>[0]);
};

test('of two runs that read a commit before it was handled, the second leaves it, also once the first has ended', async () => {
  const { gate, consumer, handled } = await noticed();
  const first = busConsumer(gate.ports, consumer);
  let isRead = false;
  const isReleased = async () => {
    if (!isRead) await nudged(first);
    isRead = true;
    return true;
  };
  await nudged(busConsumer({ ...gate.ports, isReleased }, consumer));
  expect([isRead, handled]).toEqual([true, [1]]);
});

test('what a run began that was cut off is left to a sweep after its lease', async () => {
  const { gate, consumer, handled } = await noticed();
  const run = busConsumer(gate.ports, consumer);
  void underLease(gate.ports, LEASE, () => new Promise(() => undefined));
  await run({ task: 'sweep' });
  expect(handled).toEqual([]);
  gate.later(LEASE_MS + 1);
  await run({ task: 'sweep' });
  expect(handled).toEqual([1]);
});

test('what was given up is handled by a replay, though it lies below the mark', async () => {
  const { gate, consumer, handled, target } = await noticed();
  const run = busConsumer(gate.ports, consumer);
  target.works = false;
  for (let tries = 0; tries < CONSUME_TRIES_MAX; tries += 1) {
    await run({ task: 'sweep' });
    gate.later(60_000);
  }
  expect(await run({ task: 'replay' })).toStrictEqual({ handled: 0, failed: ['feature/acme@1'] });
  target.works = true;
  await run({ task: 'sweep' });
  expect(handled).toEqual([]);
  const whileAnotherRuns = await underLease(gate.ports, LEASE, () => run({ task: 'replay' }));
  expect(whileAnotherRuns).toStrictEqual({ handled: 0, failed: ['feature/acme@1'] });
  expect(await run({ task: 'replay' })).toStrictEqual({ handled: 1, failed: [] });
  expect(handled).toEqual([1]);
});

test('a sweep says in its log what has waited for longer than it should, until it is handled', async () => {
  const { gate, consumer, target } = await noticed();
  const lines: unknown[] = [];
  const run = busConsumer({ ...gate.ports, logger: ({ event, detail }) => void lines.push([event, detail]) }, consumer);
  const behind = ['consumer is behind', 'listener has not handled version 1 of feature/acme.'];
  target.works = false;
  await run({ task: 'sweep' });
  expect(lines).not.toContainEqual(behind);
  gate.later(60_000);
  gate.at(plusDuration(gate.ports.clock(), 'PT1M', 'UTC'));
  await run({ task: 'sweep' });
  expect(lines).toContainEqual(behind);
  target.works = true;
  gate.later(60_000);
  lines.length = 0;
  await run({ task: 'sweep' });
  expect(lines).toEqual([]);
});
