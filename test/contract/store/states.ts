import { expect, test } from 'vitest';
import { stateAfter } from '../../../functions/platform/store/load.ts';
import { submit } from '../../../functions/platform/store/submit.ts';
import { enter, ledger, ledgerOf, portsOn } from '../ledger.ts';
import { must, type StoreUnderTest } from './underTest.ts';

/** Tests of the state beside a commit, and of past states. */
export const states = (subject: () => StoreUnderTest): void => {
  test('a state written by other code is folded again, and the next commit carries the new one', async () => {
    const { store } = subject();
    for (const entry of ['a', 'b', 'c']) await submit(portsOn(store), ledger, enter('feature/migrated', [entry]));
    const next = await submit(portsOn(store), ledgerOf(2), enter('feature/migrated', ['d']));
    expect(next).toMatchObject({ ok: true, version: 4, state: { entries: ['a', 'b', 'c', 'd'] } });
    expect((await store.history('feature/migrated', {})).map(({ stateVersion }) => stateVersion)).toEqual([1, 1, 1, 2]);
  });

  test('the state after a commit of the past is what was known then', async () => {
    const { store } = subject();
    for (const entry of ['a', 'b', 'c']) await submit(portsOn(store), ledger, enter('feature/past', [entry]));
    const [second] = await store.history('feature/past', { after: 1, upTo: 2 });
    for (const aggregate of [ledger, ledgerOf(7)]) {
      expect(await stateAfter(store, aggregate, must(second))).toEqual({ entries: ['a', 'b'] });
    }
  });
};
