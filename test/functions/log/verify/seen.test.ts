import { beforeEach, describe, expect, test } from 'vitest';
import { SignedCheckpoint } from '../../../../domain/log/checkpoint.ts';
import { emptyFrontier, rootOf } from '../../../../domain/log/decide.ts';
import { grown } from '../../../../functions/log/sequencer/entries.ts';
import { sequence } from '../../../../functions/log/sequencer/sequence.ts';
import { LogFault, readLog } from '../../../../functions/log/verify/readLog.ts';
import { type Bench, bench } from '../sequencer/ports.ts';

const SIZE = 300;

let ports: Bench;
let checkpoint: SignedCheckpoint;

beforeEach(async () => {
  ports = bench();
  await ports.write('feature/a', SIZE);
  await sequence(ports);
  const { key } = ports.signer;
  const bytes = (await ports.blobs.get('checkpoint')) ?? new Uint8Array();
  checkpoint = SignedCheckpoint.open(bytes, { origin: key.name, keys: [key] });
});

/** How many entries a reader gets who saw this tree before, and what is then said against the log. */
const read = async (size: number, root: Uint8Array): Promise<readonly [number, string | undefined]> => {
  let entries = 0;
  try {
    for await (const _entry of readLog(ports.blobs, checkpoint, { size, root })) entries += 1;
    return [entries, undefined];
  } catch (error) {
    if (!(error instanceof LogFault)) throw error;
    return [entries, error.message];
  }
};

const rootAt = async (size: number): Promise<Uint8Array> => {
  const entries = [];
  for await (const { index, bytes } of readLog(ports.blobs, checkpoint)) if (index < size) entries.push({ bytes });
  return rootOf(grown(emptyFrontier, entries));
};

describe.each([0, 1, 100, 255, 256, 257, 299, 300])('a tree of %i that was seen before', (size) => {
  test('continues in the log', async () => expect(await read(size, await rootAt(size))).toStrictEqual([SIZE, undefined]));

  test('is another: refused before its last entry is shown', async () => {
    const said = `the log was forked: its first ${size} entries are not those that were seen before`;
    expect(await read(size, new Uint8Array(32))).toStrictEqual([Math.max(0, size - 1), said]);
  });
});

test('a larger one: refused at once', async () => {
  expect(await read(301, new Uint8Array(32))).toStrictEqual([0, 'the log was rolled back: it had 301 entries and shows 300']);
});
