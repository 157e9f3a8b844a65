import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { allFeatures } from '../../../functions/register/lists.ts';
import { COMPUTED_PER_TURN, MemoryIndex, READ_PER_TURN, storedIndex } from '../../../functions/register/memoryIndex.ts';
import { rebuild } from '../../../functions/register/rebuild.ts';
import { NOON, openGate } from '../openGate.ts';

const LATER = '2026-06-01T00:00:00.000Z';
const TURNS = 3;

/** Returns the number of turns of the event loop that work takes, until which something else can be answered. */
const turnsOf = async (work: () => Promise<unknown>): Promise<number> => {
  let ended = false;
  const done = work().finally(() => {
    ended = true;
  });
  let turns = 0;
  for (; !ended; turns += 1) await setImmediate();
  await done;
  return turns;
};

test('a long register is read, computed and looked through in many turns; what is known takes one', async () => {
  const gate = await openGate();
  const keys = Array.from({ length: TURNS * Math.max(READ_PER_TURN, COMPUTED_PER_TURN) }, (_, n) => `acme.f${n}`);
  for (const feature of keys) await gate.notice({ feature });
  await rebuild(gate.ports);
  const index = new MemoryIndex(gate.ports, gate.ports.logger);
  const walk = async (): Promise<void> => {
    for await (const _ of storedIndex(gate.ports).documents({ after: '' }));
  };
  expect(await turnsOf(walk)).toBeGreaterThan(1);
  expect(await turnsOf(() => index.document('acme.f0'))).toBeGreaterThanOrEqual(TURNS);
  const list = async () => allFeatures({ register: index }, { now: NOON });
  expect(await turnsOf(list)).toBeGreaterThanOrEqual(TURNS);
  expect(await turnsOf(list)).toBe(1);
  expect(await turnsOf(() => index.due(LATER, true))).toBeGreaterThanOrEqual(TURNS);

  // A commit that is shown while a list is computed is in the next one.
  const later = async () => allFeatures({ register: index }, { now: LATER });
  const before = later();
  await setImmediate();
  await gate.withdraw('acme.f0/1');
  await before;
  const found = (await later()).find(({ key }) => key === 'acme.f0');
  expect(found?.evaluation.variant).toBe('withdrawn');
  // Two looks at once find the same.
  const [one, other] = await Promise.all([index.due(LATER, true), index.due(LATER, true)]);
  expect(one).toHaveLength(keys.length - 1);
  expect(other).toEqual(one);
});
