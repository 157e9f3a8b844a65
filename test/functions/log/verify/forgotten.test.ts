import { expect, test } from 'vitest';
import { Replay } from '../../../../functions/log/verify/replay.ts';
import { openGate } from '../../openGate.ts';

const KEY = 'acme.search';

test('a replay keeps no more changes of a long stream than the state of its feature knows', async () => {
  const gate = await openGate();
  for (let n = 0; n < 40; n += 1) await gate.withdraw((await gate.notice({ feature: KEY })).change);
  const written = await gate.store.history(`feature/${KEY}`, {});
  const replay = new Replay();
  for (const [index, { bytes }] of written.entries()) replay.take({ index, bytes });

  const known = replay.feature(KEY)?.changes.map(({ number: n }) => n) ?? [];
  const kept = Array.from({ length: 41 }, (_, n) => n).filter((n) => replay.change(KEY, n) !== undefined);
  expect(kept).toStrictEqual(known.toSorted((one, other) => one - other));
  expect(kept).toStrictEqual([37, 38, 39, 40]);
  expect(replay.change(KEY, 40)).toMatchObject({ number: 40, status: 'withdrawn', revisions: [{ revision: 1, words: 79 }] });
});
