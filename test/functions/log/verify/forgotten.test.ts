import { expect, test } from 'vitest';
import { Replay } from '../../../../functions/log/verify/replay.ts';
import type { Store, StoredCommit } from '../../../../functions/platform/store/port.ts';
import { fill } from '../../../bench/measures/fill.ts';

const KEY = 'vendor.search';

test('a replay keeps no more changes of a long stream than the state of its feature knows', async () => {
  const written: StoredCommit[] = [];
  const append: Store['append'] = async (record) => {
    written.push(record);
    return { outcome: 'appended' };
  };
  await fill({ append } as Store, KEY, 80, '2026-03-02T12:00:00.000Z');
  const replay = new Replay();
  for (const [index, { bytes }] of written.entries()) replay.take({ index, bytes });

  const known = replay.feature(KEY)?.changes.map(({ number: n }) => n) ?? [];
  const kept = Array.from({ length: 41 }, (_, n) => n).filter((n) => replay.change(KEY, n) !== undefined);
  expect(kept).toStrictEqual(known.toSorted((one, other) => one - other));
  expect(kept).toStrictEqual([37, 38, 39, 40]);
  expect(replay.change(KEY, 40)).toMatchObject({ number: 40, status: 'withdrawn', revisions: [{ revision: 1, words: 79 }] });
});
