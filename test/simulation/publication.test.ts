import { cpSync } from 'node:fs';
import { dirname } from 'node:path';
import { expect, test } from 'vitest';
import { LOG_STREAM } from '../../domain/log/events.ts';
import { logAggregate } from '../../functions/gate/aggregates.ts';
import { sequence } from '../../functions/log/sequencer/sequence.ts';
import { eventsOf } from '../../functions/platform/store/load.ts';
import { type Fault, faulty } from '../functions/log/sequencer/faults.ts';
import { type Bench, bench } from '../functions/log/sequencer/ports.ts';
import { verifiedEntries } from '../functions/log/sequencer/verifiedEntries.ts';
import { folderOfTest } from '../support/folders.ts';

interface Situation {
  readonly before: number;
  readonly waiting: number;
}
/** The first commit, and over the edge of a tile. */
const USUAL: readonly Situation[] = [
  { before: 0, waiting: 1 },
  { before: 255, waiting: 2 },
];
/** Up to the edge, and from it: only where ALDERGATE_RACE_ROUNDS asks for more than the usual. */
const MORE: readonly Situation[] = [
  { before: 254, waiting: 2 },
  { before: 256, waiting: 1 },
];
const SITUATIONS = process.env.ALDERGATE_RACE_ROUNDS === undefined ? USUAL : [...USUAL, ...MORE];

/** A data folder in that situation, to be copied: what comes before the crash need not happen again for every step. */
const template = async ({ before, waiting }: Situation) => {
  const ports = bench();
  if (before > 0) await ports.write('feature/a', before);
  await sequence(ports);
  await ports.write('policy', waiting);
  await ports.store.close();
  await ports.sideStore.close();
  return dirname(ports.folder);
};

const copyOf = (data: string) => {
  const copy = folderOfTest('crash');
  cpSync(data, copy, { recursive: true });
  return bench(copy);
};

/** Every root that was ever signed, by size: from the store, which keeps them all. */
const signedRoots = async ({ store }: Bench): Promise<ReadonlyMap<number, Set<string>>> => {
  const roots = new Map<number, Set<string>>();
  for (const commit of await store.history(LOG_STREAM, { limit: 1_000 })) {
    for (const { size, root } of eventsOf(logAggregate, commit)) roots.set(size, (roots.get(size) ?? new Set()).add(root));
  }
  return roots;
};

/** Whatever was published is whole: the files of its size are all there and make its root. */
const expectWhole = ({ folder, signer }: Bench) => verifiedEntries(folder, signer.key).length;

const stepsOf = async (data: string) => {
  const { ports, writes } = faulty(copyOf(data), () => false, 'persisted');
  await sequence(ports);
  return writes.length;
};

test.each(SITUATIONS)(
  'a crash at any step while $waiting commits are published to a log of $before: what is public is whole, and it heals',
  async (situation) => {
    const data = await template(situation);
    const steps = await stepsOf(data);
    expect(steps).toBeGreaterThanOrEqual(7);
    const size = situation.before + situation.waiting;
    for (const fault of ['not persisted', 'persisted'] satisfies readonly Fault[])
      for (let step = 1; step <= steps; step += 1) {
        const ports = copyOf(data);
        await sequence(faulty(ports, (_, number) => number === step, fault).ports).catch(() => undefined);
        expect([situation.before, size]).toContain(expectWhole(ports));
        // It fails once more on the way up, and more commits have come meanwhile.
        await ports.write('roster');
        await sequence(faulty(ports, (_, number) => number === 2, fault).ports).catch(() => undefined);
        expectWhole(ports);
        expect((await sequence(ports))?.size).toBe(size + 1);
        expect(expectWhole(ports)).toBe(size + 1);
        expect([...(await signedRoots(ports)).values()].every((roots) => roots.size === 1)).toBe(true);
      }
  },
);
