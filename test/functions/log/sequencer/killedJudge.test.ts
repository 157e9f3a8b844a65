import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { encodeCommit } from '../../../../domain/kernel/commit.ts';
import { LOG_STREAM } from '../../../../domain/log/events.ts';
import { logAggregate } from '../../../../functions/gate/aggregates.ts';
import { CommitJudge } from '../../../../functions/log/judging.ts';
import { fileMemory } from '../../../../functions/log/sequencer/judge.ts';
import { heldStreams } from '../../../../functions/log/sequencer/logIndex.ts';
import { logSigner } from '../../../../functions/log/sequencer/signer.ts';
import { folderBlobs } from '../../../../functions/platform/blobs/folderBlobs.ts';
import { eventsOf } from '../../../../functions/platform/store/load.ts';
import { macsUnder } from '../../../../functions/platform/store/mac.ts';
import type { Store } from '../../../../functions/platform/store/port.ts';
import { openSqliteSideStore } from '../../../../functions/platform/store/sqlite/sqliteSideStore.ts';
import { openSqliteStore } from '../../../../functions/platform/store/sqlite/sqliteStore.ts';
import { approvedLike, forgery } from '../../../contract/forgery.ts';
import { must } from '../../../contract/store/underTest.ts';
import { testCommitKey, testGuard, testMacs } from '../../../support/macs.ts';
import { openGate } from '../../openGate.ts';
import { ORIGIN, PRIVATE_KEY } from './ports.ts';
import { verifiedEntries } from './verifiedEntries.ts';

const CHILD = fileURLToPath(new URL('killedSequencer.ts', import.meta.url));

/** A gate on a data folder, and sequencers on the same folder in processes of their own. */
const city = async () => {
  const folder = mkdtempSync(join(tmpdir(), 'aldergate-killed-'));
  writeFileSync(join(folder, 'log-key.pem'), PRIVATE_KEY);
  const store = openSqliteStore(join(folder, 'aldergate.db'), testMacs);
  const sideStore = openSqliteSideStore(join(folder, 'side.db'), testGuard);
  const gate = await openGate({ honest: false, storeOf: () => store, sideStoreOf: () => sideStore });
  onTestFinished(async () => {
    await store.close();
    await sideStore.close();
    rmSync(folder, { recursive: true, force: true });
  });
  /** Runs a sequencer until it ends or is killed. Resolves with the signal. */
  const run = async (point: string): Promise<unknown> => {
    const child = spawn(process.execPath, [CHILD, folder, ORIGIN, gate.ports.clock(), point], { stdio: 'inherit' });
    const [code, signal] = await once(child, 'exit');
    return signal ?? code;
  };
  const log = join(folder, 'log');
  return { ...gate, run, entries: () => verifiedEntries(log, logSigner(PRIVATE_KEY, ORIGIN).key), blobs: folderBlobs(log) };
};

/** Returns how many entries the log had at a version of stream `log`. */
const sizeAt = async (store: Store, version: number): Promise<number> => {
  const [commit] = await store.history(LOG_STREAM, { after: version - 1, upTo: version, limit: 1 });
  return eventsOf(logAggregate, must(commit)).at(-1)?.size ?? 0;
};

test('killed after judging, after signing or after saving what was learned: the log continues, nothing is judged differently, nothing forged enters', async () => {
  const gate = await city();
  const forged: string[] = [];
  const sizes: number[] = [];
  let approvals = 0;
  for (const point of ['saved', 'judged', 'signed', 'judged', 'saved']) {
    approvals += 1;
    const feature = `acme.f${approvals}`;
    const { change, digest } = await gate.notice({ feature });
    await gate.certify(change, digest);
    await gate.sign(change, digest);
    const undecided = `acme.undecided${approvals}`;
    await gate.notice({ feature: undecided });
    const approval = approvedLike(must(await gate.store.head(`feature/${feature}`)));
    const plant = forgery(must(await gate.store.head(`feature/${undecided}`)), [approval]);
    expect(await gate.store.append(plant)).toStrictEqual({ outcome: 'appended' });
    forged.push(`feature/${undecided}@2`);

    expect(await gate.run(point), point).toBe('SIGKILL');
    expect(await gate.run('never'), point).toBe(0);

    const entries = gate.entries();
    const places = entries.map(({ stream, version }) => `${stream}@${version}`);
    const stored = (await gate.store.feed(undefined, 1_000)).items.filter(({ stream }) => stream !== 'log');
    const due = stored.map(({ stream, version }) => `${stream}@${version}`).filter((place) => !forged.includes(place));
    expect(places.toSorted()).toStrictEqual(due.toSorted());
    expect((await heldStreams(gate.sideStore)).map(({ stream, version }) => `${stream}@${version}`)).toStrictEqual(forged);

    // A judge that reads the whole log accepts it, and at that version knows exactly what the interrupted ones saved.
    const learned = must(await fileMemory(gate.blobs, macsUnder([testCommitKey], 'judged')).load());
    const size = await sizeAt(gate.store, learned.version);
    const fresh = new CommitJudge();
    for (const [index, entry] of entries.entries()) {
      if (index === size) expect(learned.commits).toEqual(structuredClone(fresh.state));
      expect(fresh.next(encodeCommit(entry))).toStrictEqual({ ok: true });
    }
    if (size === entries.length) expect(learned.commits).toEqual(structuredClone(fresh.state));
    sizes.push(size);
  }
  expect(sizes).toStrictEqual(sizes.toSorted((a, b) => a - b));
  expect(sizes.at(-1)).toBeGreaterThan(sizes[0] ?? 0);
});
