import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { LOG_STREAM } from '../../../domain/log/events.ts';
import { CommitJudge } from '../../../functions/log/judging.ts';
import { type JudgeMemory, type Learned, NO_MEMORY, SequencerJudge } from '../../../functions/log/sequencer/judge.ts';
import { SOLE_WRITER } from '../../../functions/log/sequencer/ports.ts';
import { sequence } from '../../../functions/log/sequencer/sequence.ts';
import { UnorderedJudge } from '../../../functions/log/unorderedJudge.ts';
import { folderBlobs } from '../../../functions/platform/blobs/folderBlobs.ts';
import type { StoredCommit } from '../../../functions/platform/store/port.ts';
import { newRecord } from '../../../functions/platform/store/record.ts';
import { openGate } from '../openGate.ts';
import { signer } from './verify/recordStory.ts';

const VENDORS = 30;

test('commits that stand before the rules they rest on are judged a few times, however many there are', async () => {
  const gate = await openGate();
  for (let n = 0; n < VENDORS; n += 1) {
    const change = `v${n}/1`;
    const { digest } = await gate.notice({ feature: `v${n}` });
    await gate.certify(change, digest);
  }
  // Every feature stands before its vendor, the policy and the roster.
  const archive = (await gate.store.feed(undefined, 1_000)).items.toSorted((one, other) => (one.stream < other.stream ? -1 : 1));
  const judged = vi.spyOn(CommitJudge.prototype, 'next');
  const judge = new UnorderedJudge();
  for (const commit of archive) judge.next(commit);
  expect(judge.problem()).toBeUndefined();
  expect(judged.mock.calls.length).toBeLessThanOrEqual(3 * archive.length);
});

/** A gate with a log of several checkpoints, the commits of its feed, and what the judge of its sequencer has learned. */
const loggedCity = async () => {
  const gate = await openGate({ honest: false });
  const folder = mkdtempSync(join(tmpdir(), 'aldergate-unordered-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  let learned: Learned | undefined;
  const save = async (one: Learned): Promise<number> => {
    learned = structuredClone(one);
    return 0;
  };
  const memory: JudgeMemory = { ...NO_MEMORY, save };
  const ports = { ...gate.ports, ...SOLE_WRITER, judge: new SequencerJudge(memory), blobs: folderBlobs(folder), signer };
  await sequence(ports);
  for (const feature of ['acme', 'acme.lpr']) {
    const { change, digest } = await gate.notice({ feature });
    await sequence(ports);
    await gate.certify(change, digest);
    await gate.sign(change, digest);
  }
  await sequence(ports);
  const archive = async () => (await gate.store.feed(undefined, 1_000)).items;
  return { ...gate, archive, learned: () => learned };
};

const judged = (archive: readonly StoredCommit[]): UnorderedJudge => {
  const judge = new UnorderedJudge();
  for (const commit of archive) judge.next(commit);
  expect(judge.problem()).toBeUndefined();
  return judge;
};

test('what an archive teaches is what its log taught the judge of the sequencer, in whatever order its streams come', async () => {
  const city = await loggedCity();
  const archive = await city.archive();
  expect(city.learned()?.version).toBeGreaterThan(2);
  const byStream = archive.toSorted((one, other) => (one.stream < other.stream ? -1 : 1));
  const logFirst = archive.toSorted((one, other) => Number(other.stream === LOG_STREAM) - Number(one.stream === LOG_STREAM));
  for (const order of [archive, byStream, logFirst]) expect(structuredClone(judged(order).learned())).toEqual(city.learned());
});

test('an archive teaches nothing if a commit is not in its log, or if its log names one that it does not have', async () => {
  const city = await loggedCity();
  const archive = await city.archive();
  await city.notice({ feature: 'acme.plates' });
  expect(judged(await city.archive()).learned()).toBeUndefined();
  const last = archive.findLast(({ stream }) => stream === LOG_STREAM);
  if (last === undefined) throw new Error('there is no log');
  const commit = JSON.parse(Buffer.from(last.bytes).toString()) as Parameters<typeof newRecord>[0];
  const runs = [{ stream: 'feature/acme.none', from: 1, to: Number.MAX_SAFE_INTEGER }];
  const events = commit.events.map((event) => ({ ...event, runs }));
  const forged = newRecord({ ...commit, events }, last);
  expect(judged(archive.map((one) => (one === last ? forged : one))).learned()).toBeUndefined();
});
