import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fileMemory, JUDGED_PATH, SequencerJudge } from '../../../../functions/log/sequencer/judge.ts';
import { SOLE_WRITER } from '../../../../functions/log/sequencer/ports.ts';
import { sequence } from '../../../../functions/log/sequencer/sequence.ts';
import { folderBlobs } from '../../../../functions/platform/blobs/folderBlobs.ts';
import { macsUnder } from '../../../../functions/platform/store/mac.ts';
import { folderOfTest } from '../../../support/folders.ts';
import { openGate } from '../../openGate.ts';
import { signer } from '../verify/recordStory.ts';

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

test('what it continues from is enough to judge what follows', async () => {
  const gate = await city();
  const { change, digest } = await gate.notice({ title: 'A second' });
  await gate.certify(change, digest);
  await gate.sign(change, digest);
  const ports = gate.start();
  await sequence(ports);
  expect(gate.logged).toEqual([]);
  expect((await gate.store.head('feature/acme'))?.version).toBe(4);
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
