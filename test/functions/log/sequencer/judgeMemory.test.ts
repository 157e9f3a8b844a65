import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { encodeCommit } from '../../../../domain/kernel/commit.ts';
import { LOG_STREAM } from '../../../../domain/log/events.ts';
import { logAggregate } from '../../../../functions/gate/aggregates.ts';
import { CommitJudge } from '../../../../functions/log/judging.ts';
import { fileMemory, JUDGED_PATH, SequencerJudge } from '../../../../functions/log/sequencer/judge.ts';
import { heldStreams } from '../../../../functions/log/sequencer/logIndex.ts';
import { type SequencerPorts, SOLE_WRITER } from '../../../../functions/log/sequencer/ports.ts';
import { sequence } from '../../../../functions/log/sequencer/sequence.ts';
import { folderBlobs } from '../../../../functions/platform/blobs/folderBlobs.ts';
import { StoreUnavailable } from '../../../../functions/platform/store/errors.ts';
import { eventsOf } from '../../../../functions/platform/store/load.ts';
import { macsUnder } from '../../../../functions/platform/store/mac.ts';
import type { Store, StoredCommit } from '../../../../functions/platform/store/port.ts';
import { approvedLike, forgery } from '../../../contract/forgery.ts';
import { must, placeOf } from '../../../contract/underTest.ts';
import { folderOfTest } from '../../../support/folders.ts';
import { failing, openGate } from '../../openGate.ts';
import { signer } from '../verify/recordStory.ts';
import { type Fault, faulty } from './faults.ts';
import { acceptAll } from './ports.ts';
import { verifiedEntries } from './verifiedEntries.ts';

const MACS = macsUnder([new Uint8Array(32).fill(7)], 'judged');

/** A gate with a log, and sequencers that begin again; `again` returns the streams whose history each of them read, once a reading. */
const city = async () => {
  const gate = await openGate({ honest: false });
  const folder = folderOfTest('memory');
  const read: string[] = [];
  const store: typeof gate.store = {
    ...gate.store,
    history: (stream, range) => {
      read.push(stream);
      return gate.store.history(stream, range);
    },
  };
  const blobs = folderBlobs(folder);
  const start = (macs = MACS) => ({
    ...gate.ports,
    store,
    ...SOLE_WRITER,
    judge: new SequencerJudge(fileMemory(blobs, macs)),
    blobs,
    signer,
  });
  const again = async (macs = MACS) => {
    read.length = 0;
    await sequence(start(macs));
    return read.filter((stream) => stream !== 'log' && !stream.startsWith('logbook/'));
  };
  await gate.notice();
  await sequence(start());
  return { ...gate, again, folder, file: join(folder, JUDGED_PATH), start };
};

test('a new process continues from what was learned, and reads no commit of the log again', async () => {
  const gate = await city();
  expect(await gate.again()).toEqual([]);
  rmSync(gate.file);
  expect(await gate.again()).toContain('feature/acme');
});

test('a file that is altered, of another key or of another log counts for nothing', async () => {
  const gate = await city();
  const bytes = readFileSync(gate.file);
  for (const place of [0, 20, 60, bytes.length - 1]) {
    const altered = Buffer.from(bytes);
    altered[place] = (altered[place] ?? 0) ^ 1;
    writeFileSync(gate.file, altered);
    expect(await gate.again(), `byte ${place}`).toContain('feature/acme');
  }
  expect(await gate.again(macsUnder([new Uint8Array(32).fill(8)], 'judged'))).toContain('feature/acme');
  const other = await city();
  writeFileSync(other.file, bytes);
  expect(await other.again()).toContain('feature/acme');
  writeFileSync(gate.file, bytes.subarray(0, 10));
  expect(await gate.again()).toContain('feature/acme');
});

test('a process that is cut off while it judges a long log leaves what it has learned to the next', async () => {
  const gate = await city();
  await gate.notice({ feature: 'acme.next' });
  await gate.again();
  rmSync(gate.file);
  const started = performance.now();
  let minutes = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => {
    minutes += 1;
    return started + 60_000 * minutes;
  });
  const store = failing(
    gate.store,
    (method, [stream]) => method === 'history' && stream === 'feature/acme.next' && new StoreUnavailable('away'),
  );
  await expect(sequence({ ...gate.start(), store })).rejects.toThrow('away');
  vi.restoreAllMocks();
  const read = await gate.again();
  expect(read).toContain('feature/acme.next');
  expect(read).not.toContain('feature/acme');
});

test('after a round that failed a process judges anew what is in the log', async () => {
  const gate = await city();
  rmSync(gate.file);
  await gate.notice({ feature: 'acme.next' });
  let isAway = true;
  const isLog = (record: unknown) => (record as StoredCommit).stream === LOG_STREAM;
  const store = failing(
    gate.store,
    (method, [record]) => isAway && method === 'append' && isLog(record) && new StoreUnavailable('away'),
  );
  const ports = { ...gate.start(), store };
  await expect(sequence(ports)).rejects.toThrow('away');
  isAway = false;
  await sequence(ports);
  expect(await heldStreams(gate.sideStore)).toEqual([]);
});

test('a commit of the log that may not stand stops its stream, also for a process that continues from what was learned', async () => {
  const gate = await city();
  await gate.approve({ feature: 'acme.approved' });
  await gate.notice({ feature: 'acme.forged' });
  const approval = approvedLike(must(await gate.store.head('feature/acme.approved')));
  const forge = async () => gate.store.append(forgery(must(await gate.store.head('feature/acme.forged')), [approval]));
  await forge();
  await sequence({ ...gate.start(), judge: acceptAll() });
  for (const feature of ['acme.first', 'acme.second', 'acme.third']) {
    await gate.notice({ feature });
    await forge();
    await gate.again();
    const places = verifiedEntries(gate.folder, signer.key).map(placeOf);
    expect(places).toContain(`feature/${feature}@1`);
    expect(places.filter((place) => place.startsWith('feature/acme.forged'))).toEqual([
      'feature/acme.forged@1',
      'feature/acme.forged@2',
    ]);
    expect((await heldStreams(gate.sideStore)).map(({ stream }) => stream)).toEqual(['feature/acme.forged']);
  }
});

/** Ports of a process that ends at a write of its own: from then on it writes nothing. */
const endingAt = (ports: SequencerPorts, step: (write: string) => boolean, fault: Fault): SequencerPorts => {
  const ending = faulty(ports, step, fault).ports;
  return { ...ending, judge: new SequencerJudge(fileMemory(ending.blobs, MACS)) };
};
/** After judging, after signing, and after saving what was learned. */
const ENDS = {
  judged: ['append', 'not persisted'],
  signed: ['append', 'persisted'],
  saved: [`replace ${JUDGED_PATH}`, 'persisted'],
} as const;

/** Returns how many entries the log had at a version of stream `log`. */
const sizeAt = async (store: Store, version: number) => {
  const [commit] = await store.history(LOG_STREAM, { after: version - 1, upTo: version, limit: 1 });
  return eventsOf(logAggregate, must(commit)).at(-1)?.size ?? 0;
};

test('ended after judging, after signing or after saving what was learned: the log continues, nothing is judged differently, nothing forged enters', async () => {
  const gate = await city();
  const forged: string[] = [];
  const sizes: number[] = [];
  for (const [round, point] of (['saved', 'judged', 'signed', 'judged', 'saved'] as const).entries()) {
    const [feature, undecided] = [`acme.f${round}`, `acme.undecided${round}`];
    await gate.approve({ feature });
    await gate.notice({ feature: undecided });
    const approval = approvedLike(must(await gate.store.head(`feature/${feature}`)));
    await gate.store.append(forgery(must(await gate.store.head(`feature/${undecided}`)), [approval]));
    forged.push(`feature/${undecided}@2`);

    const [step, fault] = ENDS[point];
    await expect(sequence(endingAt(gate.start(), (write) => write === step, fault)), point).rejects.toMatchObject({
      name: 'Crash',
    });
    await sequence(gate.start());

    const entries = verifiedEntries(gate.folder, signer.key);
    const stored = (await gate.store.feed(undefined, 1_000)).items.filter(({ stream }) => stream !== LOG_STREAM);
    const due = stored.map(placeOf).filter((place) => !forged.includes(place));
    expect(entries.map(placeOf).toSorted()).toStrictEqual(due.toSorted());
    expect((await heldStreams(gate.sideStore)).map(placeOf)).toStrictEqual(forged);

    // A judge that reads the whole log accepts it, and at that version knows exactly what the interrupted ones saved.
    const learned = must(await fileMemory(folderBlobs(gate.folder), MACS).load());
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
