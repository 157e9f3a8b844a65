import { expect, test } from 'vitest';
import { DERIVED_VERSION } from '../../../../domain/derived/record.ts';
import { DERIVED, dueId } from '../../../../functions/register/derived/records.ts';
import { NO_READS, Unit } from '../../../../functions/register/derived/unit.ts';
import { failing, NOON } from '../../openGate.ts';
import { turnsDuring } from '../../turnsDuring.ts';
import { answer, driftCase, keyRecord, openDerived, putCase, putKeyRecord, putTask, task } from './derivedCity.ts';

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
