import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { canonical } from '../../domain/kernel/canonical.ts';
import { hashOf } from '../../domain/kernel/commit.ts';
import type { JsonObject } from '../../domain/kernel/json.ts';
import { type SequencerPorts, SOLE_WRITER } from '../../functions/log/sequencer/ports.ts';
import { sequence } from '../../functions/log/sequencer/sequence.ts';
import { logSigner } from '../../functions/log/sequencer/signer.ts';
import { compareWithLog } from '../../functions/log/verify/fsck.ts';
import { LogFault } from '../../functions/log/verify/readLog.ts';
import { folderBlobs } from '../../functions/platform/blobs/folderBlobs.ts';
import type { Store } from '../../functions/platform/store/port.ts';
import { StreamQueue } from '../../functions/platform/store/queue.ts';
import { openSqliteSideStore } from '../../functions/platform/store/sqlite/sqliteSideStore.ts';
import { acceptAll, nextCommit, ORIGIN, PRIVATE_KEY, writeTo } from '../functions/log/sequencer/ports.ts';
import { testGuard } from '../support/macs.ts';

/** The events of these tests are of no importance. */
const ACCEPTING = { next: () => ({ ok: true as const }), notices: { signed: 0, bySecret: 0, enteredByCity: 0 } };

/** The bytes of a stream's commits by their version, in a store. */
export type Rows = ReadonlyMap<number, Uint8Array>;

/** A store, and the operator's access behind the gate's back. */
export interface Tampered {
  /** A new store without any cache. */
  readonly fresh: () => Store;
  readonly rows: (stream: string) => Promise<Rows>;
  /** Deletes what is not in `rows` and writes the rest with valid MACs: the operator has the key. */
  readonly put: (stream: string, rows: Rows) => Promise<void>;
  readonly close: () => Promise<void>;
}

const STREAM = 'feature/acme';
const OTHER = 'policy';

/** 60 commits of the one stream, ten of the other, in four checkpoints: index 5 is feature/acme@6, 62 is policy@3. */
const fill = async (store: Store, run: () => Promise<unknown>): Promise<void> => {
  await writeTo(store, STREAM, 40);
  await run();
  await writeTo(store, STREAM, 20);
  await run();
  await writeTo(store, OTHER, 5);
  await run();
  await writeTo(store, OTHER, 5);
  await run();
};

const edited = (bytes: Uint8Array | undefined, change: JsonObject): Uint8Array =>
  new Uint8Array(Buffer.from(canonical({ ...(JSON.parse(Buffer.from(bytes ?? []).toString()) as JsonObject), ...change })));

/** Returns commits chained by an attacker who knows the format. */
const chained = (stream: string, commits: readonly Uint8Array[]): Rows => {
  let prev: string | null = null;
  return new Map(
    commits.map((bytes, i) => {
      const own = edited(bytes, { stream, version: i + 1, prev });
      prev = hashOf(own);
      return [i + 1, own] as const;
    }),
  );
};

type Deed = (rows: Rows) => Rows;
const listed = (rows: Rows): Uint8Array[] => [...rows.entries()].sort(([a], [b]) => a - b).map(([, bytes]) => bytes);
const stranger = (): Uint8Array => nextCommit(STREAM, undefined).bytes;

/** Manipulations of a stream, each with the first index of the log that differs from what was signed. */
const DEEDS: readonly (readonly [name: string, stream: string, deed: Deed, index: number])[] = [
  ['a commit is overwritten', STREAM, (rows) => new Map([...rows, [6, edited(rows.get(6), { actor: 'someone' })]]), 5],
  ['the last one is overwritten', OTHER, (rows) => new Map([...rows, [10, edited(rows.get(10), { actor: 'someone' })]]), 69],
  ['a commit is overwritten with what is none', OTHER, (rows) => new Map([...rows, [3, Buffer.from('{}')]]), 62],
  ['a commit is overwritten with nothing', OTHER, (rows) => new Map([...rows, [1, new Uint8Array([0])]]), 60],
  ['a commit is deleted', STREAM, (rows) => new Map([...rows].filter(([version]) => version !== 41)), 40],
  ['the first one is deleted', STREAM, (rows) => new Map([...rows].filter(([version]) => version !== 1)), 0],
  ['one is deleted, and the rest moves up', STREAM, (rows) => chained(STREAM, listed(rows).toSpliced(20, 1)), 20],
  ['one is inserted, and the rest moves down', STREAM, (rows) => chained(STREAM, listed(rows).toSpliced(7, 0, stranger())), 7],
  ['one is inserted before all others', OTHER, (rows) => chained(OTHER, [stranger(), ...listed(rows)]), 60],
  ['two change places', OTHER, (rows) => new Map([...rows, [2, rows.get(4) ?? stranger()], [4, rows.get(2) ?? stranger()]]), 61],
  ['all are put in another order, chained anew', STREAM, (rows) => chained(STREAM, listed(rows).toReversed()), 0],
  ['the end is cut off', OTHER, (rows) => new Map([...rows].filter(([version]) => version <= 8)), 68],
  ['a stream is gone', OTHER, () => new Map(), 60],
  ['the log itself is put back to an earlier state', 'log', (rows) => new Map([...rows].filter(([version]) => version < 4)), 65],
];

/** Tests that fsck names the first bad index after each manipulation. */
export const tamperingContract = (name: string, open: (folder: string) => Promise<Tampered>): void => {
  describe(`${name}, behind the gateway’s back`, () => {
    const folder = mkdtempSync(join(tmpdir(), 'aldergate-tampering-'));
    const sideStore = openSqliteSideStore(join(folder, 'side.db'), testGuard);
    let tampered: Tampered;
    const portsOn = (store: Store): SequencerPorts => ({
      store,
      sideStore,
      blobs: folderBlobs(join(folder, 'log')),
      ...SOLE_WRITER,
      judge: acceptAll(),
      signer: logSigner(PRIVATE_KEY, ORIGIN),
      clock: () => '2026-03-02T12:00:00.000Z',
      newId: randomUUID,
      queue: new StreamQueue(),
      logger: () => undefined,
    });
    /** Returns the size of a clean log, or the index of the first bad entry, by fsck. */
    const verdict = async (): Promise<string> => {
      const store = tampered.fresh();
      try {
        return `clean at ${(await compareWithLog(portsOn(store), ACCEPTING)).size}`;
      } catch (error) {
        if (error instanceof LogFault) return `bad from ${error.index}`;
        throw error;
      } finally {
        await store.close();
      }
    };
    const before = new Map<string, Rows>();

    beforeAll(async () => {
      tampered = await open(folder);
      const store = tampered.fresh();
      await fill(store, () => sequence(portsOn(store)));
      await store.close();
      for (const stream of [STREAM, OTHER, 'log']) before.set(stream, await tampered.rows(stream));
    });
    afterEach(async () => {
      for (const [stream, rows] of before) await tampered.put(stream, rows);
      expect(await verdict()).toBe('clean at 70');
    });
    afterAll(async () => {
      await tampered.close();
      await sideStore.close();
      rmSync(folder, { recursive: true, force: true });
    });

    test('what was not touched is clean', async () => {
      expect(await verdict()).toBe('clean at 70');
    });

    test.each(DEEDS)('%s', async (_name, stream, deed, index) => {
      await tampered.put(stream, deed(before.get(stream) ?? new Map()));
      expect(await verdict()).toBe(`bad from ${index}`);
    });
  });
};
