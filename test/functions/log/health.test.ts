import { expect, test } from 'vitest';
import { tilePath } from '../../../domain/log/tile.ts';
import { sequencerProgress } from '../../../functions/log/health.ts';
import { hold, putLogIndex } from '../../../functions/log/sequencer/logIndex.ts';
import { readFile } from '../../../functions/log/sequencer/publicFiles.ts';
import { bench, nextCommit } from './sequencer/ports.ts';

test('the sequencer has handled what is in the log, and what it holds with all behind it; its own commits it does not want', async () => {
  const { sideStore } = bench();
  const first = nextCommit('feature/a', undefined);
  const second = nextCommit('feature/a', first);
  const other = nextCommit('feature/b', undefined);
  const { wants, isHandled } = sequencerProgress(sideStore);
  expect([wants('log'), wants('feature/a')]).toEqual([false, true]);
  await putLogIndex(sideStore, 'feature/a', 1, { index: 0, hash: `sha256:${'0'.repeat(64)}` });
  expect([await isHandled(first), await isHandled(second), await isHandled(other)]).toEqual([true, false, false]);
  await hold(sideStore, { stream: 'feature/a', version: 2, problem: 'no' });
  expect([await isHandled(second), await isHandled(nextCommit('feature/a', second)), await isHandled(other)]).toEqual([
    true,
    true,
    false,
  ]);
});

test('a partial tile that a full one has replaced is cut from that, and only then', async () => {
  const full = new Uint8Array(256 * 32).map((_, at) => at % 251);
  const tile = (width: number) => ({ tile: { level: 0, index: 0, width } });
  const served = (width: number, bytes: Uint8Array) => ({
    get: async (path: string) => (path === tilePath(tile(width).tile) ? bytes : undefined),
  });
  expect(await readFile(served(256, full), tile(5))).toEqual(full.slice(0, 5 * 32));
  expect(await readFile(served(5, full.slice(1, 161)), tile(5))).toEqual(full.slice(1, 161));
  expect(await readFile(served(5, full), tile(256))).toBeUndefined();
});
