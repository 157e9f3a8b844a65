import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { NO_NOTICE_LIMITS } from '../../../functions/gate/noticeLimits.ts';
import type { GatePorts } from '../../../functions/gate/ports.ts';
import { directReads } from '../../../functions/gate/rules.ts';
import { StreamQueue } from '../../../functions/platform/store/queue.ts';
import { newRecord } from '../../../functions/platform/store/record.ts';
import { openSqliteSideStore } from '../../../functions/platform/store/sqlite/sqliteSideStore.ts';
import { openSqliteStore } from '../../../functions/platform/store/sqlite/sqliteStore.ts';
import { testGuard, testMacs } from '../../support/macs.ts';
import { certification, decide, openChange, openCity, withdraw } from '../city.ts';
import { makeFolder } from '../folder.ts';
import { spreadOf } from '../rounds.ts';
import { VENDOR } from '../vendor.ts';
import { fill } from './fill.ts';
import type { Result } from './result.ts';

const SHORT = 10;
const LONG = [1_000, 100_000] as const;
const ROUNDS = 5;
/** Decisions on each stream in a round; their median counts. */
const DECISIONS = 15;

/** Another process writes to the same file, as the command line does: all heads that were known are read from the disk again. */
const openElsewhere = (path: string, clock: () => string) => {
  const store = openSqliteStore(path, testMacs);
  let written = 0;
  return {
    write: async (): Promise<void> => {
      written += 1;
      const place = {
        stream: `elsewhere/${written}`,
        version: 1,
        id: randomUUID(),
        commandId: 'c',
        at: clock(),
        actor: 'operator',
      };
      const beside = { state: '{}', stateVersion: 1, attachments: [] };
      await store.append(newRecord({ ...place, prev: null, events: [{ type: 'Written' }] }, beside));
    },
    close: () => store.close(),
  };
};

/** Returns the milliseconds of one certification of the newest change of a stream whose head must be read from the disk. */
const timed = async (ports: GatePorts, key: string, elsewhere: () => Promise<void>): Promise<number> => {
  const opened = await openChange(ports, key);
  const order = certification(ports, opened);
  await elsewhere();
  const started = performance.now();
  await decide(ports, order);
  const took = performance.now() - started;
  await withdraw(ports, opened);
  return took;
};

const rotated = <T>(items: readonly T[], by: number): readonly T[] => {
  const cut = by % items.length;
  return [...items.slice(cut), ...items.slice(0, cut)];
};

/** Measure 3: a decision through the gate on a short stream and on long ones. */
export const decisions = async (): Promise<readonly Result[]> => {
  const path = makeFolder();
  const store = openSqliteStore(join(path, 'commits.db'), testMacs);
  const sideStore = openSqliteSideStore(join(path, 'side.db'), testGuard);
  const clock = () => new Date().toISOString();
  const ports = {
    store,
    sideStore,
    ...directReads(store),
    countNotice: NO_NOTICE_LIMITS,
    end: async () => undefined,
    clock,
    newId: randomUUID,
    queue: new StreamQueue(),
    zone: 'UTC',
    city: { name: 'City', contact: undefined },
    url: 'https://gate.example',
  };
  const elsewhere = openElsewhere(join(path, 'commits.db'), clock);
  await openCity(ports);
  for (const length of LONG) await fill(store, `${VENDOR}.long-${length}`, length - 1, clock());

  const figures = new Map<number, number[]>([SHORT, ...LONG].map((length) => [length, []]));
  let short = 0;
  for (let round = 0; round <= ROUNDS; round += 1) {
    const took = new Map<number, number[]>([SHORT, ...LONG].map((length) => [length, []]));
    for (let index = 0; index < DECISIONS; index += 1) {
      short += 1;
      await fill(store, `${VENDOR}.short-${short}`, SHORT - 1, clock());
      // The order alternates from turn to turn.
      for (const length of rotated([SHORT, ...LONG], index)) {
        const key = length === SHORT ? `${VENDOR}.short-${short}` : `${VENDOR}.long-${length}`;
        took.get(length)?.push(await timed(ports, key, elsewhere.write));
      }
    }
    // The first round only warms up.
    if (round > 0) for (const [length, times] of took) figures.get(length)?.push(1_000 / spreadOf(times).median);
  }
  await elsewhere.close();
  await store.close();
  await sideStore.close();
  const peer = figures.get(SHORT) ?? [];
  return LONG.map((length) => {
    const ours = figures.get(length) ?? [];
    return {
      name: `a decision on a stream of ${length.toLocaleString('en-US')} commits`,
      peerName: `the same on a stream of ${SHORT}`,
      unit: 'decisions/s',
      aim: 0.9,
      ours: spreadOf(ours),
      peer: spreadOf(peer),
      ratio: spreadOf(ours.map((figure, index) => figure / (peer[index] ?? Number.NaN))),
    };
  });
};
