import { expect, test, vi } from 'vitest';
import { CommitJudge } from '../../../functions/log/judging.ts';
import { UnorderedJudge } from '../../../functions/log/unorderedJudge.ts';
import { openGate } from '../openGate.ts';

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
